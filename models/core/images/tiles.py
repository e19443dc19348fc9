"""A large image through a network in tiles, without seams.

Each tile is cut out with a margin, and the margin of the result is dropped. With a margin as wide as half the
receptive field, every remaining pixel equals that of the whole image, so nothing needs blending.
"""

from collections.abc import Callable, Iterator
from math import ceil
from typing import Any

import torch
from torch import nn

from models.core.contract import cancellation, progress

Network = Callable[[torch.Tensor], torch.Tensor]
Read = Callable[[int, int], torch.Tensor]


def count(height: int, width: int, tile: int) -> int:
    """The number of tiles of a picture."""
    return ceil(height / tile) * ceil(width / tile)


def stop_between_layers(model: nn.Module) -> None:
    """Let a canceled job stop between two layers of the model: a tile can take many seconds."""

    def check(*_: Any) -> None:
        cancellation.check()

    for module in model.modules():
        module.register_forward_pre_hook(check)


def rows(
    picture: torch.Tensor, network: Network, *, tile: int, margin: int, scale: int = 1
) -> Iterator[torch.Tensor]:
    """As `rows_read`, for a `picture` (C, H, W) that is in memory."""
    _, height, width = picture.shape

    def read(top: int, bottom: int) -> torch.Tensor:
        return picture[:, top:bottom]

    return rows_read(read, (height, width), network, tile=tile, margin=margin, scale=scale)


def rows_read(
    read: Read, size: tuple[int, int], network: Network, *, tile: int, margin: int, scale: int = 1
) -> Iterator[torch.Tensor]:
    """The output for a picture, from top to bottom, in bands of up to `scale * tile` rows.

    Args:
        read: the picture's rows from `top` to `bottom`, (C, bottom - top, W); the whole is never needed.
        size: height and width of the picture.
        network: (1, C, h, w) to (1, C', scale * h, scale * w).
        tile: side of a tile without its margin, in pixels of `picture`.
        margin: the distance from which input pixels influence an output pixel.

    Yields:
        (C', scale * h, scale * W), until all rows are done.

    Raises:
        Canceled: the job was canceled.
    """
    height, width = size
    for top in range(0, height, tile):
        bottom = min(top + tile, height)
        above, below = max(0, top - margin), min(height, bottom + margin)
        source, band = read(above, below), []
        for left in range(0, width, tile):
            cancellation.check()
            right = min(left + tile, width)
            before, after = max(0, left - margin), min(width, right + margin)
            output = network(source[None, :, :, before:after])[0]
            kept_rows = slice((top - above) * scale, (bottom - above) * scale)
            kept_columns = slice((left - before) * scale, (right - before) * scale)
            band.append(output[:, kept_rows, kept_columns])
            progress.finish_tile()
        yield torch.cat(band, dim=2)
