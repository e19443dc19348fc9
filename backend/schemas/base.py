"""Base classes of bodies, and translatable texts."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Body(BaseModel):
    """A request body. Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class Read(BaseModel):
    """A response body or a part of one."""

    model_config = ConfigDict(from_attributes=True)


class MessagePart(Read):
    """One sentence of a text, for other languages."""

    id: str = Field(
        description="Key of GET /v1/translations/{language}; empty: values.text is plain English."
    )
    values: dict[str, Any] = Field(description="Values of the blanks: numbers, texts, or {text, parts}.")
