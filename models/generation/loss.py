"""The hinge losses of discriminator and generator.

Papers: Lim and Ye 2017, Geometric GAN, arXiv:1705.02894; Miyato et al. 2018, arXiv:1802.05957, equations 16
and 17. With D(x, y) the verdict on a picture x of class y, and G(z, y) a generated picture,

    L_D = E[max(0, 1 - D(x, y))] + E[max(0, 1 + D(G(z, y), y))]
    L_G = -E[D(G(z, y), y)]

A real picture costs the discriminator nothing once its verdict exceeds 1, a generated one once it is below
-1: pictures that are clearly judged already teach it nothing more.

Example: the verdicts are 2 and 0.5 on two real pictures, -3 and 0 on two generated ones. The real ones cost
0 and 0.5, the generated ones 0 and 1: L_D = 0.25 + 0.5 = 0.75. L_G = -(-3 + 0) / 2 = 1.5.
At L_D = 2 the discriminator cannot distinguish them. Neither loss measures how good the pictures are: both
are relative to the opponent, and stay nearly level while the pictures improve.
"""

import torch
from torch.nn import functional as F


def discriminator_loss(real: torch.Tensor, generated: torch.Tensor) -> torch.Tensor:
    """L_D of the verdicts (B,) on real and on generated pictures."""
    return F.relu(1 - real).mean() + F.relu(1 + generated).mean()


def generator_loss(generated: torch.Tensor) -> torch.Tensor:
    """L_G of the verdicts (B,) on generated pictures."""
    return -generated.mean()
