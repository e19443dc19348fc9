"""The command lines of the processes that Glassbox consists of; the supervisor and `glassbox` run these."""

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


# of the inference worker's, six may sit by a model's bell
THREADS = {Queue.PREDICT: 8, Queue.TRAIN: 1}


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
    # the name needs only to differ from every other worker's; jobs are leased under workers.node's own
    name = f"{queue}-{os.urandom(3).hex()}@{settings().node or socket.gethostname()}"
    app = {"predict": "workers.inference.worker:app", "train": "workers.training.worker:app"}[queue]
    options = ["-Q", queue, "-P", "threads", "-c", str(threads or THREADS[queue]), "-n", name]
    options += [
        "--without-gossip",
        "--without-mingle",
        "--without-heartbeat",
        "--loglevel",
        settings().log_level.upper(),
    ]
    return [sys.executable, "-P", "-m", "celery", "-A", app, "worker", *options]


def application(listener: int, *, with_pages_server: bool) -> list[Program]:
    """What runs beside Redis: the API on the inherited socket `listener`, and a worker for each queue."""
    listed = [
        # the longest to start comes first
        Program("predict", worker(Queue.PREDICT)),
        Program("api", api(listener), keeps=(listener,)),
        Program("train", worker(Queue.TRAIN)),
    ]
    if with_pages_server and shutil.which("npm"):
        listed.append(
            Program(
                "frontend", ["npm", "--prefix", str(ROOT / "frontend"), "run", "dev", "--", "--strictPort"]
            )
        )
    return listed
