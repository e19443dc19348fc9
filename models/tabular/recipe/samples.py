"""Writes the sample tables: `python -m models.tabular.recipe.samples`.

They are the data sets that scikit-learn ships, each with the target as its last column and classes by name.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from sklearn import datasets
from sklearn.utils import Bunch

from models.core.tables import csv_reader
from models.tabular.card import SAMPLES

# (file, loader, name of the target's column)
TABLES: tuple[tuple[str, Callable[[], Any], str], ...] = (
    ("iris", datasets.load_iris, "species"),
    ("wine", datasets.load_wine, "cultivar"),
    ("breast-cancer", datasets.load_breast_cancer, "diagnosis"),
    ("diabetes", lambda: datasets.load_diabetes(scaled=False), "progression"),
    ("digits", datasets.load_digits, "digit"),
)


def tables() -> Iterator[tuple[str, bytes]]:
    """(name, CSV file) of each sample."""
    for name, load, target in TABLES:
        yield name, csv_reader.write(*_table(name, load(), target))


def _table(name: str, data: Bunch, target: str) -> tuple[list[str], list[list[str]]]:
    labels = [f"{value:g}" for value in np.asarray(data.target)]
    if name == "digits":  # a digit is a class, not a number
        labels = [f"digit {label}" for label in data.target]
    elif "target_names" in data:
        labels = [str(data.target_names[label]) for label in data.target]
    rows = [
        [*(f"{value:g}" for value in values), label] for values, label in zip(data.data, labels, strict=True)
    ]
    return [*data.feature_names, target], rows


def main() -> None:
    """Write all samples."""
    for name, content in tables():
        (SAMPLES / f"{name}.csv").write_bytes(content)


if __name__ == "__main__":
    main()
