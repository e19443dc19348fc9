"""Sweeps: one training or prediction with many params."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from backend.schemas import examples
from backend.schemas.base import Body, Description, MessagePart, Name, Read, Tags
from backend.tables import Status

MAX_FITS = 500

ParamName = Annotated[str, Field(min_length=1, max_length=64)]
Seed = Annotated[int, Field(ge=0, le=2**31 - 1)]


class Axis(Body):
    param: ParamName = Field(description="A param of the training or prediction.")
    # more than a sweep may have fits, so that one with too many is refused with their number
    values: list[Any] = Field(min_length=1, max_length=10_000, description="Its values, each different.")


class SweepCreate(Body):
    model_config = ConfigDict(
        json_schema_extra=examples.example(
            {
                "capability": "tabular",
                "params": {"method": "neural network", "epochs": 40},
                "axes": [
                    {"param": "learning_rate", "values": [0.001, 0.01, 0.1]},
                    {"param": "layers", "values": [[4], [16], [16, 16]]},
                ],
                "seeds": [0, 1, 2],
                "minutes": 10,
            }
        )
    )

    capability: str = Field(max_length=64)
    of: Literal["train", "predict"] | None = Field(
        None, description="The task of the fits; by default train where the capability can be trained."
    )
    inputs: dict[str, UUID] = Field({}, description="As in JobCreate.")
    upload_id: UUID | None = Field(None, description="Short for `inputs` with one input.")
    dataset_id: UUID | None = Field(None, description="A dataset to train on, instead of an upload.")
    dataset_version: int | None = Field(None, ge=1, le=2**31 - 1, description="By default the newest.")
    model: str | None = Field(None, max_length=160, description="Of predictions: name or name@version.")
    params: dict[str, Any] = Field({}, description="What all fits have in common.")
    axes: list[Axis] = Field(min_length=1, max_length=3, description="What is varied, in every combination.")
    seeds: list[Seed] = Field(
        [],
        max_length=10_000,
        description="Each combination is fitted once with each; empty: the params' own.",
    )
    figure: str | None = Field(
        None, max_length=64, description="The metric that compares the fits; by default the main one."
    )
    minutes: float | None = Field(None, gt=0, le=100_000, description="Budget: no fit is started after it.")
    fits: int | None = Field(None, ge=1, le=MAX_FITS, description="Budget: the most fits that are run.")
    name: Name | None = Field(None, description="By default the file name of the data.")
    description: Description = ""
    tags: Tags = Field([])


class AxisRead(Read):
    param: str
    title: str = Field(description="Of the param, in English.")
    values: list[Any]


class SpritesRead(Read):
    """A picture for each fit, stacked from top to bottom in the order of the cells."""

    image: str = Field(description="A PNG as a data URL.")
    width: int = Field(description="Of one picture, in pixels.")
    height: int


class CellRead(Read):
    cell: int = Field(description="Its place: the last axis varies fastest, and the seeds within it.")
    values: dict[str, Any] = Field(description="Param -> value, of the axes.")
    seed: int | None = Field(description="null: the params' own.")
    job_id: UUID | None = Field(description="The fit; null: of a shipped example, which has no jobs.")
    status: Status
    value: float | None = Field(
        description="The figure by which fits are compared: on the part of the data that `part` names."
    )
    validation: float | None = Field(description="The figure on the validation data; null: not measured.")
    test: float | None = Field(description="The figure on the test data; null: not measured.")
    metrics: dict[str, float | None]
    seconds: float | None = Field(description="That the fit took; null: it has not ended.")
    message: str | None = Field(description="Why it failed or was left out.")
    message_parts: list[MessagePart] = Field(description="`message` as ids and values.")


class SettingRead(Read):
    values: dict[str, Any] = Field(description="Param -> value, of the axes.")
    cells: list[int]
    mean: float = Field(description="Of `value` over the seeds.")
    deviation: float | None = Field(description="Standard deviation over the seeds; null: only one.")
    validation: float | None
    test: float | None = Field(description="Mean of the figure on the test data.")


class SpreadRead(Read):
    between_settings: float | None = Field(description="Standard deviation of the settings' means.")
    between_seeds: float | None = Field(
        description="Root of the mean variance over the seeds of one setting."
    )


class SweepRead(Read):
    model_config = ConfigDict(json_schema_extra=examples.example(examples.SWEEP))

    job_id: UUID | None
    capability: str
    of: Literal["train", "predict"]
    name: str
    params: dict[str, Any] = Field(description="What all fits have in common.")
    axes: list[AxisRead]
    seeds: list[int]
    status: Status
    figure: str | None = Field(description="null: no fit has ended.")
    figures: list[str] = Field(description="The metrics that could compare the fits.")
    greater_is_better: bool
    part: str | None = Field(
        description="The part of the data that compares the fits: validation, else test, else training; "
        "null: predictions, which have none."
    )
    cells: list[CellRead]
    best: CellRead | None = Field(description="The best fit by `value`.")
    settings: list[SettingRead] = Field(
        description="Each combination of values with a fit that succeeded, the best first."
    )
    spread: SpreadRead
    samples: SpritesRead | None = Field(None, description="What the fits generate; of shipped examples.")
