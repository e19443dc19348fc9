"""What a worker does before it takes its first job."""

import logging
import shutil

from backend.database import patiently
from backend.logs import set_up_logs
from backend.migrations.upgrade import upgrade
from backend.services import retention
from backend.services.jobs import recovery
from workers.heartbeat import Heartbeat

log = logging.getLogger(__name__)

_DATABASE_PATIENCE = 60.0  # seconds; machines that start together do not start at once


def join(heartbeat: Heartbeat) -> None:
    """Make sure of the tables, requeue what this worker's former life held, and say that it lives.

    What its trainings and others' half-written files have left on the disk is deleted.
    """
    set_up_logs()
    patiently(upgrade, _DATABASE_PATIENCE)
    requeued = recovery.reclaim(heartbeat.node.name, heartbeat.node.owner)
    if requeued:
        log.warning("%d jobs of this worker's former life were requeued", len(requeued))
    shutil.rmtree(heartbeat.node.trainings_folder, ignore_errors=True)
    retention.delete_leftovers()
    heartbeat.start()
