"""The one-call way: a file in, its job out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from backend.database import reading, transaction
from backend.errors import AppError, Conflict, Invalid
from backend.incoming import Incoming
from backend.schemas import JobRead
from backend.services import jobs, uploads
from backend.services.drafts import draft
from backend.tables import Status, Task
from backend.tables import jobs as job_rows


@dataclass(frozen=True)
class Asked:
    """A prediction as it was asked for."""

    file: Incoming
    params: Mapping[str, Any]
    model: str | None = None
    inspect: bool = True


def submit(
    capability: str,
    asked: Asked,
    *,
    picture: bool,
    reuse: bool,
    idempotency_key: str | None,
    request_id: str,
) -> JobRead:
    """Store the file and queue its job, in one transaction. Raises as `uploads.store` and `jobs.write` do."""
    drafted = draft(
        capability,
        Task.PREDICT,
        asked.params,
        model=asked.model,
        inspect=asked.inspect,
        picture=picture,
        reuse=reuse,
        idempotency_key=idempotency_key,
        request_id=request_id,
    )
    stored = uploads.store(asked.file)
    with transaction() as connection:
        upload = uploads.write(connection, stored)
        try:
            job = jobs.write(connection, drafted, upload)
        except AppError as error:
            job = error  # raised below: the upload stays, for the next try
    if isinstance(job, AppError):
        raise job
    jobs.dispatch(job)
    return job


def failure(job: JobRead) -> AppError:
    """Why a job that has ended has no answer."""
    said = job.error or "It has no answer."
    if job.status == Status.CANCELED:
        return Conflict("The job was canceled.", job_id=str(job.id))
    if _is_of_input(job.id):
        return Invalid(said, errors=[{"pointer": "/file", "detail": said}], job_id=str(job.id))
    return AppError(said, job_id=str(job.id))


def _is_of_input(job_id: UUID) -> bool:
    with reading() as connection:
        return bool(connection.scalar(select(job_rows.c.error_is_input).where(job_rows.c.id == job_id)))
