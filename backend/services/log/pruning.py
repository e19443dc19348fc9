"""Deletes old entries from the beginning of the chain.

The deletion is recorded with the hash of the last entry that it deleted: the anchor of those that remain.
"""

import time

from sqlalchemy import delete, select

from backend.database import db_now, reading, transaction
from backend.services.log.record import record
from backend.services.log.sealing import lock_head
from backend.settings import settings
from backend.tables import log_entries

PRUNE = "prune"
_INTERVAL = 3_600.0  # seconds between deletions, each of which adds an entry
_IS_SEALED = log_entries.c.position.is_not(None)


class _NextSearch:
    at = 0.0  # time.monotonic()


_next_search = _NextSearch()


def delete_old() -> None:
    """Delete the entries older than `log_keep_days`; at most once an hour."""
    if not settings().log_keep_days or time.monotonic() < _next_search.at:
        return
    _next_search.at = time.monotonic() + _INTERVAL
    prune(settings().log_keep_days * 86_400)


def prune(seconds: float) -> int:
    """Delete the oldest entries, up to the first that is younger than so many seconds; returns how many."""
    oldest = db_now() - seconds
    first = select(log_entries.c.position).where(_IS_SEALED).order_by(log_entries.c.position).limit(1)
    with reading() as connection:
        if connection.scalar(first.where(log_entries.c.at < oldest)) is None:
            return 0
    with transaction() as connection:
        head = lock_head(connection)
        kept = connection.scalar(first.where(log_entries.c.at >= oldest))
        until = head.position if kept is None else kept - 1
        last = select(log_entries.c.hash).where(log_entries.c.position == until)
        anchor = connection.scalar(last)
        old = delete(log_entries).where(log_entries.c.position <= until)
        number = connection.execute(old).rowcount
        if number:
            record(connection, PRUNE, {"until": until, "hash": anchor, "entries": number})
    return number
