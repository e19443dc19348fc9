"""The generator, its receptive field, the metrics and the losses."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio

from models.core.contract import registry
from models.core.contract.errors import WeightsError
from models.core.images.canvas import Canvas
from models.core.recipe.diagram import FOLDER
from models.core.training.bootstrap import interval_of_mean
from models.super_resolution.architecture import Config, Generator, bicubic
from models.super_resolution.card import shipped_weights
from models.super_resolution.data import augment, shrink
from models.super_resolution.inspection import draw_residual
from models.super_resolution.loss import PERCEPTUAL, Features, perceptual_loss, relativistic_loss
from models.super_resolution.metrics import (
    luma,
    psnr,
    psnr_y,
    sharpness,
    without_border,
)
from models.super_resolution.recipe import diagram
from models.super_resolution.transparency import GRAY, fill_transparent
from models.super_resolution.upscaler import TILE, Upscaler, shrink_to


def _noise(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


@pytest.mark.parametrize("scale", [2, 4])
def test_before_training_the_answer_is_bicubic_resizing(scale: int) -> None:
    x = torch.rand(2, 3, 9, 7)

    assert torch.equal(Generator(Config(scale=scale))(x), bicubic(x, scale))


@pytest.mark.parametrize("scale", [2, 4])
def test_bicubic_equals_pillows(scale: int) -> None:
    small = Image.fromarray(
        _noise(12, 10, 3) // 2 + 64
    )  # no overshoot, which Pillow clips between its passes
    expected = np.asarray(small.resize((10 * scale, 12 * scale), Image.Resampling.BICUBIC), np.float32)

    enlarged = bicubic(torch.from_numpy(np.array(small)).permute(2, 0, 1)[None].float(), scale)[0]

    assert np.abs(enlarged.permute(1, 2, 0).numpy() - expected).max() <= 1.1  # Pillow rounds twice


def test_pixel_shuffle_arranges_channels_row_by_row() -> None:
    model = Generator(Config(scale=2, channels=4, blocks=1))
    torch.nn.init.zeros_(model.tail.weight)
    model.tail.bias.data = torch.arange(12.0)  # type: ignore[union-attr]

    residual = model.residual(torch.rand(1, 3, 1, 1))

    # channel c of the answer has the values 4c to 4c + 3, row by row (ESPCN, equation 4)
    assert residual[0].tolist() == [[[0, 1], [2, 3]], [[4, 5], [6, 7]], [[8, 9], [10, 11]]]


def test_a_pixel_changes_the_answer_within_its_reach_only() -> None:
    torch.manual_seed(0)
    config = Config(scale=2, channels=4, blocks=2)
    model = Generator(config).double()
    for value in model.parameters():
        torch.nn.init.normal_(value, std=0.2)
    x = torch.rand(1, 3, 1, 61, dtype=torch.float64).repeat(1, 1, 5, 1)
    changed = x.clone()
    changed[..., 30] += 10

    difference = (model(changed) - model(x)).abs().amax(dim=(0, 1, 2))
    touched = difference.nonzero()[:, 0] // config.scale

    assert int(touched.max()) - 30 <= config.reach
    assert int(touched.max()) - 30 >= config.reach - 2  # the margin is not much too large


def test_psnr_by_hand() -> None:
    black, gray = np.zeros((4, 4)), np.full((4, 4), 16.0)

    assert psnr(black, gray) == pytest.approx(10 * np.log10(255**2 / 256))
    assert psnr(gray, gray) == float("inf")


def test_psnr_equals_scikit_images() -> None:
    first, second = _noise(20, 20, 3), _noise(20, 20, 3, seed=1)

    expected = peak_signal_noise_ratio(luma(first)[4:-4, 4:-4], luma(second)[4:-4, 4:-4], data_range=255)

    assert psnr_y(first, second, 4) == pytest.approx(expected)


def test_luma_has_studio_range() -> None:
    ends = np.array([[[0, 0, 0], [255, 255, 255], [255, 0, 0]]], np.uint8)

    assert luma(ends)[0].tolist() == pytest.approx([16, 235, 16 + 65.481])


def test_the_border_is_left_out() -> None:
    truth = _noise(16, 16, 3)
    answer = truth.copy()
    answer[:2], answer[:, -2:] = 0, 255

    assert psnr_y(answer, truth, 2) == float("inf")
    assert without_border(truth, 3).shape == (10, 10, 3)


def test_sharpness_falls_with_blur() -> None:
    picture = _noise(32, 32, 3)
    blurred = np.asarray(Image.fromarray(picture).resize((8, 8)).resize((32, 32)))

    assert sharpness(blurred) < sharpness(picture) / 2


def test_the_interval_contains_the_mean() -> None:
    values = np.random.default_rng(0).normal(1.5, 0.5, 40)
    low, high = interval_of_mean(values, resamples=2000, seed=0)

    assert low < values.mean() < high
    assert high - low == pytest.approx(2 * 1.96 * values.std() / 40**0.5, rel=0.15)


def test_both_patches_are_augmented_alike() -> None:
    high = _noise(16, 16, 3).repeat(4, 0).repeat(4, 1)
    for seed in range(20):
        low, big = augment(high[::4, ::4], high, np.random.default_rng(seed))

        assert np.array_equal(low, big[::4, ::4])


def test_a_photo_is_cropped_to_a_multiple_of_the_scale() -> None:
    pair = shrink(_noise(43, 38, 3), 4)

    assert pair.high.shape == (40, 36, 3)
    assert pair.low.shape == (10, 9, 3)


def test_equal_pictures_have_no_perceptual_loss_and_blurred_ones_do() -> None:
    features = Features()
    truth = torch.rand(1, 3, 64, 64)
    blurred = torch.nn.functional.avg_pool2d(truth, 5, 1, 2)

    assert perceptual_loss(features, truth, truth).item() == 0
    assert perceptual_loss(features, blurred, truth).item() > 0.1
    assert [each.shape[1:] for each in features(truth)] == [(32, 32, 32), (64, 16, 16), (128, 8, 8)]


def test_the_losses_of_the_docstring() -> None:
    photo, answer = torch.tensor([2.0, 0.0]), torch.tensor([-1.0, 1.0])
    pixels = torch.nn.functional.l1_loss(torch.tensor([0.2, 0.9]), torch.tensor([0.2, 0.5]))
    perceptual = perceptual_loss(_Doubled(), torch.tensor([1.5, 2.0]), torch.tensor([1.0, 2.0]))
    adversarial = relativistic_loss(answer, photo)

    assert relativistic_loss(photo, answer).item() == pytest.approx(0.410, abs=0.0005)
    assert adversarial.item() == pytest.approx(1.410, abs=0.0005)
    assert pixels.item() == pytest.approx(0.2)
    assert perceptual.item() == pytest.approx(0.5 / 3, rel=1e-4)
    assert PERCEPTUAL * perceptual.item() == pytest.approx(0.0083, abs=0.00005)
    assert 0.02 * adversarial.item() == pytest.approx(0.0282, abs=0.00005)
    assert (pixels + PERCEPTUAL * perceptual + 0.02 * adversarial).item() == pytest.approx(0.2365, abs=0.0001)


class _Doubled(torch.nn.Module):
    """Features that are twice the pixels."""

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        return [2 * x]


def test_an_l1_loss_leads_to_the_median_and_a_squared_error_to_the_mean() -> None:
    plausible = torch.tensor([0.0, 0.0, 0.9])
    candidates = torch.linspace(0, 0.9, 10)

    absolute = [(plausible - value).abs().mean() for value in candidates]
    squared = [(plausible - value).square().mean() for value in candidates]

    assert candidates[torch.stack(absolute).argmin()].item() == pytest.approx(0)
    assert candidates[torch.stack(squared).argmin()].item() == pytest.approx(0.3)


def test_the_relativistic_loss_at_even_odds() -> None:
    even = torch.zeros(2, 1, 1, 1)

    assert relativistic_loss(even, even).item() == pytest.approx(np.log(2))
    assert relativistic_loss(even + 5, even).item() == pytest.approx(np.log1p(np.exp(-5)), rel=1e-4)


def test_transparent_pixels_get_the_colors_of_their_neighbors() -> None:
    color = np.zeros((8, 8, 3), np.uint8)
    color[:, :4] = (200, 40, 90)  # visible; the rest is stored as black
    alpha = np.zeros((8, 8), np.uint8)
    alpha[:, :4] = 255

    picture = np.asarray(fill_transparent(Image.fromarray(color), Image.fromarray(alpha)))

    assert np.abs(picture.astype(int) - (200, 40, 90)).max() <= 1
    assert np.array_equal(picture[:, :4], color[:, :4])


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (6, 1), (5, 7)])
def test_any_size_is_fill_transparent(size: tuple[int, int]) -> None:
    alpha = Image.new("L", size, 0)
    assert fill_transparent(Image.new("RGB", size), alpha).getpixel((0, 0)) == GRAY

    alpha.putpixel((0, 0), 1)
    picture = fill_transparent(Image.new("RGB", size, (9, 8, 7)), alpha)
    assert np.abs(np.asarray(picture, int) - (9, 8, 7)).max() <= 3  # 8 bits, rounded at each halving


def test_a_preview_averages_whole_blocks() -> None:
    picture = np.arange(6 * 8 * 3, dtype=np.uint8).reshape(6, 8, 3)

    small = shrink_to(Canvas.of([picture[:4], picture[4:]], 8), 4)

    assert small.shape == (3, 4, 3)
    assert small[0, 0, 0] == round(picture[:2, :2, 0].mean())
    assert shrink_to(Canvas.of([picture[:1]], 8), 4).shape == (1, 4, 3)
    assert shrink_to(Canvas.of([picture[:, :1]], 1), 4).shape == (3, 1, 3)


def test_tiles_are_counted() -> None:
    upscaler = Upscaler(shipped_weights("psnr", 4))

    assert upscaler.tile_count(TILE, TILE) == 1
    assert upscaler.tile_count(TILE + 1, TILE) == 2
    assert upscaler.tile_count(8 * TILE, 12 * TILE - 1) == 8 * 12


def test_a_residual_is_amplified_as_far_as_it_fits() -> None:
    residual = np.full((3, 4, 4), 0.06, np.float32)

    picture, factor = draw_residual(residual)

    assert factor == 8
    assert picture.getpixel((0, 0)) == (round((0.5 + 0.48) * 255),) * 3
    assert draw_residual(np.zeros((3, 2, 2), np.float32))[0].getpixel((0, 0)) == (128, 128, 128)


def test_the_features_need_the_shipped_encoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "weights", lambda *_: tmp_path / "missing.safetensors")

    with pytest.raises(WeightsError, match=r"missing\.safetensors"):
        Features()


def test_the_diagram_shows_the_sizes_of_the_architecture() -> None:
    assert (FOLDER / "super_resolution.svg").read_text("utf-8") == diagram.build()
