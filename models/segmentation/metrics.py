"""How well masks agree: IoU by class, of the foreground as a whole, and along the boundaries.

IoU as in Everingham et al., The Pascal Visual Object Classes Challenge, IJCV 2010, section 4.3: counted over
the pixels of all pictures together. Boundary F as in Perazzi et al., DAVIS, CVPR 2016, section 3.

Shapes: H and W height and width, C classes with the background (class 0).
"""

import numpy as np
from scipy import ndimage

BOUNDARY_TOLERANCE = 2  # pixels


def confusion(truth: np.ndarray, said: np.ndarray, classes: int) -> np.ndarray:
    """(C, C) pixel counts: rows are true classes, columns what was said. Both maps (H, W)."""
    pairs = truth.astype(np.int64).ravel() * classes + said.ravel()
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def ious(counts: np.ndarray) -> np.ndarray:
    """(C,) intersection over union of each class; NaN for one that is neither there nor said."""
    right = np.diag(counts).astype(float)
    union = counts.sum(0) + counts.sum(1) - right
    return np.divide(right, union, out=np.full(len(counts), np.nan), where=union > 0)


def mean_iou(counts: np.ndarray) -> float:
    """The mean over the classes that are there or are said, the background among them."""
    return float(np.nanmean(ious(counts)))


def foreground_iou(counts: np.ndarray) -> float:
    """IoU of "something" against background, whatever class it was given."""
    both = counts[1:, 1:].sum()
    union = both + counts[0, 1:].sum() + counts[1:, 0].sum()
    return float(both / union) if union else float("nan")


def boundary(mask: np.ndarray) -> np.ndarray:
    """(H, W) bool: pixels of `mask` with one of four neighbors outside of it; the picture's edge is none."""
    return mask & ~ndimage.binary_erosion(mask, border_value=1)


def boundary_counts(
    truth: np.ndarray, said: np.ndarray, tolerance: int = BOUNDARY_TOLERANCE
) -> tuple[int, int, int, int]:
    """For the outlines of two foreground masks (H, W): right and all said pixels, found and all true ones.

    A pixel is right when the other outline passes within `tolerance` pixels.
    """
    mine, other = boundary(said), boundary(truth)
    near_other, near_mine = (_widened(each, tolerance) for each in (other, mine))
    return int((mine & near_other).sum()), int(mine.sum()), int((other & near_mine).sum()), int(other.sum())


def _widened(outline: np.ndarray, tolerance: int) -> np.ndarray:
    """Also what lies within `tolerance` steps to one of four sides."""
    # for scipy no iterations mean as many as it takes to fill everything
    return ndimage.binary_dilation(outline, iterations=tolerance) if tolerance else outline


def f_score(right: int, said: int, found: int, true: int) -> float:
    """Harmonic mean of precision and recall; NaN where there is nothing to find and nothing was said."""
    if not said and not true:
        return float("nan")
    precision, recall = right / max(1, said), found / max(1, true)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
