"""Binary cross-entropy plus Dice loss of a mask.

With p the predicted probability of each pixel, g the true mask (0 ... 1, soft at the edge) and s = 1:

    L_BCE  = - mean(g * log p + (1 - g) * log(1 - p))
    L_Dice = 1 - (2 * sum(p * g) + s) / (sum(p) + sum(g) + s), for each crop, then the mean over crops
    L      = L_BCE + L_Dice

Dice as in Milletari et al. 2016, V-Net, arXiv:1606.04797, section 3, with the values themselves in the
denominator, not their squares. It counts a small thing as much as one that fills the crop.

Example: one crop of two pixels, the first of the thing, predicted with probabilities 0.8 and 0.4.

    >>> logits = torch.tensor([0.8, 0.4]).logit().view(1, 1, 1, 2)
    >>> losses = mask_loss(logits, torch.tensor([1.0, 0.0]).view(1, 1, 1, 2))

L_BCE is -(log 0.8 + log 0.6) / 2 = 0.367, L_Dice is 1 - (2 * 0.8 + 1) / (1.2 + 1 + 1) = 0.1875.

    >>> {name: round(value.item(), 4) for name, value in losses.items()}
    {'loss': 0.5545, 'cross_entropy': 0.367, 'dice': 0.1875}
"""

import torch
from torch.nn import functional as F

SMOOTH = 1.0  # pixels


def mask_loss(logits: torch.Tensor, masks: torch.Tensor) -> dict[str, torch.Tensor]:
    """`loss` and its two parts, for logits and true masks (B, 1, H, W)."""
    cross_entropy = F.binary_cross_entropy_with_logits(logits, masks)
    probabilities = logits.sigmoid()
    overlap = (probabilities * masks).sum(dim=(1, 2, 3))
    both = probabilities.sum(dim=(1, 2, 3)) + masks.sum(dim=(1, 2, 3))
    dice = (1 - (2 * overlap + SMOOTH) / (both + SMOOTH)).mean()
    return {"loss": cross_entropy + dice, "cross_entropy": cross_entropy, "dice": dice}
