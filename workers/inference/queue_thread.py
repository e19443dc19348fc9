"""A thread that does one piece of work after another, beside the threads that answer predictions."""

import logging
import threading
from collections.abc import Callable
from uuid import UUID

from workers.inference.patience import until_next_message

log = logging.getLogger(__name__)


class QueueThread:
    """Works on ids in the order in which they were added; started with the first of them."""

    def __init__(self, name: str, work: Callable[[UUID], None], stopping: threading.Event, *, put_off: str):
        """`put_off`: the beginning of the warning when an outage leaves an id to the next message."""
        self._name, self._work, self._stopping, self._put_off = name, work, stopping, put_off
        self._changed = threading.Condition()
        self._waiting: dict[UUID, None] = {}  # in the order of the requests, each once
        self._thread: threading.Thread | None = None

    def add(self, each: UUID) -> None:
        """Work on it soon; returns at once."""
        with self._changed:
            self._waiting[each] = None
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            self._changed.notify()

    def stop(self, seconds: float = 0.0) -> None:
        """Wait up to `seconds` for the end of the thread; call it after `stopping` was set."""
        with self._changed:
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(seconds)

    def _run(self) -> None:
        while (each := self._next()) is not None:
            try:
                with until_next_message(self._put_off):
                    self._work(each)
            except Exception:
                log.exception("%s: %s is left undone", self._name, each)
            with self._changed:
                del self._waiting[each]  # now, so that a request during the work adds none

    def _next(self) -> UUID | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._stopping.is_set())
            return None if self._stopping.is_set() else next(iter(self._waiting))
