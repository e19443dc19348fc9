"""Answers that wait for a person, and decisions about them."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from backend.schemas import examples
from backend.schemas.base import Body, Description, Name, Page, Read
from backend.schemas.jobs import Cell, JobModel, JobReview
from models.core.contract.dataset import LabeledObject
from models.core.contract.messages import Text

_REASON = Text("core.reviews.reason", "needs a reason")
_CORRECTION = Text("core.reviews.needs_correction", "needs the corrected answer")
_ONLY_CORRECTED = Text("core.reviews.only_corrected", "is only for the decision `corrected`")


class Correction(Body):
    """The answer as it should have been: what is given depends on the capability."""

    label: str | None = Field(None, max_length=400, description="Of a picture: its class.")
    objects: list[LabeledObject] | None = Field(
        None, description="Of a picture: its objects, all of them; empty: it shows none."
    )
    predictions: Annotated[list[Cell], Field(max_length=100_000)] | None = Field(
        None, description="Of a table: the prediction of each row, in the order of the answer."
    )

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if len(self.model_dump(exclude_none=True)) != 1:
            raise ValueError("needs exactly one of label, objects and predictions")
        return self


class ReviewDecision(Body):
    model_config = ConfigDict(json_schema_extra=examples.example(examples.REVIEW_DECISION))

    decision: Literal["confirmed", "corrected", "rejected"]
    reviewer: Name | None = Field(None, description="By default the name of the API key.")
    reason: Description = Field("", description="Required unless the answer is confirmed.")
    correction: Correction | None = None
    dataset_id: UUID | None = Field(
        None, description="The corrected picture joins this dataset, with the correction as its labels."
    )

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        is_corrected = self.decision == "corrected"
        if self.decision != "confirmed" and not self.reason:
            raise ValueError(_REASON())
        if is_corrected and self.correction is None:
            raise ValueError(_CORRECTION())
        if not is_corrected and (self.correction or self.dataset_id):
            raise ValueError(_ONLY_CORRECTED())
        return self


class ReviewRead(JobReview):
    model_config = ConfigDict(json_schema_extra=examples.example(examples.REVIEW))

    job_id: UUID
    job_name: str
    capability: str
    model: JobModel


class ReviewList(Page):
    model_config = ConfigDict(
        json_schema_extra=examples.example({**examples.page(examples.REVIEW), "waiting": 3})
    )

    items: list[ReviewRead]
    waiting: int = Field(description="Number of answers that wait, of the chosen capability and model.")


class Confidences(Read):
    """How certain the last answers of a model were."""

    model_config = ConfigDict(json_schema_extra=examples.example({"items": [0.98, 0.51, 0.73], "without": 1}))

    items: list[float] = Field(description="Of the last answers, the newest first.")
    without: int = Field(description="Number of further answers that have none.")
