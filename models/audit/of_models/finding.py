"""What an audit found, in one sentence."""

from collections.abc import Sequence

from models.audit.groups_stage import Described
from models.audit.measures import Gap
from models.audit.of_models.views import View
from models.core.contract.messages import Message, Text

DIFFERS = Text(
    "audit.finding.differs",
    "The model does not serve all groups alike: {measure} is {gap} percentage points lower for {lowest} than "
    "for {highest} (95%, allowing for all comparisons: {low} to {high}).",
)
DIFFERS_IN_UNIT = Text(
    "audit.finding.differs_in_unit",
    "The model does not serve all groups alike: {measure} is {gap} lower for {lowest} than for {highest} "
    "(95%, allowing for all comparisons: {low} to {high}).",
)
NONE_FOUND = Text(
    "audit.finding.none",
    "No measure differs more between the groups than it would among equal groups of these sizes. Gaps of up "
    "to {gap} percentage points could stay unseen.",
)
NONE_FOUND_IN_UNIT = Text(
    "audit.finding.none_in_unit",
    "No measure differs more between the groups than it would among equal groups of these sizes.",
)
TOO_FEW = Text(
    "audit.finding.too_few",
    "There is nothing to compare: fewer than two groups have {least:,} {least:example|examples} for a "
    "measure.",
)


def finding_of(strict: Sequence[Gap], view: View, least: int) -> Message:
    """The clearest of the gaps; or that there is none, and how small one would have to be.

    Args:
        strict: gaps of all measures of errors, with intervals that allow for all of them.
    """
    if not strict:
        return TOO_FEW(least=least)
    distinct = [gap for gap in strict if gap.is_distinct]
    clearest = max(distinct or strict, key=lambda gap: gap.interval.low / max(gap.difference, 1e-12))
    described: Described = view.described[clearest.measure]
    if not distinct:
        if described.unit is not None:
            return NONE_FOUND_IN_UNIT()
        return NONE_FOUND(gap=round(100 * max(gap.interval.high for gap in strict)))
    factor, text = (100, DIFFERS) if described.unit is None else (1, DIFFERS_IN_UNIT)
    numbers = (clearest.difference, *clearest.interval)
    gap, low, high = (f"{factor * number:.3g}" for number in numbers)
    names = {"highest": clearest.highest, "lowest": clearest.lowest}
    return text(measure=described.name, gap=gap, low=low, high=high, **names)
