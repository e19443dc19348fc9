"""Jobs whose worker crashed: requeued, up to the maximum number of attempts."""

import logging
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Connection, case, literal, or_, update

from backend.database import db_now, transaction
from backend.messaging.counters import count
from backend.messaging.events import wake
from backend.services.jobs import endings
from backend.services.jobs.endings import Ended
from backend.services.jobs.leases import UNHELD, Claim, held
from backend.tables import FINAL, Status, jobs
from models.core.contract.messages import Message, Text, parts_of

log = logging.getLogger(__name__)

_GIVEN_UP = (
    jobs.c.id,
    jobs.c.status,
    jobs.c.capability,
    jobs.c.task,
    jobs.c.model_id,
    jobs.c.request_id,
)
_CRASHED = Text(
    "core.jobs.crashed",
    "The worker crashed on every attempt. The input may need more memory than is available; see the worker's "
    "log.",
)()
FILES = Text(
    "core.jobs.files",
    "The job's files could not be read or written on any attempt, although the storage answers; see the "
    "worker's log.",
)()


def reclaim(node: str, owner: str) -> list[UUID]:
    """At the start of a worker: requeue the jobs of its previous process, which had the same name."""
    with transaction() as connection:
        is_of_node = jobs.c.lease_owner.startswith(f"{node}/", autoescape=True)
        rows = _give_up(connection, is_of_node, jobs.c.lease_owner != owner)
    return _announce(rows)


def abandon(claim: Claim, reason: Message = _CRASHED) -> None:
    """End an attempt, such as one whose process crashed; if it was the last, the job fails with `reason`."""
    with transaction() as connection:
        rows = _give_up(connection, *held(claim), reason=reason)
    _announce(rows)


def reclaim_fits(claim: Claim) -> None:
    """At the start of a sweep: requeue its fits that ran when its previous holder lost it."""
    with transaction() as connection:
        _give_up(connection, jobs.c.parent_id == claim.job_id)


def expire() -> list[UUID]:
    """Requeue the jobs with an expired lease; those without attempts left fail."""
    with transaction() as connection:
        rows = _give_up(connection, jobs.c.lease_until < db_now())
    if rows:
        log.warning("%d jobs lost their worker", len(rows))
        count("lost", len(rows))
    return _announce(rows)


def _give_up(connection: Connection, *which: Any, reason: Message = _CRASHED) -> list[Ended]:
    spent = jobs.c.attempt >= jobs.c.max_attempts
    failed = spent & ~jobs.c.cancel_requested
    ends = or_(spent, jobs.c.cancel_requested)
    rows = connection.execute(
        update(jobs)
        .where(jobs.c.status == Status.RUNNING, *which)
        .values(
            status=case(
                (jobs.c.cancel_requested, Status.CANCELED), (spent, Status.FAILED), else_=Status.QUEUED
            ),
            error=case((failed, str(reason)), else_=None),
            error_message=case((failed, literal(parts_of(reason), JSON)), else_=None),
            finished_at=case((ends, db_now()), else_=None),
            dispatched_at=None,
            **UNHELD,
        )
        .returning(*_GIVEN_UP)
    ).all()
    given_up = [
        Ended(row.id, row.capability, row.task, row.model_id, Status(row.status), row.request_id)
        for row in rows
    ]
    endings.count(connection, [job for job in given_up if job.status in FINAL])
    return given_up


def _announce(given_up: Sequence[Ended]) -> list[UUID]:
    """Announce those that ended; wake those who wait for one that was requeued, too. Returns their ids."""
    endings.announce([job for job in given_up if job.status in FINAL])
    requeued = [job.job_id for job in given_up if job.status not in FINAL]
    if requeued:
        wake(requeued)
    return [job.job_id for job in given_up]
