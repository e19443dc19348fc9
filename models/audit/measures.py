"""What decisions do to each group: shares of its rows, and the gaps between groups.

A row has an actual class and a decision, positive or negative (a loan is repaid; a loan is granted):

    decision         positive             negative
    actual positive  true positive  TP    false negative FN
    actual negative  false positive FP    true negative  TN

The measures, with the names that the field has for gaps between groups (Barocas, Hardt and Narayanan,
Fairness and Machine Learning, 2023, chapter 3):

    selection rate       (TP + FP) / N     demographic parity
    recall               TP / (TP + FN)    equal opportunity (Hardt et al., arXiv:1610.02413)
    false positive rate  FP / (FP + TN)    with recall: equalized odds (the same)
    precision            TP / (TP + FP)    predictive parity
    accuracy             (TP + TN) / N
    base rate            (TP + FN) / N     of the group itself, not of the decisions

Where the base rates of two groups differ, no decisions but perfect ones make recall, false positive rate and
precision equal at once (Chouldechova, arXiv:1610.07524).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from models.audit.intervals import LEVEL, Interval, difference, newcombe, wilson


@dataclass(frozen=True)
class Counts:
    """The decisions on one group. Without actual classes only the sums `selected` and `rows` are known."""

    true_positive: int = 0
    false_positive: int = 0
    false_negative: int = 0
    true_negative: int = 0

    @property
    def rows(self) -> int:
        return self.true_positive + self.false_positive + self.false_negative + self.true_negative

    @property
    def positive(self) -> int:
        return self.true_positive + self.false_negative

    @property
    def selected(self) -> int:
        return self.true_positive + self.false_positive


class Share(NamedTuple):
    """Hits among rows.

    `effect` is the design effect: rows that come in clusters, such as the boxes of one picture, are worth
    only rows / effect independent ones (Rao and Scott, Biometrics 48, 1992).
    """

    hits: int
    rows: int
    effect: float = 1.0

    @property
    def value(self) -> float | None:
        return self.hits / self.rows if self.rows else None

    @property
    def independent(self) -> tuple[float, float]:
        """Hits and rows of as many independent rows as these are worth."""
        return self.hits / self.effect, self.rows / self.effect


class Estimate(NamedTuple):
    """Anything that is no share, such as a mean error, with its 95 % interval; None: of a single row."""

    value: float | None
    rows: int
    interval: Interval | None


Measured = Share | Estimate

MEASURES = {
    "selection_rate": lambda c: Share(c.selected, c.rows),
    "accuracy": lambda c: Share(c.true_positive + c.true_negative, c.rows),
    "recall": lambda c: Share(c.true_positive, c.positive),
    "false_positive_rate": lambda c: Share(c.false_positive, c.rows - c.positive),
    "precision": lambda c: Share(c.true_positive, c.selected),
    "base_rate": lambda c: Share(c.positive, c.rows),
}
OF_DECISIONS_ALONE = ("selection_rate",)


def shares(counts: Counts, *, has_actual: bool) -> dict[str, Share]:
    """Each measure as hits of rows."""
    names = MEASURES if has_actual else OF_DECISIONS_ALONE
    return {name: MEASURES[name](counts) for name in names}


@dataclass(frozen=True)
class Gap:
    """The largest difference of one measure between two groups.

    `interval` covers the difference of these two groups. As they were chosen for being far apart, its level
    allows for all pairs (Bonferroni): where all groups are equal, it lies beside 0 in at most 5 % of samples.
    """

    measure: str
    highest: str
    lowest: str
    difference: float
    ratio: float | None  # of the lowest to the highest; None: both are 0
    interval: Interval

    @property
    def is_distinct(self) -> bool:
        """The interval leaves out 0: chance alone rarely makes such a difference."""
        return self.interval.low > 0


def gaps(groups: Mapping[str, Mapping[str, Measured]], least: int, *, tests: int = 1) -> Iterator[Gap]:
    """The gap of each measure among the groups with at least `least` rows for it.

    `tests` is the number of measures that are looked at together, for which the intervals then allow too.
    """
    for measure in next(iter(groups.values()), {}):
        large = {name: own[measure] for name, own in groups.items() if _is_comparable(own[measure], least)}
        values = {name: found.value for name, found in large.items() if found.value is not None}
        if len(values) < 2:
            continue
        highest, lowest = max(values, key=values.__getitem__), min(reversed(values), key=values.__getitem__)
        pairs = len(list(combinations(values, 2)))
        interval = _difference(large[highest], large[lowest], 1 - (1 - LEVEL) / pairs / tests)
        is_share = isinstance(large[highest], Share)
        ratio = values[lowest] / values[highest] if is_share and values[highest] else None
        yield Gap(measure, highest, lowest, values[highest] - values[lowest], ratio, interval)


def _difference(one: Measured, other: Measured, level: float) -> Interval:
    """Of two shares by Newcombe; of anything else by its interval."""
    if isinstance(one, Share) and isinstance(other, Share):
        interval = newcombe(one.independent, other.independent, level=level)
        assert interval is not None  # noqa: S101  both have rows
        return interval
    assert isinstance(one, Estimate)  # noqa: S101  a measure is of one kind in all groups
    assert isinstance(other, Estimate)  # noqa: S101
    known = [(each.value, each.interval) for each in (one, other)]
    (first, of_first), (second, of_second) = known
    assert first is not None and of_first is not None  # noqa: S101, PT018  by `_is_comparable`
    assert second is not None and of_second is not None  # noqa: S101, PT018
    return difference((first, of_first), (second, of_second), level)


def _is_comparable(own: Measured, least: int) -> bool:
    """Whether there are enough rows, and it is known how far they vary."""
    return own.rows >= max(1, least) and (isinstance(own, Share) or own.interval is not None)


def fairness(found: Sequence[Gap]) -> dict[str, float]:
    """The measures of fairness by their usual names; those that the data cannot give are left out."""
    by_measure = {gap.measure: gap for gap in found}
    values: dict[str, float] = {}
    if parity := by_measure.get("selection_rate"):
        values["demographic_parity_difference"] = parity.difference
        if parity.ratio is not None:
            values["demographic_parity_ratio"] = parity.ratio
    if opportunity := by_measure.get("recall"):
        values["equal_opportunity_difference"] = opportunity.difference
        if false_positives := by_measure.get("false_positive_rate"):
            worse = max(opportunity.difference, false_positives.difference)
            values["equalized_odds_difference"] = worse
    return values


def with_interval(found: Measured) -> dict[str, float | int | None]:
    """A measure as JSON: its value and interval are None without rows."""
    if isinstance(found, Estimate):
        low, high = found.interval or (None, None)
        return {"hits": None, "rows": found.rows, "value": found.value, "low": low, "high": high}
    interval = wilson(*found.independent)
    return {
        "hits": found.hits,
        "rows": found.rows,
        "value": found.value,
        "low": interval and interval.low,
        "high": interval and interval.high,
    }
