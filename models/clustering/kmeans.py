"""k-means from several starts, the best kept with all its steps; how many clusters would fit.

Starts: Arthur and Vassilvitskii, k-means++: The Advantages of Careful Seeding, SODA 2007, as scikit-learn
draws them. With the same seed all equals `sklearn.cluster.KMeans(algorithm="lloyd")`.
"""

from dataclasses import dataclass, replace

import numpy as np
from sklearn.cluster import kmeans_plusplus
from sklearn.metrics import silhouette_score

from models.clustering.lloyd import Step, is_same_partition, lloyd

MOST_TRIED = 10  # the elbow looks at up to this many clusters
_SILHOUETTE_POINTS = 2_000  # it compares all pairs
_ELBOW_POINTS = 5_000
_ELBOW_STARTS = 3
_ELBOW_ITERATIONS = 100
_ELBOW_TOLERANCE = 1e-4


@dataclass(frozen=True)
class Restart:
    """How one start ended."""

    start: Step
    end: Step


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


def cluster(
    points: np.ndarray,
    n_clusters: int,
    *,
    init: str,
    n_init: int,
    max_iter: int,
    seed: int,
    tolerance: float,
    shown: np.ndarray,
) -> Clustering:
    """k-means of `points` (N, D) with every step of the best start.

    Args:
        tolerance: of the columns' mean variance, as scikit-learn's `tol`.
        shown: indices of the points whose labels are kept for every step.
    """
    middle = points.mean(axis=0)
    centered = points - middle  # squares of small numbers lose fewer digits
    allowed = float(points.var(axis=0).mean()) * tolerance
    random = np.random.RandomState(seed)  # the generator that scikit-learn uses: same seed, same starts
    best: tuple[Step, ...] = ()
    restarts: list[Restart] = []
    chosen = 0
    for number in range(n_init):
        start = starting_centroids(centered, n_clusters, init, random)
        steps = _walk(centered, start, max_iter, allowed, shown)
        end = steps[-1]
        restarts.append(Restart(steps[0], end))
        if not best or (
            end.inertia < best[-1].inertia and not is_same_partition(end.labels, best[-1].labels)
        ):
            best, chosen = tuple(steps), number
    moved = tuple(replace(step, centroids=step.centroids + middle) for step in best)
    return Clustering(moved, shown, tuple(restarts), chosen)


def starting_centroids(
    points: np.ndarray, n_clusters: int, init: str, random: np.random.RandomState
) -> np.ndarray:
    """(n_clusters, D): points of the data, far from each other (`k-means++`) or any (`random`)."""
    if init == "k-means++":
        return kmeans_plusplus(points, n_clusters, random_state=random)[0]
    weights = np.full(len(points), 1.0 / len(points))
    return points[random.choice(len(points), size=n_clusters, replace=False, p=weights)]


def _walk(
    points: np.ndarray, start: np.ndarray, max_iter: int, tolerance: float, shown: np.ndarray
) -> list[Step]:
    """All steps from one start; all but the last keep the labels of the `shown` points alone."""
    kept: list[Step] = []
    last: Step | None = None
    for step in lloyd(points, start, max_iter=max_iter, tolerance=tolerance):
        if last is not None:
            kept.append(replace(last, labels=last.labels[shown]))
        last = step
    return [*kept, last] if last is not None else kept


@dataclass(frozen=True)
class Elbow:
    """How well each number of clusters fits a part of the points."""

    counts: tuple[int, ...]
    inertias: tuple[float, ...]
    silhouettes: tuple[float | None, ...]  # None for one cluster
    knee: int  # where more clusters stop to pay
    points: int  # how many points were looked at


def elbow(points: np.ndarray, *, seed: int) -> Elbow:
    """k-means for 1, 2, ... clusters, on at most 5,000 points.

    The silhouette (Rousseeuw 1987) compares pairs of at most 2,000 points.
    """
    seen = points[spread(len(points), _ELBOW_POINTS)]
    most = min(MOST_TRIED, len(np.unique(seen, axis=0)))
    inertias: list[float] = []
    silhouettes: list[float | None] = []
    compared = spread(len(seen), _SILHOUETTE_POINTS)
    for count in range(1, most + 1):
        found = cluster(
            seen,
            count,
            init="k-means++",
            n_init=_ELBOW_STARTS,
            max_iter=_ELBOW_ITERATIONS,
            seed=seed,
            tolerance=_ELBOW_TOLERANCE,
            shown=compared,
        )
        inertias.append(found.end.inertia)
        silhouettes.append(silhouette(seen[compared], found.end.labels[compared]))
    return Elbow(tuple(range(1, most + 1)), tuple(inertias), tuple(silhouettes), knee(inertias), len(seen))


def knee(inertias: list[float]) -> int:
    """The number of clusters farthest below the straight line from the first inertia to the last.

    Satopää et al., Finding a "Kneedle" in a Haystack, 2011, on the whole curve at once.
    """
    if len(inertias) < 3 or inertias[0] <= inertias[-1]:
        return 1
    heights = (np.array(inertias) - inertias[-1]) / (inertias[0] - inertias[-1])
    line = np.linspace(1.0, 0.0, len(inertias))
    return int((line - heights).argmax()) + 1


def silhouette(points: np.ndarray, labels: np.ndarray) -> float | None:
    """Mean silhouette in [-1, 1]; None where all points, or each point, are a cluster of their own."""
    clusters = len(np.unique(labels))
    return float(silhouette_score(points, labels)) if 1 < clusters < len(points) else None


def spread(count: int, most: int) -> np.ndarray:
    """Indices of at most `most` of `count` rows, evenly over all of them."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(np.int64))


def project(points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The plane in which the points differ most (principal components, Pearson 1901).

    Returns:
        The mean (D,), two unit vectors (2, D), and the share of the variance that each tells (2,).
    """
    middle = points.mean(axis=0)
    centered = points - middle
    values, vectors = np.linalg.eigh(centered.T @ centered)
    axes = vectors[:, ::-1][:, :2].T
    # a vector and its opposite tell the same: the largest part is made positive, so that pictures stay put
    signs = np.sign(axes[np.arange(2), np.abs(axes).argmax(axis=1)])
    total = max(float(values.sum()), np.finfo(np.float64).tiny)
    return middle, axes * signs[:, None], values[::-1][:2].clip(0) / total
