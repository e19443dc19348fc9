"""Models."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from backend.schemas.base import Body, Name, Page, Read

Source = Literal["shipped", "pretrained", "trained", "built-in"]


class DefaultModel(Body):
    version: int | None = Field(None, ge=1, description="By default the newest.")


class ModelUpdate(Body):
    title: Name


class ModelRead(Read):
    id: UUID
    name: str
    version: int
    title: str
    summary: str
    capability: str
    source: Source
    architecture: str
    license: str
    is_default: bool
    is_installed: bool
    install_command: str | None = Field(
        description="Command that fetches the weights; null: they are installed."
    )
    digest: str | None = Field(description="SHA-256 of the weights.")
    bytes: int | None
    metrics: dict[str, float | None]
    job_id: UUID | None = Field(description="The training job.")
    created_at: datetime


class ModelList(Page):
    items: list[ModelRead]
