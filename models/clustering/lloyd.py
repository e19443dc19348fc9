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

_BLOCK = 1024  # points whose distances to all centroids are in the processor's cache at once


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
    for number in range(max_iter):
        labels, inertia = assign(points, centroids)
        changed = changes(before, labels)
        yield Step(number, centroids, labels, changed, inertia)
        moved = move(points, centroids, labels)
        squared_moves = float(((moved - centroids) ** 2).sum())
        centroids, before = moved, labels
        if changed == 0 or squared_moves <= tolerance:
            break
    last, inertia = assign(points, centroids)
    if changed == 0:  # the same points have the same means and stay where they are
        last = before
    yield Step(number + 1, centroids, last, changes(before, last), inertia)


def assign(points: np.ndarray, centroids: np.ndarray) -> tuple[np.ndarray, float]:
    """The nearest centroid of each point, the first of equally near ones, (N,) int32; and the inertia."""
    labels = np.empty(len(points), dtype=np.int32)
    lengths = np.einsum("kd,kd->k", centroids, centroids)
    turned = np.ascontiguousarray(-2.0 * centroids.T)
    inertia = 0.0
    for start in range(0, len(points), _BLOCK):
        block = points[start : start + _BLOCK]
        # |x - c|² = |x|² - 2 x·c + |c|²; |x|² is the same for every centroid and left out
        scores = block @ turned
        scores += lengths
        nearest = scores.argmin(axis=1)
        labels[start : start + _BLOCK] = nearest
        # from the differences themselves: the formula above loses digits where points lie close
        apart = centroids[nearest]
        apart -= block
        flat = apart.ravel()
        inertia += float(flat @ flat)
    return labels, inertia


def move(points: np.ndarray, centroids: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The mean of each cluster's points: (K, D). An empty cluster gets the point farthest from its own."""
    count = len(centroids)
    sizes = np.bincount(labels, minlength=count).astype(np.float64)  # (K,)
    # membership (K, N), one 1 in each column, times the points: the sum of each cluster's points
    ones, ends = np.ones(len(points)), np.arange(len(points) + 1)
    sums = sparse.csc_matrix((ones, labels, ends), shape=(count, len(points))) @ points
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
