"""Intervals of shares, of their differences, and of means. Each covers the true value in 95 % of samples.

A share is k of n: an accuracy, a recall, a selection rate. Its interval is Wilson's (1927), which stays
within 0 and 1 and is sound for small n, where the usual p +- 1.96 sqrt(p (1 - p) / n) is not. The difference
of two shares has Newcombe's interval (1998, method 10), made of the two. Anything else has a percentile
interval by the bootstrap (Efron and Tibshirani 1993, section 13.3), expanded for few rows (Hesterberg 2014).
"""

from collections.abc import Sequence
from math import hypot, sqrt
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from models.core.training.bootstrap import expanded, interval_of_mean

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


def wilson_mean(shares: Sequence[tuple[float, float]], level: float = LEVEL) -> Interval | None:
    """Of the mean of shares, (hits, rows) each; None: there are none, or one has no rows.

    It is Wilson's of as many independent rows as have the variance of the mean, or that of equal shares with
    this mean if that is larger: so it has a width also where every row is a hit. Example: 8 of 10 and 10 of
    10 are worth 18 of 20, 0.699 to 0.972.
    """
    if not shares or any(rows == 0 for _, rows in shares):
        return None
    mean = sum(hits / rows for hits, rows in shares) / len(shares)
    if_alike = mean * (1 - mean) * sum(1 / rows for _, rows in shares)
    variance = max(if_alike, sum(hits / rows * (1 - hits / rows) / rows for hits, rows in shares))
    worth = len(shares) ** 2 / sum(1 / rows for _, rows in shares)
    if variance > 0:
        worth *= if_alike / variance
    return wilson(mean * worth, worth, level)


def difference(one: tuple[float, Interval], other: tuple[float, Interval], level: float) -> Interval:
    """Of two values with their 95 % intervals, by the distances of the ends (Zou and Donner 2008)."""
    (first, of_first), (second, of_second) = one, other
    scale = NormalDist().inv_cdf((1 + level) / 2) / NormalDist().inv_cdf((1 + LEVEL) / 2)
    below = hypot(first - of_first.low, of_second.high - second)
    above = hypot(of_first.high - first, second - of_second.low)
    return Interval(first - second - scale * below, first - second + scale * above)


def bootstrap_mean(values: np.ndarray, *, seed: int, level: float = LEVEL) -> Interval | None:
    """Of the mean of (N,) values; None: fewer than two, whose means do not vary."""
    rows = len(values)
    if rows < 2:
        return None
    count = int(np.clip(_MAX_DRAWN // rows, 200, RESAMPLES))
    return Interval(*interval_of_mean(values, resamples=count, seed=seed, level=expanded(level, rows)))
