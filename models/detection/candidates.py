"""From the boxes that a network proposes to the objects in the answer, and what became of every box."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch

from models.detection.card import PredictParams
from models.detection.suppression import suppress

CAP = 300  # candidates that are listed, best first
DIGITS = 4


@dataclass(frozen=True)
class Candidates:
    """Boxes before suppression, best score first, in pixels of the upload."""

    boxes: torch.Tensor  # (n, 4)
    scores: torch.Tensor  # (n,) in [0, 1]
    labels: torch.Tensor  # (n,) int64
    names: tuple[str, ...]  # of all labels
    width: int
    height: int
    objectness: torch.Tensor | None = None  # (n,) in [0, 1], where the network tells it
    cells: torch.Tensor | None = None  # (n, 4) level, row, column, slot of each

    @classmethod
    def sorted(
        cls, boxes: torch.Tensor, scores: torch.Tensor, labels: torch.Tensor, **rest: Any
    ) -> "Candidates":
        """Best first; boxes that lie outside of the upload are left out."""
        area = (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])
        order = torch.where(area, scores, torch.full_like(scores, -1)).argsort(descending=True, stable=True)
        order = order[: int(area.sum())]
        for name in ("objectness", "cells"):
            if rest.get(name) is not None:
                rest[name] = rest[name][order]
        return cls(boxes[order], scores[order], labels[order], **rest)


@dataclass(frozen=True)
class Decision:
    """What became of every candidate."""

    candidates: Candidates
    status: tuple[str, ...]  # "kept", "suppressed" or "below"
    suppressed_by: tuple[int | None, ...]
    iou: tuple[float | None, ...]

    def count(self, status: str) -> int:
        return self.status.count(status)

    @property
    def funnel(self) -> dict[str, int]:
        """How many boxes are left after each step."""
        kept, suppressed = self.count("kept"), self.count("suppressed")
        return {
            "candidates": len(self.status),
            "above_threshold": kept + suppressed,
            "suppressed": suppressed,
            "kept": kept,
        }

    @cached_property
    def _numbers(self) -> tuple[list[list[float]], list[float], list[int]]:
        """Boxes, scores and labels as lists, rounded: a tensor read number by number is far slower."""
        found = self.candidates
        return rounded(found.boxes, 2), rounded(found.scores, DIGITS), found.labels.tolist()

    def item(self, index: int) -> dict[str, Any]:
        """One candidate as JSON."""
        boxes, scores, labels = self._numbers
        return {
            "id": index,
            "label": self.candidates.names[labels[index]],
            "score": scores[index],
            "box": dict(zip(("xmin", "ymin", "xmax", "ymax"), boxes[index], strict=True)),
        }

    def items(self) -> list[dict[str, Any]]:
        """The best candidates, at most `CAP`, with what became of each."""
        listed = []
        for index in range(min(CAP, len(self.status))):
            iou = self.iou[index]
            listed.append(
                self.item(index)
                | {
                    "status": self.status[index],
                    "suppressed_by": self.suppressed_by[index],
                    "iou": None if iou is None else round(iou, DIGITS),
                }
            )
        return listed

    def objects(self) -> list[dict[str, Any]]:
        """The answer, best first."""
        return [self.item(index) for index, status in enumerate(self.status) if status == "kept"]


def rounded(values: torch.Tensor, digits: int) -> Any:
    """As (nested) lists of numbers with so many decimals."""
    return values.double().round(decimals=digits).tolist()


def decide(candidates: Candidates, params: PredictParams) -> Decision:
    """Leave out weak boxes, then duplicates; keep at most `params.max_objects`."""
    count = len(candidates.scores)
    strong = int((candidates.scores >= params.score).sum())  # they come first
    record = suppress(
        candidates.boxes[:strong], candidates.scores[:strong], candidates.labels[:strong], params.iou
    )
    status = ["below"] * count
    suppressed_by: list[int | None] = [None] * count
    iou: list[float | None] = [None] * count
    kept = 0
    for index in range(strong):
        if record.kept[index]:
            # over the limit a box counts as too weak to be shown
            status[index] = "kept" if kept < params.max_objects else "below"
            kept += 1
        else:
            status[index] = "suppressed"
            suppressed_by[index] = int(record.suppressed_by[index])
            iou[index] = float(record.iou[index])
    return Decision(candidates, tuple(status), tuple(suppressed_by), tuple(iou))
