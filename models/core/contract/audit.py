"""Params of an audit of a model: which groups are compared, and on which data. Loads nothing heavy."""

from typing import Annotated, Literal

from pydantic import Field

from models.core.contract.card import Params
from models.core.contract.titles import Titles

NONE = "none"  # of a second group that is chosen from a list
WHOLE = "all"


class ModelAuditParams(Params):
    """Options of one audit of a model; capabilities narrow the groups to what their data has."""

    group: str = Field(
        default="",
        max_length=1_000,
        title="Group",
        description="The attribute whose values are the groups to compare.",
    )
    second_group: str = Field(
        default="",
        max_length=1_000,
        title="Second group",
        description="Also compare every combination of both: a gap may appear or vanish within them.",
    )
    positive: str = Field(
        default="",
        max_length=1_000,
        title="Positive class",
        description="The class that counts as positive, against all others: gives the measures of fairness. "
        "Empty: of two classes yes, true or 1, else the last one in alphabetical order; of several classes "
        "none, and each has its own recall and precision.",
    )
    threshold: float | None = Field(
        default=None,
        ge=0.0,
        le=1.0,
        title="Threshold",
        description="The probability of the positive class from which an answer counts as positive. Empty: "
        "the most probable class is the answer.",
    )
    least: int = Field(
        default=30,
        ge=1,
        le=10_000,
        title="Fewest examples",
        description="Groups with fewer examples for a measure are shown, but too few to be compared.",
    )
    part: Annotated[Literal["test", "validation", "all"], Titles("Test", "Validation", "All")] = Field(
        default="test",
        title="Part",
        description="Of a dataset with splits: the part that the model answers. Of a table that the model "
        "learned from: the rows that were kept out of its training. All: also what it learned from, which it "
        "knows better than new examples.",
    )
    robustness: bool = Field(
        default=False,
        title="Robustness",
        description="Also repeat the audit with inputs that are changed more and more, such as by noise. "
        "Takes many times as long.",
    )
    seed: int = Field(
        default=0, ge=0, le=2**31 - 1, description="The same seed gives the same bootstrap intervals."
    )
