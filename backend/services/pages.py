"""Pages of lists. A cursor is the place after which the next page begins, so rows may come and go."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Column, ColumnElement, Text, cast, func, tuple_

from backend.errors import Invalid


@dataclass(frozen=True)
class Period:
    """Rows created at or after the one moment and before the other."""

    created_after: datetime | None = None
    created_before: datetime | None = None

    def conditions(self, created_at: Column[float]) -> list[ColumnElement[bool]]:
        found = []
        if self.created_after is not None:
            found.append(created_at >= _seconds(self.created_after))
        if self.created_before is not None:
            found.append(created_at < _seconds(self.created_before))
        return found


EVER = Period()


def _seconds(moment: datetime) -> float:
    """Since 1970; a moment without a time zone is UTC."""
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()


def contains(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Whether the column contains the text, in upper or lower case."""
    return func.lower(column).contains(text.lower(), autoescape=True)


def has_tag(column: Column[Any], tag: str) -> ColumnElement[bool]:
    """Whether the column, a list of tags in lower case as JSON, has this one."""
    return cast(column, Text).contains(orjson.dumps(tag.lower()).decode(), autoescape=True)


def after(listed: str, cursor: str, created_at: Column[float], row_id: Column[UUID]) -> ColumnElement[bool]:
    """The rows after the cursor in a list with the newest first. Raises Invalid."""
    place, which = decode(listed, cursor, (float, str))
    try:
        return tuple_(created_at, row_id) < tuple_(place, UUID(which))
    except ValueError as error:
        raise unknown() from error


def encode(listed: str, place: Sequence[Any]) -> str:
    """The cursor of a place in the list of this name."""
    return base64.urlsafe_b64encode(orjson.dumps([listed, *place])).decode().rstrip("=")


def decode(listed: str, cursor: str, kinds: Sequence[type]) -> list[Any]:
    """The place that `encode` got. Raises Invalid: the cursor is not one of this list."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        name, *place = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, TypeError, binascii.Error) as error:
        raise unknown() from error
    if name != listed or [type(each) for each in place] != list(kinds):
        raise unknown()
    return place


def unknown() -> Invalid:
    """The error of a cursor that the list did not give."""
    where = [{"pointer": "/cursor", "detail": "is not a next_cursor of this list"}]
    return Invalid("The cursor is not a next_cursor of this list.", errors=where)
