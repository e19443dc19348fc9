"""Writes the sample tables: `python -m models.clustering.recipe.samples`.

They are data sets of UCI as scikit-learn ships them. The animals are not among them: they are typical values,
rounded and compiled by hand.
"""

import numpy as np
from sklearn import datasets
from sklearn.utils import Bunch

from models.clustering.card import HERE
from models.core.tables import csv_reader


def main() -> None:
    """Write every data set with its classes as text."""
    for name, load, class_column in (
        ("iris", datasets.load_iris, "species"),
        ("wine", datasets.load_wine, "cultivar"),
        ("breast-cancer", datasets.load_breast_cancer, "diagnosis"),
        ("diabetes", lambda: datasets.load_diabetes(scaled=False), "progression"),
        ("digits", datasets.load_digits, "digit"),
    ):
        loaded = load()
        if isinstance(loaded, Bunch):
            _write(name, loaded, class_column)


def _write(name: str, data: Bunch, class_column: str) -> None:
    classes = [f"{value:g}" for value in np.asarray(data.target)]
    if "target_names" in data:
        classes = [str(data.target_names[label]) for label in data.target]
    if name == "digits":  # a digit is a class, not a number
        classes = [f"digit {label}" for label in data.target]
    rows = [
        [*(f"{value:g}" for value in values), label] for values, label in zip(data.data, classes, strict=True)
    ]
    header = [*data.feature_names, class_column]
    (HERE / "samples" / f"{name}.csv").write_bytes(csv_reader.write(header, rows))


if __name__ == "__main__":
    main()
