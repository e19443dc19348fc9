"""New jobs. Simultaneous ones are written together, in one transaction of few statements.

A job that cannot be written gets its own error; the others of its batch are written.
"""

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any
from uuid import UUID, uuid4

import orjson
from sqlalchemy import Connection, Row, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from backend.database import db_now, reading, transaction
from backend.errors import AppError, KeyReused, NotFound, TooManyJobs
from backend.http.upload_stream import UploadStream
from backend.messaging import tickets
from backend.outages import first_line
from backend.schemas.jobs import JobRead
from backend.services.datasets import training
from backend.services.jobs import fits, queries, tasks
from backend.services.jobs.validation import JobRequest, Sent, check_request, check_uploads
from backend.services.models import catalog, naming
from backend.services.uploads import files
from backend.services.uploads.files import Stored
from backend.settings import settings
from backend.tables import Status, Task, job_inputs, jobs
from models.core.contract.messages import Text

log = logging.getLogger(__name__)

# Built once: every request runs them, and building a statement costs more than running it.
_EARLIER = select(jobs.c.idempotency_key, jobs.c.id, jobs.c.request_hash).where(
    jobs.c.idempotency_key.in_(bindparam("keys", expanding=True))
)
_ANSWER = (
    select(jobs.c.id).where(jobs.c.answer_key == bindparam("key"), jobs.c.status == Status.SUCCEEDED).limit(1)
)
_QUEUED = {
    queue: select(func.count(), db_now()).where(
        tasks.is_among(allowed), jobs.c.status == Status.QUEUED, jobs.c.parent_id.is_(None)
    )
    for queue, allowed in tasks.OF_QUEUE.items()
}
_NEW = insert(jobs).values(status=Status.QUEUED)
_NEW_INPUTS = insert(job_inputs)
_UNSENT = (
    update(jobs)
    .where(jobs.c.id.in_(bindparam("job_ids", expanding=True)), jobs.c.status == Status.QUEUED)
    .values(dispatched_at=None)
)
_VERSION = version("glassbox")
# a simultaneous request used an idempotency key, or deleted an upload
_RACES = (IntegrityError, files.Vanished)
_FULL = Text("core.jobs.queue_full", "{queued} {queued:job is|jobs are} queued; try again in {pause} s.")

_MICROSECOND = 1e-6  # between the jobs of a batch, so that they keep their order


@dataclass
class _Prepared:
    """A request with everything needed to write its row."""

    request: JobRequest
    uploads: Mapping[str, Row[Any]]
    is_new: bool  # its content was not stored before, so there is no answer to it
    model: Row[Any] | None = None
    answer_key: str | None = None
    request_hash: str | None = None
    existing: UUID | None = None  # an earlier job to return
    dataset_name: str = ""
    dataset_version: int | None = None


def create(
    capability: str,
    task: Task,
    *,
    inputs: Mapping[str, UUID] | None = None,
    params: Mapping[str, Any] | None = None,
    **options: Any,
) -> JobRead:
    """Queue one job; `options` are further fields of `JobRequest`. Raises as `check_request` and `submit`."""
    (job,) = submit([check_request(capability, task, params or {}, inputs or {}, **options)])
    if isinstance(job, Exception):
        raise job
    return job


def create_sweep(
    request: JobRequest, about: Mapping[str, Any], params: Sequence[Mapping[str, Any]]
) -> JobRead:
    """Queue a sweep with a fit for each of `params`.

    Args:
        request: that of one fit, whose inputs and model all of them have.
        about: the params of the sweep's own job.

    Raises:
        As `submit`.
    """
    for _ in range(files.TRIES):
        with suppress(*_RACES):
            job = _create_sweep(request, about, params)
            dispatch([job])
            return job
    raise files.too_many_changes()


def _create_sweep(
    request: JobRequest, about: Mapping[str, Any], params: Sequence[Mapping[str, Any]]
) -> JobRead:
    with transaction() as connection:
        (one,) = _prepare(connection, [request], {})
        if isinstance(one, Exception):
            raise one
        values = {**_values(one), "task": Task.SWEEP, "params": about, "answer_key": None}
        queue = Queue(connection)
        job = queue.add(values, one.model, _ids(one.uploads))
        queue.flush()
        fits.write(connection, job.id, request.task, params, inspect=request.inspect)
    return job


