"""Installs pretrained models on request, one after another, in a thread beside the predictions."""

import logging
import threading
import time
from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from backend.errors import StorageAway
from backend.messaging import events
from backend.outages import retry_while_away
from backend.services.jobs import leases
from backend.services.jobs.leases import Claim, Ending
from backend.services.models import catalog, registration
from backend.tables import Status
from models.core.contract.errors import Canceled, Preempted, WeightsError
from models.core.contract.messages import Text, message_of, parts_of
from models.core.contract.progress import Progress
from workers.heartbeat import Heartbeat, Hold
from workers.inference.patience import until_next_message
from workers.pretrained import install

log = logging.getLogger(__name__)

_REPORT_SECONDS = 0.5
_FAILED = Text(
    "core.models.install_failed",
    "The installation failed because of an error in this application; it has been logged.",
)()


class Installations:
    """A thread that is started with the first request."""

    def __init__(self, heartbeat: Heartbeat, environment: Mapping[str, str], stopping: threading.Event):
        self._heartbeat, self._environment, self._stopping = heartbeat, environment, stopping
        self._changed = threading.Condition()
        self._waiting: dict[UUID, None] = {}  # in the order of the requests, each once
        self._thread: threading.Thread | None = None

    def add(self, job_id: UUID) -> None:
        """Run the job soon; returns at once."""
        with self._changed:
            self._waiting[job_id] = None
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="installations", daemon=True)
                self._thread.start()
            self._changed.notify()

    def stop(self, seconds: float) -> None:
        """Wait until the running one is given back; call it after `stopping` was set."""
        with self._changed:
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(seconds)

    def _run(self) -> None:
        while (job_id := self._next()) is not None:
            try:
                with until_next_message("An installation waits for the next message"):
                    self.install(job_id)
            except Exception:
                log.exception("job %s is left to the sweep", job_id)
            with self._changed:
                del self._waiting[job_id]

    def _next(self) -> UUID | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._stopping.is_set())
            return None if self._stopping.is_set() else next(iter(self._waiting))

    def install(self, job_id: UUID) -> None:
        """Run the job in the current thread if it can still be claimed."""
        claim = leases.claim_job(job_id, self._heartbeat.node.owner)
        if claim is None:
            return
        with self._heartbeat.holding([claim]) as holds:
            self._install(claim, holds[job_id])

    def _install(self, claim: Claim, hold: Hold) -> None:
        try:
            ending = self._outcome(claim, hold)
        except Canceled:
            if not hold.lost.is_set():
                leases.cancel_claimed(claim)
            return
        except (Preempted, StorageAway) as error:
            log.warning("the installation of job %s is put off: %s", claim.job_id, error)
            leases.release(claim)
            return
        retry_while_away(partial(leases.finish, [ending], self._environment), until=self._stopping.is_set)

    def _outcome(self, claim: Claim, hold: Hold) -> Ending:
        """Raises Canceled, Preempted, StorageAway."""
        try:
            model = catalog.get(claim.model_id) if claim.model_id else None
            if model is None:
                raise WeightsError("The job names no model.")
            install(model.name, Reports(claim, hold, self._stopping))
            registration.register_pretrained([model.name])
        except WeightsError as error:
            return Ending(claim, Status.FAILED, error=message_of(error))
        except (Canceled, Preempted, StorageAway):
            raise
        except Exception:
            log.exception("job %s failed", claim.job_id, extra={"request_id": claim.request_id})
            return Ending(claim, Status.FAILED, error=_FAILED)
        return Ending(claim, Status.SUCCEEDED, result={"model": model.name})


class Reports(Progress):
    """Publishes how much has arrived, and ends an installation that must stop."""

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
        if self._hold.canceled.is_set() or self._hold.lost.is_set():
            raise Canceled
        if self._stopping.is_set():
            raise Preempted
        now = time.monotonic()
        if message == self._message and now - self._reported < _REPORT_SECONDS:
            return
        self._reported, self._message = now, message
        values: dict[str, Any] = {
            "fraction": step / total if total else 0.0,
            "step": step,
            "total": total,
            "message": str(message),
            "message_parts": parts_of(message),
        }
        if not leases.report(self._claim, progress=values):
            raise Canceled
        events.add_event(self._claim.job_id, "progress", values)
