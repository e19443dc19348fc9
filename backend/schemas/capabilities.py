"""Cards and their samples and translations."""

from typing import Any
from uuid import UUID

from pydantic import Field

from backend.schemas.base import Read
from backend.schemas.models import ModelRead
from backend.tables import Task
from models.core.contract.card import Kind, MediaKind


class SampleRead(Read):
    name: str
    title: str
    credit: str
    license: str
    width: int | None
    height: int | None
    upload_id: UUID
    job_id: UUID | None = Field(description="A finished job on this sample.")
    url: str


class CapabilityRead(Read):
    name: str
    title: str
    summary: str
    accepts: Kind
    produces: list[Kind]
    tasks: list[Task]
    predict_params: dict[str, Any] = Field(description="JSON Schema.")
    train_params: dict[str, Any] | None = Field(description="JSON Schema; null: nothing to train.")
    trains_on: MediaKind | None = Field(
        description="The kind of upload that a training takes; null: it takes none."
    )
    models: list[ModelRead]
    samples: list[SampleRead]
    paper: str
    limits: str


class CapabilityList(Read):
    items: list[CapabilityRead]


class TranslationsRead(Read):
    language: str
    texts: dict[str, str] = Field(
        description="English text to the same in this language. A key may have blanks, `{n}`, whose values "
        "stand where the translation names them; a text may be several keys one after another."
    )
