"""Degradations by known answers, and how the training's patches receive them."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.core.training.photos import Photo
from models.super_resolution import data
from models.super_resolution.data import MARGIN, Patches, degrade_center, shrink
from models.super_resolution.degradation import QUALITY, add_noise, blur, degrade, jpeg
from models.super_resolution.recipe.jpeg_pictures import table

GRAY = np.full((32, 32, 3), 128, np.uint8)


def _noise(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def test_a_blurred_point_is_the_kernel() -> None:
    point = np.zeros((15, 15, 3), np.uint8)
    point[7, 7] = (255, 0, 0)
    weights = np.exp(-(np.arange(-7, 8) ** 2) / (2 * 0.8**2))
    weights /= weights.sum()

    blurred = blur(point, 0.8)

    assert np.abs(blurred[:, :, 0] - 255 * np.outer(weights, weights)).max() <= 1  # rounded
    assert not blurred[:, :, 1:].any()  # channels stay apart
    assert np.array_equal(blur(GRAY, 0.8), GRAY)


def test_noise_has_the_given_deviation_and_is_clipped() -> None:
    noisy = add_noise(np.full((200, 200, 3), 128, np.uint8), 6.0, np.random.default_rng(0))
    black = add_noise(np.zeros((200, 200, 3), np.uint8), 6.0, np.random.default_rng(0))

    assert noisy.mean() == pytest.approx(128, abs=0.1)
    assert noisy.std() == pytest.approx(6.0, rel=0.02)
    assert (black == 0).mean() == pytest.approx(0.5, abs=0.05)  # half of a normal distribution, and a little


def test_a_flat_picture_survives_jpeg_and_texture_loses_the_more_the_lower_the_quality() -> None:
    texture = _noise(64, 64, 3)
    errors = [np.abs(jpeg(texture, quality).astype(int) - texture).mean() for quality in (95, 60, 40)]

    assert np.array_equal(jpeg(GRAY, 40), GRAY)
    assert errors == sorted(errors)
    assert errors[0] > 0


def test_a_jpeg_keeps_the_color_of_every_pixel_or_of_four() -> None:
    colors = np.zeros((16, 16, 3), np.uint8)
    colors[:, ::2] = (255, 0, 0)  # columns of red and of blue
    colors[:, 1::2] = (0, 0, 255)

    full, shared = jpeg(colors, 95, full_chroma=True), jpeg(colors, 95)

    assert np.abs(full.astype(int) - colors).mean() < 5
    assert np.ptp(shared[:, :, 0].astype(int) - shared[:, :, 2]) < 30  # one color difference for all columns


def test_every_degraded_picture_is_a_jpeg_in_the_stated_range(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def watched(picture: np.ndarray, quality: int, *, full_chroma: bool) -> np.ndarray:
        seen.append(quality)
        return jpeg(picture, quality, full_chroma=full_chroma)

    monkeypatch.setattr("models.super_resolution.degradation.jpeg", watched)
    random = np.random.default_rng(0)
    for _ in range(300):
        assert degrade(GRAY, random).shape == GRAY.shape

    assert min(seen) == QUALITY[0]
    assert max(seen) == QUALITY[1]
    assert len(seen) == 300


def test_blocks_begin_at_any_pixel_of_a_patch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Marks the first pixel of each block instead of compressing it."""

    def mark(picture: np.ndarray, _random: np.random.Generator) -> np.ndarray:
        marked = np.zeros_like(picture)
        marked[::8, ::8] = 255
        return marked

    monkeypatch.setattr(data, "degrade", mark)
    wide = _noise(16 + 2 * MARGIN, 16 + 2 * MARGIN, 3)
    random = np.random.default_rng(0)
    patches = [degrade_center(wide, random) for _ in range(400)]
    starts = {(int(rows.min()), int(columns.min())) for rows, columns, _ in map(np.nonzero, patches)}

    assert all(patch.shape == (16, 16, 3) for patch in patches)
    assert starts == {(row, column) for row in range(8) for column in range(8)}


def test_a_patch_that_is_not_changed_is_the_center(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "degrade", lambda picture, _random: picture)
    wide = _noise(16 + 2 * MARGIN, 16 + 2 * MARGIN, 3)

    for seed in range(10):
        patch = degrade_center(wide, np.random.default_rng(seed))
        assert np.array_equal(patch, wide[MARGIN:-MARGIN, MARGIN:-MARGIN])


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One photo of smooth noise, as a dataset."""
    coarse = Image.fromarray(_noise(40, 40, 3)).resize((320, 320), Image.Resampling.BICUBIC)
    picture, file = io.BytesIO(), tmp_path_factory.mktemp("photo") / "photo.zip"
    coarse.save(picture, "PNG")
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("train/smooth.png", picture.getvalue())
    return file


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_the_share_of_patches_that_differ_from_their_photo(photo: Path, share: float) -> None:
    low, high = Patches(photo, 4, 16, share).batch(np.random.default_rng(1), 200)
    shrunk = low.new_tensor(
        np.stack([shrink(_bytes(each), 4).low.transpose(2, 0, 1) / 255 for each in high])
    )  # equal to the small patch, except at its border
    differences = (shrunk - low)[..., 2:-2, 2:-2].abs().amax(dim=(1, 2, 3))

    assert (differences > 2.5 / 255).float().mean().item() == pytest.approx(share, abs=0.1)


def _bytes(picture: object) -> np.ndarray:
    return (np.asarray(picture).transpose(1, 2, 0) * 255).round().astype(np.uint8)


def test_a_photo_may_be_shrunk_to_a_jpeg() -> None:
    picture = _noise(40, 48, 3)
    plain, compressed = shrink(picture, 4), shrink(picture, 4, quality=60)

    assert np.array_equal(compressed.high, plain.high)
    assert np.array_equal(compressed.low, jpeg(plain.low, 60))


def test_the_table_of_pictures_has_gains_and_means() -> None:
    pictures = [Photo(name, "test", GRAY) for name in ("cat", "dog")]

    rows = table(pictures, {"bicubic": [20.0, 30.0], "net": [21.0, 29.5]}).splitlines()

    assert rows[0] == "| picture | bicubic | net |"
    assert rows[2:] == [
        "| cat | 20.00 | 21.00 (+1.00) |",
        "| dog | 30.00 | 29.50 (-0.50) |",
        "| mean | 25.00 | 25.25 (+0.25) |",
    ]
