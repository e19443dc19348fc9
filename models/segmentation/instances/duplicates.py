"""Suppression of masks: an object that the detector found twice gets one mask.

Two boxes of one object often overlap too little for the detector's own suppression, as when one of them holds
the whole cat and the other its back; their masks then share most pixels of the smaller one. The same measure,
intersection over the smaller area, distinguishes a calf in front of a cow: the masks hardly overlap.
"""

from collections.abc import Sequence

import numpy as np

from models.segmentation.instances.paint import Mask

SAME_OBJECT = 0.6  # share of the smaller mask's pixels in the other from which both are of one object


def without_duplicates(masks: Sequence[Mask], labels: Sequence[str]) -> list[int]:
    """The indices of the masks to keep, of objects in descending order of their scores.

    A mask is left out if it shares at least `SAME_OBJECT` of the smaller one with a kept mask of its label.
    """
    kept: list[int] = []
    for index, mask in enumerate(masks):
        rivals = (masks[other] for other in kept if labels[other] == labels[index])
        if all(overlap(mask, rival) < SAME_OBJECT for rival in rivals):
            kept.append(index)
    return kept


def overlap(one: Mask, other: Mask) -> float:
    """Intersection over the smaller area of two masks; 0 if either is empty."""
    smaller, larger = sorted((one, other), key=area)
    rows, columns = np.nonzero(smaller.values > 0)
    if not len(rows):
        return 0.0
    size, scale = len(larger.values), len(larger.values) / larger.square.side
    step = smaller.square.side / len(smaller.values)  # pixels of the picture for one of the crop
    down = np.floor((smaller.square.top + (rows + 0.5) * step - larger.square.top) * scale).astype(int)
    across = np.floor((smaller.square.left + (columns + 0.5) * step - larger.square.left) * scale).astype(int)
    inside = (down >= 0) & (down < size) & (across >= 0) & (across < size)
    return float((larger.values[down[inside], across[inside]] > 0).sum() / len(rows))


def area(mask: Mask) -> float:
    """Pixels of the picture."""
    return float((mask.values > 0).sum()) * (mask.square.side / len(mask.values)) ** 2
