"""Writes entries of the log, in the transaction of what they report: both are written, or neither.

`sealing` adds them to the chain a moment later, so that simultaneous transactions do not wait for each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, insert

from backend.database import db_now
from backend.services.log.chain import commit
from backend.tables import log_entries

# Built once: building a statement costs more than running it.
_NEW = insert(log_entries).values(at=db_now())


@dataclass(frozen=True)
class Entry:
    """What is recorded; JSON values only.

    Attributes:
        action: a task of jobs, `review`, `default_model`, `rename_model`, `delete_model`, …
        content: kept as long as the entry; names nobody.
        details: whatever may be personal data, by field; each can be deleted alone. `by` names who acted.
    """

    action: str
    content: Mapping[str, Any]
    details: Mapping[str, Any] = field(default_factory=dict)


def identity(model: Any) -> dict[str, Any]:
    """Which model it was, from its row: also after its name was given to other weights."""
    return {"name": model.name, "version": model.version, "digest": model.digest}


def record(
    connection: Connection,
    action: str,
    content: Mapping[str, Any],
    *,
    by: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Record one action; `by` is the name of a key or a person. Otherwise as `Entry`."""
    named = {} if by is None else {"by": by}
    record_all(connection, [Entry(action, content, {**named, **(details or {})})])


def record_all(connection: Connection, entries: Sequence[Entry]) -> None:
    """Record several actions by one statement."""
    rows = []
    for entry in entries:
        commitments, details = commit(entry.details)
        content = {"action": entry.action, **entry.content}
        rows.append({"content": content, "commitments": commitments, "details": details})
    if rows:
        connection.execute(_NEW, rows)
