"""Cross-entropy plus Dice loss, at the network's output size (half the image's height and width).

With p the predicted class probabilities, g the one-hot true classes and s = 1 for smoothing, summed over all
n pixels of a batch:

    L_CE   = - sum(g * log p) / n
    D_c    = (2 * sum(p_c * g_c) + s) / (sum(p_c) + sum(g_c) + s)
    L_Dice = 1 - mean of D_c over the classes c that occur
    L      = L_CE + L_Dice

Cross-entropy counts every pixel the same, so the background prevails. Dice counts every class the same,
however few pixels it has: Milletari et al. 2016, V-Net, arXiv:1606.04797, section 3. Differences: there, the
sums of the denominator are over squares; here, over the values themselves, with smoothing, and for several
classes.

Example: two pixels, the first of class 0, the second of class 1, predicted with probabilities 0.8 and 0.6.

    >>> probabilities = torch.tensor([[[[0.8, 0.4]], [[0.2, 0.6]]]])
    >>> targets = torch.tensor([[[0, 1]]])

L_CE is -(log 0.8 + log 0.6) / 2 = 0.3670. D_0 = (2 * 0.8 + 1) / (1.2 + 1 + 1) = 0.8125, D_1 = (2 * 0.6 + 1) /
(0.8 + 1 + 1) = 0.7857, and L_Dice is 1 - 0.7991 = 0.2009.

    >>> losses = segmentation_loss(probabilities.log(), targets)
    >>> {name: round(value.item(), 4) for name, value in losses.items()}
    {'loss': 0.5679, 'cross_entropy': 0.367, 'dice': 0.2009}

Shapes: B batch, C classes including the background, h and w height and width of the logits.
"""

import torch
from torch.nn import functional as F

SMOOTH = 1.0  # pixels; also defines D_c for a class without pixels


def dice_loss(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """1 - the mean Dice coefficient over the classes in `targets` (B, h, w), for the whole batch."""
    classes = logits.shape[1]
    probabilities = logits.softmax(1)
    one_hot = F.one_hot(targets, classes).permute(0, 3, 1, 2).to(probabilities.dtype)
    overlap = (probabilities * one_hot).sum(dim=(0, 2, 3))
    pixels = one_hot.sum(dim=(0, 2, 3))
    dice = (2 * overlap + SMOOTH) / (probabilities.sum(dim=(0, 2, 3)) + pixels + SMOOTH)
    return 1 - dice[pixels > 0].mean()


def segmentation_loss(logits: torch.Tensor, targets: torch.Tensor) -> dict[str, torch.Tensor]:
    """`loss` and its two parts, for logits (B, C, h, w) and class indices (B, h, w)."""
    cross_entropy, dice = F.cross_entropy(logits, targets), dice_loss(logits, targets)
    return {"loss": cross_entropy + dice, "cross_entropy": cross_entropy, "dice": dice}
