"""The color space, the color metrics, and the guided filter."""

import numpy as np
import pytest
import torch
from PIL import Image
from skimage.color import lab2rgb, rgb2lab

from models.colorization.data import network_size
from models.colorization.guided_filter import colored_bands, colorize, fit
from models.colorization.lab import into_gamut, lab_to_rgb, lightness_of, rgb_to_lab
from models.colorization.metrics import ab_psnr, colorfulness
from models.colorization.recipe import diagram
from models.core.images.codec import to_tensor
from models.core.recipe.diagram import FOLDER


def noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """A picture with every color and every lightness in it."""
    values = np.random.default_rng(width * 7 + height).integers(0, 256, (height, width, 3), np.uint8)
    return Image.fromarray(values).convert(mode)


@pytest.mark.parametrize(
    ("rgb", "lab"),
    [
        ((0, 0, 0), (0, 0, 0)),
        ((1, 1, 1), (100, 0, 0)),
        ((1, 0, 0), (53.24, 80.09, 67.20)),  # as tables of sRGB's primaries under D65 give them
        ((0, 1, 0), (87.73, -86.18, 83.18)),
        ((0, 0, 1), (32.30, 79.19, -107.86)),
    ],
    ids=["black", "white", "red", "green", "blue"],
)
def test_lab_of_known_colors(rgb: tuple[float, ...], lab: tuple[float, ...]) -> None:
    found = rgb_to_lab(torch.tensor(rgb, dtype=torch.float32)[:, None, None])[:, 0, 0]

    torch.testing.assert_close(found, torch.tensor(lab, dtype=torch.float32), atol=0.02, rtol=0)


def test_lab_equals_that_of_scikit_image() -> None:
    picture = noise(64, 48)
    expected = rgb2lab(np.asarray(picture))

    found = rgb_to_lab(to_tensor(picture)).permute(1, 2, 0).numpy()

    np.testing.assert_allclose(found, expected, atol=1e-3)
    np.testing.assert_allclose(lightness_of(np.asarray(picture))[0].numpy(), expected[..., 0], atol=1e-3)


def test_rgb_to_lab_and_back_is_the_same() -> None:
    rgb = to_tensor(noise(64, 48))

    torch.testing.assert_close(lab_to_rgb(rgb_to_lab(rgb)), rgb, atol=1e-4, rtol=0)


def test_lab_to_rgb_equals_that_of_scikit_image() -> None:
    lab = rgb_to_lab(to_tensor(noise(32, 32)))
    expected = lab2rgb(lab.permute(1, 2, 0).double().numpy())

    np.testing.assert_allclose(lab_to_rgb(lab).permute(1, 2, 0).numpy(), expected, atol=1e-3)


def test_black_has_a_finite_gradient() -> None:
    rgb = torch.zeros(3, 1, 1, requires_grad=True)
    lab_to_rgb(rgb_to_lab(rgb)).sum().backward()

    assert rgb.grad is not None
    assert torch.isfinite(rgb.grad).all()


def test_colors_outside_the_gamut_keep_lightness_and_hue() -> None:
    torch.manual_seed(0)
    outside = torch.cat([torch.rand(1, 40, 40) * 100, (torch.rand(2, 40, 40) - 0.5) * 220])
    inside = into_gamut(outside)
    shown = rgb_to_lab(lab_to_rgb(inside))

    torch.testing.assert_close(shown[0], outside[0], atol=0.3, rtol=0)
    torch.testing.assert_close(
        inside[1] * outside[2], inside[2] * outside[1], atol=0.1, rtol=1e-4
    )  # the same hue
    assert (inside[1:].norm(dim=0) <= outside[1:].norm(dim=0) + 1e-4).all()


def test_colors_inside_the_gamut_are_unchanged() -> None:
    lab = rgb_to_lab(to_tensor(noise(32, 32)))

    assert torch.equal(into_gamut(lab), lab)


def test_colorfulness_of_known_pictures() -> None:
    """By hand after Hasler and Süsstrunk: a red half has rg 255 and yb 127.5, the gray half 0 and 0."""
    red = torch.zeros(3, 2, 4)
    red[0, :, :2] = 1.0
    spread, mean = np.hypot(127.5, 63.75), np.hypot(127.5, 63.75)

    assert colorfulness(torch.full((3, 4, 4), 0.3)) == pytest.approx(0, abs=1e-4)
    assert colorfulness(red) == pytest.approx(spread + 0.3 * mean, rel=1e-5)


def test_ab_psnr_covers_both_channels() -> None:
    truth = torch.zeros(2, 3, 3)
    answer = truth.clone()
    answer[0] = 22.0  # mean square 242, peak 220

    assert ab_psnr(answer, truth) == pytest.approx(10 * np.log10(220**2 / 242), rel=1e-5)
    assert ab_psnr(truth, truth) == pytest.approx(100)


def test_the_size_for_the_network_keeps_proportions_and_area() -> None:
    assert network_size(4000, 3000, 128) == (160, 96)
    assert network_size(100, 100, 128) == (128, 128)
    assert network_size(1, 5000, 128) == (64, 256)
    assert network_size(1, 1, 64) == (64, 64)


def test_colors_stop_at_an_edge_of_the_lightness() -> None:
    """Red on the left and green on the right, in coarse cells with the border one cell off."""
    light = torch.full((1, 64, 64), 30.0)
    light[:, :, 32:] = 70.0
    ab = torch.zeros(2, 32, 32)
    ab[0, :, :15], ab[0, :, 15:] = 40.0, -40.0
    linear = fit(light, ab)
    color = (linear.slope * light / 100 + linear.offset)[0, 32]
    plain = torch.nn.functional.interpolate(ab[None], (64, 64), mode="bilinear")[0, 0, 32]

    assert plain[31] - plain[32] == 0  # without the guide, no border at the edge of the lightness
    assert color[31] - color[32] > 20


def test_bands_equal_the_whole_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = noise(75, 61)
    color = fit(
        rgb_to_lab(to_tensor(noise(64, 64)))[:1],
        torch.randn(2, 32, 32, generator=torch.Generator().manual_seed(0)) * 30,
    )
    whole = np.asarray(colorize(picture, color))
    for piece in (20, 50, 200, 1000):  # less than a row, and more
        monkeypatch.setattr("models.colorization.guided_filter.PIECE", piece)
        parts = list(colored_bands(picture, color))

        assert len(parts) > 1
        np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_the_diagram_shows_the_sizes_of_the_architecture() -> None:
    assert (FOLDER / "colorization.svg").read_text("utf-8") == diagram.build()
