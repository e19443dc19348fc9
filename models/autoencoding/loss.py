"""The losses, per picture x with reconstruction x^ and code z.

Autoencoder, denoising autoencoder: L = ||x - x^||^2, the sum over pixels. PCA minimizes the same, among
linear maps. For a denoising autoencoder x^ is made of a corrupted picture, and x is the clean one.

Variational autoencoder (Kingma and Welling 2014, arXiv:1312.6114, equation 7; Higgins et al. 2017, beta-VAE):

    L = -log p(x|z) + beta * KL(q(z|x) || p(z))           -ELBO for beta = 1, in nats

p(x|z) is a Bernoulli distribution for each pixel, with gray values in [0, 1] as soft targets, so that the
first term is a binary cross-entropy, summed over pixels. Its minimum is not 0 but the entropy of the targets
themselves (`target_entropy`), reached if x^ = x. It is not a normalized density of gray values: the
continuous Bernoulli distribution (Loaiza-Ganem and Cunningham 2019) has a further constant for each logit.

q(z|x) = N(mu, sigma^2) and p(z) = N(0, I), so that the second term is closed, for each dimension of z

    KL = (mu^2 + sigma^2 - 1 - log sigma^2) / 2

Example: mu = 1 and sigma = 1 cost 0.5 nat; mu = 0 and sigma = 1 nothing: such a dimension is inactive,
because it is the same for every picture.
"""

import torch
from torch.nn import functional as F

from models.autoencoding.architecture import Posterior

INACTIVE_BELOW = 0.05  # nat: the mean KL below which a dimension of z carries nothing


def squared_error(logits: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """||x - x^||^2 of each picture, (B,), from logits (B, C, S, S)."""
    return (logits.sigmoid() - truth).square().flatten(1).sum(dim=1)


def cross_entropy(logits: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """-log p(x|z) of each picture in nats, (B,)."""
    return F.binary_cross_entropy_with_logits(logits, truth, reduction="none").flatten(1).sum(dim=1)


def target_entropy(truth: torch.Tensor) -> torch.Tensor:
    """The least possible cross-entropy of each picture in nats, (B,): that of a perfect reconstruction."""
    return F.binary_cross_entropy(truth, truth, reduction="none").flatten(1).sum(dim=1)


def kl_divergence(posterior: Posterior) -> torch.Tensor:
    """KL(q(z|x) || N(0, I)) of each picture and dimension in nats, (B, Z); 0 for a point."""
    if posterior.log_variance is None:
        return torch.zeros_like(posterior.mean)
    return (posterior.mean.square() + posterior.log_variance.exp() - 1 - posterior.log_variance) / 2


def warmed_up(beta: float, step: int, steps: int, share: float) -> float:
    """beta at one step: it grows from 0 during the first `share` of the steps.

    With the whole weight from the start, dimensions can become inactive before the decoder has learned to use
    them (Bowman et al. 2016, arXiv:1511.06349, section 3.1).
    """
    return beta * min(1.0, step / (share * steps)) if share > 0 else beta
