"""Publishes how far running predictions are, in its own thread: their steps never wait for a database."""

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from backend.messaging import events
from backend.services.jobs import leases, queries
from models.core.contract.messages import parts_of
from models.core.contract.progress import LOADING, Steps
from workers.inference.pipeline import Item

log = logging.getLogger(__name__)

_MAX_WAITING = 50  # jobs to which the loading of a model is reported
_SECONDS = 0.5  # between two reports of a job; shorter jobs report nothing


class ProgressReports:
    """The running jobs of a worker."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._running: dict[int, tuple[Item, Steps | None]] = {}  # with what was reported last
        self._thread: threading.Thread | None = None

    @contextmanager
    def of(self, items: Sequence[Item]) -> Iterator[None]:
        """Report the progress of these jobs during the block."""
        with self._changed:
            self._running |= {id(item): (item, None) for item in items}
            self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                for item in items:
                    del self._running[id(item)]

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="progress", daemon=True)
        self._thread.start()

    def report(self) -> None:
        """Report what has changed since the last call."""
        with self._changed:
            oldest = time.monotonic() - _SECONDS
            due = [
                (item, item.steps)
                for item, last in self._running.values()
                if item.steps != last and item.began <= oldest
            ]
            self._running |= {id(item): (item, steps) for item, steps in due}
        for item, steps in due:
            try:
                _publish(item, steps)
            except (SQLAlchemyError, RedisError, OSError) as error:
                log.warning("the progress of job %s is not reported: %s", item.claim.job_id, error)

    def _run(self) -> None:
        waiting = threading.Event()
        while True:
            with self._changed:
                while not self._running:
                    self._changed.wait()
            waiting.wait(_SECONDS)
            self.report()


def _publish(item: Item, steps: Steps) -> None:
    values: dict[str, Any] = {
        "fraction": steps.step / steps.total if steps.total else 0.0,
        "step": steps.step,
        "total": steps.total,
        "message": str(steps.message),
        "message_parts": parts_of(steps.message),
    }
    if leases.report(item.claim, progress=values):
        events.add_event(item.claim.job_id, "progress", values)


def announce_loading(model_id: UUID) -> None:
    """Report to those who wait for a model that it is being loaded."""
    about = {
        "fraction": 0.0,
        "step": 0,
        "total": 0,
        "message": str(LOADING),
        "message_parts": parts_of(LOADING),
    }
    try:
        for job_id in queries.waiting_for(model_id, _MAX_WAITING):
            events.add_event(job_id, "progress", about)
    except SQLAlchemyError as error:
        log.warning("the loading of model %s is not reported: %s", model_id, error)
