"""Readiness and metrics for operators."""

from collections.abc import Iterator
from typing import Any

from kombu.exceptions import OperationalError
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from redis.exceptions import RedisError
from sqlalchemy import Connection, case, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from backend.database import db_now, reading
from backend.messaging import counters, presence, tickets
from backend.schemas.health import Part, Readiness
from backend.tables import Queue, Status, Task, jobs

_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0, 600.0, 3600.0)


def readiness() -> Readiness:
    """Each part that a job needs, with instructions for missing ones."""
    parts = [_database(), *_broker_and_workers()]
    return Readiness(ready=all(part.ready for part in parts), parts=parts)


def _database() -> Part:
    try:
        with reading() as connection:
            connection.execute(text("SELECT 1 FROM jobs LIMIT 1"))
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).splitlines()[0]
        return Part(name="database", ready=False, detail=f"{reason}. Check GLASSBOX_DATABASE_URL.")
    return Part(name="database", ready=True, detail="answers")


def _broker_and_workers() -> list[Part]:
    try:
        alive = presence.workers()
    except (RedisError, OSError) as error:
        lost = f"{error}. Start Redis, or `glassbox up`, which includes it."
        unknown = "unknown while the broker is unreachable"
        return [
            Part(name="broker", ready=False, detail=lost),
            *(Part(name=f"worker:{queue}", ready=False, detail=unknown) for queue in Queue),
        ]
    return [Part(name="broker", ready=True, detail="answers"), *(_workers(queue, alive) for queue in Queue)]


def _workers(queue: Queue, alive: list[dict[str, Any]]) -> Part:
    own = [worker for worker in alive if worker.get("queue") == queue]
    if not own:
        return Part(name=f"worker:{queue}", ready=False, detail=no_worker(queue))
    devices = ", ".join(sorted({str(worker.get("device", "?")) for worker in own}))
    return Part(name=f"worker:{queue}", ready=True, detail=f"{len(own)} alive, on {devices}")


def no_worker(queue: Queue) -> str:
    return f"No worker for {queue} jobs is alive. Start one with: glassbox worker {queue}"


class JobMetrics:
    """Metrics of jobs for Prometheus, read from the tables on every scrape: the same in every process."""

    def collect(self) -> Iterator[Metric]:
        try:
            with reading() as connection:
                found = [*_counts(connection), *_waiting(connection), *_durations(connection)]
        except SQLAlchemyError:
            found = []
        yield from found
        yield from _broker_metrics()


def _counts(connection: Connection) -> Iterator[Metric]:
    counted = GaugeMetricFamily(
        "glassbox_jobs", "Jobs in the database.", labels=["capability", "task", "status"]
    )
    keys = (jobs.c.capability, jobs.c.task, jobs.c.status)
    for row in connection.execute(select(*keys, func.count().label("number")).group_by(*keys)):
        counted.add_metric([row.capability, row.task, row.status], row.number)
    yield counted


def _waiting(connection: Connection) -> Iterator[Metric]:
    depth = GaugeMetricFamily("glassbox_queue_depth", "Queued jobs.", labels=["task"])
    oldest = GaugeMetricFamily(
        "glassbox_queue_oldest_seconds", "Waiting time of the oldest queued job.", labels=["task"]
    )
    query = (
        select(jobs.c.task, func.count(), db_now() - func.min(jobs.c.created_at))
        .where(jobs.c.status == Status.QUEUED)
        .group_by(jobs.c.task)
    )
    found = {task: (number, age) for task, number, age in connection.execute(query)}
    for task in Task:
        number, age = found.get(task, (0, 0.0))
        depth.add_metric([task], number)
        oldest.add_metric([task], max(0.0, age))
    yield from (depth, oldest)


def _durations(connection: Connection) -> Iterator[Metric]:
    spans = {
        "glassbox_job_run_seconds": (
            "From the start of a job to its end.",
            jobs.c.finished_at - jobs.c.started_at,
        ),
        "glassbox_job_wait_seconds": (
            "From the creation of a job to its start.",
            jobs.c.started_at - jobs.c.created_at,
        ),
    }
    for name, (about, span) in spans.items():
        family = HistogramMetricFamily(name, about, labels=["capability", "task"])
        below = [func.sum(case((span <= bound, 1), else_=0)) for bound in _BUCKETS]
        query = (
            select(jobs.c.capability, jobs.c.task, func.count(), func.sum(span), *below)
            .where(jobs.c.status.in_((Status.SUCCEEDED, Status.FAILED)), jobs.c.started_at.is_not(None))
            .group_by(jobs.c.capability, jobs.c.task)
        )
        for row in connection.execute(query):
            capability, task, number, total, *counts = tuple(row)
            buckets = [(str(bound), count) for bound, count in zip(_BUCKETS, counts, strict=True)]
            family.add_metric([capability, task], [*buckets, ("+Inf", number)], total)
        yield family


def _broker_metrics() -> Iterator[Metric]:
    up = GaugeMetricFamily("glassbox_broker_up", "Whether Redis is reachable.")
    try:
        counts, alive = counters.counts(), presence.workers()
        lengths = {queue: tickets.queue_length(queue) for queue in Queue}
    except (RedisError, OperationalError, OSError):
        up.add_metric([], 0)
        yield up
        return
    up.add_metric([], 1)
    yield up
    workers = GaugeMetricFamily("glassbox_workers", "Workers that are alive.", labels=["queue"])
    messages = GaugeMetricFamily(
        "glassbox_messages", "Messages that no worker has received.", labels=["queue"]
    )
    for queue in Queue:
        workers.add_metric([queue], sum(worker.get("queue") == queue for worker in alive))
        messages.add_metric([queue], lengths[queue])
    yield from (workers, messages)
    abouts = {
        "fenced": "Refused writes of workers that had lost their lease.",
        "lost": "Jobs whose worker crashed.",
        "resent": "Messages that were lost and sent again.",
    }
    for name, about in abouts.items():
        family = CounterMetricFamily(f"glassbox_{name}", about)
        family.add_metric([], counts.get(name, 0))
        yield family
