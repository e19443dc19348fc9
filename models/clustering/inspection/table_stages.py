"""The stages about the table: its columns, and its problems."""

from typing import Any

from models.clustering.inspection import stage_texts
from models.clustering.inspection.rounding import short
from models.clustering.objectives import OBJECTIVES
from models.clustering.table.columns import USABLE_TYPES
from models.clustering.table.points import Points
from models.core.contract.card import Kind
from models.core.contract.messages import Message, join
from models.core.contract.prediction import Role, Stage
from models.core.tables import headings
from models.core.tables.profile import ColumnProfile, TableProfile
from models.core.tables.read_options import ColumnType

MAX_PROBLEMS = 200
_BARS = "▁▂▃▄▅▆▇█"
_TOP_CATEGORIES = 4
_CODE = "models.core.tables.profile.profile"


def columns_stage(points: Points, table: TableProfile, method: str) -> Stage:
    """Every column, whether it is used, and if not, why."""
    names = (
        headings.COLUMN(),
        headings.TYPE(),
        stage_texts.USED(),
        headings.MISSING(),
        headings.DISTINCT(),
        headings.MINIMUM(),
        headings.MAXIMUM(),
        headings.MEAN(),
        stage_texts.DISTRIBUTION(),
        stage_texts.REASON(),
    )
    rows = [
        [
            column.name,
            headings.TYPES[column.type](),
            (stage_texts.YES if column.name in points.names else stage_texts.NO)(),
            column.missing,
            column.distinct,
            *(short(end) if isinstance(end, float) else end for end in (column.smallest, column.largest)),
            None if column.mean is None else short(column.mean),
            _distribution(column),
            None if column.name in points.names else _why_not_used(points, column, method),
        ]
        for column in table.columns
    ]
    total = len(points.frame)
    lost = total - len(points.rows)
    count = stage_texts.INCOMPLETE(lost=lost, total=total) if lost else stage_texts.COMPLETE(total=total)
    return Stage(
        id="columns",
        kind=Kind.TABLE,
        title=stage_texts.COLUMNS_TITLE(),
        explanation=join(stage_texts.COLUMNS(), count),
        data={"columns": [{"name": name} for name in names], "rows": rows},
        code=_CODE,
        role=Role.INPUT,
    )


def problems_stages(table: TableProfile) -> list[Stage]:
    """The problems with their row and column; no stage where there are none."""
    if not table.problems:
        return []
    listed = table.problems[:MAX_PROBLEMS]
    rows: list[list[Any]] = [[problem.row, problem.column, problem.what] for problem in listed]
    rest = len(table.problems) - len(rows)
    names = (headings.ROW(), headings.COLUMN(), headings.PROBLEM())
    return [
        Stage(
            id="problems",
            kind=Kind.TABLE,
            title=stage_texts.PROBLEMS_TITLE(),
            explanation=join(stage_texts.PROBLEMS(), stage_texts.NOT_LISTED(count=rest) if rest else ""),
            data={"columns": [{"name": name} for name in names], "rows": rows},
            code=_CODE,
        )
    ]


def _distribution(column: ColumnProfile) -> str | None:
    """A histogram in one cell: bars for numbers and dates, the most frequent categories with their counts."""
    histogram = column.histogram
    if histogram is None:
        return None
    if histogram.words:
        pairs = zip(histogram.words[:_TOP_CATEGORIES], histogram.counts, strict=False)
        rest = " …" if column.distinct > _TOP_CATEGORIES else ""
        return ", ".join(f"{category[:20]} {count}" for category, count in pairs) + rest
    most = max(histogram.counts)
    return "".join(_BARS[round(count / most * (len(_BARS) - 1))] for count in histogram.counts)


def _why_not_used(points: Points, about: ColumnProfile, method: str) -> Message:
    column = next(column for column in points.left_out if column.name == about.name)
    if column.missing == len(column.values):
        return stage_texts.NO_VALUES()
    if column.mismatch is not None:
        return stage_texts.MISFIT(
            row=column.mismatch.row, cell=column.mismatch.text, reason=column.mismatch.reason
        )
    if about.type == ColumnType.DATE and ColumnType.NUMBER in USABLE_TYPES[method]:
        return stage_texts.DATE_NOT_SELECTED()
    if about.type in USABLE_TYPES[method]:
        return stage_texts.NOT_SELECTED()
    return stage_texts.NOT_SUITABLE[about.type](method=OBJECTIVES[method].name)
