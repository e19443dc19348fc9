"""The fits of a sweep: its child jobs, which no message names and only the holder of the sweep claims.

Their statuses are written here and by `endings.cancel_fits` where they change all at once; one by one they
change as those of other jobs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from backend.database import db_now, reading, transaction
from backend.errors import Conflict
from backend.services.jobs import endings
from backend.services.jobs.leases import UNHELD, Claim, held
from backend.settings import settings
from backend.tables import FINAL, Status, Task, artifacts, job_inputs, jobs, metrics
from models.core.contract.messages import Message, Text

_NOTHING_MISSING = Text(
    "core.sweeps.nothing_missing", "All fits of the sweep {job_id} have ended; there is nothing to resume."
)
# of the sweep's row
_SHARED = ("name", "capability", "model_id", "dataset_id", "dataset_version", "created_at", "max_attempts")


def of(parent_id: UUID) -> ColumnElement[bool]:
    """The condition that a job is a fit of the sweep."""
    return jobs.c.parent_id == parent_id


def write(
    connection: Connection, parent_id: UUID, task: Task, params: Sequence[Mapping[str, Any]], *, inspect: bool
) -> None:
    """Queue a fit for each of `params`, in the transaction that has written the row of the sweep."""
    parent = connection.execute(select(jobs).where(jobs.c.id == parent_id)).one()._mapping
    inputs = connection.execute(select(job_inputs).where(job_inputs.c.job_id == parent_id)).all()
    shared = {name: parent[name] for name in (*_SHARED, "request_id", "requested_by")}
    shared |= {"parent_id": parent_id, "task": task, "status": Status.QUEUED}
    shared |= {"inspect": inspect, "picture": False}
    rows = [{**shared, "id": uuid4(), "cell": cell, "params": each} for cell, each in enumerate(params)]
    connection.execute(insert(jobs), rows)
    taken = [
        {"job_id": row["id"], "name": each.name, "upload_id": each.upload_id}
        for row in rows
        for each in inputs
    ]
    if taken:
        connection.execute(insert(job_inputs), taken)


def repeat(connection: Connection, parent_id: UUID, repeated_id: UUID) -> None:
    """Queue the fits of a sweep again for its repetition, whose row is written."""
    query = select(jobs.c.task, jobs.c.inspect, jobs.c.params).where(of(parent_id)).order_by(jobs.c.cell)
    rows = connection.execute(query).all()
    write(connection, repeated_id, rows[0].task, [row.params for row in rows], inspect=rows[0].inspect)


def next_queued(parent_id: UUID) -> UUID | None:
    """The first fit that is still to be run."""
    query = select(jobs.c.id).where(of(parent_id), jobs.c.status == Status.QUEUED)
    with reading() as connection:
        return connection.scalar(query.order_by(jobs.c.cell).limit(1))


@dataclass(frozen=True)
class State:
    """How far a sweep is.

    Attributes:
        fits, minutes: what was used of its budget since it was started, or resumed for the last time.
    """

    total: int
    ended: int
    fits: int
    minutes: float


def state(parent_id: UUID) -> State:
    """How far the sweep is."""
    newest = select(func.max(jobs.c.created_at)).where(of(parent_id)).scalar_subquery()
    used = jobs.c.status.in_((Status.SUCCEEDED, Status.FAILED)) & (jobs.c.created_at == newest)
    query = select(
        func.count(),
        func.count().filter(jobs.c.status.in_(FINAL)),
        func.count().filter(used),
        func.coalesce(func.sum(jobs.c.finished_at - jobs.c.started_at).filter(used), 0.0),
    ).where(of(parent_id))
    with reading() as connection:
        total, ended, fits, seconds = connection.execute(query).one()
    return State(total, ended, fits, seconds / 60)


def leave_out(claim: Claim, reason: Message) -> bool:
    """Cancel the queued fits of a claimed sweep, with the reason; False: the claim is lost."""
    with transaction() as connection:
        # an update, not a query: it holds the row's lock against the end of the claim
        if not connection.execute(update(jobs).where(*held(claim)).values(id=claim.job_id)).rowcount:
            return False
        endings.count(connection, endings.cancel_fits(connection, [claim.job_id], reason))
        return True


def reopen(connection: Connection, parent_id: UUID) -> list[str]:
    """Queue an ended sweep again, with those of its fits that were canceled or failed because of a bug.

    Returns:
        storage keys of the files to delete.

    Raises:
        Conflict: there are none.
    """
    missing = of(parent_id), jobs.c.status != Status.SUCCEEDED, jobs.c.error_is_input.is_(False)
    ids = connection.scalars(select(jobs.c.id).where(*missing)).all()
    if not ids:
        raise Conflict(_NOTHING_MISSING(job_id=str(parent_id)))
    # of the sweep: its result; of fits: the sheets and the curves of attempts that did not end
    files = artifacts.c.job_id.in_([parent_id, *ids])
    keys = connection.scalars(select(artifacts.c.key).where(files)).all()
    connection.execute(delete(artifacts).where(files))
    connection.execute(delete(metrics).where(metrics.c.job_id.in_(ids)))
    connection.execute(
        update(jobs)
        .where(jobs.c.id.in_([parent_id, *ids]))
        .values(
            status=Status.QUEUED,
            # the attempts go on counting: writes of earlier ones stay refused
            max_attempts=jobs.c.attempt + settings().max_attempts,
            cancel_requested=False,
            created_at=db_now(),
            dispatched_at=db_now(),
            **dict.fromkeys(("progress", "result", "metrics", "error", "error_message", "timings_ms")),
            **{"started_at": None, "finished_at": None, "checkpoint": None},
            **UNHELD,
        )
    )
    return list(keys)
