"""Answers: the bytes of a table of decisions in, the measures of each group and their gaps out."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from models.audit.by_group import Division, divided
from models.audit.card import PredictParams
from models.audit.data import Decisions, decisions_of
from models.audit.inspection import stages_of
from models.audit.measures import fairness, with_interval
from models.core.contract.prediction import Inputs, Prediction, Stage, content


@dataclass(frozen=True)
class Item:
    """A table, decoded, with its params."""

    decisions: Decisions
    params: PredictParams


class Predictor:
    """Counts; there is nothing to load."""

    max_batch = 1  # tables share no computation

    def __init__(self, weights: Path | None = None, device: str = "cpu"):
        """The arguments are those of every predictor."""

    def decode(self, inputs: Inputs, params: PredictParams) -> Item:
        """Raises InputError: not a table, or a column that cannot have its role."""
        return Item(decisions_of(content(inputs, "table"), params), params)

    def forward(self, items: list[Item]) -> list[list[Division]]:
        """For each table its divisions: by the group and, if there is a second one, by that and by both."""
        return [
            [divided(item.decisions, groups, item.params.least) for groups in item.decisions.divisions]
            for item in items
        ]

    def encode(
        self,
        item: Item,
        raw: list[Division],
        params: PredictParams,  # noqa: ARG002  the item has them
        *,
        picture: bool = False,  # noqa: ARG002  a table has none
    ) -> Prediction:
        """The measures by group; of the combinations of both columns too, if there are two."""
        roles, first = item.decisions.roles, raw[0]
        result: dict[str, Any] = {
            "decision": roles.decision,
            "actual": roles.actual,
            "positive": item.decisions.positive,
            **_as_json(first),
            "fairness": fairness(first.gaps),
            "rows": {"total": len(item.decisions.frame), "used": len(item.decisions.rows)},
            "others": [_as_json(division) for division in raw[1:]],
            "notes": list(item.decisions.notes),
        }
        return Prediction(result)

    def inspect(self, item: Item, raw: list[Division], params: PredictParams) -> tuple[Stage, ...]:
        """The table by group, calibration, proxies, missing values; the comparison of the groups is last."""
        return stages_of(item.decisions, raw, params)


def _as_json(division: Division) -> dict[str, Any]:
    return {
        "group": str(division.groups.column),
        "groups": [
            {"group": str(name), **{measure: with_interval(share) for measure, share in own.items()}}
            for name, own in division.measured.items()
        ],
        "gaps": [
            {**asdict(gap), "interval": list(gap.interval), "is_distinct": gap.is_distinct}
            for gap in division.gaps
        ],
    }
