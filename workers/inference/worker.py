"""The inference worker: the Celery application with its tasks, from `predict` to `export`, for one device.

Started as `workers.cli.celery -A workers.inference.worker:app worker -Q predict -P threads`. One process
per device, with threads: weights are loaded once, and only one process uses the GPU.
"""

import logging
import sys
import threading
from functools import cache
from typing import Any
from uuid import UUID

from celery.signals import worker_ready, worker_shutdown, worker_shutting_down

from backend.messaging import tickets
from backend.messaging.celery_app import celery
from backend.services import exports
from backend.services.models.exports import Form
from backend.services.uploads.renditions import Rendition
from backend.settings import settings
from backend.tables import Queue
from models.core.contract import registry
from workers import device, node
from workers.bootstrap import prepare
from workers.environment import environment
from workers.heartbeat import Heartbeat
from workers.inference import model_files, table_reports
from workers.inference.patience import until_next_message
from workers.inference.preload import preload
from workers.inference.server import Inference

log = logging.getLogger(__name__)

_SWITCH_SECONDS = 0.0005
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
    with until_next_message("Predictions wait for the next message"):
        tickets.note_received(UUID(model_id))
        inference().serve(UUID(model_id))


@app.task(name="look")
def look(upload_id: str, reading: str) -> None:
    """Write the report of a table. Celery's entry point."""
    with until_next_message("The report of a table waits for the next request"):
        table_reports.write_report(UUID(upload_id), reading)


@app.task(name="render")
def render(upload_id: str, rendition: str = Rendition.PICTURE) -> None:
    """Render a picture for pages, behind those requested before. Celery's entry point."""
    inference().renditions.add((UUID(upload_id), Rendition(rendition)))


@app.task(name="export")
def export(job_id: str, name: str) -> None:
    """Write a file made of an answer and its inputs. Celery's entry point."""
    with until_next_message("The export of an answer waits for the next request"):
        exports.write(UUID(job_id), name)


@app.task(name="export_model")
def export_model(model_id: str, form: Form) -> None:
    """Write a model as a file. Celery's entry point."""
    with until_next_message("The export of a model waits for the next request"):
        model_files.write_export(UUID(model_id), form)


@app.task(name="import_model")
def import_model(upload_id: str) -> None:
    """Check and register a model from elsewhere. Celery's entry point."""
    with until_next_message("The import of a model waits for the next request"):
        model_files.import_model(UUID(upload_id))


@app.task(name="install")
def install(job_id: str) -> None:
    """Install a pretrained model, behind those requested before. Celery's entry point."""
    tickets.note_received(UUID(job_id))
    inference().installations.queue.add(UUID(job_id))


@app.task(name="check")
def check(job_id: str) -> None:
    """Import, check and freeze a dataset, behind those requested before. Celery's entry point."""
    tickets.note_received(UUID(job_id))
    inference().dataset_checks.queue.add(UUID(job_id))


@app.task(name="audit")
def audit(job_id: str) -> None:
    """Audit a model or a dataset, behind those requested before. Celery's entry point."""
    tickets.note_received(UUID(job_id))
    inference().audits.queue.add(UUID(job_id))


@worker_ready.connect
def start(**_: Any) -> None:
    # a thread that answers must not wait 5 ms behind the one that reads messages
    sys.setswitchinterval(_SWITCH_SECONDS)
    server = inference()
    prepare(server.heartbeat)
    server.pacer.start()
    server.reports.start()
    threading.Thread(target=preload, args=[server], name="preload", daemon=True).start()


@worker_shutting_down.connect
def drain(**_: Any) -> None:
    # claimed jobs are finished, and no further ones are claimed
    inference().stopping.set()


@worker_shutdown.connect
def stop(**_: Any) -> None:
    inference().renditions.stop()
    inference().installations.queue.stop(_STOP_SECONDS)
    inference().dataset_checks.queue.stop(_STOP_SECONDS)
    inference().audits.queue.stop(_STOP_SECONDS)
    inference().large.stop(_STOP_SECONDS)
    inference().heartbeat.stop()
