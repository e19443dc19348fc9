"""Clustering from several starts, the best kept with all its steps.

Starts: Arthur and Vassilvitskii, k-means++: The Advantages of Careful Seeding, SODA 2007, as scikit-learn
draws them. With the same seed k-means equals `sklearn.cluster.KMeans(algorithm="lloyd")` in all it does.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from sklearn.cluster import kmeans_plusplus

from models.clustering.distances import Method
from models.clustering.lloyd import Step, is_same_partition
from models.clustering.modes import MixedCost, cao, huang

PLACED, CAO, HUANG = "placed", "Cao", "Huang"


@dataclass(frozen=True)
class Restart:
    """The way of one start, in numbers."""

    inertias: tuple[float, ...]  # of every step

    @property
    def iterations(self) -> int:
        return len(self.inertias) - 1


@dataclass(frozen=True)
class Clustering:
    """The best of all starts; centroids are in the units of the points that were given."""

    steps: tuple[Step, ...]  # labels of the `shown` points only, but for the last
    shown: np.ndarray  # indices of the points whose way is kept
    restarts: tuple[Restart, ...]
    best: int

    @property
    def end(self) -> Step:
        return self.steps[-1]


@dataclass(frozen=True)
class Starts:
    """How to begin: `init` says how centers are chosen; `placed` (K, D) are the user's own."""

    init: str
    count: int
    seed: int
    placed: np.ndarray | None = None

    @property
    def tries(self) -> int:
        """Chosen without chance, every start would be the same."""
        return 1 if self.init in (PLACED, CAO) else self.count


def cluster(
    points: np.ndarray, n_clusters: int, method: Method, starts: Starts, *, max_iter: int, shown: np.ndarray
) -> Clustering:
    """Clusters of `points` (N, D) with every step of the best start.

    Args:
        shown: indices of the points whose labels are kept for every step.
    """
    best: tuple[Step, ...] = ()
    restarts: list[Restart] = []
    chosen = 0
    for number, steps in enumerate(
        attempts(points, n_clusters, method, starts, max_iter=max_iter, shown=shown)
    ):
        restarts.append(Restart(tuple(step.inertia for step in steps)))
        if not best or is_better(steps[-1], best[-1]):
            best, chosen = steps, number
    return Clustering(best, shown, tuple(restarts), chosen)


def is_better(end: Step, best: Step) -> bool:
    """Less inertia, and not only by rounding: the clusters differ too."""
    return end.inertia < best.inertia and not is_same_partition(end.labels, best.labels)


def attempts(
    points: np.ndarray,
    n_clusters: int,
    method: Method,
    starts: Starts,
    *,
    max_iter: int,
    shown: np.ndarray,
    done: int = 0,
) -> Iterator[tuple[Step, ...]]:
    """The steps from each start, after the first `done` ones: their random numbers are drawn all the same."""
    middle = points.mean(axis=0) if method.is_centered else np.zeros(points.shape[1])
    moved = points - middle  # squares of small numbers lose fewer digits
    random = np.random.RandomState(
        starts.seed
    )  # the generator that scikit-learn uses: same seed, same starts
    for number in range(starts.tries):
        if starts.placed is not None:
            start = starts.placed - middle
        else:
            start = starting_centers(moved, n_clusters, method, starts.init, random)
        if number >= done:
            steps = _walk(moved, start, method, max_iter, shown)
            yield tuple(replace(step, centroids=step.centroids + middle) for step in steps)


def starting_centers(
    points: np.ndarray, n_clusters: int, method: Method, init: str, random: np.random.RandomState
) -> np.ndarray:
    """(n_clusters, D): points of the data, chosen as `init` says."""
    if isinstance(method, MixedCost) and init in (CAO, HUANG):
        codes = method.split(points)[1]
        return points[cao(codes, n_clusters) if init == CAO else huang(codes, n_clusters, random)]
    if init == "random":
        weights = np.full(len(points), 1.0 / len(points))
        return points[random.choice(len(points), size=n_clusters, replace=False, p=weights)]
    if method.is_centered:
        return kmeans_plusplus(points, n_clusters, random_state=random)[0]
    return points[_far_apart(points, n_clusters, method, random)]


def _far_apart(
    points: np.ndarray, n_clusters: int, method: Method, random: np.random.RandomState
) -> np.ndarray:
    """k-means++ for any cost: each next point is drawn with a chance as large as its cost is by then."""
    chosen = [int(random.randint(len(points)))]
    least = np.full(len(points), np.inf)
    while len(chosen) < n_clusters:
        costs = method.costs(points, points[[chosen[-1]]])[:, 0]
        least = np.minimum(least, np.maximum(costs, 0.0))
        least[chosen] = 0.0
        total = float(least.sum())
        if total > 0:
            chosen.append(int(random.choice(len(points), p=least / total)))
        else:  # all others lie on chosen ones
            chosen.append(int(np.setdiff1d(np.arange(len(points)), chosen)[0]))
    return np.array(chosen)


def _walk(
    points: np.ndarray, start: np.ndarray, method: Method, max_iter: int, shown: np.ndarray
) -> list[Step]:
    """All steps from one start; all but the last keep the labels of the `shown` points alone."""
    kept: list[Step] = []
    last: Step | None = None
    for step in method.walk(points, start, max_iter):
        if last is not None:
            kept.append(replace(last, labels=last.labels[shown]))
        last = step
    return [*kept, last] if last is not None else kept
