"""Errors (RFC 9457)."""

from pydantic import ConfigDict, Field

from backend.schemas.base import Read


class ProblemError(Read):
    pointer: str = Field(description="JSON pointer to the field.")
    detail: str


class Problem(Read):
    """RFC 9457."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    request_id: str
    errors: list[ProblemError] = Field(default_factory=list)
