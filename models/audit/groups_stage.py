"""The data of a stage of kind `groups`: measures of every group, gaps, and the examples behind them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.audit.by_group import Division
from models.audit.measures import Gap, Measured, with_interval
from models.core.contract.messages import Message, Text

NAMES = {
    "selection_rate": Text("audit.measures.selection_rate", "Selection rate"),
    "accuracy": Text("audit.measures.accuracy", "Accuracy"),
    "recall": Text("audit.measures.recall", "Recall"),
    "false_positive_rate": Text("audit.measures.false_positive_rate", "False positive rate"),
    "precision": Text("audit.measures.precision", "Precision"),
    "base_rate": Text("audit.measures.base_rate", "Base rate"),
}
ABOUT = {
    "selection_rate": Text(
        "audit.about.selection_rate",
        "The share of the group with a positive decision. Equal in all groups: demographic parity.",
    ),
    "accuracy": Text("audit.about.accuracy", "The share of the group that is decided rightly."),
    "recall": Text(
        "audit.about.recall",
        "Of the group's actual positives, the share with a positive decision. Equal: equal opportunity.",
    ),
    "false_positive_rate": Text(
        "audit.about.false_positive_rate",
        "Of the group's actual negatives, the share with a positive decision. Equal together with recall: "
        "equalized odds.",
    ),
    "precision": Text(
        "audit.about.precision",
        "Of the group's positive decisions, the share that is right. Equal: predictive parity.",
    ),
    "base_rate": Text(
        "audit.about.base_rate",
        "The share of actual positives: a property of the group, not of the decisions.",
    ),
}


@dataclass(frozen=True)
class Described:
    """A measure in words. `unit` None: it is a share of rows; else a number in this unit."""

    name: Message
    about: Message
    unit: str | None = None


DECISIONS = {name: Described(NAMES[name](), ABOUT[name]()) for name in NAMES}


def groups_data(
    division: Division,
    described: Mapping[str, Described],
    outcomes: Sequence[Mapping[str, Any]],
    least: int,
) -> dict[str, Any]:
    """What docs/stages.md prescribes. `outcomes` are, for each group, the examples by outcome."""
    groups = division.groups
    return {
        "measures": [_measure(name, described[name]) for name in next(iter(division.measured.values()))],
        "groups": [
            {
                "name": name,
                "rows": division.sizes[index],
                "values": values_of(division.measured[name]),
                "outcomes": outcomes[index],
            }
            for index, name in enumerate(groups.names)
        ],
        "least": least,
        "gaps": [gap_of(gap) for gap in division.gaps],
    }


def _measure(name: str, described: Described) -> dict[str, Any]:
    scale = {} if described.unit is None else {"scale": "number", "unit": described.unit}
    return {"id": name, "name": described.name, "about": described.about, **scale}


def values_of(measured: Mapping[str, Measured]) -> dict[str, Any]:
    """Every measure of a group as JSON."""
    return {name: with_interval(found) for name, found in measured.items()}


def gap_of(gap: Gap) -> dict[str, Any]:
    """A gap as JSON."""
    return {
        "measure": gap.measure,
        "highest": gap.highest,
        "lowest": gap.lowest,
        "difference": gap.difference,
        "ratio": gap.ratio,
        "low": gap.interval.low,
        "high": gap.interval.high,
        "is_distinct": gap.is_distinct,
    }
