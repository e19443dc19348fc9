"""The inference worker: the Celery application with the tasks `predict` and `look`, for one device.

Started as `celery -A workers.inference.worker:app worker -Q predict -P threads`. One process a device, and
threads in it: weights are loaded once, and CUDA is touched by one process alone.
"""

import gc
import logging
import sys
import threading
import time
from functools import cache
from typing import Any
from uuid import UUID

from celery.signals import worker_ready, worker_shutdown, worker_shutting_down

from backend.messaging.celery_app import celery
from backend.services.models import catalog
from backend.settings import settings
from backend.tables import Task
from models.core.contract import registry
from models.core.contract.errors import WeightsError
from workers import device, node
from workers.bootstrap import join
from workers.environment import environment
from workers.heartbeat import Heartbeat
from workers.inference import table_reports
from workers.inference.server import Inference

log = logging.getLogger(__name__)

_MODELS_PATIENCE = 60.0  # seconds
_SWITCH_SECONDS = 0.0005

app = celery()
for package in settings().capability_packages:
    registry.include(package)


@cache
def inference() -> Inference:
    """The process' one server, made when the worker is ready."""
    where = device.pick()
    heartbeat = Heartbeat(node.take(Task.PREDICT), Task.PREDICT, where)
    return Inference(heartbeat, where, environment(where, device.hardware(where)))


@app.task(name="predict")
def predict(model_id: str) -> None:
    """Answer what waits for the model. Celery's entry point."""
    inference().serve(UUID(model_id))


@app.task(name="look")
def look(upload_id: str, reading: str) -> None:
    """Read a table for its column report."""
    table_reports.look(UUID(upload_id), reading)


@worker_ready.connect
def start(**_: Any) -> None:
    # the thread that answers must not wait 5 ms for its turn behind the one that reads messages
    sys.setswitchinterval(_SWITCH_SECONDS)
    server = inference()
    join(server.heartbeat)
    threading.Thread(target=_warm_up, args=[server], name="warm-up", daemon=True).start()


def _warm_up(server: Inference) -> None:
    """Load what answers by default, so that nobody's first request waits for it."""
    give_up = time.monotonic() + _MODELS_PATIENCE
    while not (defaults := catalog.defaults()) and time.monotonic() < give_up:
        time.sleep(0.2)  # on the very first start the API is about to put the models on record
    for model in defaults:
        try:
            server.warm(model.id)
        except WeightsError as error:
            log.warning("%s is not warm: %s", model.name, error)
    gc.freeze()  # what is warm stays: the collector need not walk it again and again under load


@worker_shutting_down.connect
def drain(**_: Any) -> None:
    # what is claimed is finished, nothing more is claimed
    inference().stopping.set()


@worker_shutdown.connect
def stop(**_: Any) -> None:
    inference().heartbeat.stop()
