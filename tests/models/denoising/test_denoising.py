"""The denoiser: noise of a known level, metrics by hand, and the receptive fields of both networks."""

from math import inf, log10

import numpy as np
import pytest
import torch
from PIL import Image

from models.denoising.architecture import ESTIMATE_REACH, STRIDE, Config, Denoiser, Estimates
from models.denoising.metrics import mean_square, psnr
from models.denoising.network import combined_level
from models.denoising.noise import add, correlated_noise, photon_noise

SMALL = Config(widths=(8, 8, 16), encoder_blocks=(1, 1, 1), decoder_blocks=(1, 1), estimator_width=8)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def photo(height: int = 60, width: int = 90, seed: int = 0) -> np.ndarray:
    """Soft shapes of many colors."""
    small = np.random.default_rng(seed).integers(0, 256, (6, 9, 3), dtype=np.uint8)
    return np.array(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC))


@pytest.mark.parametrize("level", [5.0, 15.0, 25.0])
def test_noise_has_the_requested_level(level: float) -> None:
    gray = np.full((200, 200, 3), 128, np.uint8)
    noise = add(gray, level, seed=3).astype(float) - 128

    assert noise.std() == pytest.approx(level, rel=0.01)
    assert abs(noise.mean()) < 0.05 * level
    assert abs(np.corrcoef(noise[..., 0].ravel(), noise[..., 1].ravel())[0, 1]) < 0.02


def test_the_same_seed_adds_the_same_noise() -> None:
    pixels = photo()

    assert np.array_equal(add(pixels, 20, 1), add(pixels, 20, 1))
    assert not np.array_equal(add(pixels, 20, 1), add(pixels, 20, 2))


def test_gray_noise_keeps_an_image_gray() -> None:
    noisy = add(np.full((40, 50, 3), 99, np.uint8), 30, 0, gray=True)

    assert (noisy[..., 0] == noisy[..., 1]).all()
    assert (noisy[..., 0] == noisy[..., 2]).all()
    assert noisy.std() > 20


def test_other_noise_models_have_a_level_of_one() -> None:
    random = np.random.default_rng(0)
    clean = torch.linspace(0.1, 0.9, 200).expand(3, 200, 200).contiguous()

    for _ in range(5):
        assert float(photon_noise(clean, random).std()) == pytest.approx(1.0, rel=0.03)
        neighbors = correlated_noise((3, 200, 200), random)
        assert float(neighbors.std()) == pytest.approx(1.0, rel=0.03)
    light = photon_noise(clean, random)
    assert light[:, :, 150:].std() > 1.1 * light[:, :, :50].std()


def test_psnr_by_hand() -> None:
    truth = np.zeros((2, 2, 1), np.uint8)
    image = np.array([[[10], [0]], [[0], [0]]], np.uint8)  # mean square 25

    assert mean_square(image, truth) == 25
    assert psnr(image, truth) == pytest.approx(20 * log10(255 / 5))
    assert psnr(truth, image) == psnr(image, truth)
    assert psnr(truth, truth) == inf
    assert psnr(image / 255, truth / 255, 1.0) == pytest.approx(20 * log10(255 / 5))


def test_psnr_includes_every_row_of_a_tall_image() -> None:
    truth = np.zeros((600, 3, 3), np.uint8)
    image = truth.copy()
    image[-1] = 30

    assert mean_square(image, truth) == pytest.approx(900 / 600)


def test_a_last_layer_of_zeros_returns_the_image() -> None:
    model = Denoiser(SMALL)
    torch.nn.init.zeros_(model.autoencoder.last.weight)
    torch.nn.init.zeros_(model.autoencoder.last.bias)  # type: ignore[arg-type]
    image = torch.rand(2, 3, 16, 24)

    assert torch.equal(model(image, torch.full((2, 1, 16, 24), 0.1)), image)


def test_level_zero_changes_nothing() -> None:
    image = torch.rand(1, 3, 16, 16)

    assert torch.equal(Denoiser(SMALL)(image, torch.zeros(1, 1, 16, 16)), image)


def test_the_shipped_shape_is_small() -> None:
    count = sum(value.numel() for value in Denoiser(Config()).parameters())

    assert 500_000 < count < 1_000_000


@pytest.mark.parametrize("config", [SMALL, Config()])
@pytest.mark.parametrize("place", [(128, 128), (135, 130)])
def test_an_output_pixel_depends_on_no_more_than_its_reach(config: Config, place: tuple[int, int]) -> None:
    torch.manual_seed(0)
    model = Denoiser(config).double()
    image = torch.rand(1, 3, 256, 256, dtype=torch.double, requires_grad=True)
    row, column = place
    model(image, torch.full((1, 1, 256, 256), 0.1, dtype=torch.double))[0, :, row, column].sum().backward()

    assert image.grad is not None
    rows, columns = image.grad.abs().sum(dim=(0, 1)).nonzero().T
    away = max((rows - row).abs().max(), (columns - column).abs().max())
    assert config.reach % STRIDE == 0
    assert config.reach - 2 * STRIDE < away <= config.reach


def test_an_estimate_depends_on_no_more_than_its_reach() -> None:
    torch.manual_seed(0)
    model = Denoiser(SMALL).double()
    image = torch.rand(1, 3, 96, 96, dtype=torch.double, requires_grad=True)
    estimates = model.estimator(image)
    (estimates.level + estimates.confidence)[0, 12, 12].backward()

    assert image.grad is not None
    rows, _ = image.grad.abs().sum(dim=(0, 1)).nonzero().T
    assert 48 - int(rows.min()) <= ESTIMATE_REACH
    assert int(rows.max()) - 51 <= ESTIMATE_REACH


def test_estimates_are_weighted_by_confidence() -> None:
    level = torch.tensor([[[0.1, 0.3]]])

    assert combined_level(Estimates(level, torch.zeros(1, 1, 2))) == pytest.approx(0.2 * 255)
    three_to_one = torch.tensor([[[log10(3) / log10(2.718281828459045), 0.0]]])
    assert combined_level(Estimates(level, three_to_one)) == pytest.approx((0.75 * 0.1 + 0.25 * 0.3) * 255)
