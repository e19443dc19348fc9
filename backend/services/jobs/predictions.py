"""The one-call way: a file in, its job out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from backend.database import reading
from backend.errors import AppError, Conflict, Invalid
from backend.http.upload_stream import Incoming
from backend.schemas.jobs import JobRead
from backend.services.jobs.submission import Order
from backend.services.jobs.validation import draft
from backend.tables import Status, Task
from backend.tables import jobs as job_rows


@dataclass(frozen=True)
class Asked:
    """A prediction as it was asked for."""

    file: Incoming
    params: Mapping[str, Any]
    model: str | None = None
    inspect: bool = True


def order(capability: str, asked: Asked, **wishes: Any) -> Order:
    """The job to submit; its file is stored then, or before by who cannot wait for it. Raises as `draft`."""
    drafted = draft(
        capability, Task.PREDICT, asked.params, model=asked.model, inspect=asked.inspect, **wishes
    )
    return Order(drafted, asked.file)


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
