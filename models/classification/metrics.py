"""How good the answers are on pictures that the model did not learn from.

Papers: Brodersen et al. 2010, The Balanced Accuracy and Its Posterior Distribution, ICPR: classes count
alike, however many pictures each has, and the interval is honest where few pictures were all right. Wilson
1927, Probable Inference, JASA 22: the interval of a share.

Shapes: N pictures, C classes.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

DRAWS = 4000  # of the posterior
Z = 1.959964  # of a 95 % interval


def confusion(actual: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """(C, C) counts: actual classes in rows, predicted ones in columns."""
    return np.bincount(actual * classes + predicted, minlength=classes * classes).reshape(classes, classes)


def balanced_accuracy(counts: np.ndarray) -> float:
    """The mean recall of the classes that occur."""
    totals = counts.sum(axis=1)
    return float((counts.diagonal()[totals > 0] / totals[totals > 0]).mean())


def balanced_interval(counts: np.ndarray, seed: int = 0) -> tuple[float, float]:
    """95 % of the posterior of the balanced accuracy, with Jeffreys' prior Beta(1/2, 1/2) for each recall.

    Extended to the observed value, which is outside where all pictures of a class were right.
    """
    totals, right = counts.sum(axis=1), counts.diagonal()
    occurs = totals > 0
    random = np.random.default_rng(seed)
    draws = random.beta(right[occurs] + 0.5, (totals - right)[occurs] + 0.5, (DRAWS, int(occurs.sum())))
    low, high = np.quantile(draws.mean(axis=1), (0.025, 0.975))
    observed = balanced_accuracy(counts)
    return min(float(low), observed), max(float(high), observed)


def wilson_interval(right: int, total: int) -> tuple[float, float]:
    """95 % interval of a share of which `right` of `total` were observed: 23 of 24 give 0.80 to 0.99."""
    share, spread = right / total, Z * Z / total
    middle = (share + spread / 2) / (1 + spread)
    half = Z / (1 + spread) * (share * (1 - share) / total + spread / (4 * total)) ** 0.5
    return middle - half, middle + half


def log_loss(actual: np.ndarray, probabilities: np.ndarray) -> float:
    """The mean of -log p of the actual class, probabilities (N, C)."""
    chosen = probabilities[np.arange(len(actual)), actual]
    return float(-np.log(np.maximum(chosen, 1e-12)).mean())


def quality(actual: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    """The metrics of a training."""
    counts = confusion(actual, probabilities.argmax(axis=1), probabilities.shape[1])
    return {
        "balanced_accuracy": round(balanced_accuracy(counts), 4),
        "accuracy": round(float(counts.trace() / counts.sum()), 4),
        "log_loss": round(log_loss(actual, probabilities), 4),
    }


def quality_by_class(counts: np.ndarray, classes: Sequence[str]) -> list[dict[str, Any]]:
    """Pictures, predictions, recall, precision and F1 of each class; null where there are none."""
    return [
        {
            "class": name,
            "rows": int(counts[index].sum()),
            "predicted": int(counts[:, index].sum()),
            "recall": _ratio(counts[index, index], counts[index].sum()),
            "precision": _ratio(counts[index, index], counts[:, index].sum()),
            "f1": _ratio(2 * counts[index, index], counts[index].sum() + counts[:, index].sum()),
        }
        for index, name in enumerate(classes)
    ]


def _ratio(part: float, whole: float) -> float | None:
    return round(float(part / whole), 4) if whole else None
