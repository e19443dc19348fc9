"""What an audit reads: its table or dataset, and what the audited model learned from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from backend.database import reading
from backend.tables import Task, job_inputs, jobs, models, uploads


@dataclass(frozen=True)
class Training:
    """The training of a model.

    Attributes:
        sha256: of the upload or table that it learned from; None: a dataset of pictures, or the shipped data.
    """

    params: Mapping[str, Any]
    sha256: str | None
    dataset_id: UUID | None
    dataset_version: int | None


def training_of(model_id: UUID) -> Training | None:
    """The training that made the model; None: it was not trained here, or that job was deleted."""
    query = (
        select(jobs.c.id, jobs.c.params, jobs.c.dataset_id, jobs.c.dataset_version)
        .join(models, models.c.job_id == jobs.c.id)
        .where(models.c.id == model_id, jobs.c.task == Task.TRAIN)
    )
    with reading() as connection:
        row = connection.execute(query).one_or_none()
        if row is None:
            return None
        return Training(row.params, _sha256(connection, row.id), row.dataset_id, row.dataset_version)


def table_of(job_id: UUID) -> str | None:
    """The SHA-256 of the job's only input; None: it has none, or it was deleted."""
    with reading() as connection:
        return _sha256(connection, job_id)


def _sha256(connection: Connection, job_id: UUID) -> str | None:
    query = select(uploads.c.sha256).join(job_inputs, job_inputs.c.upload_id == uploads.c.id)
    return connection.execute(query.where(job_inputs.c.job_id == job_id)).scalars().first()
