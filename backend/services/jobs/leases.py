"""The worker's side of a job: claim, renew, end.

Only this module, `services.jobs` (the user’s side) and `services.recovery` (lost workers) write a job’s
status.

    queued ──claim──▶ running ──finish──▶ succeeded | failed | canceled
       ▲                 │
       └── release (the worker is stopping) · recovery (it died) ──┘

A claim counts the attempt up and takes a lease. Whoever lets the lease run out loses the job, and every later
write of that holder names an attempt that no longer is: it matches no row. So a message that comes twice, a
worker that wakes from a coma and a cancel in mid-run are all harmless.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from backend.database import db_now, transaction
from backend.messaging.counters import count
from backend.messaging.events import wake
from backend.services.models import catalog
from backend.settings import settings
from backend.tables import Status, Task, artifacts, jobs, metrics, uploads


@dataclass(frozen=True)
class Claim:
    """A job that this worker holds, and all that it needs to do it."""

    job_id: UUID
    attempt: int
    capability: str
    model_id: UUID | None
    upload_id: UUID | None
    upload_key: str | None
    params: Mapping[str, Any]
    inspect: bool
    picture: bool
    checkpoint: str | None
    request_id: str | None
    queued_ms: float


@dataclass
class Ending:
    """How a claimed job ended. `artifacts` are rows whose files are stored already."""

    claim: Claim
    status: Status
    result: Mapping[str, Any] | None = None
    error: str | None = None
    error_is_input: bool = False
    metrics: Mapping[str, float] | None = None
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    artifacts: Sequence[Mapping[str, Any]] = ()


_CLAIMED = (
    jobs.c.id,
    jobs.c.attempt,
    jobs.c.capability,
    jobs.c.model_id,
    jobs.c.upload_id,
    select(uploads.c.key).where(uploads.c.id == jobs.c.upload_id).scalar_subquery().label("upload_key"),
    jobs.c.params,
    jobs.c.inspect,
    jobs.c.picture,
    jobs.c.checkpoint,
    jobs.c.request_id,
    ((db_now() - jobs.c.created_at) * 1000).label("queued_ms"),
)

# Built once: building a statement costs more than running it.
_WAITING = (
    select(jobs.c.id, jobs.c.attempt)
    .where(
        jobs.c.model_id == bindparam("model_id"), jobs.c.status == Status.QUEUED, jobs.c.task == Task.PREDICT
    )
    .order_by(jobs.c.created_at)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
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


def claim_batch(model_id: UUID, owner: str, limit: int) -> list[Claim]:
    """Take up to `limit` predictions of one model, the oldest first.

    A job that has lost a worker before is taken alone, so that a poisonous one takes no other with it.
    """
    wanted = {"model_id": model_id, "limit": limit}
    with transaction() as connection:
        waiting = connection.execute(_WAITING, wanted).all()
        if waiting and waiting[0].attempt:
            waiting = waiting[:1]
        fresh = [row.id for row in waiting if not row.attempt]
        return _claim(connection, fresh or [row.id for row in waiting], owner)


def claim_training(job_id: UUID, owner: str) -> Claim | None:
    """Take one training; None if it was canceled or another worker has it."""
    with transaction() as connection:
        claims = _claim(connection, [job_id], owner)
        return claims[0] if claims else None


def _claim(connection: Connection, job_ids: Sequence[UUID], owner: str) -> list[Claim]:
    if not job_ids:
        return []
    wanted = {"job_ids": job_ids, "owner": owner, "lease_seconds": settings().lease_seconds}
    return [Claim(*row) for row in connection.execute(_TAKE, wanted)]


def renew(held: Iterable[UUID], owner: str) -> dict[UUID, bool]:
    """Keep the jobs that are `held` for another lease. Those that are no longer ours are left out.

    Returns:
        job id -> whether its cancel was asked for.
    """
    # by id, not by owner alone: a claim whose reply was lost must not be kept alive by nobody
    with transaction() as connection:
        rows = connection.execute(
            update(jobs)
            .where(jobs.c.id.in_(list(held)), jobs.c.lease_owner == owner, jobs.c.status == Status.RUNNING)
            .values(lease_until=db_now() + settings().lease_seconds)
            .returning(jobs.c.id, jobs.c.cancel_requested)
        )
        return {row.id: row.cancel_requested for row in rows}


def finish(endings: Sequence[Ending], environment: Mapping[str, str]) -> set[UUID]:
    """End claimed jobs in one transaction; the ids of those whose ending was taken.

    A job whose cancel was asked for ends canceled, whatever came out. An ending of a lost claim is refused:
    the caller deletes the files it had stored for it. One that was written before is taken again.
    """
    with transaction() as connection:
        ended = {ending.claim.job_id: _finish(connection, ending, environment) for ending in endings}
    _tell(ended)
    return {ending.claim.job_id for ending in endings if ended[ending.claim.job_id] == ending.status}


def _finish(
    connection: Connection,
    ending: Ending,
    environment: Mapping[str, str],
    model: Mapping[str, Any] | None = None,
) -> Status | None:
    """The status that the job has now by this claim; None: the claim is lost."""
    claim = ending.claim
    ended = connection.execute(
        _END,
        {
            "job_id": claim.job_id,
            "held_attempt": claim.attempt,
            "status": ending.status,
            "result": ending.result,
            "error": ending.error,
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
    if model is not None:
        catalog.register_trained(connection, job_id=claim.job_id, capability=claim.capability, **model)
    return ending.status


def _ended_before(connection: Connection, ending: Ending) -> Status | None:
    cancel = update(jobs).where(*held(ending.claim)).values(status=Status.CANCELED, **_ENDED)
    if connection.execute(cancel).rowcount:
        return Status.CANCELED
    # a connection may break after the database has committed and before it says so: then this very ending
    # stands there, and its files with it
    same = select(jobs.c.id).where(
        jobs.c.id == ending.claim.job_id,
        jobs.c.attempt == ending.claim.attempt,
        jobs.c.status == ending.status,
    )
    return ending.status if connection.scalar(same) is not None else None


def finish_training(ending: Ending, model: Mapping[str, Any], environment: Mapping[str, str]) -> bool:
    """End a training and put its model on record, in one transaction: there is both or neither."""
    with transaction() as connection:
        ended = _finish(connection, ending, environment, model)
    _tell({ending.claim.job_id: ended})
    return ended == ending.status


def _tell(ended: Mapping[UUID, Status | None]) -> None:
    wake(ended)
    fenced = sum(status is None for status in ended.values())
    if fenced:
        count("fenced", fenced)


def release(claim: Claim, checkpoint: str | None) -> None:
    """Give the job back because this worker is stopping; the attempt is not charged."""
    with transaction() as connection:
        connection.execute(
            update(jobs)
            .where(*held(claim))
            .values(
                max_attempts=jobs.c.max_attempts + 1,
                preemptions=jobs.c.preemptions + 1,
                checkpoint=checkpoint or jobs.c.checkpoint,
                **_REQUEUED,
            )
        )
    wake([claim.job_id])


def cancel_claimed(claim: Claim) -> None:
    """End a job whose cancel was asked for."""
    with transaction() as connection:
        connection.execute(update(jobs).where(*held(claim)).values(status=Status.CANCELED, **_ENDED))
    wake([claim.job_id])


def report(
    claim: Claim,
    *,
    progress: Mapping[str, Any] | None = None,
    checkpoint: str | None = None,
    points: Iterable[Mapping[str, Any]] = (),
) -> bool:
    """Write how far a training is; False when it is no longer ours."""
    with transaction() as connection:
        values = {"progress": progress, "checkpoint": checkpoint}
        ours = connection.execute(
            update(jobs)
            .where(*held(claim))
            .values(
                {name: value for name, value in values.items() if value is not None} or {"id": claim.job_id}
            )
        ).rowcount
        rows = [{"job_id": claim.job_id, **point} for point in points]
        if ours and rows:
            # a resumed training walks some steps again
            steps = {row["step"] for row in rows}
            again = metrics.c.job_id == claim.job_id, metrics.c.step.in_(steps)
            connection.execute(delete(metrics).where(*again))
            connection.execute(insert(metrics), rows)
        return bool(ours)


def held(claim: Claim) -> tuple[Any, ...]:
    """The condition that the claim still holds."""
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
