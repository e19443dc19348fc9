"""Jobs that are no predictions, such as installations: beside these, one after another or a few at a time."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from backend.errors import StorageAway
from backend.messaging import events
from backend.outages import retry_while_away
from backend.services import artifacts
from backend.services.jobs import leases
from backend.services.jobs.leases import Claim, Ending
from backend.tables import Status
from models.core.contract.errors import Canceled, InputError, Preempted, WeightsError
from models.core.contract.messages import Message, message_of, parts_of
from models.core.contract.progress import Progress
from workers.heartbeat import Heartbeat, Hold
from workers.inference.queue_threads import QueueThreads

log = logging.getLogger(__name__)

_REPORT_SECONDS = 0.5


class SideJobs:
    """Runs requested jobs of one task.

    Args:
        work: computes the ending of a claimed job; raises InputError or WeightsError for its user.
        failure: the error of a job that ended with any other exception, which is logged.
        count, nice: how many jobs run at a time, and the priority of their threads.
    """

    def __init__(
        self,
        name: str,
        work: "Callable[[Claim, Reports], Ending]",
        heartbeat: Heartbeat,
        environment: Mapping[str, str],
        stopping: threading.Event,
        *,
        failure: Message,
        count: int = 1,
        nice: int = 0,
    ):
        self._name, self._work, self._failure = name, work, failure
        self._heartbeat, self._environment, self._stopping = heartbeat, environment, stopping
        put_off = f"A job of the {name} waits for the next message"
        self.queue = QueueThreads(name, self.run, stopping, put_off=put_off, count=count, nice=nice)

    def run(self, job_id: UUID) -> None:
        """Run the job in the current thread if it can still be claimed."""
        claim = leases.claim_job(job_id, self._heartbeat.node.owner)
        if claim is None:
            return
        with self._heartbeat.holding([claim]) as holds:
            self._run(claim, holds[job_id])

    def _run(self, claim: Claim, hold: Hold) -> None:
        try:
            ending = self._outcome(claim, hold)
        except Canceled:
            if not hold.lost.is_set():
                leases.cancel_claimed(claim)
            return
        except (Preempted, StorageAway) as error:
            log.warning("job %s of the %s is put off: %s", claim.job_id, self._name, error)
            leases.release(claim)
            return
        finish = partial(leases.finish, [ending], self._environment)
        if claim.job_id not in retry_while_away(finish, until=self._stopping.is_set):
            artifacts.discard(ending.artifacts)

    def _outcome(self, claim: Claim, hold: Hold) -> Ending:
        """Raises Canceled, Preempted, StorageAway."""
        try:
            return self._work(claim, Reports(claim, hold, self._stopping))
        except (InputError, WeightsError) as error:
            is_input = isinstance(error, InputError)
            return Ending(claim, Status.FAILED, error=message_of(error), error_is_input=is_input)
        except (Canceled, Preempted, StorageAway):
            raise
        except Exception:
            log.exception("job %s failed", claim.job_id, extra={"request_id": claim.request_id})
            return Ending(claim, Status.FAILED, error=self._failure)


class Reports(Progress):
    """Publishes how much is done, and ends a job that must stop."""

    def __init__(self, claim: Claim, hold: Hold, stopping: threading.Event):
        super().__init__()
        self._claim, self._hold, self._stopping = claim, hold, stopping
        self._reported, self._message = float("-inf"), ""

    def __call__(
        self,
        step: int,
        total: int,
        metrics: Mapping[str, float] | None = None,  # noqa: ARG002  there are none
        message: str = "",
    ) -> None:
        """Raises Canceled: canceled, or claimed by another worker. Preempted: the worker is stopping."""
        self.check()
        now = time.monotonic()
        if message == self._message and now - self._reported < _REPORT_SECONDS:
            return
        self._reported, self._message = now, message
        values = values_of(step, total, message)
        if not leases.report(self._claim, progress=values):
            raise Canceled
        events.add_event(self._claim.job_id, "progress", values)

    def check(self) -> None:
        """Raises as a report does."""
        if self._hold.canceled.is_set() or self._hold.lost.is_set():
            raise Canceled
        if self._stopping.is_set():
            raise Preempted


def values_of(step: int, total: int, message: str) -> dict[str, Any]:
    """The stored progress of a job."""
    return {
        "fraction": step / total if total else 0.0,
        "step": step,
        "total": total,
        "message": str(message),
        "message_parts": parts_of(message),
    }
