"""How good a detector is on labeled pictures: average precision, and precision and recall by score threshold.

At a threshold, of all boxes with at least that score, in all classes together,

    precision = correct / predicted        recall = correct / true boxes        F1 = 2 P R / (P + R)

A box is correct if it claims a true box of its class at an IoU of 0.5 (`models.detection.metrics`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.detection.metrics import Detections, Matches, Truth, average_precision, match

IOUS = tuple(0.5 + 0.05 * step for step in range(10))  # of COCO: 0.50, 0.55 ... 0.95
THRESHOLDS = tuple(step / 50 for step in range(1, 50))  # 0.02 ... 0.98


@dataclass(frozen=True)
class ByThreshold:
    """Precision and recall at each of `THRESHOLDS`, all classes together; precision is NaN without boxes."""

    precision: np.ndarray
    recall: np.ndarray

    @property
    def f1(self) -> np.ndarray:
        """0 where there is no correct box."""
        total = self.precision + self.recall
        return np.divide(
            2 * self.precision * self.recall, total, out=np.zeros_like(total), where=np.nan_to_num(total) > 0
        )

    @property
    def best(self) -> int:
        """Index of the threshold with the greatest F1; in the middle where several have it."""
        ties = np.flatnonzero(self.f1 >= self.f1.max() - 1e-9)
        return int(ties[len(ties) // 2])

    def curves(self) -> dict[str, Any]:
        """As JSON, for a chart: models.core.training.threshold_stage."""
        lists = {"precision": self.precision, "recall": self.recall, "f1": self.f1}
        rounded = {
            name: [None if np.isnan(value) else round(float(value), 4) for value in values]
            for name, values in lists.items()
        }
        return {"threshold": list(THRESHOLDS), **rounded, "best": THRESHOLDS[self.best]}


def by_threshold(by_label: Sequence[Matches]) -> ByThreshold:
    """From the matches of every class.

    Example: scores 0.9, 0.6 and 0.3, of which the second is incorrect, for 2 true boxes. At a threshold of
    0.5, one of two boxes is correct and one of two true boxes is found: both are 1/2, and so is F1.
    """
    scores = np.concatenate([each.scores for each in by_label])
    correct = np.concatenate([each.correct for each in by_label])
    true = sum(len(each.truth_subjects) for each in by_label)
    is_above = scores[None] >= np.array(THRESHOLDS)[:, None] - 1e-9
    predicted, hits = is_above.sum(1), (is_above & correct[None]).sum(1)
    precision = np.divide(hits, predicted, out=np.full(len(hits), np.nan), where=predicted > 0)
    return ByThreshold(precision, hits / max(1, true))


def measure(detections: Sequence[Detections], truths: Sequence[Truth], labels: Sequence[str]) -> "Quality":
    """Of all boxes of a detector, down to low scores."""
    of_label = range(len(labels))
    at_half = [match(detections, truths, label) for label in of_label]
    stricter = [
        [average_precision(match(detections, truths, label, iou)) for label in of_label] for iou in IOUS[1:]
    ]
    by_iou = np.array([[average_precision(each) for each in at_half], *stricter])  # (10, C)
    return Quality(tuple(labels), by_iou, at_half, by_threshold(at_half), len(truths))


@dataclass(frozen=True)
class Quality:
    """Of a detector on the pictures of one split."""

    labels: tuple[str, ...]
    average_precisions: np.ndarray  # (10, C): for each of `IOUS`; NaN for a class without true boxes
    at_half: list[Matches]  # of each class, at an IoU of 0.5
    by_threshold: ByThreshold
    pictures: int

    @property
    def metrics(self) -> dict[str, float]:
        """map50 and map50_95: means over the classes that occur."""
        is_known = ~np.isnan(self.average_precisions[0])
        if not is_known.any():
            return {"map50": 0.0, "map50_95": 0.0}
        known = self.average_precisions[:, is_known]
        return {"map50": float(known[0].mean()), "map50_95": float(known.mean())}

    def at(self, threshold: int) -> dict[str, float]:
        """Precision and recall at one of `THRESHOLDS`, by its index."""
        precision, recall = self.by_threshold.precision[threshold], self.by_threshold.recall[threshold]
        return {"precision": float(np.nan_to_num(precision)), "recall": float(recall)}

    def classes(self, threshold: int) -> list[dict[str, Any]]:
        """A row for each class: its true boxes and AP, and what is found at a threshold."""
        rows = []
        for label, name in enumerate(self.labels):
            found, ap = self.at_half[label], self.average_precisions[0, label]
            is_above = found.scores >= THRESHOLDS[threshold] - 1e-9
            predicted, correct = int(is_above.sum()), int((is_above & found.correct).sum())
            true = len(found.truth_subjects)
            precision = correct / predicted if predicted else None
            recall = correct / true if true else None
            both = (precision or 0) + (recall or 0)
            rows.append(
                {
                    "class": name,
                    "objects": true,
                    "found": predicted,
                    "ap50": None if np.isnan(ap) else round(float(ap), 4),
                    "recall": recall,
                    "precision": precision,
                    "f1": 2 * (precision or 0) * (recall or 0) / both if both else None,
                }
            )
        return rows


def report(validation: Quality, test: Quality | None) -> tuple[dict[str, float], dict[str, Any]]:
    """Metrics and evaluation of a training: the validation chose weights and threshold, the test neither."""
    best = validation.by_threshold.best
    shown = test or validation
    metrics = validation.metrics | {"score_threshold": THRESHOLDS[best]} | validation.at(best)
    metrics |= (
        {f"test_{name}": value for name, value in (test.metrics | test.at(best)).items()} if test else {}
    )
    evaluation: Mapping[str, Any] = {
        "by_class": shown.classes(best),
        "by_threshold": validation.by_threshold.curves(),
    }
    return metrics, dict(evaluation)


def operating_point(validation: Quality) -> dict[str, Any]:
    """What the config of the weights keeps: the threshold of the best F1, and the curves that show it."""
    curves = validation.by_threshold.curves()
    return {"score_threshold": THRESHOLDS[validation.by_threshold.best], "by_threshold": curves}
