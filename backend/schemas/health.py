"""Health and readiness."""

from typing import Literal

from pydantic import Field

from backend.schemas.base import Read


class Part(Read):
    name: str
    ready: bool
    detail: str


class Readiness(Read):
    ready: bool
    parts: list[Part] = Field(description="The database, the broker, and a worker for each queue.")


class Alive(Read):
    status: Literal["alive"] = "alive"
    version: str
