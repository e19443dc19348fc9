"""Initial centers: k-means++, random rows, Cao, Huang, or the user's own.

k-means++ (Arthur and Vassilvitskii, k-means++: The Advantages of Careful Seeding, SODA 2007) draws the first
center among the points, and each next one with the probability

    P(x) = D(x)² / Σ D(x')²,   D(x): distance of x to the nearest center drawn before

so that centers start far from each other. For squared distances scikit-learn's variant is used, which draws
several candidates each time and keeps the best; with one seed both choose the same centers.

Shapes: N points, D columns, K clusters.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.cluster import kmeans_plusplus

from models.clustering.distances import Method
from models.clustering.k_prototypes import MixedDistance

PLACED, CAO, HUANG = "placed", "Cao", "Huang"


@dataclass(frozen=True)
class Initialization:
    """How initial centers are chosen, and how often. `centers` (K, D) are the user's own."""

    init: str
    n_init: int
    seed: int
    centers: np.ndarray | None = None

    @property
    def restarts(self) -> int:
        """Without randomness every restart would be the same."""
        return 1 if self.init in (PLACED, CAO) else self.n_init


def draw_centers(
    points: np.ndarray, n_clusters: int, method: Method, init: str, random: np.random.RandomState
) -> np.ndarray:
    """(n_clusters, D): some of the points, chosen as `init` names it."""
    if isinstance(method, MixedDistance) and init in (CAO, HUANG):
        codes = method.split(points)[1]
        return points[cao(codes, n_clusters) if init == CAO else huang(codes, n_clusters, random)]
    if init == "random":
        weights = np.full(len(points), 1.0 / len(points))
        return points[random.choice(len(points), size=n_clusters, replace=False, p=weights)]
    if method.is_centered:
        return kmeans_plusplus(points, n_clusters, random_state=random)[0]
    return points[k_means_plus_plus(points, n_clusters, method, random)]


def k_means_plus_plus(
    points: np.ndarray, n_clusters: int, method: Method, random: np.random.RandomState
) -> np.ndarray:
    """Indices of the initial centers, (n_clusters,), for any distance: its cost takes the place of D(x)²."""
    chosen = [int(random.randint(len(points)))]
    lowest = np.full(len(points), np.inf)
    while len(chosen) < n_clusters:
        costs = method.costs(points, points[[chosen[-1]]])[:, 0]
        lowest = np.minimum(lowest, np.maximum(costs, 0.0))
        lowest[chosen] = 0.0
        total = float(lowest.sum())
        if total > 0:
            chosen.append(int(random.choice(len(points), p=lowest / total)))
        else:  # all other points equal a chosen one
            chosen.append(int(np.setdiff1d(np.arange(len(points)), chosen)[0]))
    return np.array(chosen)


def huang(codes: np.ndarray, count: int, random: np.random.RandomState) -> np.ndarray:
    """Indices of the initial centers, (count,): the nearest rows to modes drawn by their frequency."""
    drawn = np.stack([random.choice(np.sort(column), count) for column in codes.T], axis=1)
    chosen: list[int] = []
    for modes in drawn:
        mismatches = (codes != modes).sum(axis=1)
        for row in np.argsort(mismatches, kind="stable"):
            if not any((codes[row] == codes[other]).all() for other in chosen):
                chosen.append(int(row))
                break
    # fewer distinct rows than clusters: the first other rows
    others = (row for row in range(len(codes)) if row not in set(chosen))
    return np.array([*chosen, *(next(others) for _ in range(count - len(chosen)))])


def cao(codes: np.ndarray, count: int) -> np.ndarray:
    """Indices of the initial centers, (count,): rows of frequent categories, far from those chosen before.

    Cao, Liang and Bai, A new initialization method for categorical data clustering, Expert Systems with
    Applications 36(7), 2009.
    """
    density = np.mean([np.bincount(column)[column] / len(codes) for column in codes.T], axis=0)
    chosen = [int(density.argmax())]
    lowest = np.full(len(codes), np.inf)
    while len(chosen) < count:
        lowest = np.minimum(lowest, (codes != codes[chosen[-1]]).sum(axis=1) * density)
        chosen.append(int(lowest.argmax()))
    return np.array(chosen)
