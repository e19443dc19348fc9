"""k-means by Lloyd's algorithm in its plainest form: assign each point, move each centroid, repeat.

Paper: Lloyd, Least squares quantization in PCM, IEEE Transactions on Information Theory 28(2), 1982.

    inertia  J = Σ_i |x_i - c_l(i)|²           is minimized, in turn over labels l and centroids c
    assign   l(i) = argmin_k |x_i - c_k|²      the nearest centroid: no other label makes J smaller
    update   c_k = mean of all x_i, l(i) = k   the mean: no other centroid makes J smaller

J never increases, and there are finitely many ways to label the points, so the iterations end. They end in a
local minimum, which depends on the initial centroids.

Applications run `lloyd_fast.py`, which takes the same steps on a million points; a test holds the two equal.

Shapes: N points, D columns, K clusters; all float64.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Step:
    """The centroids after `number` updates, and the points' clusters for these centroids."""

    number: int
    centroids: np.ndarray  # (K, D)
    labels: np.ndarray  # (N,), integers
    changed: int  # points whose cluster is not that of the step before; all points in the first step
    inertia: float  # sum of the points' costs: for k-means their squared distances to their centroids


def lloyd(points: np.ndarray, centroids: np.ndarray, *, max_iter: int, tolerance: float) -> Iterator[Step]:
    """Every step from the initial centroids to the end.

    Ends when no point changes its cluster, when the centroids' squared moves sum to at most `tolerance`, or
    after `max_iter` updates. The number of the last step is scikit-learn's `n_iter_`.
    """
    labels = np.full(len(points), -1)
    is_converged = False
    for number in range(max_iter + 1):
        before, labels = labels, assign(points, centroids)
        changed = int((labels != before).sum())
        yield Step(number, centroids, labels, changed, inertia(points, centroids, labels))
        if is_converged:
            return
        moved = update(points, centroids, labels)
        is_converged = changed == 0 or ((moved - centroids) ** 2).sum() <= tolerance
        centroids = moved


def assign(points: np.ndarray, centroids: np.ndarray) -> np.ndarray:
    """The nearest centroid of each point, (N,); the first of equally near ones."""
    squared_distances = ((points[:, None] - centroids) ** 2).sum(axis=2)  # (N, K)
    return squared_distances.argmin(axis=1)


def update(points: np.ndarray, centroids: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The mean of each cluster's points, (K, D)."""
    labels = fill_empty_clusters(points, centroids, labels)
    sizes = np.bincount(labels, minlength=len(centroids))
    # a cluster that is still empty goes to the mean of the largest one
    clusters = np.where(sizes > 0, np.arange(len(centroids)), sizes.argmax())
    return np.stack([points[labels == cluster].mean(axis=0) for cluster in clusters])


def inertia(points: np.ndarray, centroids: np.ndarray, labels: np.ndarray) -> float:
    """J: the sum of the points' squared distances to their centroids."""
    return float(((points - centroids[labels]) ** 2).sum())


def fill_empty_clusters(points: np.ndarray, centroids: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Labels in which every empty cluster has taken one of the points farthest from their centroids.

    The papers leave this case open; this is scikit-learn's rule.
    """
    empty = np.setdiff1d(np.arange(len(centroids)), labels)
    squared_distances = ((points - centroids[labels]) ** 2).sum(axis=1)
    if len(empty) == 0 or squared_distances.max() == 0:
        return labels
    farthest = np.argpartition(squared_distances, -len(empty))[: -len(empty) - 1 : -1]
    filled = labels.copy()
    filled[farthest] = empty
    return filled
