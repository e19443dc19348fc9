"""The training worker: the Celery application with the task `train`.

Started as `celery -A workers.training.worker:app worker -Q train -P threads -c 1`. The threads only watch:
each training is a process of its own (workers.training.child), whose end gives all its memory back. Loads no
torch.
"""

from functools import cache
from typing import Any
from uuid import UUID

from celery.signals import worker_ready, worker_shutdown, worker_shutting_down

from backend.messaging.celery_app import celery
from backend.settings import settings
from backend.tables import Task
from models.core.contract import registry
from workers import node
from workers.bootstrap import join
from workers.heartbeat import Heartbeat
from workers.training.supervision import Trainer

app = celery()
# a second training reserved behind one of hours would starve while another worker is idle
app.conf.worker_disable_prefetch = True
for package in settings().capability_packages:
    registry.include(package)


@cache
def trainer() -> Trainer:
    """The process' one supervisor, made when the worker is ready."""
    return Trainer(Heartbeat(node.take(Task.TRAIN), Task.TRAIN, settings().device))


@app.task(name="train")
def train(job_id: str) -> None:
    """Run one training. Celery's entry point."""
    trainer().train(UUID(job_id))


@worker_ready.connect
def start(**_: Any) -> None:
    join(trainer().heartbeat)


@worker_shutting_down.connect
def drain(**_: Any) -> None:
    trainer().stopping.set()


@worker_shutdown.connect
def stop(**_: Any) -> None:
    trainer().heartbeat.stop()
