"""What makes good every loss: of a worker, of a message, of Redis. Runs in every API process.

Any number of them may sweep at once: each step is a conditional UPDATE that one of them wins.
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
from backend.services.jobs import recovery
from backend.settings import settings
from backend.tables import Status, Task, jobs

log = logging.getLogger(__name__)


def sweep() -> None:
    """Look once for jobs that lost their worker, messages that never arrived, and files past their age."""
    recovery.expire()
    resend_tickets()
    resend_trainings()
    if settings().keep_days:
        retention.delete_old()


def resend_tickets() -> int:
    """Send a ticket for every model whose predictions wait unseen; how many were sent."""
    with reading() as connection:
        late = set(connection.scalars(select(jobs.c.model_id).where(*_late(Task.PREDICT)).distinct()))
    if not late:
        return 0
    sent = 0
    # a message that only stands in line behind others is not lost
    for model_id in late - tickets.in_line(Task.PREDICT):
        with transaction() as connection:
            mine = connection.execute(
                update(jobs)
                .where(*_late(Task.PREDICT), jobs.c.model_id == model_id)
                .values(dispatched_at=db_now())
            ).rowcount
        if mine:
            tickets.take_ticket(model_id)  # the one outstanding is lost
            sent += tickets.call_help(model_id)  # whoever sits by the bell may be the one who does not wake
    _count(sent)
    return sent


def resend_trainings() -> int:
    """Send the messages of trainings that no message stands for any more; how many were sent."""
    with reading() as connection:
        late = connection.scalars(
            select(jobs.c.id).where(*_late(Task.TRAIN)).order_by(jobs.c.created_at)
        ).all()
    if not late:
        return 0
    in_line = tickets.in_line(Task.TRAIN)
    sent = sum(_resend_training(job_id) for job_id in late if job_id not in in_line)
    _count(sent)
    return sent


def _resend_training(job_id: UUID) -> bool:
    with transaction() as connection:
        mine = connection.execute(
            update(jobs).where(*_late(Task.TRAIN), jobs.c.id == job_id).values(dispatched_at=db_now())
        ).rowcount
    return bool(mine) and tickets.publish_training(job_id)


def _late(task: Task) -> tuple[Any, ...]:
    unseen = or_(jobs.c.dispatched_at.is_(None), jobs.c.dispatched_at < db_now() - settings().grace_seconds)
    return jobs.c.status == Status.QUEUED, jobs.c.task == task, unseen


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
                log.warning("the sweep will try again: %s", error)
            except Exception:
                log.exception("the sweep met a bug")
