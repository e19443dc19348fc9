"""From the boxes that a network proposes to the objects of the answer.

Three steps, each of which removes boxes: the score threshold, non-maximum suppression, and the maximum number
of objects. The outcome for every box is recorded, so that the answer can be explained.

Suppression within a class is greedy, as in YOLOv1 (arXiv:1506.02640, section 2.3): the boxes are visited in
the order of their scores, highest first. A box is kept unless its IoU with a kept box of its class exceeds
the threshold. The result is that of `torchvision.ops.batched_nms`, plus which box suppressed which, at what
IoU. Then the same is done across classes, with a threshold of its own: a cat is otherwise also a dog.
"""

from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import torch
from torchvision.ops import box_iou

from models.detection.card import PredictParams

CAP = 300  # candidates that are listed, best first
DIGITS = 4


@dataclass(frozen=True)
class Thresholds:
    """When a box is discarded. A network has defaults, which the params of a prediction override."""

    score: float
    iou: float  # of two boxes of one class
    iou_across: float  # of two boxes of different classes; 1 keeps both

    def overridden_by(self, params: PredictParams) -> "Thresholds":
        """These, with the thresholds that the params set in their place."""
        own = {name: value for name in asdict(self) if (value := getattr(params, name)) is not None}
        return replace(self, **own)


DEFAULTS = Thresholds(score=0.25, iou=0.5, iou_across=1.0)


@dataclass(frozen=True)
class Suppression:
    """The outcome for each of n boxes, in the order in which they were given."""

    kept: torch.Tensor  # (n,) bool
    suppressed_by: torch.Tensor  # (n,) int64: the kept box that suppressed it, -1 for none
    iou: torch.Tensor  # (n,) with that box, 0 for none


def suppress_within_and_across(
    boxes: torch.Tensor, scores: torch.Tensor, labels: torch.Tensor, thresholds: Thresholds
) -> Suppression:
    """As `suppress`, and then among the boxes that it keeps, whatever their class."""
    within = suppress(boxes, scores, labels, thresholds.iou)
    if thresholds.iou_across >= 1:
        return within
    rest = within.kept.nonzero()[:, 0]
    across = suppress(boxes[rest], scores[rest], torch.zeros_like(labels[rest]), thresholds.iou_across)
    lost = rest[~across.kept]
    within.kept[lost] = False
    within.suppressed_by[lost] = rest[across.suppressed_by[~across.kept]]
    within.iou[lost] = across.iou[~across.kept]
    return within


def suppress(
    boxes: torch.Tensor, scores: torch.Tensor, labels: torch.Tensor, threshold: float
) -> Suppression:
    """Boxes (n, 4), scores (n,), labels (n,) -> the outcome. Of equal scores, the earlier box comes first."""
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
        suppressed = rivals[iou > threshold]
        suppressed_by[suppressed] = index
        overlap[suppressed] = iou[iou > threshold].to(overlap.dtype)
        undecided[suppressed] = False
    return Suppression(kept, suppressed_by, overlap)


@dataclass(frozen=True)
class Candidates:
    """Boxes before suppression, highest score first, in pixels of the upload."""

    boxes: torch.Tensor  # (n, 4)
    scores: torch.Tensor  # (n,) in [0, 1]
    labels: torch.Tensor  # (n,) int64
    names: tuple[str, ...]  # of all labels
    width: int
    height: int
    objectness: torch.Tensor | None = None  # (n,) in [0, 1], if the network predicts it
    cells: torch.Tensor | None = None  # (n, 4) level, row, column and slot of each box

    @classmethod
    def sorted(
        cls, boxes: torch.Tensor, scores: torch.Tensor, labels: torch.Tensor, **rest: Any
    ) -> "Candidates":
        """Highest score first; boxes without area, such as those outside the upload, are removed."""
        has_area = (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])
        order = torch.where(has_area, scores, torch.full_like(scores, -1)).argsort(
            descending=True, stable=True
        )
        order = order[: int(has_area.sum())]
        for name in ("objectness", "cells"):
            if rest.get(name) is not None:
                rest[name] = rest[name][order]
        return cls(boxes[order], scores[order], labels[order], **rest)


