"""What remains of a picture in a small camera: gray, exposed automatically, and a few cells.

    gray       Y = 0.299 R + 0.587 G + 0.114 B                           (ITU-R BT.601)
    exposure   Y' = min(1, 0.5 Y / mean(Y)): the mean becomes a middle gray, whatever the light
    cells      the mean of each of s x s squares, rounded to 256 levels

Pictures in color are exposed, gray ones (of garments) keep their levels. After the exposure a dark face in
bright light and a light face in dim light can have the same cells: which of them it was is lost before any
network sees the picture.

Shapes: B batch, C channels, S side of the picture, s side of the small one. Values are in [-1, 1].
"""

import torch
from torch.nn import functional as F

LUMA = (0.299, 0.587, 0.114)
MIDDLE_GRAY = 0.5


def shrink(pictures: torch.Tensor, small: int) -> torch.Tensor:
    """(B, C, S, S) -> (B, 1, s, s)."""
    values = (pictures + 1) / 2
    gray = expose(to_gray(values)) if pictures.shape[1] == len(LUMA) else values
    cells = F.interpolate(gray, size=(small, small), mode="area")
    return (cells * 255).round() / 127.5 - 1


def to_gray(values: torch.Tensor) -> torch.Tensor:
    """RGB in [0, 1], (B, 3, S, S) -> luma (B, 1, S, S)."""
    return (values * values.new_tensor(LUMA)[:, None, None]).sum(dim=1, keepdim=True)


def expose(gray: torch.Tensor) -> torch.Tensor:
    """Gray (B, 1, S, S) in [0, 1] with a mean of 0.5, or less where bright parts are cut off at 1.

    Example: twice as much light on the same scene, values 0.2 and 0.4 instead of 0.1 and 0.2, gives the same
    1/3 and 2/3.
    """
    mean = gray.mean(dim=(1, 2, 3), keepdim=True).clamp(min=1e-3)  # of a black picture
    return (MIDDLE_GRAY / mean * gray).clamp(max=1)


def enlarge(small: torch.Tensor, side: int) -> torch.Tensor:
    """The baseline: (B, 1, s, s) -> (B, 1, S, S), bicubic. It adds nothing, and stays gray and blurred."""
    return F.interpolate(small, size=(side, side), mode="bicubic", align_corners=False).clamp(-1, 1)
