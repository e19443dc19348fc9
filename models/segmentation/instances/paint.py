"""From the masks of crops to one map of the picture: which object each pixel belongs to.

Shapes: S side of a crop's values, H and W height and width of the picture.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from models.core.images.bilinear import stretched
from models.segmentation.instances.crop import Square

_BLOCK_PIXELS = 200_000  # per block: their values fit into the processor's cache


@dataclass(frozen=True)
class Mask:
    """The mask of one object: it holds where `values` (S, S), enlarged to the square, are positive."""

    square: Square
    values: np.ndarray


def instance_map(masks: Sequence[Mask], width: int, height: int) -> np.ndarray:
    """(H, W) uint8: 0, or 1 + the index of the mask with the highest value there.

    The map is computed in blocks, so that a large picture needs little more memory than its map.
    """
    owner = np.zeros((height, width), np.uint8)
    values = [torch.from_numpy(mask.values)[None].float() for mask in masks]
    across = min(width, _BLOCK_PIXELS)
    down = max(1, _BLOCK_PIXELS // across)
    for top in range(0, height, down):
        for left in range(0, width, across):
            block = owner[top : top + down, left : left + across]
            best = np.zeros(block.shape, np.float32)
            for number, (mask, value) in enumerate(zip(masks, values, strict=True), start=1):
                _lay(mask.square, value, (top, left), number, block, best)
    return owner


def _lay(
    square: Square,
    value: torch.Tensor,
    corner: tuple[int, int],
    number: int,
    block: np.ndarray,
    best: np.ndarray,
) -> None:
    """Write `number` into the part of a block where this mask's value is positive and the best so far."""
    top, left = corner
    first_row, last_row = max(square.top, top), min(square.top + square.side, top + block.shape[0])
    first, last = max(square.left, left), min(square.left + square.side, left + block.shape[1])
    if first_row >= last_row or first >= last:
        return
    rows = stretched(value, 1, square.side, first_row - square.top, last_row - square.top)
    part = stretched(rows, 2, square.side, first - square.left, last - square.left)[0].numpy()
    place = slice(first_row - top, last_row - top), slice(first - left, last - left)
    wins = part > best[place]
    best[place][wins] = part[wins]
    block[place][wins] = number


def on_transparent(picture: np.ndarray, owner: np.ndarray) -> Iterator[np.ndarray]:
    """Bands of rows, uint8 (h, W, 4): the picture, opaque where any object is."""
    height, width = owner.shape
    down = max(1, _BLOCK_PIXELS // width)
    for top in range(0, height, down):
        part = owner[top : top + down] > 0
        band = np.zeros((*part.shape, 4), np.uint8)
        band[part, :3] = picture[top : top + down][part]
        band[part, 3] = 255
        yield band
