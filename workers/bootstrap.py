"""The start of a worker, before its first job."""

import gc
import logging
import shutil
import time

from celery.signals import setup_logging

from backend.logs import set_up_logs
from backend.migrations import revisions
from backend.migrations.revisions import UnfitDatabase
from backend.outages import retry_while_away
from backend.services import retention
from backend.services.jobs import recovery
from backend.services.models import pretrained, registration
from backend.settings import settings
from models.core.images.canvas import Canvas
from workers.heartbeat import Heartbeat

log = logging.getLogger(__name__)

_POLL_SECONDS = 0.1
_REMINDER_SECONDS = 30.0


@setup_logging.connect
def set_up_celery_logs(**_: object) -> None:
    """Celery sets up no logs of its own where this signal has a receiver."""
    set_up_logs()


def prepare(heartbeat: Heartbeat) -> None:
    """Wait for the tables, requeue the jobs of this worker's previous process, and start the heartbeat.

    Deletes the files of its previous trainings, and incomplete files of killed processes. From now on, large
    temporary files are made in the work folder.

    Raises:
        SystemExit: the database belongs to a newer version, or cannot be used; the log has the reason.
    """
    try:
        wait_for_tables()
    except UnfitDatabase as error:
        log.critical("%s", error)
        raise SystemExit(1) from error
    if new := pretrained.add_from_folder():
        registration.register_pretrained(new)  # the API may run in a container without these weights
    requeued = recovery.reclaim(heartbeat.node.name, heartbeat.node.owner)
    if requeued:
        log.warning("%d jobs of this worker's previous process were requeued", len(requeued))
    shutil.rmtree(heartbeat.node.trainings_folder, ignore_errors=True)
    retention.delete_leftovers()
    pictures = settings().work_folder() / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    Canvas.folder = str(pictures)
    heartbeat.start()
    gc.freeze()  # the modules' objects are permanent: the collector need not look at them
    gc.enable()


def wait_for_tables() -> None:
    """Return once the API has made the tables of this version. Raises UnfitDatabase."""
    reminded_at = float("-inf")
    while not retry_while_away(revisions.is_current):
        if time.monotonic() - reminded_at > _REMINDER_SECONDS:
            reminded_at = time.monotonic()
            log.warning(
                "waiting for the API to migrate the database, from revision %s to %s",
                revisions.applied() or "none",
                revisions.expected(),
            )
        time.sleep(_POLL_SECONDS)
