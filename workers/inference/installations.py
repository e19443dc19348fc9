"""Installs the weights of pretrained models on request."""

import threading
from collections.abc import Mapping

from backend.services.jobs.leases import Claim, Ending
from backend.services.models import catalog, registration
from backend.tables import Status
from models.core.contract.errors import WeightsError
from models.core.contract.messages import Text
from workers.heartbeat import Heartbeat
from workers.inference.side_jobs import Reports, SideJobs
from workers.pretrained import install

_FAILED = Text(
    "core.models.install_failed",
    "The installation failed because of an error in this application; it has been logged.",
)()


def installations(
    heartbeat: Heartbeat, environment: Mapping[str, str], stopping: threading.Event
) -> SideJobs:
    """The thread that installs what was requested."""
    return SideJobs("installations", _install, heartbeat, environment, stopping, failure=_FAILED)


def _install(claim: Claim, progress: Reports) -> Ending:
    model = catalog.get(claim.model_id) if claim.model_id else None
    if model is None:
        raise WeightsError("The job names no model.")
    install(model.name, progress)
    registration.register_pretrained([model.name])
    return Ending(claim, Status.SUCCEEDED, result={"model": model.name})
