"""Non-maximum suppression with a record of what it did.

Greedy and by class, as in YOLOv1 (arXiv:1506.02640, section 2.3): boxes are visited from the highest score
down; one that overlaps an already kept box of its class by more than the threshold is dropped. The record
tells because of which box, and at what IoU. It keeps exactly what `torchvision.ops.batched_nms` keeps.
"""

from dataclasses import dataclass

import torch
from torchvision.ops import box_iou


@dataclass(frozen=True)
class Record:
    """What became of each of n boxes, in the order they were given."""

    kept: torch.Tensor  # (n,) bool
    suppressed_by: torch.Tensor  # (n,) int64: the kept box that dropped it, -1 for none
    iou: torch.Tensor  # (n,) with that box, 0 for none


def suppress(boxes: torch.Tensor, scores: torch.Tensor, labels: torch.Tensor, threshold: float) -> Record:
    """Boxes (n, 4), scores (n,), labels (n,) -> what becomes of each. Equal scores: the earlier box wins."""
    count = len(boxes)
    kept = torch.zeros(count, dtype=torch.bool)
    suppressed_by = torch.full((count,), -1, dtype=torch.int64)
    overlap = torch.zeros(count)
    undecided = torch.ones(count, dtype=torch.bool)
    for index in scores.argsort(descending=True, stable=True).tolist():
        if not undecided[index]:
            continue
        kept[index] = True
        undecided[index] = False
        rivals = (undecided & (labels == labels[index])).nonzero()[:, 0]
        if not len(rivals):
            continue
        iou = box_iou(boxes[index][None], boxes[rivals])[0]
        dropped = rivals[iou > threshold]
        suppressed_by[dropped] = index
        overlap[dropped] = iou[iou > threshold].to(overlap.dtype)
        undecided[dropped] = False
    return Record(kept, suppressed_by, overlap)
