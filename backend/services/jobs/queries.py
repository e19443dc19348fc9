"""Jobs as the API shows them: the row, joined with its model, artifacts and place in the queue."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, case, func, or_, select

from backend.database import db_now, json_pairs, reading
from backend.errors import NotFound
from backend.schemas.base import LIMIT
from backend.schemas.jobs import (
    ArtifactRead,
    JobList,
    JobModel,
    JobProgress,
    JobRead,
    JobReview,
    QueuePlace,
    Timings,
)
from backend.services import pages
from backend.services.jobs import tasks
from backend.services.models import catalog
from backend.services.pages import EVER, Period
from backend.tables import Status, Task, artifacts, job_inputs, jobs, models, reviews

_WINDOW_SECONDS = 60.0  # over which the pace of a queue is measured,
_WINDOW_JOBS = 200  # with at most so many jobs
_PACE_SECONDS = 1.0  # for which a measured pace is valid

# Built once: every request runs them, and building a statement costs more than running it.
_INPUTS = (
    select(json_pairs(job_inputs.c.name, job_inputs.c.upload_id))
    .where(job_inputs.c.job_id == func.coalesce(jobs.c.inspects, jobs.c.id))
    .correlate(jobs)
    .scalar_subquery()
)
_JOB = (
    select(
        jobs,
        _INPUTS.label("inputs"),
        models.c.name.label("answering_name"),
        models.c.version.label("answering_version"),
        models.c.digest.label("answering_digest"),
        *(reviews.c[name].label(f"review_{name}") for name in JobReview.model_fields),
    )
    .outerjoin(models, models.c.id == jobs.c.model_id)
    .outerjoin(reviews, reviews.c.job_id == jobs.c.id)
)
_JOBS = _JOB.where(jobs.c.id.in_(bindparam("job_ids", expanding=True)))
_FILES = (
    select(artifacts)
    .where(artifacts.c.job_id.in_(bindparam("job_ids", expanding=True)), artifacts.c.role == "output")
    .order_by(artifacts.c.position)
)
_QUEUE = case({task: about.queue for task, about in tasks.REQUIREMENTS.items()}, value=jobs.c.task)
_LINE = (
    select(
        jobs.c.id,
        func.rank().over(partition_by=_QUEUE, order_by=jobs.c.created_at).label("position"),
    )
    .where(jobs.c.status == Status.QUEUED, jobs.c.parent_id.is_(None))
    .subquery()
)
_POSITIONS = select(_LINE).where(_LINE.c.id.in_(bindparam("job_ids", expanding=True)))
# a requested prediction has an answer key, and a retry has a request id; the fits of a sweep are its own
REQUESTED = and_(
    jobs.c.parent_id.is_(None),
    *(jobs.c.task != task for task in tasks.UNLISTED),
    or_(jobs.c.task != Task.PREDICT, jobs.c.answer_key.is_not(None), jobs.c.request_id.is_not(None)),
)
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
_NOT_STARTED: dict[str, Any] = {"fraction": 0.0, "step": 0, "total": 0, "message": ""}
_UNTOUCHED: dict[str, Any] = {
    "status": Status.QUEUED,
    "attempt": 0,
    "description": "",
    "tags": [],
    "model_name": None,
    **dict.fromkeys(
        (
            "progress",
            "result",
            "metrics",
            "error",
            "error_message",
            "parent_id",
            "cell",
            "started_at",
            "finished_at",
            "timings_ms",
            "environment",
            "review_id",
        )
    ),
}
_paces: dict[str, tuple[float, float | None]] = {}  # queue -> when measured, seconds a job


def read_one(connection: Connection, job_id: UUID) -> JobRead:
    """Raises NotFound."""
    found = read_many(connection, [job_id])
    if job_id not in found:
        raise NotFound(f"Job {job_id} does not exist.")
    return found[job_id]


def read_many(connection: Connection, job_ids: Sequence[UUID]) -> dict[UUID, JobRead]:
    """The existing ones of these jobs."""
    rows = connection.execute(_JOBS, {"job_ids": list(job_ids)}).all()
    return {job.id: job for job in _shape(connection, rows)}


@dataclass(frozen=True)
class Filter:
    """Which jobs a list has.

    Attributes:
        model: name or name@version.
        name: part of the job's name.
        tag: one of its tags.
        samples: also the answers shipped with samples, in this or an earlier version.
        parent: the sweep whose fits these are.
        dataset: that a training or audit uses.
    """

    capability: str | None = None
    task: Task | None = None
    status: Status | None = None
    model: str | None = None
    name: str | None = None
    tag: str | None = None
    period: Period = EVER
    samples: bool = False
    parent: UUID | None = None
    dataset: UUID | None = None

    @property
    def _is_requested(self) -> bool:
        """Whether it has only jobs that clients requested."""
        return not self.samples and self.task not in tasks.UNLISTED

    def conditions(self) -> list[ColumnElement[bool]]:
        """Raises Invalid: the model's version is no number."""
        model_name, version = catalog.parse(self.model) if self.model else (None, None)
        equal = {
            jobs.c.capability: self.capability,
            jobs.c.task: self.task,
            jobs.c.status: self.status,
            models.c.name: model_name,
            models.c.version: version,
            jobs.c.parent_id: self.parent,
            jobs.c.dataset_id: self.dataset,
        }
        found = [column == value for column, value in equal.items() if value is not None]
        found += self.period.conditions(jobs.c.created_at)
        if self.name:
            found.append(pages.contains(jobs.c.name, self.name))
        if self.tag:
            found.append(pages.has_tag(jobs.c.tags, self.tag))
        if self.parent is None:
            found.append(REQUESTED if self._is_requested else jobs.c.parent_id.is_(None))
        return found


