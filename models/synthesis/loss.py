"""The losses: distance to the true picture, and the hinge losses of the two opponents.

    discriminator:  L_D = mean max(0, 1 - D(c, x)) + mean max(0, 1 + D(c, G(c)))
    generator:      L_G = lambda * mean |x - G(c)| - mean D(c, G(c)) - mu * mean log C(y | G(c))
    its twin:       L   = mean |x - G(c)|

for a condition c, its picture x and, if pictures have classes, x's class y (Isola et al., arXiv:1611.07004,
equation 4, with the hinge of Lim and Ye, arXiv:1705.02894, in place of the logarithms).

L1 alone leads to the median of all pictures that fit a drawing: where fabric may be light or dark it is
middle gray, and where a seam may run here or there it is blurred. A patch that no real picture has costs the
generator nothing in L1, and much under the discriminator. Patches do not show what the whole is: that an
outline is filled as a shirt and not as a coat is the part of a classifier C, which learns from the real
pictures beside both (as in Odena et al., arXiv:1610.09585, where discriminator and classifier share layers).
"""

import torch
from torch.nn import functional as F


def distance(answer: torch.Tensor, picture: torch.Tensor) -> torch.Tensor:
    """Mean absolute error, L1. Example: answers 0.5 and -1 for 1 and -1 give 0.25."""
    return F.l1_loss(answer, picture)


def discriminator_loss(real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    """Hinge over verdicts. Example: real 2, fake -0.5 give max(0, -1) + max(0, 0.5) = 0.5."""
    return F.relu(1 - real).mean() + F.relu(1 + fake).mean()


def deception_loss(fake: torch.Tensor) -> torch.Tensor:
    """The generator's part of the game: the higher the verdicts on its pictures, the lower."""
    return -fake.mean()


def class_loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Cross-entropy. Example: logits (0, 0) give log 2 for either class."""
    return F.cross_entropy(logits, labels)
