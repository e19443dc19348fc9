"""The user's side of a job: read, cancel, retry, delete. `services.submissions` makes
it, `services.leases` is the worker's side."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select, update
from sqlalchemy import delete as delete_rows

from backend.database import db_now, reading, transaction
from backend.errors import Conflict, NotFound
from backend.messaging import events
from backend.schemas.jobs import JobRead
from backend.services.jobs import queries
from backend.services.jobs.submission import Queue, dispatch
from backend.services.models import catalog
from backend.storage import storage
from backend.tables import FINAL, Status, artifacts, jobs


def read(job_id: UUID) -> JobRead:
    """Raises NotFound."""
    with reading() as connection:
        return queries.read_one(connection, job_id)


def read_many(job_ids: Sequence[UUID]) -> dict[UUID, JobRead]:
    """Those of these jobs that exist, by one statement however many are asked for."""
    with reading() as connection:
        return queries.read_many(connection, job_ids)


def states(job_ids: Sequence[UUID]) -> dict[UUID, Status]:
    """The status of each of these jobs that exists, by one statement however many wait."""
    with reading() as connection:
        rows = connection.execute(select(jobs.c.id, jobs.c.status).where(jobs.c.id.in_(job_ids)))
        return {row.id: Status(row.status) for row in rows}


def cancel(job_id: UUID) -> JobRead:
    """End a queued job at once, ask the worker of a running one to stop. Canceling twice is harmless.

    Raises:
        NotFound.
        Conflict: it has ended otherwise.
    """
    with transaction() as connection:
        _set(connection, job_id, Status.QUEUED, status=Status.CANCELED, finished_at=db_now())
        _set(connection, job_id, Status.RUNNING, cancel_requested=True)
        job = queries.read_one(connection, job_id)
    if job.status in (Status.SUCCEEDED, Status.FAILED):
        raise Conflict(f"Job {job_id} has {job.status} already; it can no longer be canceled.")
    if job.status == Status.RUNNING:
        events.request_cancel(job_id)
    else:
        events.wake([job_id])
    return job


def retry(job_id: UUID, *, request_id: str | None = None) -> JobRead:
    """A new job that repeats an ended one, with the same model, input and params.

    Raises:
        NotFound.
        Conflict: it has not ended; or its upload or its model was deleted.
        TooManyJobs: the queue is full.
    """
    with transaction() as connection:
        job = _row(connection, job_id)
        if job.status not in FINAL:
            raise Conflict(f"Job {job_id} is {job.status}; only one that has ended can be repeated.")
        if job.upload_deleted:
            raise Conflict(f"The upload of job {job_id} has been deleted; send the file again in a new job.")
        kept = (
            "capability",
            "task",
            "model_id",
            "upload_id",
            "dataset_id",
            "params",
            "inspect",
            "picture",
            "seed",
        )
        model = catalog.find(connection, job.model_id)
        if model is not None and model.deleted_at is not None:
            raise Conflict(f"The model {model.name} has been deleted; job {job_id} cannot be repeated.")
        values = {name: job._mapping[name] for name in kept}
        queue = Queue(connection)
        made = queue.add({**values, "answer_key": job.answer_key, "request_id": request_id}, model)
        queue.flush()
    dispatch([made])
    return made


def delete(job_id: UUID) -> None:
    """Delete an ended job, its answer and its files; a model that it trained stays.

    Raises:
        NotFound.
        Conflict: it has not ended.
    """
    with transaction() as connection:
        job = _row(connection, job_id)
        if job.status not in FINAL:
            raise Conflict(f"Job {job_id} is {job.status}; cancel it before it is deleted.")
        own = artifacts.c.key.not_like("models/%")  # the model that a training made outlives it
        keys = connection.scalars(select(artifacts.c.key).where(artifacts.c.job_id == job_id, own)).all()
        connection.execute(delete_rows(jobs).where(jobs.c.id == job_id))
    for key in (*keys, *([job.checkpoint] if job.checkpoint else [])):
        storage().delete(key)
    events.wake([job_id])


def _set(connection: Connection, job_id: UUID, was: Status, **values: Any) -> None:
    connection.execute(update(jobs).where(jobs.c.id == job_id, jobs.c.status == was).values(values))


def _row(connection: Connection, job_id: UUID) -> Row[Any]:
    row = connection.execute(select(jobs).where(jobs.c.id == job_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no job {job_id}.")
    return row
