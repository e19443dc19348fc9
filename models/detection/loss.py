"""What training minimizes: which boxes are assigned to which object, and how wrong they are.

Assignment: TOOD (Feng et al. 2021, arXiv:2108.07755, section 3.2) with alpha = 1, beta = 6 and the 13 best
boxes per object (section 4.1). A box with score s for the object's class and IoU u with the object has the
alignment

    t = s^alpha * u^beta

and the 13 boxes with the greatest t are assigned to the object. All other boxes are background. For each
object, t is scaled so that the best box gets the object's greatest IoU:

    t' = t / max(t) * max(u)             and t' = 0 for background

Loss: three terms, as in YOLOX (arXiv:2107.08430), over the N boxes of a batch, of which P are positive, that
is, assigned to an object. BCE is the binary cross-entropy, o the predicted objectness, p the predicted class
probabilities, c the one-hot true class, b and g the predicted and the true box. GIoU is from Rezatofighi et
al. 2019, arXiv:1902.09630.

    L_box        = sum over P of  t' * (1 - GIoU(b, g))  / Z
    L_objectness = sum over N of  BCE(o, t')             / Z
    L_class      = sum over P of  t' * BCE(p, c)         / Z
    L            = 2 * L_box + L_objectness + 2 * L_class,   Z = max(1, sum of all t')

Difference from TOOD: objectness is a separate output, as in YOLO. Its target t' is zero for background and an
IoU for the best box of an object, so objectness learns Pr(object) * IoU: how likely an object is there, and
how well the box fits it (YOLOv1, section 2).

Example: one object, (0, 0, 10, 10), of the only class. Boxes 0 and 1 cover 80 % and 50 % of it and have the
same score: 0.5 * 0.8 and 0.8 * 0.5. Box 2 lies elsewhere.

    >>> predicted = Boxes(
    ...     boxes=torch.tensor([[[0.0, 0, 10, 8], [0, 0, 10, 5], [50, 50, 60, 60]]]),
    ...     objectness=torch.tensor([[0.5, 0.8, 0.1]]).logit(),
    ...     classes=torch.tensor([[[0.8], [0.5], [0.5]]]).logit(),
    ...     centers=torch.tensor([[4.0, 4], [4, 4], [55, 55]]),
    ...     strides=torch.tensor([8.0, 8, 8]),
    ... )
    >>> targets = Targets(
    ...     boxes=torch.tensor([[[0.0, 0, 10, 10]]]),
    ...     labels=torch.tensor([[0]]),
    ...     present=torch.tensor([[True]]),
    ... )

t is 0.4 * 0.8^6 = 0.1049 for box 0 and 0.4 * 0.5^6 = 0.0063 for box 1: the exponent favors the better fit. So
t' is 0.8 and 0.0063 / 0.1049 * 0.8 = 0.0477 (with t unrounded).

    >>> [round(t, 4) for t in assign(predicted, targets).alignment[0].tolist()]
    [0.8, 0.0477, 0.0]

The sum of t' is below 1, so Z is 1. The box terms are 0.2 * 0.8 and 0.5 * 0.0477; the objectness terms are
BCE(0.5, 0.8) = 0.6931, BCE(0.8, 0.0477) = 1.5433 and BCE(0.1, 0) = 0.1054; the class terms are 0.8 * 0.2231
and 0.0477 * 0.6931.

    >>> {name: round(value.item(), 4) for name, value in detection_loss(predicted, targets).items()}
    {'loss': 3.1327, 'loss_box': 0.1838, 'loss_objectness': 2.3418, 'loss_class': 0.2116}

Shapes: B batch, T most objects in an image of the batch, N boxes, C classes. Boxes: xmin, ymin, xmax, ymax.
"""

from dataclasses import dataclass

import torch
from torch.nn import functional as F

from models.detection.architecture import Boxes

ALPHA, BETA, TOP = 1.0, 6.0, 13  # TOOD, section 4.1
BOX_WEIGHT = 2.0  # TOOD, section 4.1
CLASS_WEIGHT = 2.0  # the class is harder to learn here than the place
EPSILON = 1e-9


@dataclass(frozen=True)
class Targets:
    """The true objects of a batch, padded to T per image."""

    boxes: torch.Tensor  # (B, T, 4) pixels
    labels: torch.Tensor  # (B, T) int64
    present: torch.Tensor  # (B, T) bool: False is padding

    def to(self, device: torch.device | str) -> "Targets":
        return Targets(self.boxes.to(device), self.labels.to(device), self.present.to(device))


@dataclass(frozen=True)
class Assignment:
    """The object that each box is assigned to."""

    matched: torch.Tensor  # (B, N) int64, index into T; meaningless for background
    alignment: torch.Tensor  # (B, N) t', 0 for background

    @property
    def is_positive(self) -> torch.Tensor:
        """(B, N) bool: assigned to an object, not background."""
        return self.alignment > 0


