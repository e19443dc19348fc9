"""Health and readiness."""

from typing import Literal

from pydantic import ConfigDict, Field

from backend.schemas import examples
from backend.schemas.base import Read


class Part(Read):
    name: str
    ready: bool
    detail: str


class Readiness(Read):
    model_config = ConfigDict(json_schema_extra=examples.example(examples.READINESS))

    ready: bool
    parts: list[Part] = Field(description="The database, Redis, the storage, and a worker for each queue.")


class Alive(Read):
    model_config = ConfigDict(json_schema_extra=examples.example({"status": "alive", "version": "1.0.0"}))

    status: Literal["alive"] = "alive"
    version: str
