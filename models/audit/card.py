"""The card of the audit: inputs, params, models, limits and samples."""

from pathlib import Path

from pydantic import ConfigDict, Field

from models.core.contract.card import Card, Input, Kind, MediaKind, ModelCard, Result, Sample
from models.core.contract.dataset import OF_PICTURES
from models.core.tables.read_options import ColumnName, ReadOptions

SAMPLES = Path(__file__).parent / "samples"
MAX_GROUPS = 50


class PredictParams(ReadOptions):
    """Options of one audit."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "Decisions alone: who was admitted", "decision": "admitted", "group": "gender"},
                {"title": "Scores with a threshold", "decision": "score", "actual": "outcome",
                 "group": "district", "threshold": 0.5},
                {"title": "Every combination of two groups", "decision": "admitted", "group": "gender",
                 "second_group": "department"},
            ]
        }
    )  # fmt: skip

    decision: ColumnName = Field(
        default="",
        max_length=1_000,
        title="Decision",
        description="The column with the decisions or predictions: classes, or scores from 0 to 1. Empty: "
        "one named decision, prediction, predicted or score, else the last column.",
        json_schema_extra={"format": "column"},
    )
    actual: ColumnName = Field(
        default="",
        max_length=1_000,
        title="Actual class",
        description="The column with the true class. Empty: one named actual, outcome, label or truth; "
        "without it, only how often each group is selected can be compared, not how often rightly.",
        json_schema_extra={"format": "column"},
    )
    group: ColumnName = Field(
        default="",
        max_length=1_000,
        title="Group",
        description="The column whose values are the groups to compare; numbers are divided into four "
        "ranges, and dates into months, quarters or years. Empty: the first other column with at most "
        "50 values.",
        json_schema_extra={"format": "column"},
    )
    second_group: ColumnName = Field(
        default="",
        max_length=1_000,
        title="Second group",
        description="Also compare every combination of both columns: a gap may appear or vanish within them.",
        json_schema_extra={"format": "column", "empty": "none"},
    )
    positive: str = Field(
        default="",
        max_length=1_000,
        title="Positive class",
        description="The value that counts as positive, such as granted. Empty: yes, true or 1 where they "
        "occur, else the last value in alphabetical order.",
    )
    threshold: float = Field(
        default=0.5,
        ge=0.0,
        le=1.0,
        title="Threshold",
        description="Where decisions are scores: those of at least this value are positive.",
    )
    least: int = Field(
        default=30,
        ge=1,
        le=10_000,
        title="Fewest rows",
        description="Groups with fewer rows for a measure are shown, but too few to be compared.",
    )
    seed: int = Field(
        default=0, ge=0, le=2**31 - 1, description="The same seed gives the same bootstrap intervals."
    )


class DatasetAuditParams(ReadOptions):
    """Options of one audit of a dataset: a table, or pictures with or without labels."""

    group: ColumnName = Field(
        default="",
        max_length=1_000,
        title="Group",
        description="What divides the examples into groups. For a table: one of its columns; numbers are "
        "divided into four ranges, and dates into months, quarters or years. For pictures: class, split, "
        "brightness, sharpness, width, height, aspect ratio, file size, file format, box size or box aspect "
        "ratio. Empty: the class of pictures; of a table the first column with few values, else the target.",
        json_schema_extra={"format": "column"},
    )
    target: ColumnName = Field(
        default="",
        max_length=1_000,
        title="Target",
        description="Of a table: the column that a model is to predict. Empty: the last one.",
        json_schema_extra={"format": "column"},
    )
    least: int = Field(
        default=30,
        ge=1,
        le=10_000,
        title="Fewest examples",
        description="Groups with fewer examples are shown, but too few to be compared.",
    )
    seed: int = Field(
        default=0,
        ge=0,
        le=2**31 - 1,
        description="The same seed draws the same examples where there are very many.",
    )


class AuditResult(Result):
    """The measures of each group, and the gaps between groups."""

    group: str
    decision: str
    actual: str | None
    positive: str
    groups: list[dict[str, object]]
    gaps: list[dict[str, object]]
    fairness: dict[str, float]


CARD = Card(
    name="audit",
    title="Audit of decisions",
    summary="Compares decisions or predictions between groups: how often each is selected, how often "
    "rightly, and how certain the difference is.",
    inputs=(Input("table", MediaKind.TABLE, "Table of decisions"),),
    produces=(Kind.GROUPS, Kind.TABLE),
    predict_params=PredictParams,
    result=AuditResult,
    models=(
        ModelCard(
            name="by-group",
            title="Audit by group",
            summary="Counts decisions by group. The intervals are Wilson's and Newcombe's.",
            architecture="by-group",
            license="Apache-2.0",
        ),
    ),
    paper="Hardt et al., Equality of Opportunity in Supervised Learning, NIPS 2016, arXiv:1610.02413; "
    "Chouldechova, Fair Prediction with Disparate Impact, 2017, arXiv:1610.07524; Newcombe, Interval "
    "Estimation for the Difference Between Independent Proportions, 1998",
    limits="What the table leaves out cannot be compared, actual outcomes may be biased themselves, and a "
    "gap alone shows no cause. Rows must be independent: several rows of one person make intervals too "
    "narrow.",
    samples=(
        Sample(
            "admissions",
            "Admissions to Berkeley, 1973",
            {"table": SAMPLES / "admissions.csv"},
            "Bickel, Hammel and O'Connell, Science 187, 1975; a row for each applicant of the six largest "
            "departments",
            "Facts; compiled by the project (CC0)",
            answer=SAMPLES / "admissions.prediction",
        ),
        Sample(
            "loans",
            "Loans by score, invented",
            {"table": SAMPLES / "loans.csv"},
            "Invented by the project with a known bias; python -m models.audit.recipe.samples",
            "CC0",
            answer=SAMPLES / "loans.prediction",
        ),
    ),
    keeps_stages=True,
    audit_params=DatasetAuditParams,
    audits_on=Input("table", MediaKind.TABLE, "Table of decisions"),
    audits_on_datasets=OF_PICTURES,
)
