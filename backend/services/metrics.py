"""Metrics for Prometheus.

Those of the installation are the same from every API process, and none of them falls when jobs are deleted:
each ending is counted in the transaction that writes it (services.jobs.endings), and only open jobs are
counted in their table. So a scrape takes no longer with more jobs.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import accumulate
from typing import Any
from uuid import UUID

from kombu.exceptions import OperationalError
from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from redis.exceptions import RedisError
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import SQLAlchemyError

from backend.database import db_now, reading
from backend.messaging import counters, presence, tickets
from backend.schemas.health import Readiness
from backend.services.jobs import endings
from backend.services.jobs.endings import BUCKETS, model_name
from backend.tables import Queue, Status, Task, jobs

_BOUNDS = (*(str(bound) for bound in BUCKETS), "+Inf")
_HISTOGRAMS = {
    "run": ("glassbox_job_run_seconds", "From the start of a job to its end; succeeded and failed jobs."),
    "wait": ("glassbox_job_wait_seconds", "From the creation of a job to its start; as above."),
}
_REPAIRS = {
    "fenced": "Refused writes of workers that had lost their lease.",
    "lost": "Jobs whose worker crashed.",
    "resent": "Messages that were lost and sent again.",
}
# label -> entry of a worker's announcement
_OF_WORKER = {"worker": "owner", "queue": "queue", "device": "device"}
_WORKER_GAUGES = {
    "memory_bytes": "Resident memory of the worker and its child processes.",
    "gpu_memory_bytes": "Memory that the worker holds on its GPU.",
    "started_at": "When the worker started, in seconds since 1970.",
}
_WORKER_COUNTERS = {
    "batches": "Forward passes.",
    "inputs": "Inputs of forward passes; divided by the batches: the batch size.",
    "forward_seconds": "Time of forward passes; divided by the batches: the time of one.",
}


class Installation:
    """The metrics of the whole installation, read on every scrape; of a part that is not ready, none."""

    def __init__(self, readiness: Readiness):
        self._ready = {part.name: part.ready for part in readiness.parts}

    def collect(self) -> Iterator[Metric]:
        for part in ("database", "redis", "storage"):
            about = f"Whether the {part} can be used, as in /readyz."
            yield GaugeMetricFamily(f"glassbox_{part}_up", about, value=float(self._ready[part]))
        # what fails between the check and the reading is left out
        if self._ready["database"]:
            with suppress(SQLAlchemyError):
                yield from _of_database()
        if self._ready["redis"]:
            with suppress(RedisError, OperationalError, OSError):
                yield from _of_redis()


def _of_database() -> list[Metric]:
    with reading() as connection:
        return [*_open_jobs(connection), *_endings(endings.counted(connection))]


def _open_jobs(connection: Connection) -> Iterator[Metric]:
    numbers = GaugeMetricFamily(
        "glassbox_jobs", "Jobs that are queued or running.", labels=["capability", "task", "status"]
    )
    depth = GaugeMetricFamily("glassbox_queue_depth", "Queued jobs.", labels=["task"])
    oldest = GaugeMetricFamily(
        "glassbox_queue_oldest_seconds", "Waiting time of the oldest queued job.", labels=["task"]
    )
    keys = (jobs.c.capability, jobs.c.task, jobs.c.status)
    age = (db_now() - func.min(jobs.c.created_at)).label("age")
    # both columns are named, in the order of their index: only open jobs are visited
    is_open = jobs.c.task.in_(tuple(Task)), jobs.c.status.in_((Status.QUEUED, Status.RUNNING))
    queued: dict[str, tuple[int, float]] = {}
    query = select(*keys, func.count().label("number"), age).where(*is_open).group_by(*keys)
    for row in connection.execute(query):
        numbers.add_metric([row.capability, row.task, row.status], row.number)
        if row.status == Status.QUEUED:
            number, longest = queued.get(row.task, (0, 0.0))
            queued[row.task] = (number + row.number, max(longest, row.age))
    for task in Task:
        number, longest = queued.get(task, (0, 0.0))
        depth.add_metric([task], number)
        oldest.add_metric([task], longest)
    yield from (numbers, depth, oldest)


def _of_redis() -> list[Metric]:
    repairs = counters.read()
    alive = presence.workers()
    lengths = {queue: tickets.queue_length(queue) for queue in Queue}
    repaired = [
        CounterMetricFamily(f"glassbox_{name}", about, value=repairs.get(name, 0))
        for name, about in _REPAIRS.items()
    ]
    return [*_queues(alive, lengths), *repaired, *_workers(alive)]


def _queues(alive: Sequence[Mapping[str, Any]], lengths: Mapping[Queue, int]) -> Iterator[Metric]:
    workers = GaugeMetricFamily("glassbox_workers", "Workers that are alive.", labels=["queue"])
    messages = GaugeMetricFamily(
        "glassbox_messages", "Messages that no worker has received.", labels=["queue"]
    )
    for queue in Queue:
        workers.add_metric([queue], sum(worker.get("queue") == queue for worker in alive))
        messages.add_metric([queue], lengths[queue])
    yield from (workers, messages)


def _endings(counted: Mapping[str, int]) -> Iterator[Metric]:
    """The counts as `services.jobs.endings.counted` names them."""
    ended = CounterMetricFamily(
        "glassbox_jobs_ended", "Jobs that ended.", labels=["capability", "task", "status"]
    )
    timed: dict[str, dict[tuple[str, str], dict[str, int]]] = {what: {} for what in _HISTOGRAMS}
    for name, number in counted.items():
        what, capability, task, last = name.split("|")
        if what == "ended":
            ended.add_metric([capability, task, last], number)
        elif what in timed:
            timed[what].setdefault((capability, task), {})[last] = number
    yield ended
    for what, (name, about) in _HISTOGRAMS.items():
        family = HistogramMetricFamily(name, about, labels=["capability", "task"])
        for labels, numbers in timed[what].items():
            below = accumulate(numbers.get(bound, 0) for bound in _BOUNDS)
            buckets = list(zip(_BOUNDS, below, strict=True))
            family.add_metric(labels, buckets, numbers.get("microseconds", 0) / 1e6)
        yield family


def _workers(alive: Sequence[Mapping[str, Any]]) -> Iterator[Metric]:
    for name, about in _WORKER_GAUGES.items():
        family = GaugeMetricFamily(f"glassbox_worker_{name}", about, labels=list(_OF_WORKER))
        for worker in alive:
            if worker.get(name) is not None:
                family.add_metric(_labels(worker), worker[name])
        yield family
    yield from _forwards(alive)


def _forwards(alive: Sequence[Mapping[str, Any]]) -> Iterator[Metric]:
    for name, about in _WORKER_COUNTERS.items():
        family = CounterMetricFamily(f"glassbox_worker_{name}", about, labels=[*_OF_WORKER, "capability"])
        for worker in alive:
            for capability, measured in worker.get("forwards", {}).items():
                family.add_metric([*_labels(worker), capability], measured[name])
        yield family
    loaded = GaugeMetricFamily(
        "glassbox_worker_model_loaded",
        "1 for each model that the worker keeps in memory.",
        labels=[*_OF_WORKER, "model"],
    )
    for worker in alive:
        for model_id in worker.get("models", ()):
            loaded.add_metric([*_labels(worker), model_name(UUID(model_id)) or model_id], 1)
    yield loaded


def _labels(worker: Mapping[str, Any]) -> list[str]:
    return [str(worker.get(entry, "")) for entry in _OF_WORKER.values()]
