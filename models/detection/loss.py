"""What training minimizes: which boxes answer for which object, and how wrong they are.

Papers: Feng et al. 2021, TOOD, arXiv:2108.07755: task-aligned assignment with alpha = 1, beta = 6 and 13
boxes an object (sections 3.2 and 4.1). Rezatofighi et al. 2019, arXiv:1902.09630: generalized IoU. Objectness
and class by binary cross-entropy as in YOLOX, arXiv:2107.08430.
Difference from TOOD: objectness is an output of its own, as in YOLO, and it learns the alignment.

Shapes: B batch, T most objects in a picture of the batch, N boxes, C classes. Boxes: xmin, ymin, xmax, ymax.
"""

from dataclasses import dataclass

import torch
from torch.nn import functional as F

from models.detection.architecture import Boxes

ALPHA, BETA, TOP = 1.0, 6.0, 13  # TOOD, section 4.1
BOX_WEIGHT = 2.0  # TOOD, section 4.1
CLASS_WEIGHT = 2.0  # what is there is harder to learn here than where it is
EPSILON = 1e-9


@dataclass(frozen=True)
class Targets:
    """The true objects of a batch, padded to T a picture."""

    boxes: torch.Tensor  # (B, T, 4) pixels
    labels: torch.Tensor  # (B, T) int64
    present: torch.Tensor  # (B, T) bool: False is padding

    def to(self, device: torch.device | str) -> "Targets":
        return Targets(self.boxes.to(device), self.labels.to(device), self.present.to(device))


@dataclass(frozen=True)
class Assignment:
    """Which object each box answers for."""

    target: torch.Tensor  # (B, N) int64, index into T
    weight: torch.Tensor  # (B, N) how well the box does that, 0 where it answers for none


def pairwise_iou(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """(..., T, 4), (..., N, 4) -> (..., T, N) intersection over union."""
    low = torch.maximum(a[..., :, None, :2], b[..., None, :, :2])
    high = torch.minimum(a[..., :, None, 2:], b[..., None, :, 2:])
    shared = (high - low).clamp(min=0).prod(-1)
    area_a = (a[..., 2:] - a[..., :2]).clamp(min=0).prod(-1)
    area_b = (b[..., 2:] - b[..., :2]).clamp(min=0).prod(-1)
    return shared / (area_a[..., :, None] + area_b[..., None, :] - shared + EPSILON)


def generalized_iou(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """(..., 4), (..., 4) -> (...) in [-1, 1]: IoU less the empty share of the smallest box around both."""
    low, high = torch.maximum(a[..., :2], b[..., :2]), torch.minimum(a[..., 2:], b[..., 2:])
    shared = (high - low).clamp(min=0).prod(-1)
    union = (a[..., 2:] - a[..., :2]).prod(-1) + (b[..., 2:] - b[..., :2]).prod(-1) - shared
    outer = torch.maximum(a[..., 2:], b[..., 2:]) - torch.minimum(a[..., :2], b[..., :2])
    around = outer.prod(-1)
    return shared / (union + EPSILON) - (around - union) / (around + EPSILON)


@torch.no_grad()
def assign(predicted: Boxes, targets: Targets) -> Assignment:
    """Give each object the boxes that fit it best in class and place at once (TOOD, section 3.2).

    Only cells whose middle lies in the object, or that hold the object's own middle, may answer for it.
    """
    iou = pairwise_iou(targets.boxes, predicted.boxes)  # (B, T, N)
    scores = predicted.scores().transpose(1, 2)  # (B, C, N)
    score = scores.gather(1, targets.labels[..., None].expand(-1, -1, scores.shape[2]))  # (B, T, N)
    may = _may_answer(predicted, targets)
    alignment = score.pow(ALPHA) * iou.pow(BETA) * may
    best = alignment.topk(min(TOP, alignment.shape[2]), dim=2)
    chosen = torch.zeros_like(alignment).scatter_(2, best.indices, best.values)  # others 0
    # a box that several objects want goes to the one it overlaps most
    owner = (iou * (chosen > 0)).argmax(dim=1)  # (B, N)
    mine = chosen * F.one_hot(owner, iou.shape[1]).transpose(1, 2)
    strongest = mine.amax(dim=2, keepdim=True)
    closest = (iou * (mine > 0)).amax(dim=2, keepdim=True)
    weight = mine / (strongest + EPSILON * (strongest == 0)) * closest  # TOOD, equation 5
    return Assignment(owner, weight.amax(dim=1))


def _may_answer(predicted: Boxes, targets: Targets) -> torch.Tensor:
    """(B, T, N) bool."""
    centers, reach = predicted.centers, predicted.strides / 2
    low, high = targets.boxes[..., None, :2], targets.boxes[..., None, 2:]
    inside = ((centers > low) & (centers < high)).all(-1)
    holds_middle = ((centers - (low + high) / 2).abs() <= reach[:, None]).all(-1)
    return (inside | holds_middle) & targets.present[..., None]


def detection_loss(predicted: Boxes, targets: Targets) -> dict[str, torch.Tensor]:
    """Losses by name; "loss" is their weighted sum."""
    assigned = assign(predicted, targets)
    answers = assigned.weight > 0  # (B, N)
    total = assigned.weight.sum().clamp(min=1.0)
    objectness = (
        F.binary_cross_entropy_with_logits(predicted.objectness, assigned.weight, reduction="sum") / total
    )
    weight = assigned.weight[answers]
    true_boxes = targets.boxes.gather(1, assigned.target[..., None].expand(-1, -1, 4))[answers]
    true_labels = targets.labels.gather(1, assigned.target)[answers]
    box = ((1 - generalized_iou(predicted.boxes[answers], true_boxes)) * weight).sum() / total
    classes = predicted.classes[answers]
    wanted = F.one_hot(true_labels, classes.shape[1]).to(classes.dtype)
    what = (
        F.binary_cross_entropy_with_logits(classes, wanted, reduction="none").sum(1) * weight
    ).sum() / total
    return {
        "loss": BOX_WEIGHT * box + objectness + CLASS_WEIGHT * what,
        "loss_box": box,
        "loss_objectness": objectness,
        "loss_class": what,
    }
