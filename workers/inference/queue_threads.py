"""Threads that do one piece of work after another, beside the threads that answer predictions."""

import logging
import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from workers.inference.patience import until_next_message
from workers.inference.priority import lower_priority

log = logging.getLogger(__name__)

Item = TypeVar("Item", bound=Hashable)  # such as the id of a job


class QueueThreads(Generic[Item]):
    """Work on items in the order in which they were added; started with the first of them.

    Args:
        put_off: the beginning of the warning when an outage leaves an item to the next message.
        count: how many items are worked on at a time.
        nice: the threads' priority, behind that of predictions (0).
    """

    def __init__(
        self,
        name: str,
        work: Callable[[Item], None],
        stopping: threading.Event,
        *,
        put_off: str,
        count: int = 1,
        nice: int = 0,
    ):
        self._name, self._work, self._stopping, self._put_off = name, work, stopping, put_off
        self._count, self._nice = count, nice
        self._changed = threading.Condition()
        self._requested: dict[Item, bool] = {}  # in order, each once; whether a thread works on it
        self._threads: list[threading.Thread] = []

    def add(self, each: Item) -> None:
        """Work on it soon; returns at once."""
        with self._changed:
            self._requested.setdefault(each, False)
            if len(self._threads) < min(self._count, len(self._requested)):
                thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._threads.append(thread)
                thread.start()
            self._changed.notify()

    def stop(self, seconds: float = 0.0) -> None:
        """Wait up to `seconds` for the end of the threads; call it after `stopping` was set."""
        with self._changed:
            self._changed.notify_all()
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _run(self) -> None:
        if self._nice:
            lower_priority(self._nice)
        while (each := self._next()) is not None:
            try:
                with until_next_message(self._put_off):
                    self._work(each)
            except Exception:
                log.exception("%s: %s is left undone", self._name, each)
            with self._changed:
                del self._requested[each]  # now, so that a request during the work adds none

    def _next(self) -> Item | None:
        with self._changed:
            self._changed.wait_for(lambda: self._first() is not None or self._stopping.is_set())
            each = None if self._stopping.is_set() else self._first()
            if each is not None:
                self._requested[each] = True
            return each

    def _first(self) -> Item | None:
        """The first item that no thread works on."""
        return next((each for each, is_begun in self._requested.items() if not is_begun), None)
