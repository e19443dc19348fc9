"""A large picture through a network in pieces that fit, without a seam.

Each piece is cut out with a margin around it, and the margin is thrown away afterwards. Where the margin is
as wide as the network sees (half its receptive field), every pixel that is kept comes out as it would from
the whole picture: there is nothing to blend.
"""

from collections.abc import Callable, Iterator

import torch

from models.core.contract import cancellation

Network = Callable[[torch.Tensor], torch.Tensor]


def rows(
    picture: torch.Tensor, network: Network, *, tile: int, margin: int, scale: int = 1
) -> Iterator[torch.Tensor]:
    """The answer to `picture` (C, H, W), from top to bottom, in bands of up to `scale * tile` rows.

    Args:
        network: (1, C, h, w) to (1, C', scale * h, scale * w).
        tile: side of a piece without its margin, in pixels of `picture`.
        margin: how far an answer's pixel depends on the picture around it.

    Yields:
        (C', scale * h, scale * W), until all rows of the picture are answered.

    Raises:
        Canceled: the answer is not wanted any more.
    """
    _, height, width = picture.shape
    for top in range(0, height, tile):
        bottom = min(top + tile, height)
        above, below = max(0, top - margin), min(height, bottom + margin)
        band = []
        for left in range(0, width, tile):
            cancellation.check()  # a piece may take seconds, and there may be hundreds
            right = min(left + tile, width)
            before, after = max(0, left - margin), min(width, right + margin)
            answer = network(picture[None, :, above:below, before:after])[0]
            kept_rows = slice((top - above) * scale, (bottom - above) * scale)
            kept_columns = slice((left - before) * scale, (right - before) * scale)
            band.append(answer[:, kept_rows, kept_columns])
        yield torch.cat(band, dim=2)
