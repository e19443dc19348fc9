"""How a job is shown: its row, joined with its model, artifacts and place in the queue."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection, Row, func, select, tuple_

from backend.database import db_now, reading
from backend.errors import Invalid, NotFound
from backend.schemas import ArtifactRead, JobList, JobModel, JobProgress, JobRead, QueuePlace, Timings
from backend.tables import Status, Task, artifacts, jobs, models

_WINDOW_SECONDS = 60.0  # over which the rate of a queue is measured
_JOB = select(
    jobs,
    models.c.name.label("model_name"),
    models.c.version.label("model_version"),
    models.c.digest.label("model_digest"),
).outerjoin(models, models.c.id == jobs.c.model_id)


def read_one(connection: Connection, job_id: UUID) -> JobRead:
    """Raises NotFound."""
    found = read_many(connection, [job_id])
    if job_id not in found:
        raise NotFound(f"There is no job {job_id}.")
    return found[job_id]


def read_many(connection: Connection, job_ids: Sequence[UUID]) -> dict[UUID, JobRead]:
    """Those of these jobs that exist."""
    rows = connection.execute(_JOB.where(jobs.c.id.in_(job_ids))).all()
    return {job.id: job for job in _shape(connection, rows)}


def page(
    *,
    capability: str | None = None,
    task: Task | None = None,
    status: Status | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> JobList:
    """Jobs, newest first; `next_cursor` continues where this page ends, whatever was added since.

    Raises:
        Invalid: the cursor is none of ours.
    """
    query = _JOB.order_by(jobs.c.created_at.desc(), jobs.c.id.desc()).limit(limit + 1)
    wanted = {jobs.c.capability: capability, jobs.c.task: task, jobs.c.status: status}
    for column, value in wanted.items():
        if value is not None:
            query = query.where(column == value)
    if cursor:
        query = query.where(tuple_(jobs.c.created_at, jobs.c.id) < tuple_(*_decode(cursor)))
    with reading() as connection:
        rows = connection.execute(query).all()
        items = _shape(connection, rows[:limit])
    following = _encode(rows[limit - 1]) if len(rows) > limit else None
    return JobList(items=items, next_cursor=following)


def seconds_per_job(connection: Connection, task: str) -> float | None:
    """From how many ended of late; None: none did."""
    ended = connection.scalar(
        select(func.count()).where(
            jobs.c.task == task,
            jobs.c.status == Status.SUCCEEDED,
            jobs.c.finished_at > db_now() - _WINDOW_SECONDS,
        )
    )
    return _WINDOW_SECONDS / ended if ended else None


def _encode(row: Row[Any]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([row.created_at, str(row.id)])).decode()


def _decode(cursor: str) -> tuple[float, UUID]:
    try:
        created_at, job_id = orjson.loads(base64.urlsafe_b64decode(cursor))
        return float(created_at), UUID(job_id)
    except (ValueError, TypeError, AttributeError, binascii.Error) as error:
        where = [{"pointer": "/cursor", "detail": "is not a next_cursor of this list"}]
        raise Invalid("The cursor is not one that this list gave.", errors=where) from error


def _shape(connection: Connection, rows: Sequence[Row[Any]]) -> list[JobRead]:
    files = _artifacts(connection, [row.id for row in rows if row.finished_at is not None])
    return [_job(connection, row, files.get(row.id, [])) for row in rows]


def _artifacts(connection: Connection, job_ids: Sequence[UUID]) -> dict[UUID, list[ArtifactRead]]:
    found: dict[UUID, list[ArtifactRead]] = {}
    if not job_ids:
        return found
    rows = connection.execute(
        select(artifacts)
        .where(artifacts.c.job_id.in_(job_ids), artifacts.c.role == "output")
        .order_by(artifacts.c.position)
    )
    for row in rows:
        shown = ArtifactRead(
            id=row.id,
            name=row.name,
            kind=row.kind,
            media_type=row.media_type,
            bytes=row.bytes,
            url=f"/v1/artifacts/{row.id}/content",
        )
        found.setdefault(row.job_id, []).append(shown)
    return found


def _job(connection: Connection, row: Row[Any], files: list[ArtifactRead]) -> JobRead:
    model = None
    if row.model_id is not None:
        model = JobModel(
            id=row.model_id, name=row.model_name, version=row.model_version, digest=row.model_digest
        )
    return JobRead(
        id=row.id,
        capability=row.capability,
        task=row.task,
        model=model,
        status=row.status,
        queue=_queue(connection, row) if row.status == Status.QUEUED else None,
        progress=_progress(row),
        upload_id=row.upload_id,
        dataset_id=row.dataset_id,
        params=row.params,
        inspect=row.inspect,
        seed=row.seed,
        result=row.result,
        metrics=row.metrics or {},
        artifacts=files,
        error=row.error,
        attempt=row.attempt,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        timings_ms=Timings(**(row.timings_ms or {})),
        environment=row.environment or {},
    )


def _progress(row: Row[Any]) -> JobProgress:
    if row.status == Status.SUCCEEDED:
        total = (row.progress or {}).get("total", 1)
        return JobProgress(fraction=1.0, step=total, total=total, message="")
    return JobProgress(**(row.progress or {"fraction": 0.0, "step": 0, "total": 0, "message": ""}))


def _queue(connection: Connection, row: Row[Any]) -> QueuePlace:
    before = connection.scalar(
        select(func.count()).where(
            jobs.c.task == row.task, jobs.c.status == Status.QUEUED, jobs.c.created_at < row.created_at
        )
    )
    position = (before or 0) + 1
    pace = seconds_per_job(connection, row.task)
    return QueuePlace(position=position, eta_seconds=None if pace is None else round(position * pace, 1))
