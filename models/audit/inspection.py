"""The stages of an audit: what is known of the groups, then how they are decided upon."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from models.audit.association import correlation_ratio, cramers_v
from models.audit.by_group import Division
from models.audit.calibration import calibration
from models.audit.card import PredictParams
from models.audit.data import Decided, Decisions
from models.audit.groups import Groups
from models.audit.groups_stage import DECISIONS, groups_data
from models.audit.measures import fairness
from models.core.contract.card import Kind
from models.core.contract.messages import Message, Text, join
from models.core.contract.prediction import Role, Stage
from models.core.tables import headings
from models.core.tables.read_options import ColumnType

SHOWN_ROWS = 20  # behind each outcome of a group
STEPS = 100  # of a threshold that the page can move
MAX_CATEGORIES = 1_000  # of a column that may stand for the group

FAIRNESS = {
    "demographic_parity_difference": Text(
        "audit.fairness.demographic_parity_difference",
        "Demographic parity: difference of the selection rates",
    ),
    "demographic_parity_ratio": Text(
        "audit.fairness.demographic_parity_ratio",
        "Demographic parity: ratio of the selection rates (the four-fifths rule asks for 0.8)",
    ),
    "equal_opportunity_difference": Text(
        "audit.fairness.equal_opportunity_difference", "Equal opportunity: difference of the recalls"
    ),
    "equalized_odds_difference": Text(
        "audit.fairness.equalized_odds_difference",
        "Equalized odds: the larger difference of recall and false positive rate",
    ),
}

GROUPS_TITLE = Text("audit.stages.groups", "By {column}")
GROUPS_ABOUT = Text(
    "audit.stages.groups.about",
    "Each bar is the measure's value for one group, with its 95% interval: a small group has a wide one. "
    "The gap is the difference between the highest and the lowest group with enough examples; its interval "
    "allows for all pairs that could have been chosen. If it includes 0, chance alone may have made the gap.",
)
IMPOSSIBLE = Text(
    "audit.stages.impossible",
    "The base rates differ by {gap} percentage points: unless decisions are perfect, recall, false "
    "positive rate and precision cannot be equal all at once. Which of them should be is not a question of "
    "mathematics.",
)
FAIRNESS_TITLE = Text("audit.stages.fairness", "Measures of fairness")
FAIRNESS_ABOUT = Text(
    "audit.stages.fairness.about",
    "The gaps by the names that the field gives them. 0 (or a ratio of 1) means that the groups are treated "
    "alike by that measure. They answer different questions, and usually cannot all be 0.",
)
MEASURE = Text("audit.headings.measure", "measure")
VALUE = Text("audit.headings.value", "value")
CALIBRATION_TITLE = Text("audit.stages.calibration", "Calibration by group")
CALIBRATION_ABOUT = Text(
    "audit.stages.calibration.about",
    "Rows with about the same score, and the share of them that is positive. On the diagonal a score "
    "means what it states; below it, scores are too high for that group.",
)
PERFECT = Text("audit.stages.perfect", "perfectly calibrated")
SCORE = Text("audit.stages.score", "mean score")
SHARE = Text("audit.stages.share", "share of positives")
BIAS_TITLE = Text("audit.stages.bias", "Mean score minus share of positives")
BIAS_ABOUT = Text(
    "audit.stages.bias.about",
    "Above 0 the scores of a group are too high on average, below 0 too low. Intervals by the bootstrap.",
)
LOW = Text("audit.headings.low", "from (95%)")
HIGH = Text("audit.headings.high", "to (95%)")
GROUP = Text("audit.headings.group", "group")
PROXIES_TITLE = Text("audit.stages.proxies", "Columns that stand for {column}")
PROXIES_ABOUT = Text(
    "audit.stages.proxies.about",
    "How closely each other column is tied to the group: 0 is unrelated, 1 determines it. A model that never "
    "sees the group can still treat it differently through such a column. Correlation ratio for numbers, "
    "Cramér's V for categories.",
)
COLUMN = Text("audit.headings.column", "column")
ASSOCIATION = Text("audit.headings.association", "association")
MISSING_TITLE = Text("audit.stages.missing", "Missing values by {column}")
MISSING_ABOUT = Text(
    "audit.stages.missing.about",
    "The share of missing cells in each column: about a group that lacks more of them, less is known.",
)


def stages_of(
    decisions: Decisions, divisions: Sequence[Division], params: PredictParams
) -> tuple[Stage, ...]:
    """The comparison by the group is the answer, and last."""
    first = divisions[0]
    return (
        *missing_stage(decisions, first.groups),
        *proxies_stage(decisions, first.groups),
        *calibration_stages(decisions, first.groups, params.seed),
        *(
            groups_stage(decisions, division, params, f"groups-{index}")
            for index, division in enumerate(divisions)
            if index
        ),
        *fairness_stage(first),
        groups_stage(decisions, first, params, "groups", role=Role.ANSWER),
    )


def groups_stage(
    decisions: Decisions, division: Division, params: PredictParams, name: str, role: Role | None = None
) -> Stage:
    """Every measure of every group with its interval, the gaps, and rows behind each bar."""
    groups = division.groups
    rows = [outcomes(decisions, groups, index) for index in range(len(groups.names))]
    data = groups_data(division, DECISIONS, rows, params.least)
    if decisions.scores is not None and decisions.actual is not None:
        data["thresholds"] = thresholds(decisions, groups, params.threshold)
    if role and decisions.notes:
        data["notes"] = list(decisions.notes)
    base = next((gap for gap in division.gaps if gap.measure == "base_rate" and gap.is_distinct), None)
    about = join(GROUPS_ABOUT(), IMPOSSIBLE(gap=round(100 * base.difference, 1)) if base else "")
    title = GROUPS_TITLE(column=groups.column)
    return Stage(
        name,
        Kind.GROUPS,
        title,
        about,
        data,
        count=len(groups.names),
        code="models.audit.measures.gaps",
        role=role,
    )


def outcomes(decisions: Decisions, groups: Groups, index: int) -> dict[str, dict[str, Any]]:
    """Rows of the group by decision and, if it is known, actual class: how many, and the first ones."""
    own, rows = groups.of == index, decisions.frame.rows[decisions.rows]
    return {
        name: {"count": int((own & part).sum()), "rows": rows[own & part][:SHOWN_ROWS].tolist()}
        for name, part in decisions.outcomes().items()
    }


def thresholds(decisions: Decided, groups: Groups, threshold: float) -> dict[str, Any]:
    """For each group how many actual positives and negatives score at least 0, 0.01, … 1, and more than 1."""
    assert decisions.scores is not None  # noqa: S101  checked by the caller
    assert decisions.actual is not None  # noqa: S101
    limits = [*(np.arange(STEPS + 1) / STEPS).tolist(), np.inf]
    counts: dict[str, list[list[int]]] = {"positive": [], "negative": []}
    for index in range(len(groups.names)):
        own = groups.of == index
        for name, of_class in (("positive", decisions.actual), ("negative", ~decisions.actual)):
            scores = np.sort(decisions.scores[own & of_class])
            counts[name].append((len(scores) - np.searchsorted(scores, limits)).tolist())
    return {"value": threshold, "steps": STEPS, **counts}


def fairness_stage(division: Division) -> Iterator[Stage]:
    """The measures of fairness; none without two groups that are large enough."""
    values = fairness(division.gaps)
    if values:
        rows = [[FAIRNESS[name](), round(value, 4)] for name, value in values.items()]
        yield table(
            "fairness", FAIRNESS_TITLE(), FAIRNESS_ABOUT(), [MEASURE(), VALUE()], rows, "measures.fairness"
        )


def calibration_stages(
    decisions: Decided, groups: Groups, seed: int, *, about: Message | None = None
) -> Iterator[Stage]:
    """The reliability of scores by group; none where decisions are classes or outcomes are unknown."""
    if decisions.scores is None or decisions.actual is None:
        return
    series: list[dict[str, Any]] = [{"name": PERFECT(), "x": [0, 1], "y": [0, 1]}]
    rows = []
    for index, name in enumerate(groups.names):
        own = groups.of == index
        found = calibration(decisions.scores[own], decisions.actual[own], seed=seed)
        if found.scores:
            series.append({"name": name, "x": found.scores, "y": found.shares})
        low, high = found.interval or (None, None)
        rows.append([name, int(own.sum()), found.bias, low, high])
    data = {"x_label": SCORE(), "y_label": SHARE(), "series": series}
    code = "models.audit.calibration.calibration"
    yield Stage("calibration", Kind.CURVE, CALIBRATION_TITLE(), about or CALIBRATION_ABOUT(), data, code=code)
    columns = [GROUP(), headings.ROWS(), VALUE(), LOW(), HIGH()]
    yield table("bias", BIAS_TITLE(), BIAS_ABOUT(), columns, rounded(rows), "calibration.calibration")


def proxies_stage(decisions: Decisions, groups: Groups) -> Iterator[Stage]:
    """Every other column's association with the group, the closest first."""
    roles, rows = decisions.roles, []
    for column in decisions.frame.columns:
        if column.name in (roles.decision, roles.actual, roles.group) or column.type == ColumnType.TEXT:
            continue
        association = _association(decisions, column.name, groups)
        if association is not None:
            rows.append([column.name, association])
    if rows:
        rows.sort(key=lambda row: -row[1])
        title, columns = PROXIES_TITLE(column=groups.column), [COLUMN(), ASSOCIATION()]
        yield table("proxies", title, PROXIES_ABOUT(), columns, rounded(rows), "association.cramers_v")


