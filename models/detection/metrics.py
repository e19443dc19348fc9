"""Average precision by its definition, from boxes found and boxes true.

A box found is right when its IoU with a true box of its class that no better-scored box has claimed is at
least the threshold (Everingham et al. 2010, The PASCAL VOC Challenge, section 4.2). AP is the
area under the precision that can still be reached at each recall (VOC from 2010 on). mAP50 is the mean
over classes of AP at IoU 0.5.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

NEAR = 0.1  # IoU from which a wrong box is laid to the account of the subject that it covers


@dataclass(frozen=True)
class Found:
    """Boxes found in one picture."""

    boxes: np.ndarray  # (n, 4) xmin, ymin, xmax, ymax
    scores: np.ndarray  # (n,)
    labels: np.ndarray  # (n,)
    counts: np.ndarray | None = None  # (n,) bool: one that does not count is never wrong


@dataclass(frozen=True)
class Truth:
    """Boxes that are there."""

    boxes: np.ndarray  # (m, 4)
    labels: np.ndarray  # (m,)
    subjects: np.ndarray  # (m,) which thing of its class it shows
    counts: np.ndarray | None = None  # (m,) bool: one that does not count may be found or missed


@dataclass(frozen=True)
class Matches:
    """Every box found of one class over all pictures, best first."""

    scores: np.ndarray
    right: np.ndarray  # bool
    subject: np.ndarray  # that it shows, or covers wrongly; -1 for none
    truth_subjects: np.ndarray  # of every box that was to be found


def iou_matrix(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(n, 4), (m, 4) -> (n, m)."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(-1)
    areas = [np.clip(boxes[:, 2:] - boxes[:, :2], 0, None).prod(-1) for boxes in (a, b)]
    union = areas[0][:, None] + areas[1][None] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def match(
    found: Sequence[Found], truth: Sequence[Truth], label: int | None, threshold: float = 0.5
) -> Matches:
    """Claim true boxes by found ones, best score first. `label` None: whatever they show (class-agnostic)."""
    rows: list[tuple[float, bool, int]] = []
    wanted: list[int] = []
    for seen, there in zip(found, truth, strict=True):
        mine = np.ones(len(seen.scores), bool) if label is None else seen.labels == label
        real = np.ones(len(there.labels), bool) if label is None else there.labels == label
        counts = np.ones(len(there.labels), bool) if there.counts is None else there.counts
        wanted += there.subjects[real & counts].tolist()
        rows += _claims(seen, there, mine, real, counts, threshold)
    rows.sort(key=lambda row: -row[0])
    scores, right, subject = zip(*rows, strict=True) if rows else ((), (), ())
    return Matches(np.array(scores), np.array(right, bool), np.array(subject, int), np.array(wanted, int))


def _claims(
    seen: Found, there: Truth, mine: np.ndarray, real: np.ndarray, counts: np.ndarray, threshold: float
) -> list[tuple[float, bool, int]]:
    """Score, right or wrong, and subject of each box found of one class in one picture."""
    rows = []
    overlaps = iou_matrix(seen.boxes, there.boxes)
    free = real.copy()
    order = np.argsort(-seen.scores, kind="stable")
    for index in order[mine[order]]:
        overlap = overlaps[index]
        best = int(np.where(free, overlap, -1.0).argmax()) if len(overlap) else -1
        if best >= 0 and free[best] and overlap[best] >= threshold:
            free[best] = False
            if counts[best]:
                rows.append((float(seen.scores[index]), True, int(there.subjects[best])))
        elif seen.counts is None or seen.counts[index]:
            near = int(overlap.argmax()) if len(overlap) else -1
            covers = near >= 0 and overlap[near] >= NEAR
            rows.append((float(seen.scores[index]), False, int(there.subjects[near]) if covers else -1))
    return rows


def average_precision(matches: Matches, weights: np.ndarray | None = None) -> float:
    """Area under the precision envelope, in [0, 1]; NaN where there was nothing to find.

    `weights` counts each subject that many times; its last entry is for boxes that cover no subject.
    """
    if weights is None:
        each, total = np.ones(len(matches.right)), float(len(matches.truth_subjects))
    else:
        each, total = weights[matches.subject], float(weights[matches.truth_subjects].sum())
    if total == 0:
        return float("nan")
    hits, seen = np.cumsum(each * matches.right), np.cumsum(each)
    precision = np.divide(hits, seen, out=np.zeros_like(hits), where=seen > 0)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float((np.diff(hits / total, prepend=0.0) * envelope).sum())


def mean_average_precision(found: Sequence[Found], truth: Sequence[Truth], labels: int) -> dict[str, float]:
    """map50 over the classes that occur, and ap50_agnostic, in which every label is right."""
    by_label = [average_precision(match(found, truth, label)) for label in range(labels)]
    seen = [value for value in by_label if not np.isnan(value)]
    return {
        "map50": float(np.mean(seen)) if seen else 0.0,
        "ap50_agnostic": float(np.nan_to_num(average_precision(match(found, truth, None)))),
    }


def bootstrap(by_label: Sequence[Matches], rounds: int = 1000, seed: int = 0) -> tuple[float, float]:
    """95 % interval of map50, drawing the subjects again from those that there are."""
    random = np.random.default_rng(seed)
    subjects = [np.unique(matches.truth_subjects) for matches in by_label]
    values = []
    for _ in range(rounds):
        weights = np.zeros(1 + max((int(each.max()) for each in subjects if len(each)), default=0) + 1)
        weights[-1] = 1.0
        for each in subjects:
            if len(each):
                np.add.at(weights, random.choice(each, len(each)), 1.0)
        values.append(np.nanmean([average_precision(matches, weights) for matches in by_label]))
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)
