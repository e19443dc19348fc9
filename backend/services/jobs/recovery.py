"""Jobs whose worker died: tried again, a few times at most."""

import logging
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, case, or_, update

from backend.database import db_now, transaction
from backend.messaging.counters import count
from backend.messaging.events import wake
from backend.services.jobs.leases import UNHELD, Claim, held
from backend.tables import Status, jobs

log = logging.getLogger(__name__)


def reclaim(node: str, owner: str) -> list[UUID]:
    """At the start of a worker: requeue what the process of the same name held before it died."""
    with transaction() as connection:
        is_ours = jobs.c.lease_owner.startswith(f"{node}/", autoescape=True)
        rows = _give_up(connection, is_ours, jobs.c.lease_owner != owner)
    wake(rows)
    return rows


def abandon(claim: Claim) -> None:
    """Give up an attempt whose process died; the job is tried again unless this was the last attempt."""
    with transaction() as connection:
        rows = _give_up(connection, *held(claim))
    wake(rows)


def expire() -> list[UUID]:
    """Requeue the jobs whose lease ran out; those that have lost too many workers have failed."""
    with transaction() as connection:
        rows = _give_up(connection, jobs.c.lease_until < db_now())
    if rows:
        log.warning("%d jobs lost their worker", len(rows))
        count("lost", len(rows))
        wake(rows)
    return rows


def _give_up(connection: Connection, *which: Any) -> list[UUID]:
    spent = jobs.c.attempt >= jobs.c.max_attempts
    ends = or_(spent, jobs.c.cancel_requested)
    rows = connection.execute(
        update(jobs)
        .where(jobs.c.status == Status.RUNNING, *which)
        .values(
            status=case(
                (jobs.c.cancel_requested, Status.CANCELED), (spent, Status.FAILED), else_=Status.QUEUED
            ),
            error=case(
                (
                    spent & ~jobs.c.cancel_requested,
                    "The worker died on each of its attempts at this job; see the worker's log. "
                    "The input may need more memory than there is.",
                ),
                else_=None,
            ),
            finished_at=case((ends, db_now()), else_=None),
            dispatched_at=None,
            **UNHELD,
        )
        .returning(jobs.c.id)
    )
    return list(rows.scalars())
