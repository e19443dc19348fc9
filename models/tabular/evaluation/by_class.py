"""Recall, precision and F1 of each class: the accuracy hides what happens to a rare one."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.metrics import precision_recall_fscore_support


def quality_by_class(
    actual: np.ndarray, predicted: np.ndarray, classes: Sequence[str]
) -> list[dict[str, Any]]:
    """For each class: rows that belong to it, rows predicted as it, recall, precision and F1.

    Recall is None if no row belongs to the class, precision if none is predicted as it.

    Args:
        actual: (N,) indices of the classes.
        predicted: (N, K) class probabilities.
    """
    labels = np.arange(len(classes))
    likeliest = predicted.argmax(axis=1)
    measures: Any = precision_recall_fscore_support(
        actual.astype(np.int64),
        likeliest,
        labels=labels,
        zero_division=0.0,  # type: ignore[arg-type]
    )
    precision, recall, f1, rows = measures
    found = np.bincount(likeliest, minlength=len(classes))
    return [
        {
            "class": name,
            "rows": int(rows[index]),
            "predicted": int(found[index]),
            "recall": float(recall[index]) if rows[index] else None,
            "precision": float(precision[index]) if found[index] else None,
            "f1": float(f1[index]) if rows[index] or found[index] else None,
        }
        for index, name in enumerate(classes)
    ]
