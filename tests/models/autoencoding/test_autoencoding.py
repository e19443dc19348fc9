"""Losses, corruptions, PCA and the network's shapes, by known answers."""

import math

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA

from models.autoencoding import pca
from models.autoencoding.architecture import Autoencoder, Config, Posterior, sample
from models.autoencoding.card import AUTOENCODER, VARIATIONAL
from models.autoencoding.corruption import GAUSSIAN, NONE, PATCH, SALT_AND_PEPPER, corrupt
from models.autoencoding.data import draw_batch
from models.autoencoding.loss import (
    cross_entropy,
    kl_divergence,
    squared_error,
    target_entropy,
    warmed_up,
)
from models.autoencoding.metrics import psnr
from models.autoencoding.recipe.diagram import build


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def test_the_kl_divergence_of_the_prior_is_zero_and_that_of_a_shifted_one_half_its_square() -> None:
    posterior = Posterior(torch.tensor([[0.0, 1.0, 0.0]]), torch.tensor([[0.0, 0.0, math.log(4)]]))

    # (sigma^2 - 1 - log sigma^2) / 2 with sigma = 2
    assert kl_divergence(posterior)[0].tolist() == pytest.approx([0, 0.5, (3 - math.log(4)) / 2], abs=1e-6)
    assert kl_divergence(Posterior(torch.ones(1, 2), None)).tolist() == [[0, 0]]


def test_the_cross_entropy_of_a_perfect_reconstruction_is_the_entropy_of_the_targets() -> None:
    truth = torch.tensor([0.5, 0.25, 0.0, 1.0]).view(1, 1, 2, 2)
    entropy = math.log(2) - 0.25 * math.log(0.25) - 0.75 * math.log(0.75)

    assert float(target_entropy(truth)) == pytest.approx(entropy, abs=1e-5)
    assert float(cross_entropy(truth.logit(1e-6), truth)) == pytest.approx(entropy, abs=1e-4)
    assert float(cross_entropy(torch.zeros(1, 1, 2, 2), truth)) == pytest.approx(4 * math.log(2), abs=1e-5)
    assert float(squared_error(torch.zeros(1, 1, 2, 2), truth)) == pytest.approx(0.0625 + 0.25 + 0.25)


def test_beta_grows_from_zero_during_the_warm_up() -> None:
    assert [warmed_up(4.0, step, 100, 0.2) for step in (0, 10, 20, 99)] == [0, 2, 4, 4]
    assert warmed_up(4.0, 0, 100, 0.0) == 4


def test_z_is_drawn_from_the_posterior_and_gradients_reach_its_parameters() -> None:
    torch.manual_seed(0)
    mean = torch.full((4000, 1), 3.0, requires_grad=True)
    log_variance = torch.full((4000, 1), math.log(0.25), requires_grad=True)
    z = sample(Posterior(mean, log_variance))
    z.sum().backward()
    z = z.detach()

    assert float(z.mean()) == pytest.approx(3.0, abs=0.03)
    assert float(z.std()) == pytest.approx(0.5, abs=0.03)
    assert mean.grad is not None
    assert log_variance.grad is not None
    assert float(log_variance.grad.abs().sum()) > 0
    assert torch.equal(sample(Posterior(mean, None)), mean)


@pytest.mark.parametrize(("side", "channels", "code_side"), [(28, 1, 7), (64, 3, 4), (20, 1, 5), (128, 3, 4)])
def test_pictures_of_any_size_come_back_in_their_size(side: int, channels: int, code_side: int) -> None:
    config = Config(kind=VARIATIONAL, side=side, channels=channels, latent=3)
    model = Autoencoder(config).eval()
    x = torch.rand(2, channels, side, side)
    logits, posterior = model(x)

    assert config.code_side == code_side
    assert logits.shape == x.shape
    assert posterior.mean.shape == posterior.log_variance.shape == (2, 3)
    torch.testing.assert_close(model.pixels()(posterior.mean), model.decode(posterior.mean))


@pytest.mark.parametrize(("side", "channels"), [(28, 1), (64, 3)])
def test_the_decoder_is_small_enough_for_the_page(side: int, channels: int) -> None:
    decoder = Autoencoder(Config(AUTOENCODER, side, channels, latent=32)).decoder

    assert sum(values.numel() for values in decoder.parameters()) < 300_000


def test_pca_finds_the_components_that_scikit_learn_finds() -> None:
    random = np.random.default_rng(0)
    codes, shapes = random.normal(size=(200, 4)) * [8, 6, 4, 3], random.normal(size=(4, 36))
    noise = random.normal(size=(200, 36))
    pictures = (128 + codes @ shapes + noise).round().clip(0, 255).astype(np.uint8).reshape(200, 6, 6)
    found = pca.fit(pictures, 4)
    x = torch.tensor(pictures).float()[:, None] / 255
    expected = PCA(4, svd_solver="full").fit(x.flatten(1).numpy())

    assert found.encode(x).abs().numpy() == pytest.approx(
        np.abs(expected.transform(x.flatten(1).numpy())), abs=2e-3
    )
    rebuilt = expected.inverse_transform(expected.transform(x.flatten(1).numpy())).clip(0, 1)
    assert found.reconstruct(x).flatten(1).numpy() == pytest.approx(rebuilt, abs=2e-3)


def test_corruptions_have_their_levels() -> None:
    gray = torch.full((8, 3, 40, 40), 0.4)
    random = torch.Generator().manual_seed(0)

    def corrupted(kind: str, level: float) -> torch.Tensor:
        return corrupt(gray, kind, torch.full((8,), level), random)

    assert torch.equal(corrupted(NONE, 0.5), gray)
    assert float(corrupted(GAUSSIAN, 0.1).std()) == pytest.approx(0.1, rel=0.05)
    salted = corrupted(SALT_AND_PEPPER, 0.3)
    assert float((salted == 1).float().mean()) == pytest.approx(0.15, abs=0.01)
    assert float((salted == 0).float().mean()) == pytest.approx(0.15, abs=0.01)
    assert (corrupted(PATCH, 0.25) != gray).sum(dim=(1, 2, 3)).tolist() == [3 * 10 * 10] * 8


def test_an_epoch_has_every_picture_once() -> None:
    pictures = np.arange(10, dtype=np.uint8).reshape(10, 1, 1)
    batches = [draw_batch(pictures, 4, step, seed=1) * 255 for step in range(5)]  # two epochs
    drawn = torch.cat(batches).round().flatten().int().tolist()

    assert sorted(drawn[:10]) == sorted(drawn[10:]) == list(range(10))
    assert drawn[:10] != drawn[10:]


def test_psnr_is_in_decibel() -> None:
    assert psnr(torch.tensor([0.01, 0.0])).tolist() == [20, 100]


def test_the_diagram_shows_the_sizes_of_the_network() -> None:
    drawn = build()

    for size in ("1 × 28 × 28", "32 × 7 × 7", ">16<", "8 × 28 × 28"):
        assert size in drawn
