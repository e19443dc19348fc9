"""How well a model fitted before predicts another table."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from models.tabular import metrics
from models.tabular.data import Table
from models.tabular.evaluation.by_class import quality_by_class
from models.tabular.evaluation.intervals import intervals


@dataclass(frozen=True)
class QualityOfTable:
    """The quality on the rows whose actual value is known."""

    rows: int
    metrics: dict[str, float | None]
    intervals: dict[str, Any]  # see `intervals`
    by_class: list[dict[str, Any]] | None  # None: the target is a number


def quality_of_table(table: Table, predicted: np.ndarray, *, seed: int) -> QualityOfTable | None:
    """None: no row has an actual value that the model knows.

    Args:
        predicted: of all used rows, (N,) numbers or (N, K) class probabilities.
    """
    known = np.flatnonzero(~np.isnan(table.actual))
    if len(known) == 0:
        return None
    actual, predicted, classes = table.actual[known], predicted[known], table.target.classes
    return QualityOfTable(
        rows=len(known),
        metrics=metrics.quality(actual, predicted, len(classes)),
        intervals=intervals(actual, predicted, len(classes), seed=seed),
        by_class=quality_by_class(actual, predicted, classes) if classes else None,
    )
