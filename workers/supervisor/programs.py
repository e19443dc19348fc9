"""The command lines of Glassbox's processes, for the supervisor and `glassbox`."""

import os
import shutil
import socket
import sys
from enum import StrEnum
from typing import NamedTuple

from backend.settings import settings
from workers.supervisor.reload import ROOT


class Queue(StrEnum):
    PREDICT = "predict"
    TRAIN = "train"


class Program(NamedTuple):
    name: str
    command: list[str]
    keeps: tuple[int, ...] = ()  # file descriptors that it inherits
    waits: bool = False  # it starts when the others are ready, which then start sooner


# of the inference worker's threads, six may wait at a model's wake channel
THREADS = {Queue.PREDICT: 8, Queue.TRAIN: 1}
APPS = {Queue.PREDICT: "workers.inference.worker:app", Queue.TRAIN: "workers.training.worker:app"}


def api(listener: int | None = None) -> list[str]:
    """The API, on an inherited socket or on the settings' host and port."""
    return [
        sys.executable,
        "-P",
        "-m",
        "workers.cli.serve",
        *([] if listener is None else ["--fd", str(listener)]),
    ]


def worker(queue: Queue, threads: int | None = None) -> list[str]:
    """A worker for one queue."""
    # Celery's name, which must be unique; leases use the name of workers.node
    name = f"{queue}-{os.urandom(3).hex()}@{settings().node or socket.gethostname()}"
    options = ["-Q", queue, "-P", "threads", "-c", str(threads or THREADS[queue]), "-n", name]
    options += [
        "--without-gossip",
        "--without-mingle",
        "--without-heartbeat",
        "--loglevel",
        settings().log_level.upper(),
    ]
    return [sys.executable, "-P", "-m", "workers.cli.celery", "-A", APPS[queue], "worker", *options]


def application(listener: int, *, with_pages_server: bool) -> list[Program]:
    """All programs except Redis: the API on the inherited socket `listener`, and a worker for each queue."""
    programs = [
        # the slowest to start comes first
        Program("predict", worker(Queue.PREDICT)),
        Program("api", api(listener), keeps=(listener,)),
        Program("train", worker(Queue.TRAIN), waits=True),
    ]
    if with_pages_server and shutil.which("npm"):
        programs.append(
            Program(
                "frontend", ["npm", "--prefix", str(ROOT / "frontend"), "run", "dev", "--", "--strictPort"]
            )
        )
    return programs