def check(request: JobRequest) -> None:
    """Raises what `submit` would raise because of the files or the model, without writing anything."""
    sent = {}
    for name, given in request.inputs.items():
        if isinstance(given, UploadStream):
            sent[name] = Sent(given.name, files.identify(given))
    check_uploads(request, sent)
    with reading() as connection:
        catalog.resolve(connection, request.card.name, request.model)


def submit(requests: Sequence[JobRequest]) -> list[JobRead | Exception]:
    """Write the jobs and wake their workers. Returns for each its job, an earlier equal one, or an error:

    NotFound: no such upload or model.
    UnsupportedMedia: an input is an upload of another kind.
    Conflict: the model's weights are not installed, or the name of a training's model is taken.
    KeyReused: the idempotency key was used for another request.
    TooManyJobs: the queue is full.
    Any that `files.store` raises.
    """
    stored = _with_files_stored(requests)
    try:
        return _submit(stored)
    except _RACES:
        # each request is retried separately, and finds the current rows
        return [_submit_again(request) for request in stored]


def _with_files_stored(requests: Sequence[JobRequest]) -> list[JobRequest | Exception]:
    """Store files before the transaction, which must not wait for a disk."""
    received = [
        file for request in requests for file in request.inputs.values() if isinstance(file, UploadStream)
    ]
    if not received:
        return list(requests)
    stored = dict(zip(map(id, received), files.store_all(received), strict=True))

    def with_files(request: JobRequest) -> JobRequest | Exception:
        inputs = {name: stored.get(id(given), given) for name, given in request.inputs.items()}
        try:
            return replace(request, inputs=files.together(inputs))
        except Exception as error:  # noqa: BLE001  the error of this request alone
            return error

    return [with_files(request) for request in requests]


def _submit(requests: Sequence[JobRequest | Exception]) -> list[JobRead | Exception]:
    live = [request for request in requests if isinstance(request, JobRequest)]
    stored = [file for request in live for file in request.inputs.values() if isinstance(file, Stored)]
    with transaction() as connection:
        rows = files.write(connection, stored)
        written = _write(connection, requests, rows)
    files.discard(stored, rows)
    dispatch([job for job in written if isinstance(job, JobRead)])
    return written


def _submit_again(request: JobRequest | Exception) -> JobRead | Exception:
    for _ in range(files.TRIES):
        if isinstance(request, JobRequest):
            request = _with_files_stored_again(request)
        try:
            (job,) = _submit([request])
        except _RACES as error:
            log.warning("a request met another one: %s", first_line(error))
        else:
            return job
    if isinstance(request, JobRequest):
        for file in request.inputs.values():
            if isinstance(file, Stored):
                files.drop(file)
    return files.too_many_changes()


def _with_files_stored_again(request: JobRequest) -> JobRequest | Exception:
    try:
        inputs = {
            name: files.store_again(given) if isinstance(given, Stored) else given
            for name, given in request.inputs.items()
        }
    except Exception as error:  # noqa: BLE001  the error of this request alone
        return error
    return replace(request, inputs=inputs)


def dispatch(written: Sequence[JobRead]) -> None:
    """Wake the workers of written jobs; if that fails, mark their rows for the sweep."""
    queued = [job for job in written if job.status == Status.QUEUED]
    sent: dict[UUID, bool] = {}
    named = {job.id: job.model.id if job.model and _runs_on_model(job.task) else job.id for job in queued}
    for job in queued:
        message = named[job.id]
        if message == job.id:
            sent[message] = tickets.publish_job(job.id, job.task, tasks.REQUIREMENTS[job.task].queue)
        elif message not in sent:
            sent[message] = tickets.publish_ticket(message)
    unsent = [job.id for job in queued if not sent[named[job.id]]]
    if unsent:
        with transaction() as connection:
            connection.execute(_UNSENT, {"job_ids": unsent})


def _runs_on_model(task: Task) -> bool:
    return tasks.REQUIREMENTS[task].runs_on_model


