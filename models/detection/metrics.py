"""Average precision by its definition, from boxes found and boxes true.

A box found is right when its IoU with a true box of its class that no better-scored box has claimed is at
least the threshold (Everingham et al. 2010, The PASCAL VOC Challenge, section 4.2). AP is the area under the precision that
can still be reached at each recall (VOC from 2010 on). mAP50 is the mean of AP at IoU 0.5 over classes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Found:
    """Boxes found in one picture."""

    boxes: np.ndarray  # (n, 4) xmin, ymin, xmax, ymax
    scores: np.ndarray  # (n,)
    labels: np.ndarray  # (n,)


@dataclass(frozen=True)
class Truth:
    """Boxes that are there. A box that does not `count` is neither missed when not found, nor wrong when found."""

    boxes: np.ndarray  # (m, 4)
    labels: np.ndarray  # (m,)
    counts: np.ndarray  # (m,) bool


@dataclass(frozen=True)
class Matches:
    """Every box found of one class over all pictures, best first."""

    scores: np.ndarray
    right: np.ndarray  # bool
    truths: int  # how many there were to find


def iou_matrix(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(n, 4), (m, 4) -> (n, m)."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(-1)
    areas = [np.clip(boxes[:, 2:] - boxes[:, :2], 0, None).prod(-1) for boxes in (a, b)]
    union = areas[0][:, None] + areas[1][None] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def match(found: Sequence[Found], truth: Sequence[Truth], label: int | None, threshold: float = 0.5) -> Matches:
    """Claim true boxes by found ones, best score first. `label` None: whatever they show (class-agnostic)."""
    scores, right, truths = [], [], 0
    for seen, there in zip(found, truth, strict=True):
        mine = np.ones(len(seen.scores), bool) if label is None else seen.labels == label
        real = np.ones(len(there.labels), bool) if label is None else there.labels == label
        boxes, counts = there.boxes[real], there.counts[real]
        truths += int(counts.sum())
        order = np.argsort(-seen.scores[mine], kind="stable")
        overlaps = iou_matrix(seen.boxes[mine][order], boxes)
        free = np.ones(len(boxes), bool)
        for row, score in zip(overlaps, seen.scores[mine][order], strict=True):
            best = int(np.where(free, row, -1).argmax()) if len(row) else -1
            hit = best >= 0 and free[best] and row[best] >= threshold
            if hit:
                free[best] = False
                if not counts[best]:
                    continue
            scores.append(score)
            right.append(hit)
    order = np.argsort(-np.array(scores), kind="stable")
    return Matches(np.array(scores)[order], np.array(right, bool)[order], truths)


def average_precision(matches: Matches) -> float:
    """Area under the precision envelope, in [0, 1]; NaN where there was nothing to find."""
    if matches.truths == 0:
        return float("nan")
    hits = np.cumsum(matches.right)
    recall = hits / matches.truths
    precision = hits / np.arange(1, len(hits) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float((np.diff(recall, prepend=0.0) * envelope).sum())


def precision_recall(matches: Matches) -> tuple[np.ndarray, np.ndarray]:
    """Precision and recall after each box found, best first."""
    hits = np.cumsum(matches.right)
    return hits / np.arange(1, len(hits) + 1), hits / max(1, matches.truths)


def mean_average_precision(found: Sequence[Found], truth: Sequence[Truth], labels: int) -> dict[str, float]:
    """map50 over the classes that occur, and ap50_agnostic, in which every label is right."""
    by_label = [average_precision(match(found, truth, label)) for label in range(labels)]
    seen = [value for value in by_label if not np.isnan(value)]
    return {
        "map50": float(np.mean(seen)) if seen else 0.0,
        "ap50_agnostic": float(np.nan_to_num(average_precision(match(found, truth, None)))),
    }
