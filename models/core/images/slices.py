"""A large picture in overlapping slices, so that a network with a small input receives its detail.

Akyon et al. 2022, Slicing Aided Hyper Inference, arXiv:2202.06934: the network is run on every slice and on
the whole picture, and the boxes of all are suppressed together. Difference from the paper: a box that the
edge of a slice cuts is dropped where another box shows the same object whole, instead of merged with it.
"""

import math
from collections.abc import Iterator

import torch
from torchvision.ops import box_area

Box = tuple[int, int, int, int]  # left, top, right, bottom, in pixels of the picture

OVERLAP = 1 / 3  # of neighboring slices: an object up to this share of a slice is whole in one of them
MAX_SLICES = 64
_SMALLEST, _LARGEST = 2, 4  # side of a slice, in sides of the network's input
_MARGIN = 2  # pixels between a box and the edge that cuts it
_SAME = 0.3  # share of the smaller of two boxes, from which they show the same object


def is_large(width: int, height: int, side: int) -> bool:
    """Whether a network with an input of `side` pixels would lose much of such a picture's detail."""
    return max(width, height) > _LARGEST * side


def cut(width: int, height: int, side: int) -> list[Box]:
    """Slices that cover a picture, row by row, for a network whose input has `side` pixels; none if small."""
    longer, shorter = max(width, height), min(width, height)
    length = min(max(shorter, _SMALLEST * side), _LARGEST * side)
    if length >= longer:  # one slice would be the picture itself
        length = max(side, math.ceil(longer * 0.6))
    if length >= longer:
        return []
    while len(columns := _starts(width, length)) * len(rows := _starts(height, length)) > MAX_SLICES:
        length = math.ceil(length * 1.1)
    return [
        (left, top, min(left + length, width), min(top + length, height)) for top in rows for left in columns
    ]


def _starts(length: int, side: int) -> list[int]:
    """Where slices of `side` begin along an edge, evenly spaced."""
    if length <= side:
        return [0]
    count = math.ceil((length - side) / (side * (1 - OVERLAP))) + 1
    return [round(index * (length - side) / (count - 1)) for index in range(count)]


def is_cut(boxes: torch.Tensor, within: Box, width: int, height: int) -> torch.Tensor:
    """(n,) bool: which of the boxes (n, 4) touch an edge of their slice that is no edge of the picture."""
    left, top, right, bottom = within
    return (
        ((boxes[:, 0] < left + _MARGIN) & (left > 0))
        | ((boxes[:, 1] < top + _MARGIN) & (top > 0))
        | ((boxes[:, 2] > right - _MARGIN) & (right < width))
        | ((boxes[:, 3] > bottom - _MARGIN) & (bottom < height))
    )


def without_fragments(boxes: torch.Tensor, labels: torch.Tensor, are_cut: torch.Tensor) -> torch.Tensor:
    """(n,) bool: which boxes remain once those that are cut give way to more complete ones.

    Args:
        boxes: (n, 4), of all slices and of the whole picture.
        labels: (n,).
        are_cut: (n,) bool, as by `is_cut`.
    """
    kept = ~are_cut
    area = box_area(boxes)
    for index in _largest_first(are_cut, area):
        rivals = (kept & (labels == labels[index]) & (area >= area[index])).nonzero()[:, 0]
        kept[index] = not bool((_shared(boxes[index], boxes[rivals]) > _SAME * area[index]).any())
    return kept


def _largest_first(are_cut: torch.Tensor, area: torch.Tensor) -> Iterator[int]:
    places = are_cut.nonzero()[:, 0]
    yield from places[area[places].argsort(descending=True)].tolist()


def _shared(box: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
    """(n,) the area that a box (4,) shares with each of the others (n, 4)."""
    low, high = torch.maximum(box[:2], others[:, :2]), torch.minimum(box[2:], others[:, 2:])
    return (high - low).clamp(min=0).prod(dim=1)
