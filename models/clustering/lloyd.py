"""k-means by Lloyd's algorithm, every step kept: assign each point, move each centroid, again.

Paper: Lloyd, Least squares quantization in PCM, IEEE Transactions on Information Theory 28(2), 1982. What
happens to empty clusters and when to stop are as in scikit-learn's `KMeans(algorithm="lloyd")`, so that both
walk the same way.

Shapes: N points, D columns, K clusters; all float64.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

_BLOCK = 4096  # points whose distances to all centroids are in the processor's cache at once
_MOST = 255  # centroids, as a byte counts them
_CLOSE = 0.01  # of the points' squares: an inertia above it has at least twelve digits by the quick way


@dataclass(frozen=True)
class Step:
    """Where the centroids stand after `number` moves, and whose every point then is."""

    number: int
    centroids: np.ndarray  # (K, D)
    labels: np.ndarray  # (N,), int32
    changed: int  # points that went to another cluster; all of them at first
    inertia: float  # sum of what the points cost: for k-means their squared distances to their centroids


def lloyd(points: np.ndarray, centroids: np.ndarray, *, max_iter: int, tolerance: float) -> Iterator[Step]:
    """Every step from the start, number 0, to the end, whose number is scikit-learn's `n_iter_`.

    Ends when no point changes its cluster, when the centroids' squared moves sum up to `tolerance` at most,
    or after `max_iter` moves.
    """
    before = np.full(len(points), -1, dtype=np.int32)
    number, changed = 0, len(points)
    squares = float(np.vdot(points, points))
    for number in range(max_iter):
        labels = assign(points, centroids)
        changed = changes(before, labels)
        sums, sizes = totals(points, labels, len(centroids))
        spent = quick_inertia(squares, centroids, sums, sizes)
        if spent < _CLOSE * squares:
            spent = inertia(points, centroids, labels)
        yield Step(number, centroids, labels, changed, spent)
        moved = move(points, centroids, labels, sums, sizes)
        squared_moves = float(((moved - centroids) ** 2).sum())
        centroids, before = moved, labels
        if changed == 0 or squared_moves <= tolerance:
            break
    last = assign(points, centroids)
    spent = inertia(points, centroids, last)  # which start is kept hangs on it
    if changed == 0:  # the same points have the same means and stay where they are
        last = before
    yield Step(number + 1, centroids, last, changes(before, last), spent)


def assign(points: np.ndarray, centroids: np.ndarray) -> np.ndarray:
    """The nearest centroid of each point, the first of equally near ones: (N,) int32.

    Raises:
        ValueError: more than 255 centroids.
    """
    if len(centroids) > _MOST:
        raise ValueError(f"{len(centroids)} centroids; at most {_MOST} can be told apart")
    labels = np.empty(len(points), dtype=np.int32)
    lengths = np.einsum("kd,kd->k", centroids, centroids)[:, None]
    scaled = -2.0 * centroids
    for start in range(0, len(points), _BLOCK):
        # |x - c|² = |x|² - 2 x·c + |c|²; |x|² is the same for every centroid and left out
        scores = scaled @ points[start : start + _BLOCK].T  # (K, block)
        scores += lengths
        labels[start : start + _BLOCK] = _lowest(scores)
    return labels


def _lowest(scores: np.ndarray) -> np.ndarray:
    """The first row that is lowest in each column; half the time of `argmin`, which goes column by column."""
    least = scores[0]
    chosen = np.zeros(scores.shape[1], dtype=np.uint8)
    for number in range(1, len(scores)):
        lower = (scores[number] < least).view(np.uint8)
        lower *= np.uint8(number)
        # a later row has a greater number, so the greatest is the last that was lower than all before it
        np.maximum(chosen, lower, out=chosen)
        np.minimum(least, scores[number], out=least)
    return chosen


def inertia(points: np.ndarray, centroids: np.ndarray, labels: np.ndarray) -> float:
    """The points' squared distances to their centroids, from the differences themselves."""
    total = 0.0
    for start in range(0, len(points), _BLOCK):
        apart = centroids[labels[start : start + _BLOCK]]
        apart -= points[start : start + _BLOCK]
        flat = apart.ravel()
        total += float(flat @ flat)
    return total


def quick_inertia(squares: float, centroids: np.ndarray, sums: np.ndarray, sizes: np.ndarray) -> float:
    """The same without looking at a point: Σ|x|² - 2 Σ c·(sum of its points) + Σ (their number) |c|².

    Of its digits as many are lost as the result is smaller than `squares`, which is Σ|x|².
    """
    lengths = np.einsum("kd,kd->k", centroids, centroids)
    return squares - 2.0 * float(np.vdot(centroids, sums)) + float(sizes @ lengths)


def totals(points: np.ndarray, labels: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The sum of each cluster's points, (count, D), and their number, (count,)."""
    sizes = np.bincount(labels, minlength=count).astype(np.float64)
    # membership (K, N), one 1 in each column, times the points
    ones, ends = np.ones(len(points)), np.arange(len(points) + 1, dtype=np.int32)
    return sparse.csc_matrix((ones, labels, ends), shape=(count, len(points))) @ points, sizes


def move(
    points: np.ndarray, centroids: np.ndarray, labels: np.ndarray, sums: np.ndarray, sizes: np.ndarray
) -> np.ndarray:
    """The mean of each cluster's points: (K, D). An empty cluster gets the point farthest from its own."""
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


def changes(before: np.ndarray, after: np.ndarray) -> int:
    """How many points are in another cluster than before."""
    return int((before != after).sum())


def is_same_partition(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether every cluster of `one` lies within one cluster of `other`, whatever their numbers."""
    pairs = one.astype(np.int64) * (int(other.max()) + 1) + other
    return len(np.unique(pairs)) == len(np.unique(one))
