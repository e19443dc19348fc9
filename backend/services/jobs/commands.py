"""Commands of clients: read, cancel, retry, delete. `submission` creates jobs, `leases` is for workers."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select, update
from sqlalchemy import delete as delete_rows

from backend.database import db_now, reading, transaction
from backend.errors import Conflict, NotFound
from backend.messaging import events
from backend.schemas.jobs import JobRead, JobUpdate
from backend.services.jobs import endings, fits, queries, sheets
from backend.services.jobs.endings import Ended
from backend.services.jobs.statuses import STATUSES
from backend.services.jobs.submission import Queue, dispatch
from backend.services.jobs.validation import check_installed
from backend.services.models import catalog
from backend.storage import delete_all_or_log, delete_or_log
from backend.tables import FINAL, Status, Task, artifacts, jobs
from models.core.contract.messages import Text

_ENDED = Text("core.jobs.ended", "Job {job_id} has already {status}; it can no longer be canceled.")
_NOT_FINISHED = Text(
    "core.jobs.not_finished", "Job {job_id} is {status}; only finished jobs can be repeated."
)
_UPLOAD_GONE = Text(
    "core.jobs.upload_gone", "An upload of job {job_id} was deleted; send the file again in a new job."
)
_OPENS = Text("core.jobs.opens", "Job {job_id} computes the stages of job {inspects}; open that job again.")
_DATASET_GONE = Text(
    "core.jobs.dataset_gone", "The dataset of job {job_id} was deleted; it cannot be repeated."
)
_CHECKS = Text(
    "core.jobs.checks", "Job {job_id} checked a dataset; make a version of the dataset to check it again."
)
_MODEL_GONE = Text("core.jobs.model_gone", "The model {model} was deleted; job {job_id} cannot be repeated.")
_CANCEL_FIRST = Text("core.jobs.cancel_first", "Job {job_id} is {status}; cancel it before deleting it.")

_OF_A_SWEEP = Text(
    "core.jobs.of_a_sweep", "Job {job_id} is a fit of the sweep {parent_id}; delete the sweep instead."
)
_NO_SWEEP = Text("core.jobs.no_sweep", "Job {job_id} is not a sweep; only sweeps can be resumed.")
_RESUME_LATER = Text(
    "core.jobs.resume_later", "The sweep {job_id} is {status}; only a finished one can be resumed."
)

_REPEATED = (
    *("name", "description", "tags", "model_name"),
    *("capability", "task", "params", "inspect", "picture", "answer_key"),
    *("dataset_id", "dataset_version"),
)


def read(job_id: UUID) -> JobRead:
    """Raises NotFound."""
    with reading() as connection:
        return queries.read_one(connection, job_id)


def read_many(job_ids: Sequence[UUID]) -> dict[UUID, JobRead]:
    """The existing ones of these jobs, read by one statement."""
    with reading() as connection:
        return queries.read_many(connection, job_ids)


def states(job_ids: Sequence[UUID]) -> dict[UUID, Status]:
    """The status of each existing job, read by one statement."""
    with reading() as connection:
        rows = connection.execute(select(jobs.c.id, jobs.c.status).where(jobs.c.id.in_(job_ids)))
        return {row.id: Status(row.status) for row in rows}


def failed_on_input(job_id: UUID) -> bool:
    """Whether a failed job failed because of its input, and not because of a bug."""
    with reading() as connection:
        return bool(connection.scalar(select(jobs.c.error_is_input).where(jobs.c.id == job_id)))


def cancel(job_id: UUID) -> JobRead:
    """Cancel a queued job at once, and request the worker of a running one to stop. Idempotent.

    Raises:
        NotFound.
        Conflict: it has succeeded or failed.
    """
    with transaction() as connection:
        was_queued = _set(connection, job_id, Status.QUEUED, status=Status.CANCELED, finished_at=db_now())
        _set(connection, job_id, Status.RUNNING, cancel_requested=True)
        job = queries.read_one(connection, job_id)
        row = _row(connection, job_id)
        ended = Ended(job_id, row.capability, row.task, row.model_id, Status.CANCELED, row.request_id)
        if was_queued:
            endings.count(connection, [ended])
    if job.status in (Status.SUCCEEDED, Status.FAILED):
        raise Conflict(_ENDED(job_id=str(job_id), status=STATUSES[job.status]()))
    if job.status == Status.RUNNING:
        events.request_cancel(job_id)
    elif was_queued:
        endings.announce([ended])
    return job


def edit(job_id: UUID, changes: JobUpdate) -> JobRead:
    """Write the given fields. Raises NotFound."""
    values = changes.model_dump(exclude_unset=True)
    with transaction() as connection:
        if values:
            connection.execute(update(jobs).where(jobs.c.id == job_id).values(values))
        return queries.read_one(connection, job_id)


def retry(job_id: UUID, *, request_id: str | None = None, requested_by: str | None = None) -> JobRead:
    """A new job that repeats a finished one, with the same model, inputs and params.

    Raises:
        NotFound.
        Conflict: it has not finished; or an upload or its model was deleted.
        TooManyJobs: the queue is full.
    """
    with transaction() as connection:
        job = _row(connection, job_id)
        if job.status not in FINAL:
            raise Conflict(_NOT_FINISHED(job_id=str(job_id), status=STATUSES[job.status]()))
        if job.task == Task.CHECK:
            raise Conflict(_CHECKS(job_id=str(job_id)))
        if job.task == Task.INSPECT:
            raise Conflict(_OPENS(job_id=str(job_id), inspects=str(job.inspects)))
        shown, model = _check_data(connection, job)
        values = {name: job._mapping[name] for name in _REPEATED}
        queue = Queue(connection)
        values |= {"request_id": request_id, "requested_by": requested_by}
        repeated = queue.add(values, model, shown.inputs)
        queue.flush()
        if job.task == Task.SWEEP:
            fits.repeat(connection, job_id, repeated.id)
    dispatch([repeated])
    return repeated


def resume(job_id: UUID) -> JobRead:
    """Go on with an ended sweep: queue the fits that were canceled, left out, or failed because of a bug.

    Raises:
        NotFound.
        Conflict: it is no sweep, it has not ended, none of its fits is missing, or its data was deleted.
    """
    with transaction() as connection:
        job = _row(connection, job_id)
        if job.task != Task.SWEEP:
            raise Conflict(_NO_SWEEP(job_id=str(job_id)))
        if job.status not in FINAL:
            raise Conflict(_RESUME_LATER(job_id=str(job_id), status=STATUSES[job.status]()))
        _check_data(connection, job)
        keys = fits.reopen(connection, job_id)
        resumed = queries.read_one(connection, job_id)
    delete_or_log(*keys)
    dispatch([resumed])
    return resumed


def _check_data(connection: Connection, job: Row[Any]) -> tuple[JobRead, Row[Any] | None]:
    """The job, and the model that it uses. Raises Conflict: something that it needs was deleted."""
    shown = queries.read_one(connection, job.id)
    if shown.upload_deleted:
        raise Conflict(_UPLOAD_GONE(job_id=str(job.id)))
    if job.dataset_version is not None and job.dataset_id is None:
        raise Conflict(_DATASET_GONE(job_id=str(job.id)))
    check_installed(job.capability)
    model = catalog.find(connection, job.model_id)
    if model is not None and model.deleted_at is not None:
        raise Conflict(_MODEL_GONE(model=model.name, job_id=str(job.id)))
    return shown, model


def delete(job_id: UUID) -> None:
    """Delete a finished job, its answer and its files; a model that it trained is kept.

    The fits of a sweep are deleted with it.

    Raises:
        NotFound.
        Conflict: it has not finished, or it is a fit of a sweep.
    """
    with transaction() as connection:
        job = _row(connection, job_id)
        if job.parent_id is not None:
            raise Conflict(_OF_A_SWEEP(job_id=str(job_id), parent_id=str(job.parent_id)))
        if job.status not in FINAL:
            raise Conflict(_CANCEL_FIRST(job_id=str(job_id), status=STATUSES[job.status]()))
        own_fits = connection.execute(select(jobs.c.id, jobs.c.checkpoint).where(fits.of(job_id))).all()
        deleted = [job_id, *(row.id for row in own_fits)]
        # first, as a worker locks them: the stages that are being written end before the files are listed
        connection.execute(delete_rows(jobs).where(jobs.c.inspects.in_(deleted)))
        own = artifacts.c.key.not_like("models/%")  # a trained model is kept after its job
        of_them = artifacts.c.job_id.in_(deleted)
        keys = connection.scalars(select(artifacts.c.key).where(of_them, own)).all()
        connection.execute(delete_rows(jobs).where(jobs.c.id == job_id))
    checkpoints = [row.checkpoint for row in (job, *own_fits) if row.checkpoint]
    delete_or_log(*keys, *checkpoints)
    if job.task in (Task.TRAIN, Task.SWEEP):  # of crashed workers, also sheets that no row names
        delete_all_or_log(*map(sheets.keys_of, deleted))
    events.wake([job_id])


def _set(connection: Connection, job_id: UUID, was: Status, **values: Any) -> bool:
    """Whether the job had the status `was`, and has the values now."""
    of_job = jobs.c.id == job_id, jobs.c.status == was
    return connection.execute(update(jobs).where(*of_job).values(values)).rowcount == 1


def _row(connection: Connection, job_id: UUID) -> Row[Any]:
    row = connection.execute(select(jobs).where(jobs.c.id == job_id)).one_or_none()
    if row is None:
        raise NotFound(f"Job {job_id} does not exist.")
    return row
