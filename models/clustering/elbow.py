"""The number of clusters: the elbow of the inertia, and the silhouette.

    elbow        inertia J(k) for k = 1, 2, ...: beyond the elbow of this curve more clusters bring little
    silhouette   s(i) = (b(i) - a(i)) / max(a(i), b(i)), in [-1, 1]
                 a(i): mean distance of point i to the other points of its cluster
                 b(i): mean distance to the points of the nearest other cluster

Rousseeuw, Silhouettes, Journal of Computational and Applied Mathematics 20, 1987.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.metrics import silhouette_score

from models.clustering.distances import Method
from models.clustering.initialization import Initialization
from models.clustering.k_prototypes import MixedDistance
from models.clustering.restarts import cluster

MAX_CLUSTERS_TRIED = 10
SILHOUETTE_POINTS = 2_000  # the silhouette compares all pairs
_POINTS = 5_000
_CATEGORICAL_POINTS = 1_000  # k-modes and k-prototypes visit rows one by one, which takes longer
_RESTARTS = 3
_ITERATIONS = 100


@dataclass(frozen=True)
class Elbow:
    """The fit of each number of clusters to a sample of the points."""

    counts: tuple[int, ...]
    inertias: tuple[float, ...]
    silhouettes: tuple[float | None, ...]  # None for one cluster
    elbow: int  # number of clusters beyond which more bring little
    points: int  # number of points in the sample


def elbow(points: np.ndarray, method: Method, *, seed: int) -> Elbow:
    """Clusterings of a sample of the points into 1, 2, ... clusters."""
    size = _CATEGORICAL_POINTS if isinstance(method, MixedDistance) else _POINTS
    sample = points[spaced(len(points), size)]
    most = min(MAX_CLUSTERS_TRIED, len(np.unique(sample, axis=0)))
    inertias: list[float] = []
    silhouettes: list[float | None] = []
    compared = spaced(len(sample), SILHOUETTE_POINTS)
    initialization = Initialization("k-means++", _RESTARTS, seed)
    for count in range(1, most + 1):
        end = cluster(sample, count, method, initialization, max_iter=_ITERATIONS, shown=compared).end
        inertias.append(end.inertia)
        silhouettes.append(silhouette(sample[compared], end.labels[compared], method))
    counts = tuple(range(1, most + 1))
    return Elbow(counts, tuple(inertias), tuple(silhouettes), elbow_of(inertias), len(sample))


def elbow_of(inertias: list[float]) -> int:
    """The number of clusters farthest below the straight line from the first inertia to the last.

    Satopää et al., Finding a "Kneedle" in a Haystack, 2011, on the whole curve at once.
    """
    if len(inertias) < 3 or inertias[0] <= inertias[-1]:
        return 1
    heights = (np.array(inertias) - inertias[-1]) / (inertias[0] - inertias[-1])
    line = np.linspace(1.0, 0.0, len(inertias))
    return int((line - heights).argmax()) + 1


def silhouette(points: np.ndarray, labels: np.ndarray, method: Method) -> float | None:
    """Mean silhouette in [-1, 1]; None if all points form one cluster, or each point its own."""
    clusters = len(np.unique(labels))
    if not 1 < clusters < len(points):
        return None
    return float(silhouette_score(method.embed(points), labels, metric=method.metric))


def spaced(count: int, most: int) -> np.ndarray:
    """Indices of at most `most` of `count` rows, evenly spaced."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(np.int64))