def _write(
    connection: Connection,
    requests: Sequence[JobRequest | Exception],
    by_sent: Mapping[tuple[str, str], Row[Any]],
) -> list[JobRead | Exception]:
    prepared = _prepare(connection, requests, by_sent)
    live = [one for one in prepared if isinstance(one, _Prepared)]
    _find_answers(connection, live)
    known = [one.existing for one in live if one.existing]
    shown = queries.read_many(connection, known) if known else {}
    queue = Queue(connection)
    written = [
        _each(one, lambda one: shown[one.existing] if one.existing else _line_up(queue, one))
        for one in prepared
    ]
    queue.flush()
    return written


def _find_answers(connection: Connection, prepared: Sequence[_Prepared]) -> None:
    """Set `existing` where a stored answer is acceptable and exists."""
    found: dict[str, UUID | None] = {}
    for one in prepared:
        if not (one.request.reuse and one.answer_key) or one.existing or one.is_new:
            continue
        if one.answer_key not in found:
            # key by key: a popular request has thousands of answers, of which any one is enough
            found[one.answer_key] = connection.scalar(_ANSWER, {"key": one.answer_key})
        one.existing = found[one.answer_key]


def _prepare(
    connection: Connection,
    requests: Sequence[JobRequest | Exception],
    by_sent: Mapping[tuple[str, str], Row[Any]],
) -> list[_Prepared | Exception]:
    """Everything that the requests need to be written, looked up for all of them at once."""
    live = [request for request in requests if isinstance(request, JobRequest)]
    named = {given for request in live for given in request.inputs.values() if isinstance(given, UUID)}
    by_id = files.of_ids(connection, named)
    keys = [request.idempotency_key for request in live if request.idempotency_key]
    earlier: dict[str, Row[Any, Any, Any]] = {}
    if keys:
        earlier = {row.idempotency_key: row for row in connection.execute(_EARLIER, {"keys": keys})}
    resolved: dict[tuple[str, str | None], Row[Any]] = {}

    def prepare(request: JobRequest) -> _Prepared:
        uploads = {
            name: by_sent[given.sent] if isinstance(given, Stored) else _known(by_id, given)
            for name, given in request.inputs.items()
        }
        data = _data_of(connection, request, uploads)
        is_new = any(isinstance(given, Stored) and given.row is None for given in request.inputs.values())
        one = _Prepared(request, uploads, is_new)
        if data is not None:
            one.dataset_name, one.dataset_version = data.dataset.name, data.version
        if _repeats(one, earlier):
            return one
        check_uploads(request, uploads)
        if request.model_name is not None:
            naming.check_name(connection, request.model_name, request.card.name)
        about = tasks.REQUIREMENTS[request.task]
        if about.runs_on_model or about.names_model(request.card):
            reference = request.card.name, request.model
            one.model = resolved.get(reference) or catalog.resolve(connection, *reference)
            resolved[reference] = one.model
        if one.model is not None and about.runs_on_model:
            one.answer_key = _digest([request.question(), _contents(uploads), *_identity(one.model)])
        return one

    return [_each(request, prepare) for request in requests]


def _data_of(
    connection: Connection, request: JobRequest, uploads: dict[str, Row[Any]]
) -> training.Data | None:
    """The version of a dataset that the job uses; a table becomes an input. Raises as `resolve`."""
    if request.dataset_id is None:
        return None
    data = training.resolve(
        connection, request.card, request.task, request.dataset_id, request.dataset_version
    )
    for taken in tasks.REQUIREMENTS[request.task].inputs(request.card):
        if data.upload is not None and data.upload.kind == taken.kind:
            uploads[taken.name] = data.upload
    return data


def _contents(uploads: Mapping[str, Row[Any]]) -> list[tuple[str, str, str]]:
    # with the file names: an answer must not come back under the name that somebody else gave the file
    return sorted((name, upload.sha256, upload.name) for name, upload in uploads.items())


def _identity(model: Row[Any]) -> list[Any]:
    """What distinguishes the answers of one model from those of another: its weights, or their substitute."""
    if model.digest is not None:
        return [model.digest, model.architecture]
    return [model.name, model.version, model.architecture, _VERSION]


