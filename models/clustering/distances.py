"""The ways to cluster numbers: by squared, Manhattan or cosine distance, each with the center that fits it.

The center must be the place with the least sum of distances to a cluster's points, or the iterations could
rise: the mean for squared distances (k-means), the median of each column for Manhattan distances (k-medians:
Bradley, Mangasarian and Street, NIPS 1996), the mean direction for cosine distances of unit vectors
(spherical k-means: Dhillon and Modha, Machine Learning 42, 2001).

Shapes: N points, D columns, K clusters; all float64.
"""

from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np

from models.clustering.lloyd import Step, changes, lloyd

_BLOCK = 4096


class Method(Protocol):
    """What a way to cluster must offer."""

    is_centered: bool  # whether moving all points changes nothing: then their mean is moved to 0 first
    metric: str  # scikit-learn's name of the distance between two embedded points

    def costs(self, points: np.ndarray, centers: np.ndarray) -> np.ndarray:
        """(N, K): what each point adds to the sum that is minimized, with each of the centers."""
        ...

    def walk(self, points: np.ndarray, start: np.ndarray, max_iter: int) -> Iterator[Step]:
        """All steps from the start to the end."""
        ...

    def embed(self, points: np.ndarray) -> np.ndarray:
        """The points, or centers, where distances can be drawn."""
        ...


class SquaredDistance:
    """k-means: centers are means. `tolerance`: of the columns' mean variance, as scikit-learn's `tol`."""

    is_centered, metric = True, "euclidean"

    def __init__(self, tolerance: float):
        self.tolerance = tolerance

    def costs(self, points: np.ndarray, centers: np.ndarray) -> np.ndarray:
        return np.stack([((points - center) ** 2).sum(axis=1) for center in centers], axis=1)

    def walk(self, points: np.ndarray, start: np.ndarray, max_iter: int) -> Iterator[Step]:
        allowed = float(points.var(axis=0).mean()) * self.tolerance
        return lloyd(points, start, max_iter=max_iter, tolerance=allowed)

    def embed(self, points: np.ndarray) -> np.ndarray:
        return points


class ManhattanDistance:
    """k-medians: centers are medians, column by column."""

    is_centered, metric = False, "manhattan"

    def costs(self, points: np.ndarray, centers: np.ndarray) -> np.ndarray:
        return np.stack([np.abs(points - center).sum(axis=1) for center in centers], axis=1)

    def walk(self, points: np.ndarray, start: np.ndarray, max_iter: int) -> Iterator[Step]:
        return alternate(points, start, self.costs, lambda own: np.median(own, axis=0), max_iter)

    def embed(self, points: np.ndarray) -> np.ndarray:
        return points


class CosineDistance:
    """Spherical k-means of unit vectors: centers are mean directions."""

    is_centered, metric = False, "cosine"

    def costs(self, points: np.ndarray, centers: np.ndarray) -> np.ndarray:
        return 1.0 - points @ unit(centers).T

    def walk(self, points: np.ndarray, start: np.ndarray, max_iter: int) -> Iterator[Step]:
        return alternate(points, unit(start), self.costs, lambda own: unit(own.sum(axis=0)), max_iter)

    def embed(self, points: np.ndarray) -> np.ndarray:
        return points


def unit(vectors: np.ndarray) -> np.ndarray:
    """Scaled to length 1, along the last axis; zero vectors stay."""
    # first by the largest part: squares of very small numbers would vanish
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
    """Lloyd's two moves for any distance, until no point changes its cluster.

    An empty cluster gets the point that costs most.
    """
    before = np.full(len(points), -1, dtype=np.int32)
    for number in range(max_iter + 1):
        labels, own = nearest(points, centers, costs)
        changed = changes(before, labels)
        yield Step(number, centers, labels, changed, float(own.sum()))
        if changed == 0:
            return
        before, moved = labels, centers.copy()
        for cluster in range(len(centers)):
            members = points[labels == cluster]
            if len(members):
                moved[cluster] = center_of(members)
            else:
                farthest = int(own.argmax())
                moved[cluster], own[farthest] = points[farthest], 0.0
        centers = moved


def nearest(
    points: np.ndarray, centers: np.ndarray, costs: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """The center where each point costs least, the first of equals, (N,) int32; and what it costs there."""
    labels = np.empty(len(points), dtype=np.int32)
    own = np.empty(len(points))
    for start in range(0, len(points), _BLOCK):
        block = slice(start, start + _BLOCK)
        table = costs(points[block], centers)
        labels[block] = table.argmin(axis=1)
        own[block] = table.min(axis=1)
    return labels, own
