"""Segmentation: the colors of the classes and their overlay."""

import io
import tracemalloc

import numpy as np
import pytest
from PIL import Image
from skimage.color import deltaE_ciede2000, rgb2lab

from models.core.contract import checkpoint
from models.segmentation.card import CARD
from models.segmentation.masks import COLORS, color_of, overlay, palette, palette_image

# Machado et al. 2009, A Physiologically-based Model for Simulation of Color Vision Deficiency, table 1,
# severity 1.0; for linear RGB
VISIONS = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}


def seen(colors: np.ndarray, vision: str) -> np.ndarray:
    """L*a*b* (n, 3) of sRGB (n, 3) in [0, 1], as these eyes see it."""
    linear = np.where(colors > 0.04045, ((colors + 0.055) / 1.055) ** 2.4, colors / 12.92)
    linear = (linear @ VISIONS[vision].T).clip(0, 1)
    return rgb2lab(np.where(linear > 0.0031308, 1.055 * linear ** (1 / 2.4) - 0.055, 12.92 * linear))


def smallest_difference(classes: int, vision: str) -> float:
    """The smallest CIEDE2000 difference between two of the first classes, including the black background."""
    lab = seen(palette(classes) / 255, vision)
    differences = deltaE_ciede2000(lab[:, None], lab[None])
    return float(differences[~np.eye(classes, dtype=bool)].min())


@pytest.mark.parametrize("vision", VISIONS)
def test_the_colors_of_classes_are_distinct(vision: str) -> None:
    weights = next(model.weights for model in CARD.models if model.name == "unet")
    assert weights
    own = len(checkpoint.load(weights)[0]["classes"])

    assert smallest_difference(own, vision) > 17
    assert smallest_difference(1 + len(COLORS), vision) > 8.5


def test_color_differences_are_those_published() -> None:
    """Sharma et al. 2005, table 1, pairs 1 and 25."""
    first = np.array([[50.0, 2.6772, -79.7751], [60.2574, -34.0099, 36.2677]])
    second = np.array([[50.0, 0.0, -82.7485], [60.4626, -34.1751, 39.4387]])

    assert deltaE_ciede2000(first, second) == pytest.approx([2.0425, 1.2644], abs=1e-4)


def test_the_palette_image_keeps_its_indices() -> None:
    classes = np.arange(12, dtype=np.uint8).reshape(3, 4) % 5
    buffer = io.BytesIO()
    palette_image(classes, 5).save(buffer, "PNG")
    with Image.open(buffer) as image:
        assert image.mode == "P"
        assert np.array_equal(np.asarray(image), classes)
        assert np.asarray(image.convert("RGB"))[0, 1].tobytes().hex() == color_of(1).removeprefix("#")


def test_the_overlay_does_not_change_the_background() -> None:
    image = Image.new("RGB", (4, 2), (100, 100, 100))
    classes = np.array([[0, 0, 1, 1], [0, 0, 0, 0]], np.uint8)
    mixed = np.concatenate(list(overlay(image, classes, 2, 0.5)))

    assert mixed[0, 0].tolist() == [100, 100, 100]
    assert mixed[0, 2].tolist() == [round((100 + part) / 2) for part in palette(2)[1].tolist()]


@pytest.mark.parametrize("pixels", [1000, 5])  # blocks of whole rows, and of parts of one
def test_the_overlay_is_blended_in_blocks(monkeypatch: pytest.MonkeyPatch, pixels: int) -> None:
    random = np.random.default_rng(0)
    image = Image.fromarray(random.integers(0, 256, (9, 13, 3), dtype=np.uint8))
    classes = random.integers(0, 4, (9, 13), dtype=np.uint8)
    whole = np.concatenate(list(overlay(image, classes, 4, 0.3)))
    monkeypatch.setattr("models.segmentation.masks._BLOCK_PIXELS", pixels)
    bands = list(overlay(image, classes, 4, 0.3))
    expected = np.asarray(image) * 0.7 + palette(4)[classes] * 0.3

    assert np.array_equal(np.concatenate(bands), whole)
    assert len(bands) == (1 if pixels == 1000 else 9)
    assert np.abs(whole - expected)[classes > 0].max() <= 0.51


def test_a_picture_of_one_long_row_needs_no_second_copy_as_floats() -> None:
    width = 4_000_000
    image, classes = Image.new("RGB", (width, 1)), np.ones((1, width), np.uint8)
    tracemalloc.start()
    try:
        (band,) = overlay(image, classes, 2, 0.5)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert band.shape == (1, width, 3)
    assert peak < 3 * band.nbytes  # as floats the row alone would be four times as large
