"""Adds entries to the chain, in the order of their arrival. Runs with the sweep of every API process.

Whoever seals locks the row of the head, so that of several processes one is at work. Entries that were
written before a crash are sealed after it.
"""

from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select, text, update

from backend.database import reading, transaction
from backend.services.log.chain import BEGINNING, entry_hash
from backend.tables import log_entries, log_head

_TOGETHER = 1_000  # entries in one transaction

_WAITING = (
    select(log_entries).where(log_entries.c.position.is_(None)).order_by(log_entries.c.id).limit(_TOGETHER)
)
_SEAL = (
    update(log_entries)
    .where(log_entries.c.id == bindparam("entry"))
    .values({name: bindparam(name) for name in ("position", "previous_hash", "hash")})
)
_NOTHING = {"position": 0, "hash": BEGINNING}
_NEW_HEAD = text(
    "INSERT INTO log_head (id, position, hash) VALUES (1, :position, :hash) ON CONFLICT DO NOTHING"
)
_NEWEST = (
    select(log_entries).where(log_entries.c.position.is_not(None)).order_by(log_entries.c.position.desc())
)


def seal() -> int:
    """Add all waiting entries to the chain; returns their number."""
    total = 0
    while unsealed():
        with transaction() as connection:
            total += _seal_some(connection, lock_head(connection))
    return total


def unsealed() -> int:
    """The number of entries that wait."""
    waiting = select(func.count()).select_from(log_entries).where(log_entries.c.position.is_(None))
    with reading() as connection:
        return connection.scalar(waiting) or 0


def lock_head(connection: Connection) -> Row[Any]:
    """The position and hash of the newest entry of the chain, locked until the end of the transaction."""
    locked = select(log_head).with_for_update()
    head = connection.execute(locked).one_or_none()
    if head is None:
        newest = connection.execute(_NEWEST.limit(1)).one_or_none()
        first = {"position": newest.position, "hash": newest.hash} if newest else _NOTHING
        # of two processes one inserts it, and the other waits for that
        connection.execute(_NEW_HEAD, first)
        head = connection.execute(locked).one()
    return head


def _seal_some(connection: Connection, head: Row[Any]) -> int:
    # a chain that was changed by hand goes on, and stays invalid
    last = connection.scalar(select(func.max(log_entries.c.position))) or 0
    position, newest = max(head.position, last), head.hash
    sealed: list[dict[str, Any]] = []
    for row in connection.execute(_WAITING).all():
        position, previous = position + 1, newest
        newest = entry_hash(position, row.at, row.content, row.commitments, previous)
        sealed.append({"entry": row.id, "position": position, "previous_hash": previous, "hash": newest})
    if sealed:
        connection.execute(_SEAL, sealed)
        connection.execute(update(log_head).values(position=position, hash=newest))
    return len(sealed)
