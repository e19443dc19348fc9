"""How often a restoration shows the other group, with intervals over pictures and trainings.

Shapes: K trainings with different seeds, N pictures.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

RESAMPLES = 1000
LEVEL = 0.95


@dataclass(frozen=True)
class Rate:
    """A share of restorations, with its interval of 95 %."""

    hits: int  # over all trainings
    rows: int
    value: float
    low: float
    high: float

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Rate":
        numbers = (float(values[name]) for name in ("value", "low", "high"))
        return cls(int(values["hits"]), int(values["rows"]), *numbers)

    def to_json(self) -> dict[str, Any]:
        return {name: round(value, 4) for name, value in asdict(self).items()}


def is_changed(log_odds: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(N,): whether the judge sees the other group than the true one, 0 (frequent) or 1 (rare)."""
    return (log_odds > 0) != labels.astype(bool)


def rate_of(changed: np.ndarray, seed: int = 0) -> Rate:
    """The rate of changed pictures (K, N), with the percentile interval of a bootstrap.

    Trainings and pictures are drawn again with replacement, the same pictures for every training (Efron and
    Tibshirani 1993, chapter 8): an interval over pictures alone would hide that another seed decides
    otherwise. Where all pictures or none are changed, resampling finds no variation; the end beyond is then
    that of Clopper and Pearson (1934) for the number of pictures. Example: 0 of 1,000 gives 0 to 1 -
    0.025^(1/1000) = 0.0037."""
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(_resampled(changed, seed), [tail, 1 - tail])
    if low == high:
        beyond = 1 - tail ** (1 / changed.shape[1])
        low, high = max(0.0, low - beyond * (low > 0)), min(1.0, high + beyond * (high < 1))
    return Rate(int(changed.sum()), changed.size, float(changed.mean()), float(low), float(high))


def gap_of(frequent: np.ndarray, rare: np.ndarray, seed: int = 0) -> tuple[float, float, float]:
    """The rate of the rare group minus that of the frequent one, with its interval: value, low, high.

    Both (K, N) of the same trainings, which are drawn again together.
    """
    differences = _resampled(rare, seed) - _resampled(frequent, seed)
    low, high = np.quantile(differences, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(rare.mean() - frequent.mean()), float(low), float(high)


def _resampled(changed: np.ndarray, seed: int) -> np.ndarray:
    """(RESAMPLES,) means of as many trainings and pictures, drawn again."""
    trainings, pictures = changed.shape
    of_trainings, of_pictures = np.random.default_rng([seed, 0]), np.random.default_rng([seed, 1, pictures])
    means = np.empty(RESAMPLES)
    for index in range(RESAMPLES):
        chosen = changed[of_trainings.integers(0, trainings, trainings)]
        means[index] = chosen[:, of_pictures.integers(0, pictures, pictures)].mean()
    return means
