"""What an operator asks: is everything there, and how is it going."""

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
from backend.tables import Status, Task, jobs

_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0, 600.0, 3600.0)


def readiness() -> Readiness:
    """Each part that a job needs, and where one lacks, what to do."""
    parts = [_database(), *_broker_and_workers()]
    return Readiness(ready=all(part.ready for part in parts), parts=parts)


def _database() -> Part:
    try:
        with reading() as connection:
            connection.execute(text("SELECT 1 FROM jobs LIMIT 1"))
    except SQLAlchemyError as error:
        why = str(getattr(error, "orig", error)).splitlines()[0]
        return Part(name="database", ready=False, detail=f"{why}. Check GLASSBOX_DATABASE_URL.")
    return Part(name="database", ready=True, detail="answers")


def _broker_and_workers() -> list[Part]:
    try:
        living = presence.workers()
    except (RedisError, OSError) as error:
        lost = f"{error}. Start Redis, or `glassbox up`, which brings its own."
        unknown = "not known while the broker is away"
        return [
            Part(name="broker", ready=False, detail=lost),
            *(Part(name=f"worker:{task}", ready=False, detail=unknown) for task in Task),
        ]
    return [Part(name="broker", ready=True, detail="answers"), *(_workers(task, living) for task in Task)]


def _workers(task: Task, living: list[dict[str, Any]]) -> Part:
    mine = [worker for worker in living if worker.get("queue") == task]
    if not mine:
        return Part(name=f"worker:{task}", ready=False, detail=no_worker(task))
    devices = ", ".join(sorted({str(worker.get("device", "?")) for worker in mine}))
    return Part(name=f"worker:{task}", ready=True, detail=f"{len(mine)} alive, on {devices}")


def no_worker(task: Task) -> str:
    return f"No worker is alive that takes {task} jobs. Start one with: glassbox worker {task}"


class JobMetrics:
    """The jobs as Prometheus sees them, read from the table whenever it asks: right in every process."""

    def collect(self) -> Iterator[Metric]:
        try:
            with reading() as connection:
                found = [*_counts(connection), *_waiting(connection), *_durations(connection)]
        except SQLAlchemyError:
            found = []
        yield from found
        yield from _broker_metrics()


def _counts(connection: Connection) -> Iterator[Metric]:
    counted = GaugeMetricFamily("glassbox_jobs", "Jobs on record.", labels=["capability", "task", "status"])
    keys = (jobs.c.capability, jobs.c.task, jobs.c.status)
    for row in connection.execute(select(*keys, func.count().label("number")).group_by(*keys)):
        counted.add_metric([row.capability, row.task, row.status], row.number)
    yield counted


def _waiting(connection: Connection) -> Iterator[Metric]:
    depth = GaugeMetricFamily("glassbox_queue_depth", "Jobs that wait for a worker.", labels=["task"])
    oldest = GaugeMetricFamily(
        "glassbox_queue_oldest_seconds", "How long the oldest of them has waited.", labels=["task"]
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
            "From a job's start to its end.",
            jobs.c.finished_at - jobs.c.started_at,
        ),
        "glassbox_job_wait_seconds": (
            "From a job's making to its start.",
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
    up = GaugeMetricFamily("glassbox_broker_up", "Whether Redis answers.")
    try:
        counts, living = counters.counts(), presence.workers()
        lengths = {task: tickets.waiting_messages(task) for task in Task}
    except (RedisError, OperationalError, OSError):
        up.add_metric([], 0)
        yield up
        return
    up.add_metric([], 1)
    yield up
    workers = GaugeMetricFamily("glassbox_workers", "Living workers.", labels=["queue"])
    messages = GaugeMetricFamily("glassbox_messages", "Messages that no worker has taken.", labels=["queue"])
    for task in Task:
        workers.add_metric([task], sum(worker.get("queue") == task for worker in living))
        messages.add_metric([task], lengths[task])
    yield from (workers, messages)
    abouts = {
        "fenced": "Late writes of lost workers that were refused.",
        "lost": "Jobs that lost their worker.",
        "resent": "Lost messages that were sent again.",
    }
    for name, about in abouts.items():
        family = CounterMetricFamily(f"glassbox_{name}", about)
        family.add_metric([], counts.get(name, 0))
        yield family
