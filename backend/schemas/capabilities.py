"""Cards, samples and translations."""

from typing import Any
from uuid import UUID

from pydantic import ConfigDict, Field

from backend.schemas import examples
from backend.schemas.base import Read
from backend.schemas.models import ModelRead
from backend.tables import Task
from models.core.contract.card import Kind, MediaKind
from models.core.contract.dataset import DatasetKind


class BrushRead(Read):
    name: str
    color: str = Field(description="`#rrggbb`, exactly as the picture must have it.")


class SketchRead(Read):
    width: int
    height: int
    brushes: list[BrushRead]
    background: str = Field(description="Color of the pixels on which nothing is drawn.")
    by_model: "dict[str, SketchRead]" = Field(description="Other sketches by model name.")


class InputRead(Read):
    name: str
    kind: MediaKind
    required: bool
    title: str
    sketch: SketchRead | None = Field(description="How the picture can be drawn; null: only uploaded.")


class ExportRead(Read):
    name: str
    title: str
    ending: str = Field(description="Of the file's name.")


class SampleRead(Read):
    name: str
    title: str
    credit: str
    license: str
    width: int | None
    height: int | None
    inputs: dict[str, UUID] = Field(description="Uploads by input name.")
    upload_id: UUID | None = Field(description="Of the only input.")
    job_id: UUID | None = Field(description="A finished job on this sample.")
    url: str | None = Field(description="The content of the first input, to which width and height refer.")


class SampleSweepRead(Read):
    name: str
    title: str


class CapabilityRead(Read):
    model_config = ConfigDict(json_schema_extra=examples.example(examples.CAPABILITY))

    name: str
    title: str
    summary: str
    inputs: list[InputRead]
    produces: list[Kind]
    tasks: list[Task]
    predict_params: dict[str, Any] = Field(description="JSON Schema.")
    train_params: dict[str, Any] | None = Field(description="JSON Schema; null: it cannot be trained.")
    trains_on: InputRead | None = Field(description="The upload of a training; null: shipped data only.")
    trains_on_datasets: list[DatasetKind] = Field(
        description="Kinds of datasets that a training takes; empty: none."
    )
    audit_params: dict[str, Any] | None = Field(description="JSON Schema; null: it cannot be audited.")
    audits_on: InputRead | None = Field(description="The upload of an audit; null: datasets only.")
    audits_on_datasets: list[DatasetKind] = Field(
        description="Kinds of datasets that an audit takes; empty: none."
    )
    keeps_stages: bool = Field(
        description="Stages are stored with every answer instead of computed on demand."
    )
    models: list[ModelRead]
    samples: list[SampleRead]
    sweeps: list[SampleSweepRead] = Field(
        description="Finished sweeps that ship with Glassbox: `GET /v1/capabilities/{name}/sweeps/{sweep}`."
    )
    exports: list[ExportRead] = Field(
        description="Files made of an answer: `GET /v1/jobs/{id}/exports/{name}`."
    )
    paper: str
    limits: str


class CapabilityList(Read):
    model_config = ConfigDict(json_schema_extra=examples.example({"items": [examples.CAPABILITY]}))

    items: list[CapabilityRead]


class TranslationsRead(Read):
    model_config = ConfigDict(json_schema_extra=examples.example(examples.TRANSLATIONS))

    language: str
    texts: dict[str, str] = Field(
        description="Message id -> text in this language, with blanks such as `{n}` for the message's values."
    )
