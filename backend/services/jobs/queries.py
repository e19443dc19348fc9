"""How a job is shown: its row, joined with its model, artifacts and place in the queue."""

import base64
import binascii
import time
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection, Row, bindparam, func, or_, select, tuple_

from backend.database import db_now, reading
from backend.errors import Invalid, NotFound
from backend.schemas.jobs import ArtifactRead, JobList, JobModel, JobProgress, JobRead, QueuePlace, Timings
from backend.tables import Status, Task, artifacts, jobs, models

_WINDOW_SECONDS = 60.0  # how far back the pace of a queue is measured,
_WINDOW_JOBS = 200  # and over how many jobs at most
_PACE_SECONDS = 1.0  # how long a measured pace is good for

# Built once: the request's own path runs them, and building a statement costs more than running it.
_JOB = select(
    jobs,
    models.c.name.label("model_name"),
    models.c.version.label("model_version"),
    models.c.digest.label("model_digest"),
).outerjoin(models, models.c.id == jobs.c.model_id)
_JOBS = _JOB.where(jobs.c.id.in_(bindparam("job_ids", expanding=True)))
_FILES = (
    select(artifacts)
    .where(artifacts.c.job_id.in_(bindparam("job_ids", expanding=True)), artifacts.c.role == "output")
    .order_by(artifacts.c.position)
)
_LINE = (
    select(
        jobs.c.id,
        func.rank().over(partition_by=jobs.c.task, order_by=jobs.c.created_at).label("position"),
    )
    .where(jobs.c.status == Status.QUEUED)
    .subquery()
)
_POSITIONS = select(_LINE).where(_LINE.c.id.in_(bindparam("job_ids", expanding=True)))
# whoever asks for a prediction gives it a key to find its answer by; a retry has a request behind it
ASKED_FOR = or_(jobs.c.task != Task.PREDICT, jobs.c.answer_key.is_not(None), jobs.c.request_id.is_not(None))
_LATEST = (
    select(jobs.c.finished_at)
    .where(jobs.c.task == bindparam("task"), jobs.c.status == Status.SUCCEEDED)
    .order_by(jobs.c.created_at.desc())
    .limit(_WINDOW_JOBS)
    .subquery()
)
_PACE = select(func.count(), db_now() - func.min(_LATEST.c.finished_at)).where(
    _LATEST.c.finished_at > db_now() - _WINDOW_SECONDS
)
_NOT_BEGUN: dict[str, Any] = {"fraction": 0.0, "step": 0, "total": 0, "message": ""}
_paces: dict[str, tuple[float, float | None]] = {}  # task -> when measured, seconds a job


def read_one(connection: Connection, job_id: UUID) -> JobRead:
    """Raises NotFound."""
    found = read_many(connection, [job_id])
    if job_id not in found:
        raise NotFound(f"There is no job {job_id}.")
    return found[job_id]


def read_many(connection: Connection, job_ids: Sequence[UUID]) -> dict[UUID, JobRead]:
    """Those of these jobs that exist."""
    rows = connection.execute(_JOBS, {"job_ids": list(job_ids)}).all()
    return {job.id: job for job in _shape(connection, rows)}


def page(
    *,
    capability: str | None = None,
    task: Task | None = None,
    status: Status | None = None,
    limit: int = 50,
    cursor: str | None = None,
    samples: bool = False,
) -> JobList:
    """Jobs, newest first; `next_cursor` continues where this page ends, whatever was added since.

    Args:
        samples: also the answers that samples shipped with, now or in an earlier version.

    Raises:
        Invalid: the cursor is none of ours.
    """
    query = _JOB.order_by(jobs.c.created_at.desc(), jobs.c.id.desc()).limit(limit + 1)
    wanted = {jobs.c.capability: capability, jobs.c.task: task, jobs.c.status: status}
    for column, value in wanted.items():
        if value is not None:
            query = query.where(column == value)
    if not samples:
        query = query.where(ASKED_FOR)
    if cursor:
        query = query.where(tuple_(jobs.c.created_at, jobs.c.id) < tuple_(*_decode(cursor)))
    with reading() as connection:
        rows = connection.execute(query).all()
        items = _shape(connection, rows[:limit])
    following = _encode(rows[limit - 1]) if len(rows) > limit else None
    return JobList(items=items, next_cursor=following)


def fresh(
    connection: Connection, values: Mapping[str, Any], model: Row[Any] | None, position: int
) -> JobRead:
    """A queued job as it is about to be written, without reading it again."""
    shown = None
    if model is not None:
        shown = JobModel(id=model.id, name=model.name, version=model.version, digest=model.digest)
    return JobRead(
        id=values["id"],
        capability=values["capability"],
        task=values["task"],
        model=shown,
        status=Status.QUEUED,
        queue=_place(connection, values["task"], position),
        progress=JobProgress(**_NOT_BEGUN),
        upload_id=values["upload_id"],
        upload_deleted=False,
        dataset_id=values["dataset_id"],
        params=values["params"],
        inspect=values["inspect"],
        seed=values["seed"],
        result=None,
        metrics={},
        artifacts=[],
        error=None,
        attempt=0,
        created_at=values["created_at"],
        started_at=None,
        finished_at=None,
        timings_ms=Timings(),
        environment={},
    )


def seconds_per_job(connection: Connection, task: str) -> float | None:
    """From those that ended of late; None: none did."""
    measured_at, pace = _paces.get(task, (0.0, None))
    if time.monotonic() - measured_at > _PACE_SECONDS:
        ended, seconds = connection.execute(_PACE, {"task": task}).one()
        pace = seconds / ended if ended else None
        _paces[task] = time.monotonic(), pace
    return pace


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
    places = _places(connection, [row for row in rows if row.status == Status.QUEUED])
    return [_job(row, _model(row), files.get(row.id, []), places.get(row.id)) for row in rows]


def _model(row: Row[Any]) -> JobModel | None:
    if row.model_id is None:
        return None
    return JobModel(id=row.model_id, name=row.model_name, version=row.model_version, digest=row.model_digest)


def _artifacts(connection: Connection, job_ids: Sequence[UUID]) -> dict[UUID, list[ArtifactRead]]:
    found: dict[UUID, list[ArtifactRead]] = {}
    if not job_ids:
        return found
    rows = connection.execute(_FILES, {"job_ids": job_ids})
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


def _job(
    row: Row[Any], model: JobModel | None, files: list[ArtifactRead], place: QueuePlace | None
) -> JobRead:
    return JobRead(
        id=row.id,
        capability=row.capability,
        task=row.task,
        model=model,
        status=row.status,
        queue=place,
        progress=_progress(row),
        upload_id=row.upload_id,
        upload_deleted=row.upload_deleted,
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
    return JobProgress(**(row.progress or _NOT_BEGUN))


def _places(connection: Connection, queued: Sequence[Row[Any]]) -> dict[UUID, QueuePlace]:
    if not queued:
        return {}
    found = connection.execute(_POSITIONS, {"job_ids": [row.id for row in queued]})
    positions = {row.id: row.position for row in found}
    # one that was claimed since its row was read is as good as first
    return {row.id: _place(connection, row.task, positions.get(row.id, 1)) for row in queued}


def _place(connection: Connection, task: str, position: int) -> QueuePlace:
    pace = seconds_per_job(connection, task)
    return QueuePlace(position=position, eta_seconds=None if pace is None else round(position * pace, 1))
