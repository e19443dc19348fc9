"""How far a figure would vary with other rows: percentile intervals by the bootstrap.

The evaluated rows stand for all rows that might have been drawn. Drawing n of them again and again, with
replacement, gives samples of the same size; the middle 95 % of the figures of these samples are the interval
(Efron and Tibshirani, An Introduction to the Bootstrap, 1993, section 13.3). The model stays the same: the
interval covers the choice of the evaluated rows, not that of the training rows (see `cross_validation`).

A sample is written as a weight for each row, how often it was drawn, so that every figure of all samples is
a product of matrices.

Shapes: N rows, K classes, B resamples.
"""

from typing import Any

import numpy as np

LEVEL = 0.95
MIN_ROWS = 5
RESAMPLES = 1_000
MIN_RESAMPLES = 200  # for large tables, whose intervals are narrow anyway
_MAX_DRAWN = 20_000_000  # rows in all resamples together, times the classes
_CHUNK = 2_000_000  # weights in memory at once

Interval = tuple[float, float]


def resamples_of(rows: int, classes: int) -> int:
    """How many resamples are drawn: fewer for large tables."""
    return int(np.clip(_MAX_DRAWN // (rows * max(1, classes)), MIN_RESAMPLES, RESAMPLES))


def intervals(actual: np.ndarray, predicted: np.ndarray, classes: int, *, seed: int) -> dict[str, Any]:
    """The interval of every metric of these rows.

    Args:
        actual: (N,) numbers or indices of classes.
        predicted: (N,) numbers or (N, K) class probabilities.
        classes: K; 0 for numbers.

    Returns:
        "level", "resamples", and "metrics": by name (low, high), or None where resampling cannot show how
        the figure varies: with fewer than five rows, and where it is the same in all samples.
    """
    count = resamples_of(len(actual), classes)
    random = np.random.default_rng([seed, 0xB007])
    size = max(1, _CHUNK // len(actual))
    chunks = []
    for start in range(0, count, size):
        drawn = random.integers(len(actual), size=(min(size, count - start), len(actual)))
        chunks.append(_figures(weights_of(drawn, len(actual)), actual, predicted, classes))
    figures = {name: np.concatenate([chunk[name] for chunk in chunks]) for name in chunks[0]}
    return {
        "level": LEVEL,
        "resamples": count,
        "metrics": {
            name: _interval(name, values, len(actual)) if len(actual) >= MIN_ROWS else None
            for name, values in figures.items()
        },
    }


def weights_of(drawn: np.ndarray, rows: int) -> np.ndarray:
    """(B, n) drawn rows -> (B, N): how often each row was drawn."""
    flat = (drawn + rows * np.arange(len(drawn))[:, None]).ravel()
    return np.bincount(flat, minlength=rows * len(drawn)).reshape(len(drawn), rows).astype(np.float64)


def _interval(name: str, values: np.ndarray, rows: int) -> Interval | None:
    defined = values[np.isfinite(values)]
    if len(defined) < len(values) / 2:
        return None
    low, high = (float(end) for end in np.quantile(defined, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]))
    if low < high:
        return low, high
    return exact_interval(low, rows) if name == "accuracy" else None


def exact_interval(accuracy: float, rows: int) -> Interval | None:
    """Where every row is right, or every row wrong, all resamples agree.

    The exact interval of a share (Clopper and Pearson 1934) is then known: from 0.025^(1/n) to 1 if all n
    rows are right.
    """
    end = ((1 - LEVEL) / 2) ** (1 / rows)
    return {1.0: (end, 1.0), 0.0: (0.0, 1 - end)}.get(accuracy)


def _figures(
    weights: np.ndarray, actual: np.ndarray, predicted: np.ndarray, classes: int
) -> dict[str, np.ndarray]:
    with np.errstate(divide="ignore", invalid="ignore"):
        if classes:
            return classification_figures(weights, actual.astype(np.int64), predicted)
        return regression_figures(weights, actual, predicted)


def regression_figures(
    weights: np.ndarray, actual: np.ndarray, predicted: np.ndarray
) -> dict[str, np.ndarray]:
    """As `metrics.regression_quality`, (B,) each; NaN where undefined."""
    rows = weights.sum(axis=1)
    errors = actual - predicted
    centered = actual - actual.mean()  # the same variance, and no digits are lost
    squared = weights @ errors**2
    total = weights @ centered**2 - (weights @ centered) ** 2 / rows
    is_drawn = weights > 0
    highest = np.where(is_drawn, actual, -np.inf).max(axis=1)
    is_constant = highest == np.where(is_drawn, actual, np.inf).min(axis=1)
    return {
        "r2": np.where(is_constant, np.nan, 1 - squared / total),
        "mae": weights @ np.abs(errors) / rows,
        "rmse": np.sqrt(squared / rows),
    }


def classification_figures(
    weights: np.ndarray, actual: np.ndarray, predicted: np.ndarray
) -> dict[str, np.ndarray]:
    """As `metrics.classification_quality`, (B,) each; NaN where undefined."""
    rows = weights.sum(axis=1)
    classes = np.arange(predicted.shape[1])
    likeliest = predicted.argmax(axis=1)
    is_actual, is_predicted = actual[:, None] == classes, likeliest[:, None] == classes  # (N, K)
    hits = weights @ (is_actual & is_predicted).astype(np.float64)  # (B, K)
    occurring = weights @ is_actual.astype(np.float64) + weights @ is_predicted.astype(np.float64)
    f1 = np.where(occurring > 0, 2 * hits / np.maximum(occurring, 1), 0.0)
    smallest = np.finfo(predicted.dtype).eps  # as in scikit-learn
    likelihood = np.clip(predicted[np.arange(len(actual)), actual], smallest, 1 - smallest)
    # two classes: of the second one; more: the mean over the classes, each against the rest
    against_rest = classes[1:] if len(classes) == 2 else classes
    areas = [_area_under_roc(weights, is_actual[:, index], predicted[:, index]) for index in against_rest]
    return {
        "accuracy": hits.sum(axis=1) / rows,
        "f1_macro": f1.sum(axis=1) / (occurring > 0).sum(axis=1),
        "log_loss": -(weights @ np.log(likelihood)) / rows,
        "roc_auc": np.mean(areas, axis=0),
    }


def _area_under_roc(weights: np.ndarray, is_positive: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """(B,): the probability that a positive row scores higher than a negative one; ties count half."""
    order = np.argsort(scores, kind="stable")
    starts = np.flatnonzero(np.diff(scores[order], prepend=-np.inf))  # of rows with the same score
    positive = np.add.reduceat(weights[:, order] * is_positive[order], starts, axis=1)
    negative = np.add.reduceat(weights[:, order] * ~is_positive[order], starts, axis=1)
    below = np.cumsum(negative, axis=1) - negative
    won = (positive * (below + negative / 2)).sum(axis=1)
    return won / (positive.sum(axis=1) * negative.sum(axis=1))
