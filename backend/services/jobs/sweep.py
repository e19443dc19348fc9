"""Repairs the loss of workers, of messages, of Redis. Runs in every API process.

Any number of processes may sweep at once: each step is a conditional UPDATE that succeeds in one of them.
"""

import logging
import threading
from typing import Any
from uuid import UUID

from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError
from sqlalchemy import or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from backend.database import db_now, reading, transaction
from backend.messaging import counters, tickets
from backend.services import retention
from backend.services.jobs import recovery, tasks
from backend.settings import settings
from backend.tables import Queue, Status, jobs

log = logging.getLogger(__name__)


def sweep() -> None:
    """Check once for jobs without a worker, lost messages, and expired files."""
    recovery.expire()
    resend_tickets()
    resend_trainings()
    if settings().keep_days:
        retention.delete_old()


def resend_tickets() -> int:
    """Send a ticket for every model with overdue predictions; returns the number sent."""
    with reading() as connection:
        late = set(connection.scalars(select(jobs.c.model_id).where(*_late(Queue.PREDICT)).distinct()))
    if not late:
        return 0
    sent = 0
    # a message that is still queued behind others is not lost
    for model_id in late - tickets.queued_ids(Queue.PREDICT):
        with transaction() as connection:
            updated = connection.execute(
                update(jobs)
                .where(*_late(Queue.PREDICT), jobs.c.model_id == model_id)
                .values(dispatched_at=db_now())
            ).rowcount
        if updated:
            tickets.clear_ticket(model_id)  # the outstanding one is lost
            sent += tickets.request_another_worker(model_id)  # a subscriber may be frozen
    _count(sent)
    return sent


def resend_trainings() -> int:
    """Send the messages of trainings that have none queued; returns the number sent."""
    with reading() as connection:
        late = connection.scalars(
            select(jobs.c.id).where(*_late(Queue.TRAIN)).order_by(jobs.c.created_at)
        ).all()
    if not late:
        return 0
    queued = tickets.queued_ids(Queue.TRAIN)
    sent = sum(_resend_training(job_id) for job_id in late if job_id not in queued)
    _count(sent)
    return sent


def _resend_training(job_id: UUID) -> bool:
    with transaction() as connection:
        updated = connection.execute(
            update(jobs).where(*_late(Queue.TRAIN), jobs.c.id == job_id).values(dispatched_at=db_now())
        ).rowcount
    return bool(updated) and tickets.publish_training(job_id)


def _late(queue: Queue) -> tuple[Any, ...]:
    unseen = or_(jobs.c.dispatched_at.is_(None), jobs.c.dispatched_at < db_now() - settings().grace_seconds)
    return jobs.c.status == Status.QUEUED, tasks.is_among(tasks.OF_QUEUE[queue]), unseen


def _count(sent: int) -> None:
    if sent:
        log.warning("%d lost messages were sent again", sent)
        counters.count("resent", sent)


class Sweeper:
    """A thread that sweeps every few seconds until it is stopped."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stopping.wait(settings().sweep_seconds):
            try:
                sweep()
            except (SQLAlchemyError, RedisError, BrokerError, OSError) as error:
                log.warning("the sweep will be retried: %s", error)
            except Exception:
                log.exception("the sweep failed")
