"""Repairs the loss of workers, of messages, of Redis, adds up counts, and seals the log.

Runs in every API process.
Any number of processes may sweep at once: each step is a conditional UPDATE that succeeds in one of them.
"""

import logging
import threading
import time
from collections.abc import Mapping, Set
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, case, func, or_, select, update

from backend.database import db_now, reading, transaction
from backend.messaging import counters, tickets
from backend.outages import Part, outage_log, outage_of
from backend.services import retention
from backend.services.datasets import deletion
from backend.services.jobs import endings, recovery, tasks
from backend.services.log import pruning, sealing
from backend.settings import settings
from backend.tables import Queue, Status, Task, jobs

log = logging.getLogger(__name__)

_BEATS = 2  # of a heart, within which a worker reaches the database again


def sweep(*, may_expire: bool = True) -> None:
    """Check once for jobs without a worker, lost messages, and expired files."""
    if may_expire:
        recovery.expire()
    resend_tickets()
    resend_jobs()
    endings.add_up()
    sealing.seal()
    pruning.delete_old()
    deletion.delete_drafts()
    retention.delete_unused()
    if settings().keep_days:
        retention.delete_old()


def resend_tickets() -> int:
    """Send a ticket for every model with overdue predictions; returns the number sent."""
    late = _overdue(tasks.ON_MODELS, jobs.c.model_id)
    if not late:
        return 0
    # a message that is still queued behind others is not lost
    missing = late.keys() - tickets.queued_ids(Queue.PREDICT)
    sent = {model_id for model_id in missing if _resend_ticket(model_id)}
    _report(sent, late)
    return len(sent)


def _resend_ticket(model_id: UUID) -> bool:
    if not _mark(tasks.ON_MODELS, jobs.c.model_id == model_id):
        return False  # another process was faster
    tickets.clear_ticket(model_id)  # the outstanding one is lost, or its worker is busy
    return tickets.request_another_worker(model_id)  # a subscriber may be frozen


def resend_jobs() -> int:
    """Send the messages that name one job, and of which none is queued; returns the number sent."""
    return sum(_resend_jobs(task) for task, about in tasks.REQUIREMENTS.items() if not about.runs_on_model)


def _resend_jobs(task: Task) -> int:
    late = _overdue((task,), jobs.c.id)
    if not late:
        return 0
    queue = tasks.REQUIREMENTS[task].queue
    missing = late.keys() - tickets.queued_ids(queue)
    sent = {
        job_id
        for job_id in missing
        if _mark((task,), jobs.c.id == job_id) and tickets.publish_job(job_id, task, queue)
    }
    _report(sent, late)
    return len(sent)


def _mark(among: tuple[Task, ...], which: ColumnElement[bool]) -> bool:
    """Note that the message of overdue jobs is sent now; False: another process was faster."""
    with transaction() as connection:
        sent = update(jobs).where(*_late(among), which).values(dispatched_at=db_now())
        return bool(connection.execute(sent).rowcount)


def _overdue(among: tuple[Task, ...], named_by: Column[Any]) -> dict[UUID, bool]:
    """What the messages of overdue jobs name, the oldest first -> whether one was sent before."""
    was_sent = func.max(case((jobs.c.dispatched_at.is_not(None), 1), else_=0))
    query = (
        select(named_by, was_sent)
        .where(*_late(among))
        .group_by(named_by)
        .order_by(func.min(jobs.c.created_at))
    )
    with reading() as connection:
        return {name: bool(was_sent) for name, was_sent in connection.execute(query)}


def _report(sent: Set[UUID], late: Mapping[UUID, bool]) -> None:
    """Warn of those that were lost: sent before, not queued, and received by no worker that is alive.

    The others were never sent, or their worker has more to do, or loads the model: another one may help.
    """
    candidates = {name for name in sent if late[name]}
    lost = candidates - tickets.held_ids(candidates)
    if lost:
        log.warning("%d lost messages were sent again", len(lost))
        counters.count("resent", len(lost))


def _late(among: tuple[Task, ...]) -> tuple[Any, ...]:
    unseen = or_(jobs.c.dispatched_at.is_(None), jobs.c.dispatched_at < db_now() - settings().grace_seconds)
    # no message names the fits of a sweep
    return jobs.c.status == Status.QUEUED, tasks.is_among(among), jobs.c.parent_id.is_(None), unseen


class Sweeper:
    """A thread that sweeps every few seconds until it is stopped."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._patient_until = 0.0  # time.monotonic()
        self._thread = threading.Thread(target=self._run, name="sweeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stopping.wait(settings().sweep_seconds):
            try:
                self._check_database()
                sweep(may_expire=time.monotonic() > self._patient_until)
            except Exception as error:  # noqa: BLE001  logged in _failed
                self._failed(error)

    def _check_database(self) -> None:
        """Notice a database that has answered late: it was frozen, or its network dropped packets."""
        began_at = time.monotonic()
        with reading() as connection:
            connection.execute(select(db_now()))
        if time.monotonic() - began_at > settings().heartbeat_seconds:
            self._wait_for_workers()

    def _failed(self, error: Exception) -> None:
        outage = outage_of(error)
        if outage is None:
            log.exception("the sweep failed")
            return
        outage_log.warn(outage, "The sweep will be retried", error)
        if outage.part == Part.DATABASE:
            self._wait_for_workers()

    def _wait_for_workers(self) -> None:
        """No worker could renew its leases: each gets the time for it before they expire."""
        seconds = settings().sweep_seconds + _BEATS * settings().heartbeat_seconds
        self._patient_until = time.monotonic() + seconds
