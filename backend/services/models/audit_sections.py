"""What an audit found, as a section of a model's card: Markdown that pages show in their reader's language.

Names of users are code, in which nothing has a meaning.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import reduce
from typing import Any

from models.core.contract.messages import Message, Part, Text, join

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
_CODE = Text("core.model_audits.code", "`{name}`")
_ROWS = Text("core.model_audits.rows", "{before}\n{row}")
_OF = Text("core.model_audits.of", "{measure} of {name}")
_PARTS = {
    "test": Text("core.model_audits.parts.test", "test"),
    "validation": Text("core.model_audits.parts.validation", "validation"),
    "all": Text("core.model_audits.parts.all", "all"),
}
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

    def named(text: str, at: str) -> str:
        """A name of the summary, at this JSON pointer, which a page can show in its language."""
        return code(Message(text, summary.get("messages", {}).get(at, ())))

    data: str = code(summary["data"])
    if summary["dataset_version"]:
        data = _VERSION(data=data, version=summary["dataset_version"])
    measured = (_BOXES if "objects" in examples else _EXAMPLES)(
        group=named(summary["group"], "/group"), n=examples["used"], data=data, part=_part(summary["part"])
    )
    use = summary["intended_use"]
    text = _SECTION(
        date=datetime.fromtimestamp(summary["audited_at"], UTC).date().isoformat(),
        origin=join(_BY(author=code(author)) if author else "", measured),
        intended_use=_INTENDED_USE(text=_plain(use)) if use else "",
        finding=Message(str(summary["finding"]), summary.get("finding_message", ())),
        groups=_table(
            _GROUPS,
            [
                _GROUP(name=named(each["group"], f"/groups/{index}/group"), n=each["examples"])
                for index, each in enumerate(summary["groups"][:_SHOWN_GROUPS])
            ],
        ),
        gaps=_table(
            _GAPS,
            [
                _gap(gap, *(named(gap[side], f"/gaps/{index}/{side}") for side in ("lowest", "highest")))
                for index, gap in enumerate(summary["gaps"])
            ],
        ),
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
    return _OF(measure=written, name=code(name)) if name else written


def _part(name: str) -> str:
    return _PARTS[name]() if name in _PARTS else name


def _gap(gap: Mapping[str, Any], lowest: str, highest: str) -> Message:
    return _GAP(
        measure=measure_name(gap["measure"]),
        lowest=lowest,
        highest=highest,
        gap=gap["difference"],
        mark=" *" if gap["is_distinct"] else "",
        low=gap["low"],
        high=gap["high"],
    )


def _table(table: Text, rows: Sequence[Message]) -> str:
    """Nothing without rows."""
    return table(rows=reduce(lambda before, row: _ROWS(before=before, row=row), rows)) if rows else ""


def code(text: str) -> str:
    """A name as code, in which nothing has a meaning."""
    if isinstance(text, Message) and text.parts:
        return _CODE(name=Message(_literal(text), [_literal_part(part) for part in text.parts]))
    return f"`{_literal(text)}`"


def _literal(text: str) -> str:
    return _plain(text).replace("`", "'")


def _literal_part(part: Part) -> Part:
    """A part whose values, which may be names of users, have no meaning in Markdown either."""
    return {**part, "values": {name: _literal_value(value) for name, value in part["values"].items()}}


def _literal_value(value: Any) -> Any:
    if isinstance(value, str):
        return _literal(value)
    if isinstance(value, Mapping):  # a message within the message
        return {"text": _literal(value["text"]), "parts": [_literal_part(part) for part in value["parts"]]}
    return value


def _plain(text: str) -> str:
    """On one line, and without what ends a cell or begins a tag."""
    return " ".join(str(text).split()).replace("|", "¦").replace("<", "(").replace(">", ")")
