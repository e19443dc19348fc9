"""Suppression of masks: an object that the detector found twice gets one mask.

Two boxes of one object often overlap too little for the detector's own suppression, as when one of them holds
the whole cat and the other its back; their masks then share most pixels of the smaller one. The same measure,
intersection over the smaller area, distinguishes a calf in front of a cow: the masks hardly overlap.

An object's part that the detector took for another object gets none either: the bill of a duck is no frisbee,
and the head of a hammer no bird. Its mask lies within that of the whole, which is more certain. What may
hold, carry or show other objects (`HOLDERS`) has no such parts.
"""

from collections.abc import Sequence

import numpy as np

from models.segmentation.instances.paint import Mask

SAME_OBJECT = 0.6  # share of the smaller mask's pixels in the other from which both are of one object
WITHIN = 0.85  # share of a mask's pixels in one of another class from which it is a part of that object
HOLDERS = frozenset(
    (
        *("person", "dog", "horse", "elephant"),  # a frisbee, a rider
        *("bicycle", "motorcycle", "car", "bus", "train", "truck", "boat"),
        *("backpack", "handbag", "suitcase", "umbrella", "surfboard", "skateboard"),
        *("bowl", "vase", "potted plant", "sandwich", "pizza", "cake"),
        *("bench", "chair", "couch", "bed", "dining table", "toilet"),
        *("microwave", "oven", "sink", "refrigerator"),
        *("tv", "laptop", "cell phone", "book"),
        *("building", "vehicle"),  # of the grid detector
    )
)


def without_duplicates(masks: Sequence[Mask], labels: Sequence[str]) -> list[int]:
    """The indices of the masks to keep, of objects in descending order of their scores.

    A mask is left out if it shares at least `SAME_OBJECT` of the smaller one with a kept mask of its label,
    or is `WITHIN` a larger kept one of another label that is not among the `HOLDERS`.
    """
    kept: list[int] = []
    for index, mask in enumerate(masks):
        if not any(
            _shows(masks[other], labels[other], mask, is_same=labels[other] == labels[index])
            for other in kept
        ):
            kept.append(index)
    return kept


def _shows(kept: Mask, label: str, mask: Mask, *, is_same: bool) -> bool:
    """Whether a kept mask already shows what another does."""
    if is_same:
        return overlap(mask, kept) >= SAME_OBJECT
    return label not in HOLDERS and area(mask) < area(kept) and overlap(mask, kept) >= WITHIN


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
