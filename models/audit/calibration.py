"""Whether a score means the same in every group: of the rows scored about 0.7, are 70 % positive?"""

from dataclasses import dataclass

import numpy as np

from models.audit.intervals import Interval, bootstrap_mean

BINS = 10
FEWEST = 5  # rows of a bin that is drawn


@dataclass(frozen=True)
class Calibration:
    """Of one group.

    Attributes:
        scores, shares: of each bin of scores with enough rows: the mean score, and the share of positives.
        bias: the mean score less the share of positives; above 0: the scores are too high.
    """

    scores: tuple[float, ...]
    shares: tuple[float, ...]
    bias: float | None
    interval: Interval | None


def calibration(scores: np.ndarray, actual: np.ndarray, *, seed: int) -> Calibration:
    """Of (N,) scores from 0 to 1 and (N,) booleans. Bins are tenths; the last one includes 1."""
    bins = np.minimum((scores * BINS).astype(int), BINS - 1)
    sizes = np.bincount(bins, minlength=BINS)
    drawn = np.flatnonzero(sizes >= FEWEST)
    means = np.bincount(bins, scores, BINS)[drawn] / sizes[drawn]
    shares = np.bincount(bins, actual.astype(float), BINS)[drawn] / sizes[drawn]
    errors = scores - actual
    return Calibration(
        tuple(means.tolist()),
        tuple(shares.tolist()),
        float(errors.mean()) if len(errors) else None,
        bootstrap_mean(errors, seed=seed),
    )
