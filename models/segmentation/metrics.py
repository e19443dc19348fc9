"""How well two masks agree: IoU by class, of the whole foreground, and F-score along the boundaries.

    IoU_c = TP_c / (TP_c + FP_c + FN_c)        F = 2 * precision * recall / (precision + recall)

IoU as in Everingham et al. 2010, The Pascal Visual Object Classes Challenge, section 4.3: counted over the
pixels of all images together. Boundary F-score as in Perazzi et al. 2016, DAVIS, section 3.

Shapes: H and W height and width, C classes including the background (class 0).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import ndimage

BOUNDARY_TOLERANCE = 2  # pixels


def confusion(actual: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """(C, C) pixel counts of two maps (H, W): rows are actual classes, columns predicted ones."""
    pairs = actual.astype(np.int64).ravel() * classes + predicted.ravel()
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def ious(counts: np.ndarray) -> np.ndarray:
    """(C,) intersection over union of each class; NaN for one that is neither actual nor predicted anywhere.

    Example: [[2, 1], [0, 1]] gives 2 / (2 + 1) and 1 / (1 + 1).
    """
    correct = np.diag(counts).astype(float)
    union = counts.sum(0) + counts.sum(1) - correct
    return np.divide(correct, union, out=np.full(len(counts), np.nan), where=union > 0)


def mean_iou(counts: np.ndarray) -> float:
    """The mean over the classes that occur, actual or predicted, including the background."""
    return float(np.nanmean(ious(counts)))


def by_class(counts: np.ndarray, names: Sequence[str]) -> list[dict[str, Any]]:
    """A row for each class: IoU, and precision, recall and F1 of its pixels; None where undefined."""
    rows = []
    for index, (name, iou) in enumerate(zip(names, ious(counts), strict=True)):
        correct, actual, predicted = (
            int(n) for n in (counts[index, index], counts[index].sum(), counts[:, index].sum())
        )
        both = actual + predicted
        rows.append(
            {
                "class": name,
                "iou": None if np.isnan(iou) else float(iou),
                "recall": correct / actual if actual else None,
                "precision": correct / predicted if predicted else None,
                "f1": 2 * correct / both if both else None,
            }
        )
    return rows


def foreground_iou(counts: np.ndarray) -> float:
    """IoU of all objects together against the background, whatever their classes."""
    both = counts[1:, 1:].sum()
    union = both + counts[0, 1:].sum() + counts[1:, 0].sum()
    return float(both / union) if union else float("nan")


def boundary(mask: np.ndarray) -> np.ndarray:
    """(H, W) bool: pixels of `mask` with one of four neighbors outside it, except at the image's edge."""
    return mask & ~ndimage.binary_erosion(mask, border_value=1)


def boundary_counts(
    actual: np.ndarray, predicted: np.ndarray, tolerance: int = BOUNDARY_TOLERANCE
) -> tuple[int, int, int, int]:
    """Boundary pixels of two foreground masks (H, W): correct and all predicted, found and all actual ones.

    A pixel is correct, or found, if the other boundary passes within `tolerance` pixels.
    """
    predicted_line, actual_line = boundary(predicted), boundary(actual)
    correct = predicted_line & _dilate(actual_line, tolerance)
    found = actual_line & _dilate(predicted_line, tolerance)
    return int(correct.sum()), int(predicted_line.sum()), int(found.sum()), int(actual_line.sum())


def _dilate(outline: np.ndarray, tolerance: int) -> np.ndarray:
    """The pixels within `tolerance` steps of the outline."""
    # SciPy takes 0 iterations as "until nothing changes"
    return ndimage.binary_dilation(outline, iterations=tolerance) if tolerance else outline


def f_score(correct: int, predicted: int, found: int, actual: int) -> float:
    """Harmonic mean of precision (correct / predicted) and recall (found / actual).

    NaN if both masks are empty.
    """
    if not predicted and not actual:
        return float("nan")
    precision, recall = correct / max(1, predicted), found / max(1, actual)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
