"""How far a mean would vary with other pictures or rows: a percentile interval by the bootstrap.

Drawing as many of them again, with replacement, gives samples of the same size; the middle 95 % of the means
of these samples are the interval (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13).
"""

from math import sqrt

import numpy as np
from scipy.stats import norm, t

_AT_ONCE = 1_000_000  # values in memory


def interval_of_mean(
    values: np.ndarray, *, resamples: int, seed: int, level: float = 0.95
) -> tuple[float, float]:
    """Low and high end for (N,) values; the same seed gives the same ones."""
    random, count = np.random.default_rng(seed), len(values)
    at_once = max(1, _AT_ONCE // count)
    sizes = [min(at_once, resamples - start) for start in range(0, resamples, at_once)]
    means = [values[random.integers(0, count, (size, count))].mean(axis=1) for size in sizes]
    low, high = np.quantile(np.concatenate(means), [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def expanded(level: float, count: int) -> float:
    """The level at which percentiles of a mean of few values cover its true value at `level`.

    Resamples of n values vary by sqrt((n - 1) / n) too little, and normal quantiles neglect that their
    deviation is estimated. The expanded percentile interval (Hesterberg, What Teachers Should Know about the
    Bootstrap, arXiv:1411.5279) corrects both. Example: 0.95 is 0.9624 for 30 values.
    """
    return float(1 - 2 * norm.cdf(-sqrt(count / (count - 1)) * t.ppf((1 + level) / 2, count - 1)))
