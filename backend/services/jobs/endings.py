"""What a job's end entails: it is counted and recorded in its transaction, then waiting requests are woken.

A count is a row of its own: transactions that end jobs at the same time would wait for each other at a common
row. The sweep adds the rows up.
"""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from backend.database import db_now, reading, transaction
from backend.messaging.events import wake
from backend.services.log.jobs import RECORDED, record_ended
from backend.tables import FINAL, Status, Task, jobs, models
from backend.tables import endings as counts
from models.core.contract.messages import Message, parts_of

log = logging.getLogger("glassbox.jobs")

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0, 600.0, 3600.0)
_LINE = "job %(job)s ended: %(capability)s %(task)s %(status)s model=%(model)s %(ms)s ms"
_TIMED = (Status.SUCCEEDED, Status.FAILED)
_MANY_ROWS = 1_000  # of counts
# Built once: every ending runs it, and building a statement costs more than running it.
_COUNT = insert(counts)


@dataclass(frozen=True)
class Ended:
    """A job that has ended. `queued` and `running` are seconds; None: not started, or its worker crashed."""

    job_id: UUID
    capability: str
    task: str
    model_id: UUID | None
    status: Status
    request_id: str | None
    queued: float | None = None
    running: float | None = None
    answer: str | None = None  # hash of a success


def count(connection: Connection, ended: Sequence[Ended]) -> None:
    """Count and record the endings in the transaction that writes them: all are written, or nothing.

    The open fits of a sweep end with it.
    """
    if ended:
        of_sweeps = cancel_fits(connection, [job.job_id for job in ended if job.task == Task.SWEEP])
        together = [*ended, *of_sweeps]
        _write(connection, _increments(together))
        record_ended(connection, {job.job_id: job.answer for job in together if job.task in RECORDED})


def cancel_fits(
    connection: Connection, parent_ids: Sequence[UUID], reason: Message | None = None
) -> list[Ended]:
    """Cancel the fits of these sweeps that have not ended; a worker that runs one loses its claim."""
    if not parent_ids:
        return []
    rows = connection.execute(
        update(jobs)
        .where(jobs.c.parent_id.in_(parent_ids), jobs.c.status.not_in(FINAL))
        .values(
            status=Status.CANCELED,
            finished_at=db_now(),
            error=None if reason is None else str(reason),
            error_message=None if reason is None else parts_of(reason),
            lease_owner=None,
            lease_until=None,
        )
        .returning(jobs.c.id, jobs.c.capability, jobs.c.task, jobs.c.model_id, jobs.c.request_id)
    ).all()
    return [
        Ended(row.id, row.capability, row.task, row.model_id, Status.CANCELED, row.request_id) for row in rows
    ]


def _write(connection: Connection, numbers: Mapping[str, int]) -> None:
    connection.execute(_COUNT, [{"name": name, "number": number} for name, number in numbers.items()])


def counted(connection: Connection) -> dict[str, int]:
    """All counts, named `<what>|<capability>|<task>|<status, bound in seconds or "microseconds">`."""
    totals = select(counts.c.name, func.sum(counts.c.number)).group_by(counts.c.name)
    return {name: int(number) for name, number in connection.execute(totals)}


def add_up() -> None:
    """Replace many counts by their sums, so that few rows are read."""
    with reading() as connection:
        if (connection.scalar(select(func.count()).select_from(counts)) or 0) < _MANY_ROWS:
            return
    with transaction() as connection:
        # of simultaneous calls each adds up the rows that it deletes
        totals: Counter[str] = Counter()
        for name, number in connection.execute(delete(counts).returning(counts.c.name, counts.c.number)):
            totals[name] += number
        if totals:
            _write(connection, totals)


def announce(ended: Sequence[Ended]) -> None:
    """Wake and log. Never fails: the jobs have ended, whoever hears of it."""
    if not ended:
        return
    wake(job.job_id for job in ended)
    if log.isEnabledFor(logging.INFO):
        for job in ended:
            _log(job)


def _increments(ended: Sequence[Ended]) -> Counter[str]:
    increments: Counter[str] = Counter()
    for job in ended:
        increments[f"ended|{job.capability}|{job.task}|{job.status}"] += 1
        if job.status in _TIMED:
            for what, seconds in (("wait", job.queued), ("run", job.running)):
                if seconds is not None:
                    key = f"{what}|{job.capability}|{job.task}"
                    increments[f"{key}|{_bucket(seconds)}"] += 1
                    increments[f"{key}|microseconds"] += max(0, round(seconds * 1e6))
    return increments


def _bucket(seconds: float) -> str:
    return next((str(bound) for bound in BUCKETS if seconds <= bound), "+Inf")


def _log(job: Ended) -> None:
    total = None if job.running is None else (job.queued or 0.0) + job.running
    fields = {
        "job": str(job.job_id),
        "capability": job.capability,
        "task": str(job.task),
        "status": str(job.status),
        "model": model_name(job.model_id),
        "ms": None if total is None else round(total * 1000, 1),
        "request_id": job.request_id,
    }
    record = logging.LogRecord(log.name, logging.INFO, __file__, 0, _LINE, (fields,), None)
    record.__dict__.update(fields)
    log.handle(record)


def model_name(model_id: UUID | None) -> str | None:
    """The model's name; its id where that cannot be read."""
    if model_id is None:
        return None
    try:
        return _read_name(model_id)
    except SQLAlchemyError:
        return str(model_id)


@lru_cache(maxsize=1_024)
def _read_name(model_id: UUID) -> str:
    with reading() as connection:
        name = connection.scalar(select(models.c.name).where(models.c.id == model_id))
    return name or str(model_id)
