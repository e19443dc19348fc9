"""Base classes of bodies, and translatable texts."""

import unicodedata
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from models.core.contract.messages import Text
from models.core.contract.strict_numbers import StrictNumbers

_VISIBLE = Text("core.fields.visible", "must have a visible character")
LIMIT, MAX_LIMIT = 50, 200  # items of a page
_BIDI = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F}


def displayable(text: str) -> str:
    """The text in NFC, without surrounding space and without control or direction-changing characters."""
    text = unicodedata.normalize("NFC", text.encode("utf-8", "ignore").decode())
    return "".join(s for s in text if unicodedata.category(s) != "Cc" and ord(s) not in _BIDI).strip()


def _named(text: str) -> str:
    shown = displayable(text)
    if not shown:
        raise ValueError(_VISIBLE())
    return shown


# a name that a user gives
Name = Annotated[str, Field(max_length=120), AfterValidator(_named)]


def _described(text: str) -> str:
    """The text in NFC with its line breaks, otherwise as a name."""
    return "\n".join(displayable(line) for line in text.splitlines()).strip()


def _different(tags: list[str]) -> list[str]:
    """The tags in lower case and in their order, each once."""
    return list(dict.fromkeys(tag.lower() for tag in tags))


Description = Annotated[str, Field(max_length=2_000), AfterValidator(_described)]
Tag = Annotated[str, Field(max_length=40), AfterValidator(_named)]
Tags = Annotated[list[Tag], Field(max_length=20), AfterValidator(_different)]
# a name that stands in addresses and commands
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]


class Body(StrictNumbers, BaseModel):
    """A request body. Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class Read(BaseModel):
    """A response body or a part of one."""

    model_config = ConfigDict(from_attributes=True)


class Page(Read):
    """One page of a list."""

    next_cursor: str | None = Field(description="The `cursor` of the next page; null: this is the last.")
    limit: int = Field(description="The number of items that a page has at most.")


class MessagePart(Read):
    """One sentence of a text, for other languages."""

    id: str = Field(
        description="Key of GET /v1/translations/{language}; empty: values.text is plain English."
    )
    values: dict[str, Any] = Field(description="Values of the blanks: numbers, texts, or {text, parts}.")