def page(chosen: Filter | None = None, *, limit: int = LIMIT, cursor: str | None = None) -> JobList:
    """Jobs, newest first; `next_cursor` continues where this page ends, even if jobs were added since.

    Raises:
        Invalid: the cursor is not one that this function returned, or the model's version is no number.
    """
    query = _JOB.where(*(chosen or Filter()).conditions())
    if cursor:
        query = query.where(pages.after("jobs", cursor, jobs.c.created_at, jobs.c.id))
    with reading() as connection:
        newest = query.order_by(jobs.c.created_at.desc(), jobs.c.id.desc())
        rows = connection.execute(newest.limit(limit + 1)).all()
        items = _shape(connection, rows[:limit])
    last = rows[limit - 1] if len(rows) > limit else None
    following = None if last is None else pages.encode("jobs", [last.created_at, str(last.id)])
    return JobList(items=items, next_cursor=following, limit=limit)


def fresh(
    connection: Connection,
    values: Mapping[str, Any],
    model: Row[Any] | None,
    inputs: Mapping[str, UUID | None],
    position: int,
) -> JobRead:
    """A queued job, from the values that are about to be written."""
    shown = None
    if model is not None:
        shown = JobModel(id=model.id, name=model.name, version=model.version, digest=model.digest)
    row = {**_UNTOUCHED, **values, "inputs": inputs}
    return _job(row, shown, [], _place(connection, values["task"], position))


def seconds_per_job(connection: Connection, task: Task) -> float | None:
    """The pace of the task's queue, from recently finished jobs; None: there are none."""
    queue = tasks.REQUIREMENTS[task].queue
    measured_at, pace = _paces.get(queue, (0.0, None))
    if time.monotonic() - measured_at > _PACE_SECONDS:
        # task by task: in the index, a task's jobs lie in their order
        measured = [connection.execute(_PACE, {"task": each}).one() for each in tasks.OF_QUEUE[queue]]
        ended = sum(number for number, _ in measured)
        pace = max(seconds or 0.0 for _, seconds in measured) / ended if ended else None
        _paces[queue] = time.monotonic(), pace
    return pace


def _shape(connection: Connection, rows: Sequence[Row[Any]]) -> list[JobRead]:
    files = _artifacts(connection, [row.id for row in rows if row.finished_at is not None])
    waiting = [row for row in rows if row.status == Status.QUEUED and row.parent_id is None]
    places = _places(connection, waiting)
    return [_job(dict(row._mapping), _model(row), files.get(row.id, []), places.get(row.id)) for row in rows]


def _model(row: Row[Any]) -> JobModel | None:
    if row.model_id is None:
        return None
    return JobModel(
        id=row.model_id,
        name=row.answering_name,
        version=row.answering_version,
        digest=row.answering_digest,
    )


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
    row: Mapping[str, Any], model: JobModel | None, files: list[ArtifactRead], place: QueuePlace | None
) -> JobRead:
    inputs = {name: UUID(str(given)) if given else None for name, given in (row["inputs"] or {}).items()}
    return JobRead(
        id=row["id"],
        name=row["name"],
        capability=row["capability"],
        task=row["task"],
        inspects=row["inspects"],
        parent_id=row["parent_id"],
        cell=row["cell"],
        model=model,
        status=row["status"],
        queue=place,
        progress=_progress(row),
        inputs=inputs,
        upload_id=next(iter(inputs.values())) if len(inputs) == 1 else None,
        upload_deleted=None in inputs.values(),
        params=row["params"],
        dataset_id=row["dataset_id"],
        dataset_version=row["dataset_version"],
        inspect=row["inspect"],
        description=row["description"],
        tags=row["tags"],
        model_name=row["model_name"],
        requested_by=row["requested_by"],
        seed=row["params"].get("seed"),
        result=row["result"],
        metrics=row["metrics"] or {},
        artifacts=files,
        error=row["error"],
        error_message=row["error_message"] or [],
        attempt=row["attempt"],
        created_at=row["created_at"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        timings_ms=Timings(**(row["timings_ms"] or {})),
        environment=row["environment"] or {},
        review=_review(row),
    )


def _review(row: Mapping[str, Any]) -> JobReview | None:
    if row["review_id"] is None:
        return None
    return JobReview(**{name: row[f"review_{name}"] for name in JobReview.model_fields})


def _progress(row: Mapping[str, Any]) -> JobProgress:
    if row["status"] == Status.SUCCEEDED:
        total = (row["progress"] or {}).get("total") or 1
        return JobProgress(fraction=1.0, step=total, total=total, message="")
    return JobProgress(**(row["progress"] or _NOT_STARTED))


def _places(connection: Connection, queued: Sequence[Row[Any]]) -> dict[UUID, QueuePlace]:
    if not queued:
        return {}
    found = connection.execute(_POSITIONS, {"job_ids": [row.id for row in queued]})
    positions = {row.id: row.position for row in found}
    # a job claimed since its row was read counts as first
    return {row.id: _place(connection, row.task, positions.get(row.id, 1)) for row in queued}


def _place(connection: Connection, task: Task, position: int) -> QueuePlace:
    pace = seconds_per_job(connection, task)
    return QueuePlace(position=position, eta_seconds=None if pace is None else round(position * pace, 1))


def waiting_for(model_id: UUID, limit: int) -> Sequence[UUID]:
    """The first queued jobs of a model."""
    queued = (
        select(jobs.c.id)
        .where(jobs.c.model_id == model_id, jobs.c.status == Status.QUEUED, jobs.c.parent_id.is_(None))
        .order_by(jobs.c.created_at)
        .limit(limit)
    )
    with reading() as connection:
        return connection.scalars(queued).all()
