"""Bilinear enlargement of any part of a small map, so that a large image can be processed in blocks.

Shapes: C channels, h and w of the small map.
"""

import torch


def stretched(values: torch.Tensor, dim: int, length: int, first: int, last: int) -> torch.Tensor:
    """`values` (C, h, w) enlarged to `length` along `dim` (1 or 2): only the part from `first` to `last`.

    Equal to torch's interpolation with `align_corners=False`, which cannot compute a part alone.
    """
    size = values.shape[dim]
    middles = (torch.arange(first, last, dtype=torch.float64) + 0.5) * (size / length) - 0.5
    place = middles.clamp_(0, size - 1)
    lower = place.floor().long()
    upper = (lower + 1).clamp(max=size - 1)
    share = (place - lower).to(values.dtype)
    share = share[:, None] if dim == 1 else share
    return torch.lerp(values.index_select(dim, lower), values.index_select(dim, upper), share)
