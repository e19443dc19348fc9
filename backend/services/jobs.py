"""The user's side of a job: create, read, cancel, retry, delete. `services.leases` is the worker's side."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

import orjson
from pydantic import ValidationError
from sqlalchemy import Connection, Row, bindparam, func, insert, select, update
from sqlalchemy import delete as delete_rows

from backend import broker
from backend.database import db_now, reading, transaction
from backend.errors import Conflict, Invalid, NotFound, TooManyJobs, UnsupportedMedia, pointer
from backend.schemas import JobRead
from backend.services import jobviews
from backend.services import models as model_service
from backend.settings import settings
from backend.storage import storage
from backend.tables import FINAL, Status, Task, artifacts, jobs, uploads
from models.core import registry
from models.core.card import Card

# Built once: every request runs them, and building a statement costs more than running it.
_UPLOAD = select(uploads.c.name, uploads.c.kind, uploads.c.sha256).where(
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
    model: str | None = None,
    params: Mapping[str, Any] | None = None,
    inspect: bool = True,
    picture: bool = False,
    idempotency_key: str | None = None,
    request_id: str | None = None,
    reuse: bool = False,
) -> JobRead:
    """Queue one job.

    With `reuse`, a finished job that must have the same answer (same content, weights and params) is that
    answer. With an `idempotency_key`, the job made by an earlier request of the same key is.

    Raises:
        NotFound: no such capability, upload or model.
        Invalid: the params do not fit the card, or there is nothing to predict from.
        UnsupportedMedia: the capability takes another kind of upload.
        Conflict: the model's weights are not here; or the key was used for another request.
        TooManyJobs: the queue is full.
    """
    card = registry.cards().get(capability)
    if card is None:
        known = ", ".join(sorted(registry.cards()))
        raise NotFound(f"There is no capability {capability!r}; there are: {known}.")
    checked = _check_params(card, task, params or {})
    asked = [capability, task, checked, inspect, picture]
    request_hash = _digest([asked, upload_id, model]) if idempotency_key else None
    with transaction() as connection:
        earlier = _earlier(connection, idempotency_key, request_hash)
        if earlier is not None:
            return jobviews.read_one(connection, earlier)
        content = _content(connection, card, task, upload_id)
        weights = model_service.resolve(connection, capability, model) if task == Task.PREDICT else None
        answer_key = _digest([asked, content, weights.digest, weights.architecture]) if weights else None
        answer = _answer(connection, answer_key) if reuse and answer_key else None
        if answer is not None:
            return jobviews.read_one(connection, answer)
        queued = _check_room(connection, task)
        row = _insert(
            connection,
            capability=capability,
            task=task,
            model_id=weights.id if weights else None,
            upload_id=upload_id,
            params=checked,
            inspect=inspect,
            picture=picture,
            seed=checked.get("seed"),
            answer_key=answer_key,
            idempotency_key=idempotency_key,
            request_hash=request_hash,
            request_id=request_id,
        )
        job = jobviews.fresh(connection, row, weights, queued + 1)
    _dispatch(job)
    return job


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
    _dispatch(made)
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


def _check_params(card: Card, task: Task, params: Mapping[str, Any]) -> dict[str, Any]:
    """All params, the defaults filled in, so that the row alone repeats the job."""
    declared = card.predict_params if task == Task.PREDICT else card.train_params
    if declared is None:
        raise Invalid(
            f"{card.title} has nothing to train.", errors=[{"pointer": "/task", "detail": "not train"}]
        )
    try:
        return declared.model_validate(dict(params)).model_dump(mode="json")
    except ValidationError as error:
        problems = [
            {"pointer": pointer(["params", *problem["loc"]]), "detail": problem["msg"]}
            for problem in error.errors(include_url=False, include_input=False, include_context=False)
        ]
        first = problems[0]
        detail = f"{first['pointer'].removeprefix('/params/')}: {first['detail']}."
        raise Invalid(f"The params do not fit: {detail}", errors=problems) from error


def _content(connection: Connection, card: Card, task: Task, upload_id: UUID | None) -> str | None:
    """SHA-256 of the upload, which must be of the kind that the capability takes."""
    if upload_id is None:
        if task == Task.PREDICT:
            where = [{"pointer": "/upload_id", "detail": "is needed"}]
            raise Invalid("A prediction needs an upload_id to predict from.", errors=where)
        if card.sample_dataset is None:
            raise Invalid(f"{card.title} brings no data of its own to train on.")
        return None
    upload = connection.execute(_UPLOAD, {"upload_id": upload_id}).one_or_none()
    if upload is None:
        raise NotFound(f"There is no upload {upload_id}.")
    if task == Task.PREDICT and upload.kind != card.accepts:
        raise UnsupportedMedia(
            f"{card.title} takes an upload of kind {card.accepts}; {upload.name!r} is {upload.kind}."
        )
    return upload.sha256


def _earlier(connection: Connection, idempotency_key: str | None, request_hash: str | None) -> UUID | None:
    if idempotency_key is None:
        return None
    row = connection.execute(_EARLIER, {"key": idempotency_key}).one_or_none()
    if row is not None and row.request_hash != request_hash:
        raise Conflict(f"The Idempotency-Key {idempotency_key!r} was used for another request, job {row.id}.")
    return row.id if row else None


def _answer(connection: Connection, answer_key: str) -> UUID | None:
    return connection.scalar(_ANSWER, {"answer_key": answer_key})


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


def _dispatch(job: JobRead) -> None:
    """Wake a worker; where that fails, mark the row for the sweep."""
    sent = broker.publish_ticket(job.model.id) if job.model else broker.publish_training(job.id)
    if not sent:
        with transaction() as connection:
            _set(connection, job.id, Status.QUEUED, dispatched_at=None)


def _set(connection: Connection, job_id: UUID, was: Status, **values: Any) -> None:
    connection.execute(update(jobs).where(jobs.c.id == job_id, jobs.c.status == was).values(values))


def _row(connection: Connection, job_id: UUID) -> Row[Any]:
    row = connection.execute(select(jobs).where(jobs.c.id == job_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no job {job_id}.")
    return row


def _digest(value: Any) -> str:
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()
