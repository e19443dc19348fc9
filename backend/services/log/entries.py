"""The entries of the log as clients see them: with the details that were not deleted, without their salts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, select, tuple_

from backend.database import reading
from backend.schemas.base import LIMIT
from backend.schemas.log import LogEntryRead, LogList
from backend.services import pages
from backend.tables import log_entries

_MANY = 1_000  # rows in memory
_MAX_ID = 2**63 - 1
_NEWEST = select(log_entries).order_by(log_entries.c.at.desc(), log_entries.c.id.desc())


@dataclass(frozen=True)
class Filter:
    """Which entries a list has; `by` is the name of a key or a person."""

    action: str | None = None
    model: str | None = None
    job_id: str | None = None
    by: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        content, details = log_entries.c.content, log_entries.c.details
        equal = (
            (content["action"], self.action),
            (content[("model", "name")], self.model),
            (content["job_id"], self.job_id),
            (details[("by", 1)], self.by),
        )
        return [field.as_string() == value for field, value in equal if value is not None]


def page(chosen: Filter, *, limit: int = LIMIT, cursor: str | None = None) -> LogList:
    """Entries, newest first. Raises Invalid: the cursor is not one that this function returned."""
    query = _NEWEST.where(*chosen.conditions())
    if cursor:
        at, entry = pages.decode("log", cursor, (float, int))
        if entry > _MAX_ID:
            raise pages.unknown()
        query = query.where(tuple_(log_entries.c.at, log_entries.c.id) < tuple_(at, entry))
    with reading() as connection:
        rows = connection.execute(query.limit(limit + 1)).all()
    last = rows[limit - 1] if len(rows) > limit else None
    following = None if last is None else pages.encode("log", [last.at, last.id])
    return LogList(items=[_shown(row) for row in rows[:limit]], next_cursor=following, limit=limit)


def lines() -> Iterator[dict[str, Any]]:
    """All entries of the chain in their order, with everything that a verification needs."""
    sealed = log_entries.c.position.is_not(None)
    query = select(log_entries).where(sealed).order_by(log_entries.c.position)
    with reading() as connection:
        for row in connection.execution_options(yield_per=_MANY).execute(query):
            yield {name: value for name, value in row._mapping.items() if name != "id"}


def _shown(row: Row[Any]) -> LogEntryRead:
    content = {name: value for name, value in row.content.items() if name != "action"}
    return LogEntryRead(
        position=row.position,
        at=row.at,
        action=row.content.get("action", ""),
        content=content,
        details={name: value for name, (_, value) in row.details.items()},
        deleted=sorted(row.commitments.keys() - row.details.keys()),
        hash=row.hash,
    )
