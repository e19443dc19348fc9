"""The losses: distance to the true picture, and the hinge losses of the two opponents.

    discriminator:  L_D = mean max(0, 1 - D(s, x)) + mean max(0, 1 + D(s, R(s)))
    restorer:       L_R = mean |x - R(s)| - lambda * mean D(s, R(s))

for a picture x and its small version s (Ledig et al. 2017, arXiv:1609.04802, with L1 and the hinge of Lim and
Ye, arXiv:1705.02894).

Many pictures x have the same s. L1 alone is least for their median, pixel by pixel: where nine in ten of them
have light skin, light skin, and where the groups are equally frequent, a blur of both. The discriminator
knows no blurred picture as real, so that the restorer decides for one. Neither loss contains the groups: a
restorer learns how frequent they are from nothing but the pictures of its training.
"""

import torch
from torch.nn import functional as F


def distance(restored: torch.Tensor, picture: torch.Tensor) -> torch.Tensor:
    """Mean absolute error, L1. Example: answers 0.5 and -1 for 1 and -1 give 0.25."""
    return F.l1_loss(restored, picture)


def discriminator_loss(real: torch.Tensor, restored: torch.Tensor) -> torch.Tensor:
    """L_D of the verdicts. Example: real 2, restored -0.5 give max(0, -1) + max(0, 0.5) = 0.5."""
    return F.relu(1 - real).mean() + F.relu(1 + restored).mean()


def deception_loss(restored: torch.Tensor) -> torch.Tensor:
    """The restorer's part of the game: the higher the verdicts on its pictures, the lower."""
    return -restored.mean()
