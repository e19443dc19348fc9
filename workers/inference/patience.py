"""What an inference worker does while the storage is away or full: it tries again, then returns the jobs."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

from backend.outages import outage_log, outage_of, retry_while_away
from backend.services.jobs import leases, recovery
from backend.services.jobs.leases import Claim
from backend.storage import storage
from models.core.contract import cancellation

Item = TypeVar("Item")

_RETRY_SECONDS = 0.5


class Patience:
    """Retries the steps of one batch, all of them together for `seconds`."""

    def __init__(self, seconds: float, stopping: threading.Event):
        self._ends = time.monotonic() + seconds
        self._stopping = stopping

    def call(self, step: Callable[[Item], None], item: Item) -> None:
        """Raises Canceled, or what the step raises at last."""
        while True:
            try:
                step(item)
                return
            except OSError as error:
                outage = outage_of(error)
                if outage is None or time.monotonic() > self._ends or self._stopping.is_set():
                    raise
                outage_log.warn(outage, "The worker retries", error)
            self._stopping.wait(_RETRY_SECONDS)
            cancellation.check()


@contextmanager
def until_next_message(what: str) -> Iterator[None]:
    """An outage is no failure of a task: the sweep, or the next request, sends another message."""
    try:
        yield
    except Exception as error:
        if (outage := outage_of(error)) is None:
            raise
        outage_log.warn(outage, what, error)


def put_off(claims: Sequence[Claim], stopping: threading.Event) -> None:
    """Requeue jobs whose files cannot be read or written; this counts as no attempt if no file can be."""
    if not claims:
        return
    give_up = leases.release if _is_storage_away() else partial(recovery.abandon, reason=recovery.FILES)
    for claim in claims:
        retry_while_away(partial(give_up, claim), until=stopping.is_set)


def _is_storage_away() -> bool:
    try:
        storage().check()
    except OSError:
        return True
    return False
