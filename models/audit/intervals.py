"""Intervals of shares, of their differences, and of means. Each covers the true value in 95 % of samples.

A share is k of n: an accuracy, a recall, a selection rate. Its interval is Wilson's (1927), which stays
within 0 and 1 and is sound for small n, where the usual p +- 1.96 sqrt(p (1 - p) / n) is not. The difference
of two shares has Newcombe's interval (1998, method 10), made of the two. Anything else has a percentile
interval by the bootstrap (Efron and Tibshirani 1993, section 13.3).
"""

from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from models.core.training.bootstrap import interval_of_mean

LEVEL = 0.95
RESAMPLES = 1_000
_MAX_DRAWN = 20_000_000  # rows in all resamples of a mean


class Interval(NamedTuple):
    low: float
    high: float


def wilson(hits: float, rows: float, level: float = LEVEL) -> Interval | None:
    """Of the share hits / rows; None: there are no rows. Example: 8 of 10 gives 0.490 to 0.943."""
    if rows == 0:
        return None
    z = NormalDist().inv_cdf((1 + level) / 2)
    share, scale = hits / rows, 1 + z * z / rows
    center = (share + z * z / (2 * rows)) / scale
    half = z / scale * sqrt(share * (1 - share) / rows + z * z / (4 * rows * rows))
    return Interval(max(0.0, center - half), min(1.0, center + half))


def newcombe(one: tuple[float, float], other: tuple[float, float], level: float = LEVEL) -> Interval | None:
    """Of the difference of two shares, (hits, rows) each; None: one has no rows.

    Example: 56 of 70 less 48 of 80 is 0.2, with the interval 0.0524 to 0.3339 (Newcombe 1998, table II).
    """
    first, second = wilson(*one, level=level), wilson(*other, level=level)
    if first is None or second is None:
        return None
    p, q = one[0] / one[1], other[0] / other[1]
    below = sqrt((p - first.low) ** 2 + (second.high - q) ** 2)
    above = sqrt((first.high - p) ** 2 + (q - second.low) ** 2)
    return Interval(p - q - below, p - q + above)


def bootstrap_mean(values: np.ndarray, *, seed: int, level: float = LEVEL) -> Interval | None:
    """Of the mean of (N,) values; None: fewer than two, whose means do not vary."""
    rows = len(values)
    if rows < 2:
        return None
    count = int(np.clip(_MAX_DRAWN // rows, 200, RESAMPLES))
    return Interval(*interval_of_mean(values, resamples=count, seed=seed, level=level))
