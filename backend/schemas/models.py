"""Models."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from backend.schemas import examples
from backend.schemas.base import Body, Description, Name, Page, Read, Slug, Tags

Source = Literal["shipped", "pretrained", "trained", "built-in"]
Form = Literal["zip", "onnx", "safetensors"]  # of an exported model


class DefaultModel(Body):
    model_config = ConfigDict(json_schema_extra=examples.example({"version": 1}))

    version: int | None = Field(None, ge=1, description="By default the newest.")


class ModelUpdate(Body):
    """The fields to change. Of models that are part of Glassbox only description and tags can be."""

    model_config = ConfigDict(
        json_schema_extra=examples.example({"title": "Flowers of the garden", "tags": ["biology"]})
    )

    # of those that cannot be without a value, null is refused
    title: Name = Field(default_factory=str, description="Of all versions.")
    name: Slug = Field(
        default_factory=str, description="Of all versions; what refers to them is renamed, too."
    )
    description: Description = Field(default_factory=str)
    tags: Tags = Field(default_factory=list)
    card: str = Field(
        default_factory=str,
        max_length=100_000,
        description="Markdown, above the section `Provenance`, which is kept as it is.",
    )
    review_from: float | None = Field(
        None,
        ge=0,
        le=1,
        description="Answers whose confidence is from here to `review_to` wait for a person; null: none do.",
    )
    review_to: float | None = Field(None, ge=0, le=1)


class ModelImport(Body):
    model_config = ConfigDict(json_schema_extra=examples.example({"upload_id": examples.UPLOAD_ID}))

    upload_id: UUID = Field(description="An uploaded ZIP, as an export is.")


class ModelRead(Read):
    model_config = ConfigDict(json_schema_extra=examples.example(examples.MODEL))

    id: UUID
    name: str
    version: int
    title: str
    summary: str
    capability: str
    source: Source
    description: str
    tags: list[str]
    architecture: str
    license: str
    is_default: bool
    is_preferred: bool = Field(description="Answers by default as soon as its weights are installed.")
    is_installed: bool
    install_command: str | None = Field(
        description="Command that fetches the weights; null: they are installed."
    )
    download_bytes: int | None = Field(
        description="Bytes that the installation fetches; null: it is installed, or the size is not known."
    )
    digest: str | None = Field(description="SHA-256 of the weights.")
    bytes: int | None
    formats: list[Form] = Field(description="In which the model can be exported.")
    metrics: dict[str, float | None]
    is_reviewable: bool = Field(description="Its answers have a confidence: uncertain ones can be reviewed.")
    review_from: float | None = Field(
        description="Answers whose confidence is from here to `review_to` wait for a person; null: none do."
    )
    review_to: float | None
    job_id: UUID | None = Field(description="The training job.")
    created_at: datetime


class ModelColumn(Read):
    name: str
    type: Literal["number", "category", "date"]
    usual: float | str = Field(description="The mean, or the most frequent category, of the training rows.")
    smallest: float | str | None = Field(None, description="Of the training rows; dates as ISO text.")
    largest: float | str | None = Field(None, description="Of the training rows; dates as ISO text.")
    categories: list[str] | None = Field(None, description="Of the training rows.")


class ModelColumns(Read):
    """The columns of a table that a model predicts from."""

    model_config = ConfigDict(json_schema_extra=examples.example(examples.MODEL_COLUMNS))

    target: str | None
    columns: list[ModelColumn] = Field(description="Empty: the model takes no tables.")


class ModelList(Page):
    model_config = ConfigDict(json_schema_extra=examples.example(examples.page(examples.MODEL)))

    items: list[ModelRead]
