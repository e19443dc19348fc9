"""New jobs. Those that are asked for together are written together, in one transaction of few statements.

A job that cannot be written is refused alone; the others of its batch are none the wiser.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import orjson
from sqlalchemy import Connection, Row, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from backend.database import db_now, transaction
from backend.errors import AppError, Conflict, NotFound, TooManyJobs
from backend.http.upload_stream import Incoming
from backend.messaging import tickets
from backend.schemas.jobs import JobRead
from backend.services.jobs import queries
from backend.services.jobs.validation import Draft, check_input, draft
from backend.services.models import catalog
from backend.services.uploads import files as uploads
from backend.services.uploads.files import Stored
from backend.settings import settings
from backend.tables import Status, Task, jobs

# Built once: every request runs them, and building a statement costs more than running it.
_EARLIER = select(jobs.c.idempotency_key, jobs.c.id, jobs.c.request_hash).where(
    jobs.c.idempotency_key.in_(bindparam("keys", expanding=True))
)
_ANSWER = (
    select(jobs.c.id).where(jobs.c.answer_key == bindparam("key"), jobs.c.status == Status.SUCCEEDED).limit(1)
)
_QUEUED = select(func.count(), db_now()).where(
    jobs.c.task == bindparam("task"), jobs.c.status == Status.QUEUED
)
_NEW = insert(jobs).values(status=Status.QUEUED)
_UNSENT = (
    update(jobs)
    .where(jobs.c.id.in_(bindparam("job_ids", expanding=True)), jobs.c.status == Status.QUEUED)
    .values(dispatched_at=None)
)
_MICROSECOND = 1e-6  # between the jobs of a batch, so that they keep their order


@dataclass(frozen=True)
class Order:
    """A job that is asked for, and what it is to work on: a file, the id of an upload, or nothing."""

    draft: Draft
    input: Incoming | Stored | UUID | None = None


@dataclass
class _Pending:
    """An order on its way to a row."""

    draft: Draft
    upload: Row[Any] | None
    is_new: bool  # a content that was not stored before: there cannot be an answer to it
    model: Row[Any] | None = None
    answer_key: str | None = None
    request_hash: str | None = None
    existing: UUID | None = None  # a job of before that will do


def create(
    capability: str,
    task: Task,
    *,
    upload_id: UUID | None = None,
    params: Mapping[str, Any] | None = None,
    **wishes: Any,
) -> JobRead:
    """Queue one job; `wishes` are the further fields of `Draft`. Raises as `draft` and `submit` do."""
    (job,) = submit([Order(draft(capability, task, params or {}, **wishes), upload_id)])
    if isinstance(job, Exception):
        raise job
    return job


def submit(orders: Sequence[Order]) -> list[JobRead | Exception]:
    """Write the jobs and wake their workers. In the place of each: its job, an earlier one that will do, or

    NotFound: no such upload or model.
    Invalid: there is nothing to predict from, or to train on.
    UnsupportedMedia: the capability takes another kind of upload.
    Conflict: the model's weights are not here; or the idempotency key was used for another request.
    TooManyJobs: the queue is full.
    Any that `uploads.store` raises.
    """
    stored = _with_files_stored(orders)
    try:
        return _submit(stored)
    except IntegrityError:
        # another used an idempotency key, or deleted an upload, at the same moment: each order is tried once
        # more, alone, and finds what is there now
        return [_submit_again(*order) for order in zip(orders, stored, strict=True)]


def _with_files_stored(orders: Sequence[Order]) -> list[Order | Exception]:
    """Before the transaction, which must not wait for a disk."""
    files = {id(order): order.input for order in orders if isinstance(order.input, Incoming)}
    if not files:
        return list(orders)
    stored = dict(zip(files, uploads.store_all(list(files.values())), strict=True))

    def with_file(order: Order) -> Order | Exception:
        found = stored.get(id(order), order.input)
        return found if isinstance(found, Exception) else replace(order, input=found)

    return [with_file(order) for order in orders]


def _submit(orders: Sequence[Order | Exception]) -> list[JobRead | Exception]:
    brought = [order.input for order in orders if isinstance(order, Order)]
    files = [file for file in brought if isinstance(file, Stored)]
    with transaction() as connection:
        rows = uploads.write(connection, files)
        written = _write(connection, orders, rows)
    uploads.discard(files, rows)
    dispatch([job for job in written if isinstance(job, JobRead)])
    return written


def _submit_again(asked: Order, stored: Order | Exception) -> JobRead | Exception:
    if isinstance(asked.input, Incoming) and isinstance(stored, Order):
        assert isinstance(stored.input, Stored)  # noqa: S101  that is what became of it
        if stored.input.row is not None:  # which may be gone
            (stored,) = _with_files_stored([asked])
    try:
        (job,) = _submit([stored])
    except IntegrityError as error:
        return error
    return job


def dispatch(written: Sequence[JobRead]) -> None:
    """Wake the workers of jobs that were written; where that fails, mark their rows for the sweep."""
    queued = [job for job in written if job.status == Status.QUEUED]
    sent: dict[UUID, bool] = {}
    for job in queued:
        if job.model and job.model.id not in sent:
            sent[job.model.id] = tickets.publish_ticket(job.model.id)
        elif not job.model:
            sent[job.id] = tickets.publish_training(job.id)
    unsent = [job.id for job in queued if not sent[job.model.id if job.model else job.id]]
    if unsent:
        with transaction() as connection:
            connection.execute(_UNSENT, {"job_ids": unsent})


def _write(
    connection: Connection, orders: Sequence[Order | Exception], by_content: Mapping[str, Row[Any]]
) -> list[JobRead | Exception]:
    pending = _pend(connection, orders, by_content)
    live = [one for one in pending if isinstance(one, _Pending)]
    _find_answers(connection, live)
    known = [one.existing for one in live if one.existing]
    shown = queries.read_many(connection, known) if known else {}
    queue = Queue(connection)
    written = [
        _each(one, lambda one: shown[one.existing] if one.existing else _line_up(queue, one))
        for one in pending
    ]
    queue.flush()
    return written


def _find_answers(connection: Connection, pending: Sequence[_Pending]) -> None:
    """Let those that take a stored answer have it."""
    found: dict[str, UUID | None] = {}
    for one in pending:
        if not (one.draft.reuse and one.answer_key) or one.existing or one.is_new:
            continue
        if one.answer_key not in found:
            # key by key: a popular question has thousands of answers, of which any will do
            found[one.answer_key] = connection.scalar(_ANSWER, {"key": one.answer_key})
        one.existing = found[one.answer_key]


def _pend(
    connection: Connection, asked: Sequence[Order | Exception], by_content: Mapping[str, Row[Any]]
) -> list[_Pending | Exception]:
    """What each order needs to be written, looked up for all of them at once."""
    orders = [order for order in asked if isinstance(order, Order)]
    by_id = uploads.of_ids(connection, {order.input for order in orders if isinstance(order.input, UUID)})
    keys = [order.draft.idempotency_key for order in orders if order.draft.idempotency_key]
    earlier: dict[str, Row[Any, Any, Any]] = {}
    if keys:
        earlier = {row.idempotency_key: row for row in connection.execute(_EARLIER, {"keys": keys})}
    resolved: dict[tuple[str, str | None], Row[Any]] = {}

    def pend(order: Order) -> _Pending:
        if isinstance(order.input, UUID):
            upload = by_id.get(order.input)
            if upload is None:
                raise NotFound(f"There is no upload {order.input}.")
        else:
            upload = by_content[order.input.sha256] if isinstance(order.input, Stored) else None
        one = _Pending(order.draft, upload, isinstance(order.input, Stored) and order.input.row is None)
        if _repeats(one, earlier):
            return one
        check_input(one.draft, upload)
        if one.draft.task == Task.PREDICT and upload is not None:
            asked = one.draft.card.name, one.draft.model
            one.model = resolved.get(asked) or catalog.resolve(connection, *asked)
            resolved[asked] = one.model
            one.answer_key = _digest(
                [one.draft.question(), upload.sha256, one.model.digest, one.model.architecture]
            )
        return one

    return [_each(order, pend) for order in asked]


def _each(one: Any, step: Callable[[Any], Any]) -> Any:
    """The step's result, or why there is none: an error of one order is not that of its batch."""
    if isinstance(one, Exception):
        return one
    try:
        return step(one)
    except AppError as error:
        return error


