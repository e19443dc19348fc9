"""Augmentation through which gradients flow, for GANs trained on few pictures.

Paper: Zhao et al. 2020, Differentiable Augmentation for Data-Efficient GAN Training, arXiv:2006.10738,
section 3 and algorithm 1. With few pictures a discriminator soon knows each of them by heart, and its verdict
teaches nothing. Augmenting real pictures alone would teach the generator the augmentation; here real and
generated pictures are augmented alike in both steps, and the generator's gradient passes through.

Shapes: B batch, C channels, H and W height and width. Pictures are in [-1, 1], black -1; all randomness comes
from torch's default generator.
"""

import torch
from torch.nn import functional as F

TRANSLATION = 1 / 8  # of the side, at most
CUTOUT = 1 / 2  # side of the square that is cut out, as a share of the picture's


def augment(x: torch.Tensor) -> torch.Tensor:
    """Color, translation and cutout, (B, C, H, W); each picture draws its own."""
    return cutout(translate(recolor(x)))


def recolor(x: torch.Tensor) -> torch.Tensor:
    """Brightness +- 0.5 of a range of 1, saturation x 0 to 2, contrast x 0.5 to 1.5, in this order."""
    brightness, saturation, contrast = torch.rand(3, len(x), 1, 1, 1, device=x.device, dtype=x.dtype)
    x = x + brightness - 0.5
    gray = x.mean(dim=1, keepdim=True)
    x = gray + (x - gray) * 2 * saturation
    mean = x.mean(dim=(1, 2, 3), keepdim=True)
    return mean + (x - mean) * (contrast + 0.5)


def translate(x: torch.Tensor) -> torch.Tensor:
    """Move each picture by up to an eighth of its side along both axes; 0 (middle gray) comes in."""
    height, width = x.shape[2:]
    up, left = round(height * TRANSLATION), round(width * TRANSLATION)
    padded = F.pad(x, (left, left, up, up)).permute(0, 2, 3, 1)
    rows = (
        torch.randint(2 * up + 1, (len(x), 1, 1), device=x.device)
        + torch.arange(height, device=x.device)[None, :, None]
    )
    columns = (
        torch.randint(2 * left + 1, (len(x), 1, 1), device=x.device)
        + torch.arange(width, device=x.device)[None, None]
    )
    batch = torch.arange(len(x), device=x.device)[:, None, None]
    return padded[batch, rows, columns].permute(0, 3, 1, 2)


def cutout(x: torch.Tensor) -> torch.Tensor:
    """Set a square of half the side at a random place, partly outside perhaps, to 0."""
    height, width = x.shape[2:]
    side = round(min(height, width) * CUTOUT)
    middle_row = torch.randint(height + 1, (len(x), 1, 1), device=x.device)
    middle_column = torch.randint(width + 1, (len(x), 1, 1), device=x.device)
    rows = torch.arange(height, device=x.device)[None, :, None] - middle_row + side // 2
    columns = torch.arange(width, device=x.device)[None, None] - middle_column + side // 2
    is_cut = (rows >= 0) & (rows < side) & (columns >= 0) & (columns < side)
    return x * ~is_cut[:, None]