def _known(by_id: Mapping[UUID, Row[Any]], upload_id: Any) -> Row[Any]:
    if upload_id not in by_id:
        raise NotFound(f"Upload {upload_id} does not exist.")
    return by_id[upload_id]


def _each(one: Any, step: Callable[[Any], Any]) -> Any:
    """The step's result or its error: an error of one request does not affect its batch."""
    if isinstance(one, Exception):
        return one
    try:
        return step(one)
    except AppError as error:
        return error


def _repeats(one: _Prepared, earlier: Mapping[str, Row[Any, Any, Any]]) -> bool:
    """Whether its idempotency key was used before, for the same request. Raises KeyReused: for another."""
    key = one.request.idempotency_key
    if key is None:
        return False
    one.request_hash = _digest([one.request.question(), _contents(one.uploads), *one.request.labels()])
    row = earlier.get(key)
    if row is None:
        return False
    if row.request_hash != one.request_hash:
        raise KeyReused(
            f"The Idempotency-Key {key!r} was used for another request, job {row.id}.", job_id=str(row.id)
        )
    one.existing = row.id
    return True


def _line_up(queue: "Queue", one: _Prepared) -> JobRead:
    return queue.add(_values(one), one.model, _ids(one.uploads))


def _ids(found: Mapping[str, Row[Any]]) -> dict[str, UUID | None]:
    return {name: upload.id for name, upload in found.items()}


def _values(one: _Prepared) -> dict[str, Any]:
    return {
        "name": one.request.name
        or one.dataset_name
        or ", ".join(upload.name for upload in one.uploads.values()),
        "description": one.request.description,
        "tags": list(one.request.tags),
        "model_name": one.request.model_name,
        "capability": one.request.card.name,
        "task": one.request.task,
        "params": one.request.params,
        "dataset_id": one.request.dataset_id,
        "dataset_version": one.dataset_version,
        "inspect": one.request.inspect,
        "picture": one.request.picture,
        "answer_key": one.answer_key,
        "idempotency_key": one.request.idempotency_key,
        "request_hash": one.request_hash,
        "request_id": one.request.request_id,
        "requested_by": one.request.requested_by,
    }


class Queue:
    """The end of the queue, within one transaction: rows are collected, and written by `flush`."""

    def __init__(self, connection: Connection):
        self._connection = connection
        self._ends: dict[str, tuple[int, float]] = {}  # queue -> its length, the database's time
        self._rows: list[dict[str, Any]] = []
        self._inputs: list[dict[str, Any]] = []

    def add(
        self, values: Mapping[str, Any], model: Row[Any] | None, inputs: Mapping[str, UUID | None]
    ) -> JobRead:
        """The job of a new row. Raises TooManyJobs."""
        task = values["task"]
        queue = tasks.REQUIREMENTS[task].queue
        queued, now = self._ends.get(queue) or self._connection.execute(_QUEUED[queue]).one()
        self._check_room(task, queued)
        self._ends[queue] = queued + 1, now + _MICROSECOND
        row = {
            "id": uuid4(),
            "model_id": model.id if model else None,
            "inspects": None,
            "dataset_id": None,
            "dataset_version": None,
            "requested_by": None,
            "max_attempts": settings().max_attempts,
            "created_at": now,
            "dispatched_at": now,
            **values,
        }
        self._rows.append(row)
        self._inputs += (
            {"job_id": row["id"], "name": name, "upload_id": upload_id} for name, upload_id in inputs.items()
        )
        return queries.fresh(self._connection, row, model, inputs, queued + 1)

    def flush(self) -> None:
        if self._rows:
            self._connection.execute(_NEW, self._rows)
        if self._inputs:
            self._connection.execute(_NEW_INPUTS, self._inputs)

    def _check_room(self, task: Task, queued: int) -> None:
        if queued < settings().max_queued:
            return
        seconds = queries.seconds_per_job(self._connection, task)
        pause = max(1, round(seconds * settings().max_queued / 10)) if seconds else 5
        raise TooManyJobs(_FULL(queued=queued, pause=pause), headers={"Retry-After": str(pause)})


def _digest(value: Any) -> str:
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()