def pairwise_iou(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """(..., T, 4), (..., N, 4) -> (..., T, N) intersection over union."""
    low = torch.maximum(a[..., :, None, :2], b[..., None, :, :2])
    high = torch.minimum(a[..., :, None, 2:], b[..., None, :, 2:])
    intersection = (high - low).clamp(min=0).prod(-1)
    area_a = (a[..., 2:] - a[..., :2]).clamp(min=0).prod(-1)
    area_b = (b[..., 2:] - b[..., :2]).clamp(min=0).prod(-1)
    return intersection / (area_a[..., :, None] + area_b[..., None, :] - intersection + EPSILON)


def generalized_iou(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """(..., 4), (..., 4) -> (...) in [-1, 1]: GIoU = IoU - |C without (A or B)| / |C|.

    C is the smallest box that encloses both. Unlike IoU, GIoU has a gradient where the boxes do not overlap.
    """
    low, high = torch.maximum(a[..., :2], b[..., :2]), torch.minimum(a[..., 2:], b[..., 2:])
    intersection = (high - low).clamp(min=0).prod(-1)
    union = (a[..., 2:] - a[..., :2]).prod(-1) + (b[..., 2:] - b[..., :2]).prod(-1) - intersection
    sides = torch.maximum(a[..., 2:], b[..., 2:]) - torch.minimum(a[..., :2], b[..., :2])
    enclosing = sides.prod(-1)
    return intersection / (union + EPSILON) - (enclosing - union) / (enclosing + EPSILON)


@torch.no_grad()
def assign(predicted: Boxes, targets: Targets) -> Assignment:
    """Assign to each object the boxes that are best aligned with it, in class and place at once."""
    iou = pairwise_iou(targets.boxes, predicted.boxes)  # (B, T, N), u
    scores = predicted.scores().transpose(1, 2)  # (B, C, N)
    score = scores.gather(1, targets.labels[..., None].expand(-1, -1, scores.shape[2]))  # (B, T, N), s
    alignment = score.pow(ALPHA) * iou.pow(BETA) * _is_candidate(predicted, targets)  # t
    best = alignment.topk(min(TOP, alignment.shape[2]), dim=2)
    selected = torch.zeros_like(alignment).scatter_(2, best.indices, best.values)  # others 0
    # a box that several objects selected is assigned to the one that it overlaps most
    matched = (iou * (selected > 0)).argmax(dim=1)  # (B, N)
    assigned = selected * F.one_hot(matched, iou.shape[1]).transpose(1, 2)  # (B, T, N)
    max_alignment = assigned.amax(dim=2, keepdim=True)
    max_iou = (iou * (assigned > 0)).amax(dim=2, keepdim=True)
    normalized = assigned / (max_alignment + EPSILON * (max_alignment == 0)) * max_iou  # t'
    return Assignment(matched, normalized.amax(dim=1))


def _is_candidate(predicted: Boxes, targets: Targets) -> torch.Tensor:
    """(B, T, N) bool: the cell's center lies in the object, or the object's center lies in the cell."""
    centers, half_stride = predicted.centers, predicted.strides / 2
    low, high = targets.boxes[..., None, :2], targets.boxes[..., None, 2:]
    is_inside = ((centers > low) & (centers < high)).all(-1)
    holds_center = ((centers - (low + high) / 2).abs() <= half_stride[:, None]).all(-1)
    return (is_inside | holds_center) & targets.present[..., None]


def detection_loss(predicted: Boxes, targets: Targets) -> dict[str, torch.Tensor]:
    """The three losses by name; "loss" is their weighted sum."""
    assigned = assign(predicted, targets)
    positive = assigned.is_positive  # (B, N)
    normalizer = assigned.alignment.sum().clamp(min=1.0)  # Z

    loss_objectness = (
        F.binary_cross_entropy_with_logits(predicted.objectness, assigned.alignment, reduction="sum")
        / normalizer
    )

    alignment = assigned.alignment[positive]  # (P,)
    target_boxes = targets.boxes.gather(1, assigned.matched[..., None].expand(-1, -1, 4))[positive]
    loss_box = ((1 - generalized_iou(predicted.boxes[positive], target_boxes)) * alignment).sum() / normalizer

    logits = predicted.classes[positive]  # (P, C)
    target_labels = targets.labels.gather(1, assigned.matched)[positive]
    target_classes = F.one_hot(target_labels, logits.shape[1]).to(logits.dtype)
    bce = F.binary_cross_entropy_with_logits(logits, target_classes, reduction="none").sum(1)
    loss_class = (bce * alignment).sum() / normalizer

    return {
        "loss": BOX_WEIGHT * loss_box + loss_objectness + CLASS_WEIGHT * loss_class,
        "loss_box": loss_box,
        "loss_objectness": loss_objectness,
        "loss_class": loss_class,
    }
