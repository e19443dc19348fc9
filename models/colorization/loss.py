"""What the generator and the discriminator are held to.

Isola et al. 2017 (pix2pix), equation 4: L1 plus the adversarial loss, with the generator's non-saturating
form of Goodfellow et al. 2014. The true label is 0.9 instead of 1 (Salimans et al. 2016, arXiv:1606.03498,
section 3.4). The L1 loss counts strong colors more, in the spirit of the class rebalancing of Zhang et al.
2016 (arXiv:1603.08511, section 2.2): most pixels of photos are nearly gray, and a guess that only minimizes
the mean error is too.
"""

import torch
from torch.nn import functional as F

from models.colorization.architecture import MOST_AB

STRONG = 40.0  # chroma, distance from gray in the ab plane, at which an error counts 1 + rebalance
MOST_WEIGHT = 2.0  # chroma beyond this many times `STRONG` counts no more
REAL = 0.9


def color_loss(guess: torch.Tensor, truth: torch.Tensor, rebalance: float) -> torch.Tensor:
    """Weighted mean of the absolute error of ab (B, 2, h, w), in units of 110."""
    chroma = truth.norm(dim=1, keepdim=True)
    weight = 1 + rebalance * (chroma / STRONG).clamp(max=MOST_WEIGHT)
    return ((guess - truth).abs() * weight).mean() / weight.mean() / MOST_AB


def judged_true(logits: torch.Tensor) -> torch.Tensor:
    """How far the discriminator is from calling every patch true, for the generator."""
    return F.softplus(-logits).mean()


def discriminator_loss(true: torch.Tensor, guessed: torch.Tensor) -> torch.Tensor:
    """Cross-entropy of the verdicts on true and on guessed patches, half each."""
    on_true = F.binary_cross_entropy_with_logits(true, torch.full_like(true, REAL))
    return (on_true + F.softplus(guessed).mean()) / 2
