"""The steps of `lloyd.py`, fast enough for a million points: as fast as scikit-learn's, with every step kept.

- Points are assigned in blocks whose distances fit the processor's cache.
- |x - c|² = |x|² - 2 x·c + |c|², so that a matrix product gives the distances of a block.
- Cluster sums are the product of a sparse membership matrix and the points.
- The inertia follows from these sums without another pass over the points, where enough digits remain.

Labels, number of iterations and the rule for empty clusters equal those of scikit-learn's
`KMeans(algorithm="lloyd")`. Only where rounding decides can a step differ from `lloyd.py`: at ties between
distances that differ in their last digit, and at centroids that should stay and move by their last digit.

Shapes: N points, D columns, K clusters; all float64.
"""

from collections.abc import Iterator

import numpy as np
from scipy import sparse

from models.clustering.lloyd import Step

_BLOCK = 4096  # points whose distances to all centroids fit the processor's cache
_MAX_CENTROIDS = 255  # `_first_lowest` counts them in a byte
_PRECISE_SHARE = 0.01  # of the points' squares: an inertia above it keeps twelve digits in `quick_inertia`


def lloyd(points: np.ndarray, centroids: np.ndarray, *, max_iter: int, tolerance: float) -> Iterator[Step]:
    """Every step from the initial centroids to the end, as `models.clustering.lloyd.lloyd` yields them."""
    before = np.full(len(points), -1, dtype=np.int32)
    number, changed = 0, len(points)
    squares = float(np.vdot(points, points))
    for number in range(max_iter):
        labels = assign(points, centroids)
        changed = int((before != labels).sum())
        sums, sizes = cluster_sums(points, labels, len(centroids))
        cost = quick_inertia(squares, centroids, sums, sizes)
        if cost < _PRECISE_SHARE * squares:
            cost = inertia(points, centroids, labels)
        yield Step(number, centroids, labels, changed, cost)
        moved = update(points, centroids, labels, sums, sizes)
        squared_moves = float(((moved - centroids) ** 2).sum())
        centroids, before = moved, labels
        if changed == 0 or squared_moves <= tolerance:
            break
    last = assign(points, centroids)
    cost = inertia(points, centroids, last)  # precise: it decides which restart is kept
    if changed == 0:  # the same points have the same means, whatever rounding makes of ties
        last = before
    yield Step(number + 1, centroids, last, int((before != last).sum()), cost)


def assign(points: np.ndarray, centroids: np.ndarray) -> np.ndarray:
    """The nearest centroid of each point, (N,) int32; the first of equally near ones.

    Raises:
        ValueError: more than 255 centroids.
    """
    if len(centroids) > _MAX_CENTROIDS:
        raise ValueError(f"{len(centroids)} centroids; at most {_MAX_CENTROIDS} are supported")
    labels = np.empty(len(points), dtype=np.int32)
    lengths = np.einsum("kd,kd->k", centroids, centroids)[:, None]
    scaled = -2.0 * centroids
    for start in range(0, len(points), _BLOCK):
        # |x|² is the same for every centroid and left out
        scores = scaled @ points[start : start + _BLOCK].T  # (K, block)
        scores += lengths
        labels[start : start + _BLOCK] = _first_lowest(scores)
    return labels


def _first_lowest(scores: np.ndarray) -> np.ndarray:
    """The first row with the lowest score, for each column, in half the time that `argmin` takes."""
    lowest = scores[0]
    chosen = np.zeros(scores.shape[1], dtype=np.uint8)
    for number in range(1, len(scores)):
        is_lower = (scores[number] < lowest).view(np.uint8)
        is_lower *= np.uint8(number)
        # rows come in rising order, so the maximum is the last row that was lower than all before it
        np.maximum(chosen, is_lower, out=chosen)
        np.minimum(lowest, scores[number], out=lowest)
    return chosen


def inertia(points: np.ndarray, centroids: np.ndarray, labels: np.ndarray) -> float:
    """The sum of the points' squared distances to their centroids, from the differences themselves."""
    total = 0.0
    for start in range(0, len(points), _BLOCK):
        differences = centroids[labels[start : start + _BLOCK]]
        differences -= points[start : start + _BLOCK]
        flat = differences.ravel()
        total += float(flat @ flat)
    return total


def quick_inertia(squares: float, centroids: np.ndarray, sums: np.ndarray, sizes: np.ndarray) -> float:
    """The inertia without a pass over the points: Σ|x|² - 2 Σ_k c_k·sums_k + Σ_k sizes_k |c_k|².

    It loses as many digits as it is smaller than `squares`, which is Σ|x|².
    """
    lengths = np.einsum("kd,kd->k", centroids, centroids)
    return squares - 2.0 * float(np.vdot(centroids, sums)) + float(sizes @ lengths)


def cluster_sums(points: np.ndarray, labels: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The sum of each cluster's points, (count, D), and their number, (count,)."""
    sizes = np.bincount(labels, minlength=count).astype(np.float64)
    # membership (K, N), one 1 in each column, times the points
    ones, ends = np.ones(len(points)), np.arange(len(points) + 1, dtype=np.int32)
    return sparse.csc_matrix((ones, labels, ends), shape=(count, len(points))) @ points, sizes


def update(
    points: np.ndarray, centroids: np.ndarray, labels: np.ndarray, sums: np.ndarray, sizes: np.ndarray
) -> np.ndarray:
    """The mean of each cluster's points: (K, D). An empty cluster takes the point farthest from its centroid.

    `sums` and `sizes` are those of `cluster_sums`, and are changed where a cluster was empty.
    """
    empty = np.flatnonzero(sizes == 0)
    if len(empty):
        distances = ((points - centroids[labels]) ** 2).sum(axis=1)
        if distances.max() > 0:
            farthest = np.argpartition(distances, -len(empty))[: -len(empty) - 1 : -1]
            for cluster, point in zip(empty, farthest, strict=True):
                sums[labels[point]] -= points[point]
                sizes[labels[point]] -= 1
                sums[cluster], sizes[cluster] = points[point], 1
    means = sums * (1.0 / np.maximum(sizes, 1))[:, None]
    means[sizes == 0] = means[sizes.argmax()]
    return means
