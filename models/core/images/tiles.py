"""A large image through a network in tiles, without seams.

Each tile is cut out with a margin, and the margin of the result is dropped. With a margin as wide as half the
receptive field, every remaining pixel equals that of the whole image, so nothing needs blending.
"""

from collections.abc import Callable, Iterator

import torch

from models.core.contract import cancellation

Network = Callable[[torch.Tensor], torch.Tensor]


def rows(
    picture: torch.Tensor, network: Network, *, tile: int, margin: int, scale: int = 1
) -> Iterator[torch.Tensor]:
    """The output for `picture` (C, H, W), from top to bottom, in bands of up to `scale * tile` rows.

    Args:
        network: (1, C, h, w) to (1, C', scale * h, scale * w).
        tile: side of a tile without its margin, in pixels of `picture`.
        margin: the distance from which input pixels influence an output pixel.

    Yields:
        (C', scale * h, scale * W), until all rows are done.

    Raises:
        Canceled: the job was canceled.
    """
    _, height, width = picture.shape
    for top in range(0, height, tile):
        bottom = min(top + tile, height)
        above, below = max(0, top - margin), min(height, bottom + margin)
        band = []
        for left in range(0, width, tile):
            cancellation.check()  # a tile can take seconds, and there can be hundreds
            right = min(left + tile, width)
            before, after = max(0, left - margin), min(width, right + margin)
            output = network(picture[None, :, above:below, before:after])[0]
            kept_rows = slice((top - above) * scale, (bottom - above) * scale)
            kept_columns = slice((left - before) * scale, (right - before) * scale)
            band.append(output[:, kept_rows, kept_columns])
        yield torch.cat(band, dim=2)
