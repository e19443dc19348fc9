"""The user's side of a job: create, read, cancel, retry, delete. `services.leases` is the worker's side."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

import orjson
from sqlalchemy import Connection, Row, bindparam, func, insert, select, update
from sqlalchemy import delete as delete_rows

from backend import broker
from backend.database import db_now, reading, transaction
from backend.errors import Conflict, NotFound, TooManyJobs
from backend.schemas import JobRead
from backend.services import jobviews
from backend.services import models as model_service
from backend.services.drafts import Draft, check_input, draft
from backend.settings import settings
from backend.storage import storage
from backend.tables import FINAL, Status, Task, artifacts, jobs, uploads

# Built once: every request runs them, and building a statement costs more than running it.
_UPLOAD = select(uploads.c.id, uploads.c.name, uploads.c.kind, uploads.c.sha256).where(
    uploads.c.id == bindparam("upload_id")
)
_EARLIER = select(jobs.c.id, jobs.c.request_hash).where(jobs.c.idempotency_key == bindparam("key"))
_ANSWER = (
    select(jobs.c.id)
    .where(jobs.c.answer_key == bindparam("answer_key"), jobs.c.status == Status.SUCCEEDED)
    .order_by(jobs.c.created_at.desc())
    .limit(1)
)
_QUEUED = select(func.count()).where(jobs.c.task == bindparam("task"), jobs.c.status == Status.QUEUED)
_NEW = (
    insert(jobs).values(status=Status.QUEUED, created_at=db_now(), dispatched_at=db_now()).returning(*jobs.c)
)


def create(
    capability: str,
    task: Task,
    *,
    upload_id: UUID | None = None,
    params: Mapping[str, Any] | None = None,
    **wishes: Any,
) -> JobRead:
    """Queue one job; `wishes` are the further fields of `Draft`. Raises as `draft` and `write` do."""
    drafted = draft(capability, task, params or {}, **wishes)
    with transaction() as connection:
        job = write(connection, drafted, _upload(connection, upload_id))
    dispatch(job)
    return job


def write(connection: Connection, drafted: Draft, upload: Row[Any] | None) -> JobRead:
    """The job's row, or that of an earlier job that will do; `dispatch` it after the transaction.

    Raises:
        NotFound: no such model.
        Invalid: there is nothing to predict from, or to train on.
        UnsupportedMedia: the capability takes another kind of upload.
        Conflict: the model's weights are not here; or the idempotency key was used for another request.
        TooManyJobs: the queue is full.
    """
    request_hash = None
    if drafted.idempotency_key is not None:
        request_hash = _digest([drafted.question(), upload and upload.id, drafted.model])
        earlier = _earlier(connection, drafted.idempotency_key, request_hash)
        if earlier is not None:
            return jobviews.read_one(connection, earlier)
    check_input(drafted, upload)
    weights = answer_key = None
    if drafted.task == Task.PREDICT and upload is not None:
        weights = model_service.resolve(connection, drafted.card.name, drafted.model)
        answer_key = _digest([drafted.question(), upload.sha256, weights.digest, weights.architecture])
        answer = connection.scalar(_ANSWER, {"answer_key": answer_key}) if drafted.reuse else None
        if answer is not None:
            return jobviews.read_one(connection, answer)
    queued = _check_room(connection, drafted.task)
    row = _insert(
        connection,
        capability=drafted.card.name,
        task=drafted.task,
        model_id=weights.id if weights else None,
        upload_id=upload.id if upload else None,
        params=drafted.params,
        inspect=drafted.inspect,
        picture=drafted.picture,
        seed=drafted.params.get("seed"),
        answer_key=answer_key,
        idempotency_key=drafted.idempotency_key,
        request_hash=request_hash,
        request_id=drafted.request_id,
    )
    return jobviews.fresh(connection, row, weights, queued + 1)


def dispatch(job: JobRead) -> None:
    """Wake a worker for a job that was written; where that fails, mark its row for the sweep."""
    if job.status != Status.QUEUED:
        return
    sent = broker.publish_ticket(job.model.id) if job.model else broker.publish_training(job.id)
    if not sent:
        with transaction() as connection:
            _set(connection, job.id, Status.QUEUED, dispatched_at=None)


def read(job_id: UUID) -> JobRead:
    """Raises NotFound."""
    with reading() as connection:
        return jobviews.read_one(connection, job_id)


def read_many(job_ids: Sequence[UUID]) -> dict[UUID, JobRead]:
    """Those of these jobs that exist, by one statement however many are asked for."""
    with reading() as connection:
        return jobviews.read_many(connection, job_ids)


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
        job = jobviews.read_one(connection, job_id)
    if job.status in (Status.SUCCEEDED, Status.FAILED):
        raise Conflict(f"Job {job_id} has {job.status} already; it can no longer be canceled.")
    if job.status == Status.RUNNING:
        broker.request_cancel(job_id)
    else:
        broker.wake([job_id])
    return job


def retry(job_id: UUID, *, request_id: str | None = None) -> JobRead:
    """A new job that repeats an ended one, with the same model, input and params.

    Raises:
        NotFound.
        Conflict: it has not ended.
        TooManyJobs: the queue is full.
    """
    with transaction() as connection:
        job = _row(connection, job_id)
        if job.status not in FINAL:
            raise Conflict(f"Job {job_id} is {job.status}; only one that has ended can be repeated.")
        _check_room(connection, job.task)
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
        values = {name: job._mapping[name] for name in kept}
        again = _insert(connection, **values, answer_key=job.answer_key, request_id=request_id)
        made = jobviews.read_one(connection, again.id)
    dispatch(made)
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
    broker.wake([job_id])


def _upload(connection: Connection, upload_id: UUID | None) -> Any:
    if upload_id is None:
        return None
    upload = connection.execute(_UPLOAD, {"upload_id": upload_id}).one_or_none()
    if upload is None:
        raise NotFound(f"There is no upload {upload_id}.")
    return upload


def _earlier(connection: Connection, idempotency_key: str, request_hash: str) -> UUID | None:
    row = connection.execute(_EARLIER, {"key": idempotency_key}).one_or_none()
    if row is not None and row.request_hash != request_hash:
        raise Conflict(f"The Idempotency-Key {idempotency_key!r} was used for another request, job {row.id}.")
    return row.id if row else None


def _check_room(connection: Connection, task: str) -> int:
    """How many wait already."""
    queued = connection.scalar(_QUEUED, {"task": task}) or 0
    if queued >= settings().max_queued:
        seconds = jobviews.seconds_per_job(connection, task)
        pause = max(1, round(seconds * settings().max_queued / 10)) if seconds else 5
        raise TooManyJobs(
            f"{queued} jobs are waiting already; try again in {pause} s.", headers={"Retry-After": str(pause)}
        )
    return queued


def _insert(connection: Connection, **values: Any) -> Row[Any]:
    return connection.execute(_NEW, {"id": uuid4(), "max_attempts": settings().max_attempts, **values}).one()


def _set(connection: Connection, job_id: UUID, was: Status, **values: Any) -> None:
    connection.execute(update(jobs).where(jobs.c.id == job_id, jobs.c.status == was).values(values))


def _row(connection: Connection, job_id: UUID) -> Row[Any]:
    row = connection.execute(select(jobs).where(jobs.c.id == job_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no job {job_id}.")
    return row


def _digest(value: Any) -> str:
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()
