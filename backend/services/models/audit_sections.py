"""What an audit found, as a section of a model's card: Markdown that pages show in their reader's language.

Names of users are code, in which nothing has a meaning.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import reduce
from typing import Any

from models.core.contract.messages import Message, Text, join

_SHOWN_GROUPS = 20  # of a section; the page of the audit has all

_SECTION = Text(
    "core.model_audits.section",
    "## Audit of {date}\n\n{origin}\n\n{intended_use}\n\n{finding}\n\n{groups}\n\n{gaps}\n\n"
    "Groups with fewer than {least:,} {least:example|examples} for a measure are not compared. "
    "*: the interval leaves out 0.",
)
_BY = Text("core.model_audits.by", "Made by {author}.")
_EXAMPLES = Text(
    "core.model_audits.examples",
    "Measured by {group} on {n:,} {n:example|examples} of {data} (part: {part}).",
)
_BOXES = Text(
    "core.model_audits.boxes", "Measured by {group} on {n:,} objects and boxes of {data} (part: {part})."
)
_VERSION = Text("core.model_audits.version", "{data}, version {version}")
_INTENDED_USE = Text("core.model_audits.intended_use", "Intended use: {text}")
_GROUPS = Text("core.model_audits.groups", "| Group | Examples |\n| --- | --- |\n{rows}")
_GROUP = Text("core.model_audits.group", "| {name} | {n:,} |")
_GAPS = Text(
    "core.model_audits.gaps",
    "| Measure | Lowest | Highest | Gap | 95% interval |\n| --- | --- | --- | --- | --- |\n{rows}",
)
_GAP = Text(
    "core.model_audits.gap",
    "| {measure} | {lowest} | {highest} | {gap:.3g}{mark} | {low:.3g} to {high:.3g} |",
)
_ROWS = Text("core.model_audits.rows", "{before}\n{row}")
_OF = Text("core.model_audits.of", "{measure} of {name}")
_MEASURES = {
    "accuracy": Text("core.model_audits.measures.accuracy", "accuracy"),
    "base_rate": Text("core.model_audits.measures.base_rate", "base rate"),
    "false_positive_rate": Text("core.model_audits.measures.false_positive_rate", "false positive rate"),
    "macro_recall": Text("core.model_audits.measures.macro_recall", "macro recall"),
    "mae": Text("core.model_audits.measures.mae", "mean absolute error"),
    "mean_error": Text("core.model_audits.measures.mean_error", "mean error"),
    "precision": Text("core.model_audits.measures.precision", "precision"),
    "recall": Text("core.model_audits.measures.recall", "recall"),
    "selection_rate": Text("core.model_audits.measures.selection_rate", "selection rate"),
}


def section(summary: Mapping[str, Any], author: str) -> Message:
    """Of the summary of an audit."""
    examples = summary["examples"]
    data: str = _code(summary["data"])
    if summary["dataset_version"]:
        data = _VERSION(data=data, version=summary["dataset_version"])
    measured = (_BOXES if "objects" in examples else _EXAMPLES)(
        group=_code(summary["group"]), n=examples["used"], data=data, part=summary["part"]
    )
    use = summary["intended_use"]
    text = _SECTION(
        date=datetime.fromtimestamp(summary["audited_at"], UTC).date().isoformat(),
        origin=join(_BY(author=_code(author)) if author else "", measured),
        intended_use=_INTENDED_USE(text=_plain(use)) if use else "",
        finding=Message(str(summary["finding"]), summary.get("finding_message", ())),
        groups=_table(
            _GROUPS,
            [
                _GROUP(name=_code(each["group"]), n=each["examples"])
                for each in summary["groups"][:_SHOWN_GROUPS]
            ],
        ),
        gaps=_table(_GAPS, [_gap(gap) for gap in summary["gaps"]]),
        least=summary["least"],
    )
    return Message(re.sub(r"\n{3,}", "\n\n", text), text.parts)


def gap_sentence(gap: Mapping[str, Any]) -> str:
    """A gap in words."""
    measure = measure_name(gap["measure"])
    groups, interval = f"{gap['lowest']} and {gap['highest']}", f"{gap['low']:.3g} to {gap['high']:.3g}"
    return f"{measure}: {gap['difference']:.3g} between {groups} (95 %: {interval})"


def measure_name(measure: str) -> str:
    """Such as "recall of setosa" of recall:setosa."""
    known, _, name = measure.partition(":")
    written = _MEASURES[known]() if known in _MEASURES else known.replace("_", " ")
    return _OF(measure=written, name=_code(name)) if name else written


def _gap(gap: Mapping[str, Any]) -> Message:
    return _GAP(
        measure=measure_name(gap["measure"]),
        lowest=_code(gap["lowest"]),
        highest=_code(gap["highest"]),
        gap=gap["difference"],
        mark=" *" if gap["is_distinct"] else "",
        low=gap["low"],
        high=gap["high"],
    )


def _table(table: Text, rows: Sequence[Message]) -> str:
    """Nothing without rows."""
    return table(rows=reduce(lambda before, row: _ROWS(before=before, row=row), rows)) if rows else ""


def _code(text: str) -> str:
    return f"`{_plain(text).replace('`', chr(39))}`"


def _plain(text: str) -> str:
    """On one line, and without what ends a cell or begins a tag."""
    return " ".join(str(text).split()).replace("|", "¦").replace("<", "(").replace(">", ")")