def _repeats(one: _Pending, earlier: Mapping[str, Row[Any, Any, Any]]) -> bool:
    """Whether its idempotency key was used before, for the same request. Raises Conflict: for another."""
    key = one.draft.idempotency_key
    if key is None:
        return False
    one.request_hash = _digest([one.draft.question(), one.upload and one.upload.id, one.draft.model])
    row = earlier.get(key)
    if row is None:
        return False
    if row.request_hash != one.request_hash:
        raise Conflict(f"The Idempotency-Key {key!r} was used for another request, job {row.id}.")
    one.existing = row.id
    return True


def _line_up(queue: "Queue", one: _Pending) -> JobRead:
    values = {
        "capability": one.draft.card.name,
        "task": one.draft.task,
        "model_id": one.model.id if one.model else None,
        "upload_id": one.upload.id if one.upload else None,
        "dataset_id": None,
        "params": one.draft.params,
        "inspect": one.draft.inspect,
        "picture": one.draft.picture,
        "seed": one.draft.params.get("seed"),
        "answer_key": one.answer_key,
        "idempotency_key": one.draft.idempotency_key,
        "request_hash": one.request_hash,
        "request_id": one.draft.request_id,
    }
    return queue.add(values, one.model)


class Queue:
    """The end of the queue, within one transaction: rows are gathered, and written by `flush`."""

    def __init__(self, connection: Connection):
        self._connection = connection
        self._ends: dict[str, tuple[int, float]] = {}  # task -> how many wait, the database's time
        self._rows: list[dict[str, Any]] = []

    def add(self, values: Mapping[str, Any], model: Row[Any] | None) -> JobRead:
        """The job of a new row. Raises TooManyJobs."""
        task = values["task"]
        queued, now = self._ends.get(task) or self._connection.execute(_QUEUED, {"task": task}).one()
        self._check_room(task, queued)
        self._ends[task] = queued + 1, now + _MICROSECOND
        row = {
            "id": uuid4(),
            "max_attempts": settings().max_attempts,
            "created_at": now,
            "dispatched_at": now,
            **values,
        }
        self._rows.append(row)
        return queries.fresh(self._connection, row, model, queued + 1)

    def flush(self) -> None:
        if self._rows:
            self._connection.execute(_NEW, self._rows)

    def _check_room(self, task: str, queued: int) -> None:
        if queued < settings().max_queued:
            return
        seconds = queries.seconds_per_job(self._connection, task)
        pause = max(1, round(seconds * settings().max_queued / 10)) if seconds else 5
        raise TooManyJobs(
            f"{queued} jobs are waiting already; try again in {pause} s.", headers={"Retry-After": str(pause)}
        )


def _digest(value: Any) -> str:
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()
