"""Clustering with several restarts; the one with the lowest inertia is kept with all its steps.

With the same seed k-means equals `sklearn.cluster.KMeans(algorithm="lloyd")`: same initial centers, same
steps, same restart kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from models.clustering.distances import Method
from models.clustering.initialization import Initialization, draw_centers
from models.clustering.lloyd import Step


@dataclass(frozen=True)
class Restart:
    """The course of one restart in numbers."""

    inertias: tuple[float, ...]  # of every step

    @property
    def iterations(self) -> int:
        return len(self.inertias) - 1


@dataclass(frozen=True)
class Clustering:
    """The best of all restarts; centroids are in the units of the points that were clustered."""

    steps: tuple[Step, ...]  # labels of the `shown` points only, except for the last step
    shown: np.ndarray  # indices of the points whose labels are kept for every step
    restarts: tuple[Restart, ...]
    best: int  # index of the restart that was kept

    @property
    def end(self) -> Step:
        return self.steps[-1]


def cluster(
    points: np.ndarray,
    n_clusters: int,
    method: Method,
    initialization: Initialization,
    *,
    max_iter: int,
    shown: np.ndarray,
) -> Clustering:
    """Clusters of `points` (N, D), with every step of the best restart.

    Args:
        shown: indices of the points whose labels are kept for every step.
    """
    best: tuple[Step, ...] = ()
    restarts: list[Restart] = []
    best_number = 0
    for number, steps in enumerate(
        run_restarts(points, n_clusters, method, initialization, max_iter=max_iter, shown=shown)
    ):
        restarts.append(Restart(tuple(step.inertia for step in steps)))
        if not best or is_better(steps[-1], best[-1]):
            best, best_number = steps, number
    return Clustering(best, shown, tuple(restarts), best_number)


def is_better(end: Step, best: Step) -> bool:
    """Lower inertia, and not by rounding alone: the clusters differ too."""
    return end.inertia < best.inertia and not is_same_partition(end.labels, best.labels)


def is_same_partition(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether every cluster of `one` lies within one cluster of `other`, whatever their numbers."""
    pairs = one.astype(np.int64) * (int(other.max()) + 1) + other
    return len(np.unique(pairs)) == len(np.unique(one))


def run_restarts(
    points: np.ndarray,
    n_clusters: int,
    method: Method,
    initialization: Initialization,
    *,
    max_iter: int,
    shown: np.ndarray,
    skip: int = 0,
) -> Iterator[tuple[Step, ...]]:
    """The steps of each restart after the first `skip` ones, whose random numbers are drawn all the same."""
    mean = points.mean(axis=0) if method.is_centered else np.zeros(points.shape[1])
    moved = points - mean  # squares of small numbers lose fewer digits
    random = np.random.RandomState(initialization.seed)  # scikit-learn's: same seed, same initial centers
    for number in range(initialization.restarts):
        if initialization.centers is not None:
            centers = initialization.centers - mean
        else:
            centers = draw_centers(moved, n_clusters, method, initialization.init, random)
        if number >= skip:
            steps = _steps(moved, centers, method, max_iter, shown)
            yield tuple(replace(step, centroids=step.centroids + mean) for step in steps)


def _steps(
    points: np.ndarray, centers: np.ndarray, method: Method, max_iter: int, shown: np.ndarray
) -> list[Step]:
    """All steps of one restart; all but the last keep only the labels of the `shown` points."""
    kept: list[Step] = []
    last: Step | None = None
    for step in method.iterate(points, centers, max_iter):
        if last is not None:
            kept.append(replace(last, labels=last.labels[shown]))
        last = step
    return [*kept, last] if last is not None else kept
