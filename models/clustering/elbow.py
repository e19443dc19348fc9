"""How many clusters would fit: the elbow and the silhouette; and the plane that shows most of the points."""

from dataclasses import dataclass

import numpy as np
from sklearn.metrics import silhouette_score

from models.clustering.distances import Method
from models.clustering.fit import Starts, cluster
from models.clustering.modes import MixedCost

MOST_TRIED = 10  # the elbow looks at up to this many clusters
SILHOUETTE_POINTS = 2_000  # it compares all pairs
_POINTS = 5_000
_MIXED_POINTS = 1_000  # rows with categories are looked at one by one, which takes longer
_STARTS = 3
_ITERATIONS = 100


@dataclass(frozen=True)
class Elbow:
    """How well each number of clusters fits a part of the points."""

    counts: tuple[int, ...]
    inertias: tuple[float, ...]
    silhouettes: tuple[float | None, ...]  # None for one cluster
    knee: int  # where more clusters stop to pay
    points: int  # how many points were looked at


def elbow(points: np.ndarray, method: Method, *, seed: int) -> Elbow:
    """Clusterings into 1, 2, ... clusters, of a part of the points.

    The silhouette (Rousseeuw 1987) compares pairs of at most 2,000 points.
    """
    seen = points[spread(len(points), _MIXED_POINTS if isinstance(method, MixedCost) else _POINTS)]
    most = min(MOST_TRIED, len(np.unique(seen, axis=0)))
    inertias: list[float] = []
    silhouettes: list[float | None] = []
    compared = spread(len(seen), SILHOUETTE_POINTS)
    starts = Starts("k-means++", _STARTS, seed)
    for count in range(1, most + 1):
        found = cluster(seen, count, method, starts, max_iter=_ITERATIONS, shown=compared)
        inertias.append(found.end.inertia)
        silhouettes.append(silhouette(seen[compared], found.end.labels[compared], method))
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


def silhouette(points: np.ndarray, labels: np.ndarray, method: Method) -> float | None:
    """Mean silhouette in [-1, 1]; None where all points, or each point, are a cluster of their own."""
    clusters = len(np.unique(labels))
    if not 1 < clusters < len(points):
        return None
    return float(silhouette_score(method.embed(points), labels, metric=method.metric))


def spread(count: int, most: int) -> np.ndarray:
    """Indices of at most `most` of `count` rows, evenly over all of them."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(np.int64))


@dataclass(frozen=True)
class Plane:
    """The plane in which points differ most."""

    middle: np.ndarray  # (D,)
    axes: np.ndarray  # (2, D), unit vectors
    shares: np.ndarray  # (2,), how much of the variance each tells

    def places(self, points: np.ndarray) -> np.ndarray:
        """(N, 2)"""
        return (points - self.middle) @ self.axes.T

    def points(self, places: np.ndarray) -> np.ndarray:
        """(N, D), within the plane."""
        return places @ self.axes + self.middle


def project(points: np.ndarray) -> Plane:
    """The first two principal components of `points` (N, D), D at least 2 (Pearson 1901)."""
    middle = points.mean(axis=0)
    centered = points - middle
    values, vectors = np.linalg.eigh(centered.T @ centered)
    axes = vectors[:, ::-1][:, :2].T
    # a vector and its opposite tell the same: the largest part is made positive, so that pictures stay put
    signs = np.sign(axes[np.arange(2), np.abs(axes).argmax(axis=1)])
    total = max(float(values.sum()), np.finfo(np.float64).tiny)
    return Plane(middle, axes * signs[:, None], values[::-1][:2].clip(0) / total)
