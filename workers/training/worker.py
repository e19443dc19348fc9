"""The training worker: the Celery application with the tasks `train` and `sweep`.

Started as `workers.cli.celery -A workers.training.worker:app worker -Q train -P threads -c 1`. The thread
supervises; each training is a process (workers.training.child), whose exit frees all its memory. Loads no
torch.
"""

from functools import cache
from typing import Any
from uuid import UUID

from celery.signals import worker_ready, worker_shutdown, worker_shutting_down

from backend.messaging import tickets
from backend.messaging.celery_app import celery
from backend.settings import settings
from backend.tables import Queue
from models.core.contract import registry
from workers import node
from workers.bootstrap import prepare
from workers.heartbeat import Heartbeat
from workers.training import sweeps
from workers.training.supervision import Trainer

app = celery()
# a second training reserved behind one of hours would wait while another worker is idle
app.conf.worker_disable_prefetch = True
for package in settings().capability_packages:
    registry.include(package)


@cache
def trainer() -> Trainer:
    """The process' only supervisor, created when the worker is ready."""
    return Trainer(Heartbeat(node.acquire(Queue.TRAIN), Queue.TRAIN, settings().device))


@app.task(name="train")
def train(job_id: str) -> None:
    """Run one training. Celery's entry point."""
    tickets.note_received(UUID(job_id))
    trainer().train(UUID(job_id))


@app.task(name="sweep")
def sweep(job_id: str) -> None:
    """Run the fits of one sweep. Celery's entry point."""
    tickets.note_received(UUID(job_id))
    sweeps.run(trainer(), UUID(job_id))


@worker_ready.connect
def start(**_: Any) -> None:
    prepare(trainer().heartbeat)


@worker_shutting_down.connect
def drain(**_: Any) -> None:
    trainer().stopping.set()


@worker_shutdown.connect
def stop(**_: Any) -> None:
    trainer().heartbeat.stop()
