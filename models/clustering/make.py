"""Writes the weights file and the samples anew: `python -m models.clustering.make`.

k-means has nothing to train. What its predictor loads is the one number that is fixed and no param: at which
move of the centroids, relative to the columns' variance, it stops (scikit-learn's `tol`).
"""

import torch
from sklearn import datasets
from sklearn.utils import Bunch

from models.clustering.card import CARD, HERE
from models.core import checkpoint, table

TOLERANCE = 1e-4


def main() -> None:
    """The samples are what scikit-learn ships of UCI's data sets, with their classes as words."""
    weights = CARD.models[0].weights
    if weights is not None:
        tolerance = torch.tensor([TOLERANCE], dtype=torch.float64)
        checkpoint.save(weights, {"architecture": "kmeans"}, {"tolerance": tolerance})
    for name, load, of_class in (
        ("iris", datasets.load_iris, "species"),
        ("wine", datasets.load_wine, "cultivar"),
    ):
        found = load()
        if isinstance(found, Bunch):
            rows = [
                [*(f"{value:g}" for value in values), str(found.target_names[label])]
                for values, label in zip(found.data, found.target, strict=True)
            ]
            (HERE / "samples" / f"{name}.csv").write_bytes(
                table.write([*found.feature_names, of_class], rows)
            )


if __name__ == "__main__":
    main()
