"""The ways to cluster by their names: what each needs, and what it minimizes, in words."""

from dataclasses import dataclass

from models.clustering.card import PredictParams
from models.clustering.data import Points
from models.clustering.distances import CosineDistance, ManhattanDistance, Method, SquaredDistance
from models.clustering.modes import MixedCost


@dataclass(frozen=True)
class About:
    """A way to cluster, for the reader."""

    minimizes: str
    center: str


ABOUT = {
    "k-means": About(
        "the sum of squared Euclidean distances of the rows to the means of their clusters (inertia)", "mean"
    ),
    "k-medians": About(
        "the sum of Manhattan distances of the rows to the medians of their clusters, column by column",
        "median",
    ),
    "spherical k-means": About(
        "the sum of cosine distances (1 minus the cosine) of the rows to the mean directions of their "
        "clusters; how long a row is does not count",
        "mean direction",
    ),
    "k-modes": About(
        "the number of categories that differ from the most frequent ones (modes) of their clusters", "mode"
    ),
    "k-prototypes": About(
        "the squared Euclidean distances of the numbers to the means of their clusters, plus gamma for each "
        "category that differs from the mode",
        "mean and mode",
    ),
}


def method_of(points: Points, params: PredictParams, tolerance: float) -> Method:
    """The way that `params` names, for these points."""
    sizes = tuple(len(words) for words in points.categories)
    return method_named(params.method, sizes, gamma_of(points, params), tolerance)


def method_named(name: str, sizes: tuple[int, ...], gamma: float, tolerance: float) -> Method:
    """Args: `sizes`: how many categories each categorical column has."""
    if name in ("k-modes", "k-prototypes"):
        return MixedCost(sizes, gamma)
    if name == "k-medians":
        return ManhattanDistance()
    return CosineDistance() if name == "spherical k-means" else SquaredDistance(tolerance)


def gamma_of(points: Points, params: PredictParams) -> float:
    """What a category that differs costs: 1 without numbers, else as told, or half the numbers' mean spread.

    Huang 1998 suggests that half; so does the package kmodes.
    """
    numbers = points.scaled[:, : points.numeric]
    if params.method != "k-prototypes" or numbers.shape[1] == 0:
        return 1.0
    return params.gamma or float(0.5 * numbers.std(axis=0).mean())
