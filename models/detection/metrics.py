"""Average precision, from predicted and true boxes.

Boxes are matched as in COCO (`COCOeval.evaluateImg` of pycocotools): the predicted boxes of a class, highest
score first, each claim the true box with the highest IoU among those not yet claimed, if it reaches the
threshold; a box that claims one is correct. (PASCAL VOC instead calls a box incorrect if the true box that it
overlaps most has been claimed, even if it also overlaps another.)

Ordered by score, the first k boxes have

    precision = correct / k        recall = correct / number of true boxes

AP is the area under the curve of the highest precision at each recall or a greater one, at every recall as in
VOC from 2010 on (Everingham et al. 2010, section 4.2); COCO samples the same curve at 101 recalls.
mAP50 is the mean over the classes of AP at IoU 0.5.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

NEAR = 0.1  # IoU from which an incorrect box is attributed to the subject that it overlaps


@dataclass(frozen=True)
class Detections:
    """The predicted boxes of one image."""

    boxes: np.ndarray  # (n, 4) xmin, ymin, xmax, ymax
    scores: np.ndarray  # (n,)
    labels: np.ndarray  # (n,)
    counts: np.ndarray | None = None  # (n,) bool: a box that does not count is never incorrect


@dataclass(frozen=True)
class Truth:
    """The true boxes of one image."""

    boxes: np.ndarray  # (m, 4)
    labels: np.ndarray  # (m,)
    subjects: np.ndarray  # (m,) which subject of its class is shown, such as which animal
    counts: np.ndarray | None = None  # (m,) bool: a box that does not count may be found or missed


@dataclass(frozen=True)
class Matches:
    """Every predicted box of one class in all images, highest score first."""

    scores: np.ndarray
    correct: np.ndarray  # bool
    subject: np.ndarray  # the one that the box shows or, if incorrect, overlaps; -1 for none
    truth_subjects: np.ndarray  # of every true box that counts


def iou_matrix(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(n, 4), (m, 4) -> (n, m)."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    intersection = np.clip(high - low, 0, None).prod(-1)
    areas = [np.clip(boxes[:, 2:] - boxes[:, :2], 0, None).prod(-1) for boxes in (a, b)]
    union = areas[0][:, None] + areas[1][None] - intersection
    return np.divide(intersection, union, out=np.zeros_like(intersection), where=union > 0)


def match(
    detections: Sequence[Detections], truths: Sequence[Truth], label: int | None, threshold: float = 0.5
) -> Matches:
    """Match predicted boxes to true ones, highest score first. `label` None: class-agnostic."""
    rows: list[tuple[float, bool, int]] = []
    truth_subjects: list[int] = []
    for predicted, truth in zip(detections, truths, strict=True):
        is_predicted = np.ones(len(predicted.scores), bool) if label is None else predicted.labels == label
        is_true = np.ones(len(truth.labels), bool) if label is None else truth.labels == label
        counts = np.ones(len(truth.labels), bool) if truth.counts is None else truth.counts
        truth_subjects += truth.subjects[is_true & counts].tolist()
        rows += _match_image(predicted, truth, is_predicted, is_true, counts, threshold)
    rows.sort(key=lambda row: -row[0])
    scores, correct, subject = zip(*rows, strict=True) if rows else ((), (), ())
    return Matches(
        np.array(scores), np.array(correct, bool), np.array(subject, int), np.array(truth_subjects, int)
    )


def _match_image(
    predicted: Detections,
    truth: Truth,
    is_predicted: np.ndarray,
    is_true: np.ndarray,
    counts: np.ndarray,
    threshold: float,
) -> list[tuple[float, bool, int]]:
    """Score, correctness and subject of each predicted box of one class in one image."""
    rows = []
    ious = iou_matrix(predicted.boxes, truth.boxes)
    unclaimed = is_true.copy()
    order = np.argsort(-predicted.scores, kind="stable")
    for index in order[is_predicted[order]]:
        iou = ious[index]
        best = int(np.where(unclaimed, iou, -1.0).argmax()) if len(iou) else -1
        if best >= 0 and unclaimed[best] and iou[best] >= threshold:
            unclaimed[best] = False
            if counts[best]:
                rows.append((float(predicted.scores[index]), True, int(truth.subjects[best])))
        elif predicted.counts is None or predicted.counts[index]:
            nearest = int(iou.argmax()) if len(iou) else -1
            overlaps = nearest >= 0 and iou[nearest] >= NEAR
            subject = int(truth.subjects[nearest]) if overlaps else -1
            rows.append((float(predicted.scores[index]), False, subject))
    return rows


def average_precision(matches: Matches, weights: np.ndarray | None = None) -> float:
    """Area under the precision envelope, in [0, 1]; NaN without true boxes.

    Example: for two true boxes and the outcomes correct, incorrect, correct, precision is 1 at recall 1/2
    and 2/3 at recall 1, so AP = 1/2 * 1 + 1/2 * 2/3 = 5/6.

    `weights` counts each subject that many times; its last entry is for boxes that overlap no subject.
    """
    if weights is None:
        each, total = np.ones(len(matches.correct)), float(len(matches.truth_subjects))
    else:
        each, total = weights[matches.subject], float(weights[matches.truth_subjects].sum())
    if total == 0:
        return float("nan")
    correct, predicted = np.cumsum(each * matches.correct), np.cumsum(each)
    precision = np.divide(correct, predicted, out=np.zeros_like(correct), where=predicted > 0)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float((np.diff(correct / total, prepend=0.0) * envelope).sum())


def mean_average_precision(
    detections: Sequence[Detections], truths: Sequence[Truth], labels: int
) -> dict[str, float]:
    """map50 over the classes that occur, and ap50_agnostic, for which the label does not matter."""
    by_label = [average_precision(match(detections, truths, label)) for label in range(labels)]
    occurring = [value for value in by_label if not np.isnan(value)]
    return {
        "map50": float(np.mean(occurring)) if occurring else 0.0,
        "ap50_agnostic": float(np.nan_to_num(average_precision(match(detections, truths, None)))),
    }


def bootstrap(by_label: Sequence[Matches], rounds: int = 1000, seed: int = 0) -> tuple[float, float]:
    """95 % interval of map50 over resampled subjects."""
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
