"""Deletes personal data from the log: details of entries, with their salts. The chain remains valid.

Each deletion is recorded by the positions of the entries, so that others are noticed by the verification.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Text, bindparam, cast, select, update

from backend.database import transaction
from backend.services.log.record import record
from backend.services.log.sealing import lock_head, seal
from backend.tables import jobs, log_entries, model_audits, reviews

FORGET = "forget"
_TOGETHER = 500  # entries in one transaction
_PERSONS = ("by", "author", "reviewer")  # fields that name a person or a key

_WRITE = (
    update(log_entries).where(log_entries.c.id == bindparam("entry")).values(details=bindparam("remaining"))
)


@dataclass(frozen=True)
class _Search:
    """Which fields of which entries are deleted."""

    may_match: ColumnElement[bool]  # cheap, and true for every match
    fields: Callable[[Any], set[str]]  # of a row


def forget_person(name: str) -> int:
    """Delete the name of a key or a person, also from jobs, reviews and model cards; returns the entries."""
    with transaction() as connection:
        connection.execute(update(jobs).where(jobs.c.requested_by == name).values(requested_by=None))
        connection.execute(update(reviews).where(reviews.c.reviewer == name).values(reviewer=None))
        connection.execute(update(model_audits).where(model_audits.c.author == name).values(author=""))

    def named(row: Any) -> set[str]:
        return {field for field in _PERSONS if field in row.details and row.details[field][1] == name}

    return _forget(_Search(_contains(log_entries.c.details, name), named))


def forget_job(job_id: UUID) -> int:
    """Delete all details of the entries about a job; returns their number."""

    def of_job(row: Any) -> set[str]:
        return set(row.details) if row.content.get("job_id") == str(job_id) else set()

    return _forget(_Search(_contains(log_entries.c.content, str(job_id)), of_job))


def forget_file(name: str) -> int:
    """Delete the inputs of the entries with a file of this name or SHA-256, and their answers."""

    def with_file(row: Any) -> set[str]:
        _, inputs = row.details.get("inputs", (None, ()))
        found = any(name in (each.get("file"), each.get("sha256")) for each in inputs)
        return {"inputs", "answer"} & set(row.details) if found else set()

    return _forget(_Search(_contains(log_entries.c.details, name), with_file))


def _contains(column: Any, value: str) -> ColumnElement[bool]:
    """Whether the JSON contains the text."""
    return cast(column, Text).contains(orjson.dumps(value).decode(), autoescape=True)


def _forget(search: _Search) -> int:
    seal()  # an entry is named by its position
    total, after = 0, 0
    while True:
        with transaction() as connection:
            lock_head(connection)
            later = log_entries.c.position > after
            query = select(log_entries).where(later, search.may_match).order_by(log_entries.c.position)
            rows = connection.execute(query.limit(_TOGETHER)).all()
            found = [(row, fields) for row in rows if (fields := search.fields(row))]
            if found:
                connection.execute(_WRITE, [_without(row, fields) for row, fields in found])
                positions = {row.position: fields for row, fields in found}
                record(connection, FORGET, {"fields": _by_field(positions)})
        total += len(found)
        if len(rows) < _TOGETHER:
            break
        after = rows[-1].position
    seal()
    return total


def _without(row: Any, fields: set[str]) -> dict[str, Any]:
    remaining = {field: value for field, value in row.details.items() if field not in fields}
    return {"entry": row.id, "remaining": remaining}


def _by_field(positions: Mapping[int, set[str]]) -> dict[str, list[list[int]]]:
    """Field -> the ranges of positions, first and last, where it was deleted."""
    names = sorted(set().union(*positions.values()))
    return {
        name: list(_ranges(position for position, fields in positions.items() if name in fields))
        for name in names
    }


def _ranges(ascending: Iterator[int]) -> Iterator[list[int]]:
    current: list[int] = []
    for number in ascending:
        if current and number == current[1] + 1:
            current[1] = number
            continue
        if current:
            yield current
        current = [number, number]
    if current:
        yield current
