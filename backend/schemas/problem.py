"""Errors (RFC 9457)."""

from pydantic import ConfigDict, Field

from backend.schemas import examples
from backend.schemas.base import MessagePart, Read


class ProblemError(Read):
    pointer: str = Field(description="JSON pointer to the field.")
    detail: str
    detail_message: list[MessagePart] = Field(
        default_factory=list, description="`detail` as ids and values; empty: English only."
    )


class Problem(Read):
    """RFC 9457."""

    model_config = ConfigDict(extra="allow", json_schema_extra=examples.example(examples.PROBLEM))

    type: str
    title: str
    status: int
    detail: str
    request_id: str
    title_message: list[MessagePart] = Field(
        default_factory=list, description="`title` as ids and values; empty: English only."
    )
    detail_message: list[MessagePart] = Field(
        default_factory=list, description="`detail` as ids and values; empty: English only."
    )
    errors: list[ProblemError] = Field(default_factory=list)
