"""The start of a worker, before its first job."""

import logging
import shutil

from celery.signals import setup_logging

from backend.database import retry_while_unreachable
from backend.logs import set_up_logs
from backend.migrations.upgrade import upgrade
from backend.services import retention
from backend.services.jobs import recovery
from workers.heartbeat import Heartbeat

log = logging.getLogger(__name__)

_DATABASE_TIMEOUT = 60.0  # seconds; the database's machine may start later


@setup_logging.connect
def set_up_celery_logs(**_: object) -> None:
    """Celery sets up no logs of its own where this signal has a receiver."""
    set_up_logs()


def prepare(heartbeat: Heartbeat) -> None:
    """Migrate the tables, requeue the jobs of this worker's previous process, and start the heartbeat.

    Deletes the files of its previous trainings, and incomplete files of killed processes.
    """
    retry_while_unreachable(upgrade, _DATABASE_TIMEOUT)
    requeued = recovery.reclaim(heartbeat.node.name, heartbeat.node.owner)
    if requeued:
        log.warning("%d jobs of this worker's previous process were requeued", len(requeued))
    shutil.rmtree(heartbeat.node.trainings_folder, ignore_errors=True)
    retention.delete_leftovers()
    heartbeat.start()
