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
from workers.inference.queue_thread import QueueThread
from workers.pretrained import install

log = logging.getLogger(__name__)

_REPORT_SECONDS = 0.5
_FAILED = Text(
    "core.models.install_failed",
    "The installation failed because of an error in this application; it has been logged.",
)()


class Installations:
    """Runs installations that have been requested."""

    def __init__(self, heartbeat: Heartbeat, environment: Mapping[str, str], stopping: threading.Event):
        self._heartbeat, self._environment, self._stopping = heartbeat, environment, stopping
        self.queue = QueueThread(
            "installations", self.install, stopping, put_off="An installation waits for the next message"
        )

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
