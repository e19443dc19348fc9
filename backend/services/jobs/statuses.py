"""The statuses of jobs in words."""

from backend.tables import Status
from models.core.contract.messages import Text

STATUSES = {
    Status.QUEUED: Text("core.statuses.queued", "queued"),
    Status.RUNNING: Text("core.statuses.running", "running"),
    Status.SUCCEEDED: Text("core.statuses.succeeded", "succeeded"),
    Status.FAILED: Text("core.statuses.failed", "failed"),
    Status.CANCELED: Text("core.statuses.canceled", "canceled"),
}
