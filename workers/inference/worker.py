"""The inference worker: the Celery application with the tasks `predict`, `look` and `render`, for one device.

Started as `celery -A workers.inference.worker:app worker -Q predict -P threads`. One process per device, with
threads: weights are loaded once, and only one process uses the GPU.
"""

import gc
import logging
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from uuid import UUID

from celery.signals import worker_ready, worker_shutdown, worker_shutting_down

from backend.messaging import tickets
from backend.messaging.celery_app import celery
from backend.outages import outage_log, outage_of
from backend.services.models import catalog
from backend.settings import settings
from backend.tables import Queue
from models.core.contract import registry
from models.core.contract.errors import WeightsError
from workers import device, node
from workers.bootstrap import prepare
from workers.environment import environment
from workers.heartbeat import Heartbeat
from workers.inference import renditions, table_reports
from workers.inference.server import Inference

log = logging.getLogger(__name__)

_MODELS_TIMEOUT = 60.0  # seconds
_SWITCH_SECONDS = 0.0005
_QUIET_SECONDS, _QUIET_TIMEOUT = 2.0, 20.0  # without requests, before models are loaded that nobody asked for
_STOP_SECONDS = 10.0

app = celery()
for package in settings().capability_packages:
    registry.include(package)


@cache
def inference() -> Inference:
    """The process' only server, created when the worker is ready."""
    where = device.select()
    heartbeat = Heartbeat(node.acquire(Queue.PREDICT), Queue.PREDICT, where)
    server = Inference(heartbeat, where, environment(where, device.hardware(where)))
    heartbeat.details = lambda: {
        "models": [str(model_id) for model_id in server.predictors.loaded()],
        "gpu_memory_bytes": device.memory_bytes(where),
    }
    return server


@app.task(name="predict")
def predict(model_id: str) -> None:
    """Answer the model's queued jobs. Celery's entry point."""
    with _put_off("Predictions wait for the next message"):
        tickets.note_received(UUID(model_id))
        inference().serve(UUID(model_id))


@app.task(name="look")
def look(upload_id: str, reading: str) -> None:
    """Write the report of a table. Celery's entry point."""
    with _put_off("The report of a table waits for the next request"):
        table_reports.write_report(UUID(upload_id), reading)


@contextmanager
def _put_off(what: str) -> Iterator[None]:
    """An outage is no failure of the task: the sweep, or the next request, sends another message."""
    try:
        yield
    except Exception as error:
        if (outage := outage_of(error)) is None:
            raise
        outage_log.warn(outage, what, error)


@app.task(name="render")
def render(upload_id: str) -> None:
    """Render a picture for pages. Celery's entry point."""
    renditions.write_rendition(UUID(upload_id))


@worker_ready.connect
def start(**_: Any) -> None:
    # a thread that answers must not wait 5 ms behind the one that reads messages
    sys.setswitchinterval(_SWITCH_SECONDS)
    server = inference()
    prepare(server.heartbeat)
    server.pacer.start()
    server.reports.start()
    threading.Thread(target=_preload, args=[server], name="preload", daemon=True).start()


def _preload(server: Inference) -> None:
    """Load the default models of the settings once nothing else is to be done."""
    server.device.wait_until_quiet(time.monotonic() + _QUIET_TIMEOUT, seconds=_QUIET_SECONDS)
    deadline = time.monotonic() + _MODELS_TIMEOUT
    while not (defaults := catalog.defaults()) and time.monotonic() < deadline:
        time.sleep(0.2)  # on the first start the API is about to register the models
    for model in defaults:
        if model.capability not in settings().preload:
            continue
        try:
            server.warm(model.id)
        except WeightsError as error:
            log.warning("%s is not loaded: %s", model.name, error)
        except Exception:
            log.exception("%s is not loaded", model.name)
    gc.freeze()  # these objects are permanent: the collector need not scan them under load


@worker_shutting_down.connect
def drain(**_: Any) -> None:
    # claimed jobs are finished, and no further ones are claimed
    inference().stopping.set()


@worker_shutdown.connect
def stop(**_: Any) -> None:
    inference().large.stop(_STOP_SECONDS)
    inference().heartbeat.stop()
