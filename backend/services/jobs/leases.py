"""A worker's operations on jobs: claim, renew, finish.

Only this module, `commands` (for clients), `recovery` (for crashed workers), and of the fits of sweeps `fits`
and `endings`, write a job's status.

    queued ──claim──▶ running ──finish──▶ succeeded | failed | canceled
       ▲                 │
       └── release (the worker is stopping) · recovery (it crashed) ──┘

A claim increments `attempt` and takes a lease. A worker whose lease expires loses the job: its later writes
name an old attempt and match no row. So a duplicate message, a frozen worker that resumes, and a cancel
during a run are all harmless.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    bindparam,
    cast,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from backend.database import db_now, transaction
from backend.messaging.counters import count
from backend.messaging.events import wake
from backend.services.jobs import endings, forward_passes, tasks
from backend.services.log.jobs import answer_hash
from backend.services.models import naming
from backend.services.reviews import waiting
from backend.settings import settings
from backend.tables import Status, Task, artifacts, job_inputs, jobs, metrics, uploads
from models.core.contract.messages import parts_of

_VERSION_TRIES = 20  # of trainings of one name that finish at once


@dataclass(frozen=True)
class Claim:
    """A claimed job with everything that the worker needs."""

    job_id: UUID
    claimed_at: float = field(default_factory=time.monotonic, kw_only=True)
    attempt: int
    capability: str
    task: Task
    inspects: UUID | None
    model_id: UUID | None
    inputs: Mapping[str, str | None]  # name -> key of the upload's file; None: deleted
    params: Mapping[str, Any]
    dataset_id: UUID | None
    dataset_version: int | None
    inspect: bool
    picture: bool
    checkpoint: str | None
    request_id: str | None
    queued_ms: float
    size: int = 0  # pixels and table cells of its inputs

    @property
    def answers(self) -> UUID:
        """The job whose answer or stages this one computes."""
        return self.inspects or self.job_id

    @property
    def folder(self) -> str:
        """The folder of its files, one for each attempt."""
        return f"{self.job_id}/{self.attempt}"


@dataclass
class Ending:
    """The outcome of a claimed job. `artifacts` are rows whose files are already stored."""

    claim: Claim
    status: Status
    result: Mapping[str, Any] | None = None
    error: str | None = None
    error_is_input: bool = False
    metrics: Mapping[str, float] | None = None
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    artifacts: Sequence[Mapping[str, Any]] = ()
    # further writes of a success, in its transaction; returns the result
    also: Callable[[Connection], Mapping[str, Any]] | None = None

    def announced(self, status: Status, answer: str | None = None) -> endings.Ended:
        """The job as it ended; `answer` is the hash of its answer."""
        claim = self.claim
        return endings.Ended(
            claim.job_id,
            claim.capability,
            claim.task,
            claim.model_id,
            status,
            claim.request_id,
            queued=claim.queued_ms / 1000,
            running=time.monotonic() - claim.claimed_at,
            answer=answer,
        )


class _Written(NamedTuple):
    """The status that a claim gave its job; None: the claim is lost. `is_new`: by this transaction."""

    status: Status | None
    is_new: bool = True
    answer: str | None = None


_CLAIMED = (
    jobs.c.id.label("job_id"),
    jobs.c.attempt,
    jobs.c.capability,
    jobs.c.task,
    jobs.c.inspects,
    jobs.c.model_id,
    jobs.c.params,
    jobs.c.dataset_id,
    jobs.c.dataset_version,
    jobs.c.inspect,
    jobs.c.picture,
    jobs.c.checkpoint,
    jobs.c.request_id,
    ((db_now() - jobs.c.created_at) * 1000).label("queued_ms"),
)

_UPLOAD_SIZE = func.coalesce(
    cast(uploads.c.width, BigInteger) * uploads.c.height,
    cast(uploads.c.rows, BigInteger) * uploads.c.columns,
    0,
)
_SIZE = (
    select(cast(func.coalesce(func.sum(_UPLOAD_SIZE), 0), BigInteger))
    .select_from(job_inputs.join(uploads, uploads.c.id == job_inputs.c.upload_id))
    .where(job_inputs.c.job_id == func.coalesce(jobs.c.inspects, jobs.c.id))
    .correlate(jobs)
    .scalar_subquery()
)

# Built once: building a statement costs more than running it.
_WAITING = (
    select(jobs.c.id, jobs.c.attempt, jobs.c.task, _SIZE.label("size"))
    .where(
        jobs.c.model_id == bindparam("model_id"),
        jobs.c.status == Status.QUEUED,
        tasks.is_among(tasks.ON_MODELS),
        jobs.c.parent_id.is_(None),  # the holder of a sweep runs its fits
    )
    .order_by(jobs.c.created_at)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_WAITING_SMALL = _WAITING.where(bindparam("up_to", type_=BigInteger) >= _SIZE)
_WAITING_LARGE = _WAITING_SMALL.where(bindparam("above", type_=BigInteger) < _SIZE)
_TAKE = (
    update(jobs)
    .where(jobs.c.id.in_(bindparam("job_ids", expanding=True)), jobs.c.status == Status.QUEUED)
    .values(
        status=Status.RUNNING,
        attempt=jobs.c.attempt + 1,
        lease_owner=bindparam("owner"),
        lease_until=db_now() + bindparam("lease_seconds"),
        started_at=db_now(),
    )
    .returning(*_CLAIMED)
)

_ANY_SIZE = 2**62
_INPUTS = (
    select(job_inputs.c.job_id, job_inputs.c.name, uploads.c.key)
    .outerjoin(uploads, uploads.c.id == job_inputs.c.upload_id)
    .where(job_inputs.c.job_id.in_(bindparam("job_ids", expanding=True)))
)


@dataclass(frozen=True)
class Batch:
    """Claimed jobs, and whether larger ones are queued."""

    claims: Sequence[Claim]
    leaves_larger: bool


def claim_batch(
    model_id: UUID, owner: str, limit: int, *, up_to: int | None = None, together: int | None = None
) -> Batch:
    """Claim up to `limit` predictions of one model, the oldest first.

    A job that has crashed a worker before is claimed separately, so that it cannot fail others.

    Args:
        up_to: only jobs of this size or less; None: of any size.
        together: their size in all, unless one alone exceeds it; None: any.
    """
    up_to = _ANY_SIZE if up_to is None else up_to
    with transaction() as connection:
        values = {"model_id": model_id, "limit": limit, "up_to": up_to}
        waiting = connection.execute(_WAITING, values).all()
        small = [row for row in waiting if row.size <= up_to]
        leaves_larger = len(small) < len(waiting)
        if leaves_larger and len(waiting) == limit:
            small = connection.execute(_WAITING_SMALL, values).all()
        claims = _claim_first(connection, small, owner, _ANY_SIZE if together is None else together)
        return Batch(claims, leaves_larger)


def claim_larger(model_id: UUID, owner: str, *, above: int, up_to: int | None = None) -> Claim | None:
    """Claim the oldest prediction of one model of a size above `above` and, if given, up to `up_to`."""
    with transaction() as connection:
        values = {"model_id": model_id, "limit": 1, "above": above}
        values["up_to"] = _ANY_SIZE if up_to is None else up_to
        waiting = connection.execute(_WAITING_LARGE, values).all()
        return next(iter(_claim_first(connection, waiting, owner, _ANY_SIZE)), None)


def _claim_first(connection: Connection, waiting: Sequence[Any], owner: str, together: int) -> list[Claim]:
    """Claim the first of the waiting jobs that may run together."""
    if waiting and waiting[0].attempt:
        waiting = waiting[:1]
    # one task at a time: an answer need not wait for the stages of another
    fresh = [row for row in waiting if not row.attempt and row.task == waiting[0].task]
    fitting = _fitting(fresh or waiting, together)
    sizes = {row.id: int(row.size) for row in fitting}
    return [replace(claim, size=sizes[claim.job_id]) for claim in _claim(connection, list(sizes), owner)]


def _fitting(rows: Sequence[Any], together: int) -> Sequence[Any]:
    """The first rows, up to a size of `together`; at least one."""
    total = 0
    for number, row in enumerate(rows):
        total += row.size
        if number and total > together:
            return rows[:number]
    return rows


def claim_job(job_id: UUID, owner: str) -> Claim | None:
    """Claim one job; None if it was canceled or claimed by another worker."""
    with transaction() as connection:
        claims = _claim(connection, [job_id], owner)
        return claims[0] if claims else None


def _claim(connection: Connection, job_ids: Sequence[UUID], owner: str) -> list[Claim]:
    if not job_ids:
        return []
    values = {"job_ids": job_ids, "owner": owner, "lease_seconds": settings().lease_seconds}
    rows = connection.execute(_TAKE, values).all()
    inputs: dict[UUID, dict[str, str | None]] = {}
    among = {"job_ids": [row.inspects or row.job_id for row in rows]}
    for job_id, name, key in connection.execute(_INPUTS, among):
        inputs.setdefault(job_id, {})[name] = key
    return [Claim(inputs=inputs.get(row.inspects or row.job_id, {}), **row._mapping) for row in rows]


def renew(held: Iterable[UUID], owner: str) -> dict[UUID, bool]:
    """Renew the leases of the `held` jobs. Lost jobs are left out of the result.

    Returns:
        job id -> whether its cancel was requested.
    """
    # by id, not only by owner: a claim whose reply was lost must expire
    with transaction() as connection:
        rows = connection.execute(
            update(jobs)
            .where(jobs.c.id.in_(list(held)), jobs.c.lease_owner == owner, jobs.c.status == Status.RUNNING)
            .values(lease_until=db_now() + settings().lease_seconds)
            .returning(jobs.c.id, jobs.c.cancel_requested)
        )
        return {row.id: row.cancel_requested for row in rows}


def finish(outcomes: Sequence[Ending], environment: Mapping[str, str]) -> set[UUID]:
    """Finish claimed jobs in one transaction; returns the ids of those whose ending was accepted.

    A job whose cancel was requested is canceled, regardless of its outcome. The ending of a lost claim is
    refused: the caller deletes the files stored for it. An ending written before is accepted again.
    """
    with transaction() as connection:
        written = [_finish(connection, ending, environment) for ending in outcomes]
        ended = _ended(outcomes, written)
        endings.count(connection, ended)
        waiting.enqueue(connection, _answers(outcomes, written))
    _announce(outcomes, written, ended)
    accepted = zip(outcomes, written, strict=True)
    return {ending.claim.job_id for ending, one in accepted if one.status == ending.status}


def _finish(
    connection: Connection,
    ending: Ending,
    environment: Mapping[str, str],
    model: Mapping[str, Any] | None = None,
) -> _Written:
    claim = ending.claim
    result, named = ending.result, None
    if model is not None:
        named = naming.named(connection, claim.job_id, claim.capability, model["name"])
        result = {**(result or {}), "model": named._asdict()}
    ended = connection.execute(
        _END,
        {
            "job_id": claim.job_id,
            "held_attempt": claim.attempt,
            "status": ending.status,
            "result": result,
            "error": None if ending.error is None else str(ending.error),
            "error_message": parts_of(ending.error) if ending.error else None,
            "error_is_input": ending.error_is_input,
            "metrics": ending.metrics,
            "timings_ms": {"queued": round(claim.queued_ms, 3), **ending.timings_ms},
            "environment": environment,
        },
    )
    if not ended.rowcount:
        return _ended_before(connection, ending)
    if ending.artifacts:
        connection.execute(insert(artifacts), list(ending.artifacts))
    if claim.inspects is not None and ending.status == Status.SUCCEEDED:
        connection.execute(update(jobs).where(jobs.c.id == claim.inspects).values(inspect=True))
    if ending.also is not None:
        result = ending.also(connection)
        connection.execute(update(jobs).where(jobs.c.id == claim.job_id).values(result=result))
    if model is not None and named is not None:
        values = {name: value for name, value in model.items() if name != "name"}
        naming.register_trained(connection, named, job_id=claim.job_id, capability=claim.capability, **values)
    return _Written(ending.status, answer=answer_hash(result, ending.artifacts))


def _ended_before(connection: Connection, ending: Ending) -> _Written:
    cancel = update(jobs).where(*held(ending.claim)).values(status=Status.CANCELED, **_ENDED)
    if connection.execute(cancel).rowcount:
        return _Written(Status.CANCELED)
    # the connection may break between the commit and its confirmation: then this ending has been written,
    # together with its files
    same = select(jobs.c.id).where(
        jobs.c.id == ending.claim.job_id,
        jobs.c.attempt == ending.claim.attempt,
        jobs.c.status == ending.status,
    )
    return _Written(ending.status if connection.scalar(same) is not None else None, is_new=False)


def finish_training(ending: Ending, model: Mapping[str, Any], environment: Mapping[str, str]) -> bool:
    """Finish a training and register its model, in one transaction.

    Trainings of the same name that finish at once want the same version: whoever comes second takes the next.

    Args:
        model: `name` is for a training that was given none.
    """
    for _ in range(_VERSION_TRIES - 1):
        with suppress(IntegrityError):
            return _finish_training(ending, model, environment)
    return _finish_training(ending, model, environment)


def _finish_training(ending: Ending, model: Mapping[str, Any], environment: Mapping[str, str]) -> bool:
    with transaction() as connection:
        written = [_finish(connection, ending, environment, model)]
        ended = _ended([ending], written)
        endings.count(connection, ended)
    _announce([ending], written, ended)
    return written[0].status == ending.status


def _ended(outcomes: Sequence[Ending], written: Sequence[_Written]) -> list[endings.Ended]:
    """The jobs that this transaction has ended."""
    pairs = zip(outcomes, written, strict=True)
    return [
        ending.announced(status, answer) for ending, (status, is_new, answer) in pairs if status and is_new
    ]


def _answers(outcomes: Sequence[Ending], written: Sequence[_Written]) -> list[waiting.Answer]:
    """The predictions that this transaction has ended with success."""
    return [
        waiting.Answer(ending.claim.job_id, ending.claim.model_id, ending.claim.capability, ending.result)
        for ending, one in zip(outcomes, written, strict=True)
        if one.is_new
        and one.status == Status.SUCCEEDED
        and ending.claim.task == Task.PREDICT
        and ending.claim.model_id is not None
        and ending.result is not None
    ]


def _announce(
    outcomes: Sequence[Ending], written: Sequence[_Written], ended: Sequence[endings.Ended]
) -> None:
    endings.announce(ended)
    times = ((ending.claim.capability, ending.timings_ms.get("forward")) for ending in outcomes)
    forward_passes.count((capability, taken) for capability, taken in times if taken is not None)
    fenced = sum(one.status is None for one in written)
    if fenced:
        count("fenced", fenced)


def release(claim: Claim, checkpoint: str | None = None) -> None:
    """Requeue the job because this worker is stopping, or the storage is away; the attempt does not count.

    A job whose cancel was requested is canceled.
    """
    with transaction() as connection:
        connection.execute(
            update(jobs)
            .where(*held(claim), jobs.c.cancel_requested.is_(False))
            .values(
                max_attempts=jobs.c.max_attempts + 1,
                checkpoint=checkpoint or jobs.c.checkpoint,
                **_REQUEUED,
            )
        )
        canceled = _cancel(connection, claim, jobs.c.cancel_requested.is_(True))
    endings.announce(canceled)
    if not canceled:
        wake([claim.job_id])


def cancel_claimed(claim: Claim) -> None:
    """Finish a job whose cancel was requested."""
    with transaction() as connection:
        canceled = _cancel(connection, claim)
    endings.announce(canceled)


def _cancel(connection: Connection, claim: Claim, *where: ColumnElement[bool]) -> list[endings.Ended]:
    """End and count a claimed job; nothing if it does not match."""
    cancel = update(jobs).where(*held(claim), *where).values(status=Status.CANCELED, **_ENDED)
    if not connection.execute(cancel).rowcount:
        return []
    ended = [Ending(claim, Status.CANCELED).announced(Status.CANCELED)]
    endings.count(connection, ended)
    return ended


def report(
    claim: Claim,
    *,
    progress: Mapping[str, Any] | None = None,
    checkpoint: str | None = None,
    points: Iterable[Mapping[str, Any]] = (),
) -> bool:
    """Write the progress of a running job; False: the claim is lost."""
    with transaction() as connection:
        values = {"progress": progress, "checkpoint": checkpoint}
        is_held = connection.execute(
            update(jobs)
            .where(*held(claim))
            .values(
                {name: value for name, value in values.items() if value is not None} or {"id": claim.job_id}
            )
        ).rowcount
        rows = [{"job_id": claim.job_id, **point} for point in points]
        if is_held and rows:
            # a resumed training repeats some steps
            steps = {row["step"] for row in rows}
            again = metrics.c.job_id == claim.job_id, metrics.c.step.in_(steps)
            connection.execute(delete(metrics).where(*again))
            connection.execute(insert(metrics), rows)
        return bool(is_held)


def hold(connection: Connection, claim: Claim, progress: Mapping[str, Any]) -> bool:
    """Write the progress of a running job in a transaction that writes more; False: the claim is lost."""
    written = update(jobs).where(*held(claim)).values(progress=progress)
    return bool(connection.execute(written).rowcount)


def held(claim: Claim) -> tuple[Any, ...]:
    """The condition that the claim is still valid."""
    return jobs.c.id == claim.job_id, jobs.c.status == Status.RUNNING, jobs.c.attempt == claim.attempt


UNHELD: dict[str, Any] = {"lease_owner": None, "lease_until": None}
_ENDED = {"finished_at": db_now(), **UNHELD}
_REQUEUED = {"status": Status.QUEUED, "dispatched_at": None, **UNHELD}
_END = (
    update(jobs)
    .where(
        jobs.c.id == bindparam("job_id"),
        jobs.c.status == Status.RUNNING,
        jobs.c.attempt == bindparam("held_attempt"),
        jobs.c.cancel_requested.is_(False),
    )
    .values(_ENDED)
)
