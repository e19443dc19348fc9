"""Methods for numbers: squared, Manhattan and cosine distances, each with the center that fits it.

The center must minimize the sum of distances to its cluster's points, or the iterations could increase that
sum: the mean for squared distances (k-means); the median of each column for Manhattan distances (k-medians:
Bradley, Mangasarian and Street, NIPS 1996); the mean direction for cosine distances of unit vectors
(spherical k-means: Dhillon and Modha, Machine Learning 42, 2001).

Shapes: N points, D columns, K clusters; all float64.
"""

from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np

from models.clustering import lloyd_fast
from models.clustering.lloyd import Step

TOLERANCE = 1e-4  # scikit-learn's `tol`: k-means ends below this share of the columns' mean variance
_BLOCK = 4096


class Method(Protocol):
    """What every clustering method provides."""

    is_centered: bool  # distances do not depend on the origin, so that points may be moved to mean 0 first
    metric: str  # scikit-learn's name of the distance between two embedded points

    def costs(self, points: np.ndarray, centers: np.ndarray) -> np.ndarray:
        """(N, K): what each point adds to the objective if it belongs to each of the centers."""
        ...

    def iterate(self, points: np.ndarray, centers: np.ndarray, max_iter: int) -> Iterator[Step]:
        """All steps from the initial centers to the end."""
        ...

    def embed(self, points: np.ndarray) -> np.ndarray:
        """The points, or centers, in a space where they can be drawn."""
        ...


class SquaredDistance:
    """k-means: centers are means."""

    is_centered, metric = True, "euclidean"

    def __init__(self, tolerance: float = TOLERANCE):
        self.tolerance = tolerance

    def costs(self, points: np.ndarray, centers: np.ndarray) -> np.ndarray:
        return np.stack([((points - center) ** 2).sum(axis=1) for center in centers], axis=1)

    def iterate(self, points: np.ndarray, centers: np.ndarray, max_iter: int) -> Iterator[Step]:
        tolerance = float(points.var(axis=0).mean()) * self.tolerance
        return lloyd_fast.lloyd(points, centers, max_iter=max_iter, tolerance=tolerance)

    def embed(self, points: np.ndarray) -> np.ndarray:
        return points


class ManhattanDistance:
    """k-medians: centers are medians, column by column."""

    is_centered, metric = False, "manhattan"

    def costs(self, points: np.ndarray, centers: np.ndarray) -> np.ndarray:
        return np.stack([np.abs(points - center).sum(axis=1) for center in centers], axis=1)

    def iterate(self, points: np.ndarray, centers: np.ndarray, max_iter: int) -> Iterator[Step]:
        return alternate(points, centers, self.costs, lambda members: np.median(members, axis=0), max_iter)

    def embed(self, points: np.ndarray) -> np.ndarray:
        return points


class CosineDistance:
    """Spherical k-means of unit vectors: centers are mean directions."""

    is_centered, metric = False, "cosine"

    def costs(self, points: np.ndarray, centers: np.ndarray) -> np.ndarray:
        return 1.0 - points @ unit(centers).T

    def iterate(self, points: np.ndarray, centers: np.ndarray, max_iter: int) -> Iterator[Step]:
        directions = unit(centers)
        return alternate(points, directions, self.costs, lambda members: unit(members.sum(axis=0)), max_iter)

    def embed(self, points: np.ndarray) -> np.ndarray:
        return points


def unit(vectors: np.ndarray) -> np.ndarray:
    """Scaled to length 1, along the last axis; zero vectors stay."""
    # first by the largest component: squares of very small numbers would vanish
    vectors = vectors / np.maximum(np.abs(vectors).max(axis=-1, keepdims=True), np.finfo(np.float64).tiny)
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.where(lengths > 0, lengths, 1.0)


def alternate(
    points: np.ndarray,
    centers: np.ndarray,
    costs: Callable[[np.ndarray, np.ndarray], np.ndarray],
    center_of: Callable[[np.ndarray], np.ndarray],
    max_iter: int,
) -> Iterator[Step]:
    """Lloyd's assign and update for any distance, until no point changes its cluster.

    An empty cluster takes the point with the highest cost.
    """
    before = np.full(len(points), -1, dtype=np.int32)
    for number in range(max_iter + 1):
        labels, cost = nearest(points, centers, costs)
        changed = int((before != labels).sum())
        yield Step(number, centers, labels, changed, float(cost.sum()))
        if changed == 0:
            return
        before, moved = labels, centers.copy()
        for cluster in range(len(centers)):
            members = points[labels == cluster]
            if len(members):
                moved[cluster] = center_of(members)
            else:
                farthest = int(cost.argmax())
                moved[cluster], cost[farthest] = points[farthest], 0.0
        centers = moved


def nearest(
    points: np.ndarray, centers: np.ndarray, costs: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """The center of lowest cost for each point, the first of equals, (N,) int32; and that cost, (N,)."""
    labels = np.empty(len(points), dtype=np.int32)
    lowest = np.empty(len(points))
    for start in range(0, len(points), _BLOCK):
        block = slice(start, start + _BLOCK)
        table = costs(points[block], centers)
        labels[block] = table.argmin(axis=1)
        lowest[block] = table.min(axis=1)
    return labels, lowest
