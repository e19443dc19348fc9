"""Tables and curves of a dataset's audit: counts, missing values, and what stands for what."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from models.audit.datasets.associations import Association, Determination
from models.audit.datasets.facts import Facts
from models.audit.groups import Groups
from models.audit.inspection import (
    ASSOCIATION,
    COLUMN,
    GROUP,
    MISSING_ABOUT,
    MISSING_TITLE,
    PROXIES_TITLE,
    rounded,
    table,
)
from models.core.auditing.outcomes import Attribute
from models.core.contract.card import Kind
from models.core.contract.messages import Text
from models.core.contract.prediction import Stage

DRAWN_GROUPS = 8  # lines of a plot
DRAWN_ATTRIBUTES = 3
POINTS = 40  # of a line
SMALLEST_P = 0.001  # that is written out
MAX_COLUMNS = 20  # groups in a table

ATTRIBUTE = Text("audit.datasets.headings.attribute", "attribute")
P = Text("audit.datasets.headings.p", "p value")
DISTINCT = Text("audit.datasets.headings.distinct", "more than chance")
AVOIDED = Text("audit.datasets.headings.avoided", "errors avoided")
SUSPICIOUS = Text("audit.datasets.headings.suspicious", "suspicious")
SHARE = Text("audit.datasets.headings.share", "share")
YES, NO = Text("audit.datasets.yes", "yes"), Text("audit.datasets.no", "no")

COUNTS_TITLE = Text("audit.datasets.counts", "How many examples there are")
COUNTS_ABOUT = Text(
    "audit.datasets.counts.about",
    "Examples by {column} and, where there are splits, in each. What is rare in the training data is learned "
    "badly, and what is rare in the test data is measured badly.",
)
PROXIES_ABOUT = Text(
    "audit.datasets.proxies.about",
    "How closely each attribute is tied to the group: 0 is unrelated, 1 determines it. A model can use such "
    "an attribute instead of what it should learn. Correlation ratio for numbers, Cramér's V for categories; "
    "the p value is that of Kruskal and Wallis, or of the chi-squared test, and must stay below {level:.4f}, "
    "as {n} attributes are compared.",
)
DISTRIBUTION_TITLE = Text("audit.datasets.distribution", "Distribution of {attribute} by {column}")
DISTRIBUTION_ABOUT = Text(
    "audit.datasets.distribution.about",
    "For each group the share of examples whose value is at most that on the axis. Lines that lie apart "
    "mean that the groups differ.",
)
CUMULATIVE = Text("audit.datasets.cumulative", "share of examples")
MEDIANS_TITLE = Text("audit.datasets.medians", "Medians by {column}")
MEDIANS_ABOUT = Text(
    "audit.datasets.medians.about", "The middle value of each attribute that is a number, in each group."
)
DETERMINATION_TITLE = Text("audit.datasets.determination", "What one attribute reveals of {target}")
DETERMINATION_ABOUT = Text(
    "audit.datasets.determination.about",
    "Guess {target} from one attribute alone, each example by the others with the same value: the share of "
    "errors that this avoids (Goodman and Kruskal's lambda; R² for quantities). An attribute that determines "
    "the target is either a very strong one or a leak: it may have been recorded after the outcome.",
)


def counts_stage(facts: Facts, groups: Groups, splits: Attribute | None) -> Stage:
    """The size of each group, in all and by split, the largest first."""
    names = list(splits.names) if splits else []
    sizes = np.bincount(groups.of, minlength=len(groups.names))
    rows = []
    for index in np.argsort(-sizes, kind="stable").tolist():
        own = groups.of == index
        counts = (
            [int((own & (splits.values == place)).sum()) for place in range(len(names))] if splits else []
        )
        rows.append([groups.names[index], int(sizes[index]), float(sizes[index] / len(facts)), *counts])
    columns = [GROUP(), facts.unit, SHARE(), *names]
    about = COUNTS_ABOUT(column=groups.column)
    return table("counts", COUNTS_TITLE(), about, columns, rounded(rows), "datasets.inspection.counts_stage")


def missing_stage(facts: Facts, groups: Groups) -> Iterator[Stage]:
    """The share of missing values of each attribute with any, by group."""
    rows: list[list[Any]] = []
    for attribute in facts.attributes.values():
        missing = is_missing(attribute)
        if missing.any():
            shares = (float(missing[groups.of == index].mean()) for index in _shown(groups))
            rows.append([attribute.title, *shares])
    if rows:
        title = MISSING_TITLE(column=groups.column)
        columns = [COLUMN(), *(groups.names[index] for index in _shown(groups))]
        yield table(
            "missing", title, MISSING_ABOUT(), columns, rounded(rows), "datasets.inspection.missing_stage"
        )


def is_missing(attribute: Attribute) -> np.ndarray:
    """(N,) bool."""
    return attribute.values < 0 if attribute.names else np.isnan(attribute.values)


def association_stages(facts: Facts, groups: Groups, found: Sequence[Association]) -> Iterator[Stage]:
    """What stands for the group; then medians, and distributions of the numbers that differ most."""
    if not found:
        return
    rows = [
        [each.attribute.title, each.value, _written(each.p), YES() if each.is_distinct else NO()]
        for each in found
    ]
    columns = [ATTRIBUTE(), ASSOCIATION(), P(), DISTINCT()]
    about = PROXIES_ABOUT(level=found[0].level, n=len(found))
    title = PROXIES_TITLE(column=groups.column)
    yield table("proxies", title, about, columns, rounded(rows), "datasets.associations.associations")
    numbers = [each for each in found if not each.attribute.names and each.name != facts.target]
    if numbers:
        yield _medians_stage(groups, numbers)
    # the axis of a curve has numbers, which a date is not
    drawn = [each for each in numbers if each.is_distinct and not each.attribute.is_date]
    for number, each in enumerate(drawn[:DRAWN_ATTRIBUTES]):
        yield _distribution_stage(f"distribution-{number}", groups, each.attribute)


def _written(p: float) -> str:
    return f"{p:.3f}" if p >= SMALLEST_P else f"< {SMALLEST_P}"


def _medians_stage(groups: Groups, numbers: Sequence[Association]) -> Stage:
    rows: list[list[Any]] = []
    for each in numbers:
        medians = [_median(each.attribute, groups.of == index) for index in _shown(groups)]
        rows.append([each.attribute.title, *medians])
    columns = [ATTRIBUTE(), *(groups.names[index] for index in _shown(groups))]
    title = MEDIANS_TITLE(column=groups.column)
    return table(
        "medians", title, MEDIANS_ABOUT(), columns, rounded(rows), "datasets.inspection.association_stages"
    )


def _median(attribute: Attribute, is_in_group: np.ndarray) -> float | str | None:
    known = attribute.values[is_in_group & ~np.isnan(attribute.values)]
    if not len(known):
        return None
    written = attribute.written(float(np.median(known)), 4)
    return written if attribute.is_date else float(written)


def _distribution_stage(name: str, groups: Groups, attribute: Attribute) -> Stage:
    """Cumulative distributions at up to 40 quantiles."""
    series = []
    for index in _shown(groups)[:DRAWN_GROUPS]:
        values = np.sort(attribute.values[groups.of == index])
        values = values[~np.isnan(values)]
        if len(values):
            shares = np.linspace(0, 1, min(POINTS, max(2, len(values))))
            x = [float(f"{value:.4g}") for value in np.quantile(values, shares)]
            series.append({"name": groups.names[index], "x": x, "y": shares.round(4).tolist()})
    data = {"x_label": attribute.title, "y_label": CUMULATIVE(), "series": series}
    title = DISTRIBUTION_TITLE(attribute=attribute.title, column=groups.column)
    code = f"{__name__}.association_stages"
    return Stage(name, Kind.CURVE, title, DISTRIBUTION_ABOUT(), data, count=len(series), code=code)


def _shown(groups: Groups) -> list[int]:
    """The largest groups, the largest first."""
    sizes = np.bincount(groups.of, minlength=len(groups.names))
    return np.argsort(-sizes, kind="stable")[:MAX_COLUMNS].tolist()


def determination_stage(facts: Facts, found: Sequence[Determination]) -> Iterator[Stage]:
    """The attributes by what they reveal of the target."""
    if found:
        target = facts.attributes[facts.target].title
        rows = [[each.attribute.title, each.value, YES() if each.is_suspicious else NO()] for each in found]
        columns = [ATTRIBUTE(), AVOIDED(), SUSPICIOUS()]
        title, about = DETERMINATION_TITLE(target=target), DETERMINATION_ABOUT(target=target)
        code = "datasets.determination.error_reduction"
        yield table("determination", title, about, columns, rounded(rows), code)
