"""Writes the weights file and the samples anew: `python -m models.clustering.recipe.samples`.

k-means has nothing to train. What its predictor loads is the one number that is fixed and no param: at which
move of the centroids, relative to the columns' variance, it stops (scikit-learn's `tol`). The animals are
no measurements: typical values, rounded, written down by hand, so they are not made here.
"""

import numpy as np
import torch
from sklearn import datasets
from sklearn.utils import Bunch

from models.clustering.card import CARD, HERE
from models.clustering.train import TOLERANCE
from models.core.contract import checkpoint
from models.core.tables import csv_reader


def main() -> None:
    """The samples are what scikit-learn ships of UCI's data sets, with their classes as words."""
    weights = CARD.models[0].weights
    if weights is not None:
        tolerance = torch.tensor([TOLERANCE], dtype=torch.float64)
        checkpoint.save(weights, {"architecture": "kmeans"}, {"tolerance": tolerance})
    for name, load, of_class in (
        ("iris", datasets.load_iris, "species"),
        ("wine", datasets.load_wine, "cultivar"),
        ("breast-cancer", datasets.load_breast_cancer, "diagnosis"),
        ("diabetes", lambda: datasets.load_diabetes(scaled=False), "progression"),
        ("digits", datasets.load_digits, "digit"),
    ):
        found = load()
        if isinstance(found, Bunch):
            _write(name, found, of_class)


def _write(name: str, found: Bunch, of_class: str) -> None:
    words = [str(found.target_names[label]) for label in found.target] if "target_names" in found else []
    if name == "digits":  # a digit is a class, not a number
        words = [f"digit {label}" for label in found.target]
    classes = words or [f"{value:g}" for value in np.asarray(found.target)]
    rows = [
        [*(f"{value:g}" for value in values), label]
        for values, label in zip(found.data, classes, strict=True)
    ]
    (HERE / "samples" / f"{name}.csv").write_bytes(csv_reader.write([*found.feature_names, of_class], rows))


if __name__ == "__main__":
    main()
