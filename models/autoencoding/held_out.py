"""How a trained network answers pictures that it did not learn from; kept with its weights.

The stages of an answer show it: the codes of held-out pictures in the plane of z, the KL divergence of each
dimension, the distribution of ||x - x^||, and PCA of the same size. It is computed once, after the training.

Shapes: N held-out pictures, Z numbers in z, D values in a picture, K components of the mixture.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields

import numpy as np
import torch
from sklearn.mixture import GaussianMixture

from models.autoencoding import pca
from models.autoencoding.architecture import Autoencoder
from models.autoencoding.loss import kl_divergence
from models.autoencoding.metrics import distance
from models.core.contract import cancellation
from models.core.generative.judge import to_input
from models.core.training.familiarity import FEWEST

PREFIX = "held_out."
MAX_POINTS = 400  # codes that are kept
MAX_PICTURES = 2000  # that errors and KL are measured on
MIXTURE_PICTURES, MIXTURE_COMPONENTS = 5000, 20  # training pictures that the mixture is fitted to
PICTURES_PER_COMPONENT = 50
BATCH = 250
PERCENTILE = 95  # of held-out errors: a larger one marks a picture as unlike the training pictures


@dataclass(frozen=True)
class HeldOut:
    """All tensors are float32 on the CPU, but the labels."""

    means: torch.Tensor  # (N, Z), at most `MAX_POINTS`
    deviations: torch.Tensor  # (N, Z), of q(z|x); 0 for a point
    labels: torch.Tensor  # (N,) uint8
    kl: torch.Tensor  # (Z,) in nats, mean over the pictures
    errors: torch.Tensor  # (M,) sorted ||x - x^||
    pca_mean: torch.Tensor  # (D,)
    pca_components: torch.Tensor  # (D, Z)
    mixture_weights: torch.Tensor  # (K,), a Gaussian mixture fitted to the codes of training pictures
    mixture_means: torch.Tensor  # (K, Z)
    mixture_factors: torch.Tensor  # (K, Z, Z), Cholesky factors of the covariances

    @property
    def pca(self) -> pca.Pca:
        return pca.Pca(self.pca_mean, self.pca_components)

    @property
    def has_threshold(self) -> bool:
        """Of few pictures, no percentile is worth a threshold."""
        return len(self.errors) >= FEWEST

    @property
    def threshold(self) -> float:
        """The 95th percentile of the errors."""
        return float(torch.quantile(self.errors, PERCENTILE / 100))

    def tensors(self) -> dict[str, torch.Tensor]:
        """As they are kept with the weights, in float16."""
        return {
            PREFIX + name: value.half() if value.is_floating_point() else value
            for name, value in asdict(self).items()
        }

    @classmethod
    def from_tensors(cls, state: Mapping[str, torch.Tensor]) -> "HeldOut":
        """Raises KeyError: one is missing."""
        kept = {each.name: state[PREFIX + each.name] for each in fields(cls)}
        return cls(**{
            name: value.float() if value.is_floating_point() else value for name, value in kept.items()
        })  # fmt: skip


def measure(model: Autoencoder, train: np.ndarray, held_out: np.ndarray, labels: np.ndarray) -> HeldOut:
    """The answers to held-out pictures, uint8 (N, S, S) or (N, S, S, 3), and fits to those for training."""
    means, deviations, kl, errors = [], [], [], []
    for x, reconstruction, posterior in answers(model, held_out[:MAX_PICTURES]):
        means.append(posterior.mean)
        if posterior.log_variance is None:
            deviations.append(torch.zeros_like(posterior.mean))
        else:
            deviations.append((posterior.log_variance / 2).exp())
        kl.append(kl_divergence(posterior))
        errors.append(distance(x, reconstruction))
    principal = pca.fit(train, model.config.latent)
    mixture = fit_mixture(model, train)
    return HeldOut(
        means=torch.cat(means)[:MAX_POINTS],
        deviations=torch.cat(deviations)[:MAX_POINTS],
        labels=torch.from_numpy(labels[:MAX_POINTS].copy()),
        kl=torch.cat(kl).mean(dim=0),
        errors=torch.cat(errors).sort().values,
        pca_mean=principal.mean,
        pca_components=principal.components,
        mixture_weights=torch.from_numpy(mixture.weights_).float(),
        mixture_means=torch.from_numpy(mixture.means_).float(),
        mixture_factors=torch.linalg.cholesky(torch.from_numpy(mixture.covariances_)).float(),
    )


def fit_mixture(model: Autoencoder, train: np.ndarray) -> GaussianMixture:
    """A mixture of Gaussians over z of evenly spaced training pictures.

    Where the codes of pictures lie, which for most autoencoders is not N(0, I).
    """
    every = -(-len(train) // MIXTURE_PICTURES)
    codes = torch.cat([posterior.mean for _, _, posterior in answers(model, train[::every])])
    components = max(1, min(MIXTURE_COMPONENTS, len(codes) // PICTURES_PER_COMPONENT))
    if len(codes) == 1:
        codes = codes.repeat(2, 1)  # a covariance needs two
    return GaussianMixture(components, reg_covar=1e-4, random_state=0).fit(codes.double().numpy())


@torch.inference_mode()
def answers(model: Autoencoder, pictures: np.ndarray) -> Iterator[tuple]:
    """For each batch: the pictures in [0, 1], their reconstructions from the mean of z, and q(z|x)."""
    device = next(model.parameters()).device
    for start in range(0, len(pictures), BATCH):
        cancellation.check()
        x = to_input(pictures[start : start + BATCH]).to(device)
        logits, posterior = model(x)
        yield x.cpu(), logits.sigmoid().cpu(), type(posterior)(*(
            None if part is None else part.cpu() for part in posterior
        ))  # fmt: skip
