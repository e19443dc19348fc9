"""What the training of NanoDet minimizes: generalized focal loss.

Paper: Li et al. 2020, Generalized Focal Loss, arXiv:2006.04388, equations 2, 6 and 7, with the weights of
section 4. A cell has a score s for each class and, for each side of its box, probabilities p_0 ... p_10 of
the distances 0 ... 10 strides. The cells assigned to an object (`assignment.py`) are positive.

Quality focal loss: the target y of a positive cell, for the class of its object, is the IoU of the cell's box
with the object; all other targets are 0. What the network already knows counts little, by |y - s|^2:

    QFL(s, y) = |y - s|^2 * BCE(s, y)

Distribution focal loss: the true distance d lies between two steps i and i + 1; both shall be probable, the
nearer one more:

    DFL(p, d) = -((i + 1 - d) log p_i + (d - i) log p_(i+1))

With w the greatest score of a positive cell, so that sure cells count more, b its box and g its object's box:

    L_score    = sum over cells and classes of QFL / number of positive cells
    L_box      = sum over positive cells of w (1 - GIoU(b, g)) / sum of w
    L_distance = sum over positive cells of w * mean over 4 sides of DFL / sum of w
    L          = L_score + 2 L_box + 0.25 L_distance

Example: d = 2.25 with p_2 = 0.5 and p_3 = 0.25 gives -(0.75 log 0.5 + 0.25 log 0.25) = 0.8664.

    >>> logits = torch.full((1, 11), 1 / 36).index_copy(1, torch.tensor([2, 3]), torch.tensor([[0.5, 0.25]]))
    >>> round(distribution_focal_loss(logits.log(), torch.tensor([2.25])).item(), 4)
    0.8664

Shapes: B batch, N cells, C classes, P positive cells. Boxes: xmin, ymin, xmax, ymax in pixels.
"""

import torch
from torch.nn import functional as F

from models.detection.finetuning.assignment import Cells, assign
from models.detection.loss import Targets, generalized_iou, pairwise_iou
from models.detection.pretrained.nanodet import DISTANCES, SIDES, STRIDES, decode

BOX_WEIGHT, DISTANCE_WEIGHT = 2.0, 0.25
LONGEST = DISTANCES - 1 - 0.01  # strides: a distance beyond is out of a cell's reach


def quality_focal_loss(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """QFL of every score: logits and targets in [0, 1] of one shape, which is that of the result."""
    error = (targets - logits.sigmoid()).abs()
    return error.square() * F.binary_cross_entropy_with_logits(logits, targets, reduction="none")


def distribution_focal_loss(logits: torch.Tensor, distances: torch.Tensor) -> torch.Tensor:
    """DFL of each side: logits (..., 11), distances (...) in strides, below 10."""
    lower = distances.floor()
    share = distances - lower
    known = logits.log_softmax(-1)
    at = lower.long()[..., None]
    below, above = known.gather(-1, at)[..., 0], known.gather(-1, at + 1)[..., 0]
    return -((1 - share) * below + share * above)


def generalized_focal_loss(grids: list[torch.Tensor], targets: Targets) -> dict[str, torch.Tensor]:
    """The three losses by name, from grids (B, C + 44, h, w); "loss" is their weighted sum."""
    cells = Cells.of([(grid.shape[2], grid.shape[3]) for grid in grids], STRIDES)
    matched = torch.stack(  # (B, N)
        [assign(cells, boxes[present]) for boxes, present in zip(targets.boxes, targets.present, strict=True)]
    ).to(grids[0].device)
    is_positive = matched >= 0
    raw = torch.cat([grid.flatten(2) for grid in grids], dim=2).transpose(1, 2).float()  # (B, N, C + 44)
    classes = raw.shape[2] - SIDES * DISTANCES
    image, cell = is_positive.nonzero().unbind(1)  # (P,) each
    object_of = matched[image, cell]
    true_boxes, true_labels = targets.boxes[image, object_of], targets.labels[image, object_of]
    boxes = decode(grids).boxes[image, cell]

    logits = raw[..., :classes]
    quality = torch.zeros_like(logits)
    iou = pairwise_iou(boxes[:, None].detach(), true_boxes[:, None])[:, 0, 0]
    quality[image, cell, true_labels] = iou
    loss_score = quality_focal_loss(logits, quality).sum() / max(1, len(image))

    weight = logits[image, cell].detach().sigmoid().amax(1) if len(image) else iou  # (P,)
    total = weight.sum().clamp(min=1e-6)
    loss_box = ((1 - generalized_iou(boxes, true_boxes)) * weight).sum() / total

    center, stride = cells.centers.to(raw.device)[cell], cells.strides.to(raw.device)[cell]
    distances = torch.cat([center - true_boxes[:, :2], true_boxes[:, 2:] - center], dim=1) / stride[:, None]
    of_sides = raw[image, cell][:, classes:].view(-1, SIDES, DISTANCES)
    by_side = distribution_focal_loss(of_sides, distances.clamp(0, LONGEST))
    loss_distance = (by_side.mean(1) * weight).sum() / total

    return {
        "loss": loss_score + BOX_WEIGHT * loss_box + DISTANCE_WEIGHT * loss_distance,
        "loss_score": loss_score,
        "loss_box": loss_box,
        "loss_distance": loss_distance,
    }