@dataclass(frozen=True)
class Decision:
    """The outcome for every candidate."""

    candidates: Candidates
    thresholds: Thresholds
    status: tuple[str, ...]  # "kept", "suppressed" or "below"
    suppressed_by: tuple[int | None, ...]
    iou: tuple[float | None, ...]

    def count(self, status: str) -> int:
        return self.status.count(status)

    @property
    def funnel(self) -> dict[str, int]:
        """How many boxes remain after each step."""
        kept, suppressed = self.count("kept"), self.count("suppressed")
        labels = self.candidates.labels.tolist()
        pairs = ((index, by) for index, by in enumerate(self.suppressed_by) if by is not None)
        return {
            "candidates": len(self.status),
            "above_threshold": kept + suppressed,
            "suppressed": suppressed,
            "suppressed_across": sum(labels[index] != labels[by] for index, by in pairs),
            "kept": kept,
        }

    @cached_property
    def _numbers(self) -> tuple[list[list[float]], list[float], list[int]]:
        """Boxes, scores and labels as rounded lists: reading a tensor number by number is far slower."""
        found = self.candidates
        return rounded(found.boxes, 2), rounded(found.scores, DIGITS), found.labels.tolist()

    def item(self, index: int) -> dict[str, Any]:
        """One candidate as JSON."""
        boxes, scores, labels = self._numbers
        return {
            "id": number_of(index),
            "label": self.candidates.names[labels[index]],
            "score": scores[index],
            "box": dict(zip(("xmin", "ymin", "xmax", "ymax"), boxes[index], strict=True)),
        }

    def items(self) -> list[dict[str, Any]]:
        """The best candidates, at most `CAP`, with the outcome for each."""
        listed = []
        for index in range(min(CAP, len(self.status))):
            iou, by = self.iou[index], self.suppressed_by[index]
            listed.append(
                self.item(index)
                | {
                    "status": self.status[index],
                    "suppressed_by": None if by is None else number_of(by),
                    "iou": None if iou is None else round(iou, DIGITS),
                }
            )
        return listed

    @property
    def kept(self) -> list[int]:
        """The places of the boxes in the answer, highest score first."""
        return [index for index, status in enumerate(self.status) if status == "kept"]

    def objects(self) -> list[dict[str, Any]]:
        """The answer, highest score first."""
        return [self.item(index) for index in self.kept]


def number_of(index: int) -> int:
    """The number of a box: its rank by score among all candidates, from 1, in results and stages alike."""
    return index + 1


def rounded(values: torch.Tensor, digits: int) -> Any:
    """As (nested) lists of numbers with this many decimals."""
    return values.double().round(decimals=digits).tolist()


def decide(candidates: Candidates, params: PredictParams, defaults: Thresholds = DEFAULTS) -> Decision:
    """Apply the score threshold, suppression and the maximum number of objects."""
    thresholds = defaults.overridden_by(params)
    count = len(candidates.scores)
    above = int((candidates.scores >= thresholds.score).sum())  # the first ones, as they are sorted
    outcome = suppress_within_and_across(
        candidates.boxes[:above], candidates.scores[:above], candidates.labels[:above], thresholds
    )
    status = ["below"] * count
    suppressed_by: list[int | None] = [None] * count
    iou: list[float | None] = [None] * count
    kept = 0
    for index in range(above):
        if outcome.kept[index]:
            # a box beyond the maximum has the status of one below the threshold
            status[index] = "kept" if kept < params.max_objects else "below"
            kept += 1
        else:
            status[index] = "suppressed"
            suppressed_by[index] = int(outcome.suppressed_by[index])
            iou[index] = float(outcome.iou[index])
    return Decision(candidates, thresholds, tuple(status), tuple(suppressed_by), tuple(iou))
