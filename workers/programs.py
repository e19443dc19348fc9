"""The command lines of the processes that Glassbox consists of; the supervisor and `glassbox` run these."""

import os
import socket
import sys
from enum import StrEnum

from backend.settings import settings


class Queue(StrEnum):
    PREDICT = "predict"
    TRAIN = "train"


THREADS = {Queue.PREDICT: 4, Queue.TRAIN: 1}


def api(listener: int | None = None) -> list[str]:
    """The API, on an inherited socket or on the settings' host and port."""
    return [
        sys.executable,
        "-P",
        "-m",
        "workers.commands.serve",
        *([] if listener is None else ["--fd", str(listener)]),
    ]


def worker(queue: Queue, threads: int | None = None) -> list[str]:
    # the name needs only to differ from every other worker's; jobs are leased under workers.node's own
    name = f"{queue}-{os.urandom(3).hex()}@{settings().node or socket.gethostname()}"
    app = f"workers.{queue}_worker:app"
    options = ["-Q", queue, "-P", "threads", "-c", str(threads or THREADS[queue]), "-n", name]
    options += ["--without-gossip", "--without-mingle", "--loglevel", settings().log_level.upper()]
    return [sys.executable, "-P", "-m", "celery", "-A", app, "worker", *options]
