"""Cross-entropy plus Dice, at the half resolution that the network speaks in.

Dice: Milletari et al. 2016, V-Net, arXiv:1606.04797, section 3: overlap as a loss, so that a class of few
pixels counts as much as one of many.

Shapes: B batch, C classes with the background, h and w height and width of the logits.
"""

import torch
from torch.nn import functional as F

SMOOTH = 1.0  # pixels; keeps a class that is nowhere from dividing zero by zero


def dice_loss(logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """1 - the mean Dice coefficient of the classes that occur in `target` (B, h, w), over the whole batch."""
    classes = logits.shape[1]
    probability = logits.softmax(1)
    truth = F.one_hot(target, classes).permute(0, 3, 1, 2).to(probability.dtype)
    overlap = (probability * truth).sum(dim=(0, 2, 3))
    pixels = truth.sum(dim=(0, 2, 3))
    dice = (2 * overlap + SMOOTH) / (probability.sum(dim=(0, 2, 3)) + pixels + SMOOTH)
    return 1 - dice[pixels > 0].mean()


def segmentation_loss(logits: torch.Tensor, target: torch.Tensor) -> dict[str, torch.Tensor]:
    """`loss` and its two parts, for logits (B, C, h, w) and class indices (B, h, w)."""
    entropy, dice = F.cross_entropy(logits, target), dice_loss(logits, target)
    return {"loss": entropy + dice, "cross_entropy": entropy, "dice": dice}
