"""Intervals of shares of boxes, which come in pictures: they cover the true value, others would not."""

import numpy as np
import pytest

from models.audit.intervals import Interval, wilson
from models.audit.measures import Share
from models.audit.of_models.boxes import OfBoxes
from models.core.auditing.outcomes import NOTHING, Outcomes

TRUE, PICTURES, TRIALS = 0.7, 80, 500


def drawn(random: np.random.Generator) -> Outcomes:
    """Boxes of pictures of which each is easy or hard as a whole: found by a share of Beta(1.4, 0.6)."""
    sizes = random.integers(1, 9, PICTURES)
    picture_of = np.repeat(np.arange(PICTURES), sizes)
    is_found = random.random(sizes.sum()) < random.beta(2 * TRUE, 2 * (1 - TRUE), PICTURES)[picture_of]
    actual = np.zeros(sizes.sum(), int)
    predicted = np.where(is_found, 0, NOTHING)
    pictures = [{"picture": str(each)} for each in range(PICTURES)]
    return Outcomes("detection", ("cat",), actual, predicted, pictures=pictures, picture_of=picture_of)


def includes(interval: Interval | None) -> bool:
    assert interval is not None
    return interval.low <= TRUE <= interval.high


@pytest.mark.slow
def test_intervals_of_boxes_cover_the_true_recall_in_95_percent_of_samples() -> None:
    random, covered, covered_naively = np.random.default_rng(0), 0, 0
    for seed in range(TRIALS):
        found = drawn(random)
        share = OfBoxes(found, seed).measured(np.ones(len(found), bool))["recall"]
        assert isinstance(share, Share)
        covered += includes(wilson(*share.independent))
        covered_naively += includes(wilson(share.hits, share.rows))

    print(f"boxes: {covered / TRIALS:.1%} cover, {covered_naively / TRIALS:.1%} if independent")  # noqa: T201
    assert abs(covered / TRIALS - 0.95) <= 0.02
    assert covered_naively / TRIALS < 0.85
