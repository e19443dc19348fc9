"""Models on record."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from backend.schemas.base import Body, Read


class DefaultModel(Body):
    version: int | None = Field(None, ge=1, description="Left out: the newest.")


class ModelRead(Read):
    id: UUID
    name: str
    version: int
    title: str
    summary: str
    capability: str
    source: Literal["shipped", "pretrained", "trained"]
    architecture: str
    license: str
    is_default: bool
    is_installed: bool
    install_command: str | None = Field(
        description="What to type where the weights are not on this machine yet."
    )
    digest: str | None = Field(description="SHA-256 of the weights.")
    bytes: int | None
    metrics: dict[str, float | None]
    job_id: UUID | None = Field(description="The training that made it.")
    created_at: datetime


class ModelList(Read):
    items: list[ModelRead]
