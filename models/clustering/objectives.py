"""The objective of each method: what it minimizes, the center that this leads to, and its implementation."""

from dataclasses import dataclass

from models.clustering.card import PredictParams
from models.clustering.distances import CosineDistance, ManhattanDistance, Method, SquaredDistance
from models.clustering.k_prototypes import MixedDistance
from models.clustering.table.points import Points
from models.core.contract.messages import Message, Text

K_MODES, K_PROTOTYPES, SPHERICAL = "k-modes", "k-prototypes", "spherical k-means"


@dataclass(frozen=True)
class Objective:
    """A method in words, and the function to read for its iterations."""

    name: Message
    minimizes: Message
    center: Message
    code: str


_LLOYD = "models.clustering.lloyd.lloyd"
_ALTERNATE = "models.clustering.distances.alternate"
_ONE_BY_ONE = "models.clustering.k_prototypes.MixedDistance.iterate"


def _objective(method: str, minimizes: str, center: str, code: str) -> Objective:
    name = method.replace(" ", "_")
    return Objective(
        name=Text(f"clustering.methods.{name}", method)(),
        minimizes=Text(f"clustering.objectives.{name}", minimizes)(),
        center=Text(f"clustering.centers.{name}", center)(),
        code=code,
    )


OBJECTIVES = {
    method: _objective(method, minimizes, center, code)
    for method, minimizes, center, code in (
        (
            "k-means",
            "the sum of squared Euclidean distances from the rows to the means of their clusters (inertia)",
            "mean",
            _LLOYD,
        ),
        (
            "k-medians",
            "the sum of Manhattan distances from the rows to the medians of their clusters, column by column",
            "median",
            _ALTERNATE,
        ),
        (
            SPHERICAL,
            "the sum of cosine distances (1 minus the cosine) from the rows to the mean directions of their "
            "clusters; the length of a row has no influence",
            "mean direction",
            _ALTERNATE,
        ),
        (
            K_MODES,
            "the number of categories that differ from the most frequent ones (modes) of their clusters",
            "mode",
            _ONE_BY_ONE,
        ),
        (
            K_PROTOTYPES,
            "the squared Euclidean distances of the numbers to the means of their clusters, plus gamma for "
            "each category that differs from the mode",
            "mean and mode",
            _ONE_BY_ONE,
        ),
    )
}


def method_of(points: Points, params: PredictParams) -> Method:
    """The method that `params` name, for these points."""
    sizes = tuple(len(categories) for categories in points.categories)
    return method_named(params.method, sizes, gamma_of(points, params))


def method_named(name: str, sizes: tuple[int, ...], gamma: float) -> Method:
    """Args: `sizes`: the number of categories of each categorical column."""
    if name in (K_MODES, K_PROTOTYPES):
        return MixedDistance(sizes, gamma)
    if name == "k-medians":
        return ManhattanDistance()
    return CosineDistance() if name == SPHERICAL else SquaredDistance()


def gamma_of(points: Points, params: PredictParams) -> float:
    """The cost of a category that differs: 1 without numbers, else the param, else half the mean deviation.

    Huang 1998 suggests half the numbers' mean standard deviation; so does the package kmodes.
    """
    numbers = points.scaled[:, : points.numeric]
    if params.method != K_PROTOTYPES or numbers.shape[1] == 0:
        return 1.0
    return params.gamma or float(0.5 * numbers.std(axis=0).mean())
