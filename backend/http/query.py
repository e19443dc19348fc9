"""Query parameters: the types of those that several lists have, and the refusal of unknown ones."""

import re
from collections.abc import Collection
from datetime import datetime
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Query
from pydantic import BeforeValidator
from starlette.requests import Request

from backend.errors import Invalid
from backend.schemas.base import MAX_LIMIT

_ZONE = re.compile(r"(?<=\d) (\d\d:?\d\d)$")


def _with_plus(text: object) -> object:
    """The moment with its time zone's plus sign, which an address that is not escaped turns into a space."""
    return _ZONE.sub(r"+\1", text) if isinstance(text, str) else text


Moment = Annotated[datetime, BeforeValidator(_with_plus)]
CreatedAfter = Annotated[
    Moment | None,
    Query(
        description="Created at this moment or later (ISO 8601; UTC without a zone).", examples=["2026-01-31"]
    ),
]
CreatedBefore = Annotated[
    Moment | None,
    Query(description="Created before this moment (ISO 8601).", examples=["2026-01-31T12:00:00Z"]),
]
Limit = Annotated[int | None, Query(ge=1, le=MAX_LIMIT, description="Items of a page; by default 50.")]
Cursor = Annotated[
    str | None,
    Query(max_length=500, description="The previous page's next_cursor; by default the first page."),
]
Search = Annotated[
    str | None,
    Query(max_length=200, description="Part of the name, in upper or lower case.", examples=["valley"]),
]

TagFilter = Annotated[str | None, Query(max_length=40, description="One of the tags.", examples=["baseline"])]


def check(
    request: Request,
    known: Collection[str],
    otherwise: str = "this address takes none",
    params: Collection[str] = (),
) -> None:
    """Raises Invalid: the query has a parameter that is not known, or one of them twice.

    Args:
        otherwise: where parameters go if none is known.
        params: names that belong into the parameter `params`.
    """
    text = request.scope["query_string"]
    if not text:
        return  # without the work of parsing the address, which most predictions would pay for
    found: set[str] = set()
    for name, _ in parse_qsl(text.decode("latin-1"), keep_blank_values=True):
        shown = name[:80]
        if name not in known:
            allowed = f"allowed are: {', '.join(known)}" if known else otherwise
            where = [{"pointer": f"/{shown}", "detail": "is unknown"}]
            advice = among_params(name) if name in params else ""
            raise Invalid(f"{shown!r} is an unknown query parameter; {allowed}.{advice}", errors=where)
        if name in found:
            where = [{"pointer": f"/{shown}", "detail": "was sent twice"}]
            raise Invalid(f"The query parameter {shown!r} was sent twice.", errors=where)
        found.add(name)


def among_params(name: str) -> str:
    """Where an option of the capability goes that was sent beside `params`."""
    return f' {name!r} is one of the params: send it as params={{"{name}": ...}}.'