def _association(decisions: Decisions, name: str, groups: Groups) -> float | None:
    """None: the column has too many categories, or no values."""
    column = decisions.frame.column(name)
    if column.type in (ColumnType.NUMBER, ColumnType.DATE) and not column.mismatch:
        numbers = column.values if column.type == ColumnType.NUMBER else column.values.astype("int64")
        values = numbers.to_numpy(np.float64)[decisions.rows]
        is_known = np.isfinite(values) & ~column.values.isna().to_numpy()[decisions.rows]
        return correlation_ratio(values[is_known], groups.of[is_known]) if is_known.any() else None
    codes = decisions.frame.as_type(name, ColumnType.CATEGORY).values.cat.codes.to_numpy()[decisions.rows]
    is_known = codes >= 0
    if not is_known.any() or codes.max() >= MAX_CATEGORIES:
        return None
    return cramers_v(codes[is_known].astype(np.int64), groups.of[is_known])


def missing_stage(decisions: Decisions, groups: Groups) -> Iterator[Stage]:
    """The share of missing cells of each column with any, by group."""
    rows: list[list[Any]] = []
    for column in decisions.frame.columns:
        is_missing = column.values.isna().to_numpy()[decisions.rows]
        if is_missing.any():
            rows.append(
                [
                    column.name,
                    *(float(is_missing[groups.of == index].mean()) for index in range(len(groups.names))),
                ]
            )
    if rows:
        title, columns = MISSING_TITLE(column=groups.column), [COLUMN(), *groups.names]
        yield table("missing", title, MISSING_ABOUT(), columns, rounded(rows), "inspection.missing_stage")


def rounded(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    return [[round(cell, 4) if isinstance(cell, float) else cell for cell in row] for row in rows]


def table(
    name: str, title: Message, about: Message, columns: Sequence[str], rows: list[list[Any]], code: str
) -> Stage:
    data = {"columns": [{"name": column} for column in columns], "rows": rows}
    return Stage(name, Kind.TABLE, title, about, data, count=len(rows), code=f"models.audit.{code}")
