"""Files made of an answer on request, in the formats of other programs.

Those made of the result alone are written for each request. Those that need the inputs too, such as crops of
a picture, are written by a worker once and stored with the job's files.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, insert, select

from backend.database import reading, transaction
from backend.errors import Conflict, NotFound
from backend.messaging import events
from backend.services import artifacts as files
from backend.services.artifacts import EXPORT
from backend.storage import storage
from backend.tables import Status, Task, artifacts, job_inputs, jobs, uploads
from models.core.contract import registry
from models.core.contract.card import Export, Kind
from models.core.contract.prediction import Output


@dataclass(frozen=True)
class Requested:
    """One export of one finished job."""

    job: Row[Any]
    export: Export
    inputs: dict[str, Row[Any]]  # name -> upload

    @property
    def picture(self) -> str:
        """The name of the first input's file."""
        return next(iter(self.inputs.values())).name if self.inputs else self.job.capability

    @property
    def file_name(self) -> str:
        stem = self.picture.rpartition(".")[0] or self.picture
        return f"{stem}-{self.export.name}.{self.export.ending}"


def find(job_id: UUID, name: str) -> Requested:
    """Raises NotFound: no such job or export. Conflict: the job has no answer, or an input was deleted."""
    with reading() as connection:
        job = connection.execute(select(jobs).where(jobs.c.id == job_id)).one_or_none()
        if job is None:
            raise NotFound(f"Job {job_id} does not exist; it may have been deleted.")
        of_it = select(job_inputs.c.name.label("input"), uploads).join(
            uploads, uploads.c.id == job_inputs.c.upload_id
        )
        found = connection.execute(of_it.where(job_inputs.c.job_id == job_id)).all()
    card = registry.cards().get(job.capability)
    known = {each.name: each for each in card.exports} if card and job.task == Task.PREDICT else {}
    if name not in known:
        names = ", ".join(known) or "none"
        raise NotFound(f"An answer of {job.capability} has no export {name!r}; available: {names}.")
    if job.status != Status.SUCCEEDED or job.result is None:
        raise Conflict(f"Job {job_id} is {job.status}: it has no answer to export.")
    return Requested(job, known[name], {row.input: row for row in found})


def read(requested: Requested) -> bytes | None:
    """The file; None: a worker has to write it. Raises Conflict: an input that it needs was deleted."""
    if not requested.export.needs_inputs:
        module = registry.code(requested.job.capability, requested.export.part)
        return module.write(requested.export.name, requested.job.result, requested.picture)
    query = select(artifacts.c.key).where(
        artifacts.c.job_id == requested.job.id,
        artifacts.c.role == EXPORT,
        artifacts.c.name == requested.file_name,
    )
    with reading() as connection:
        key = connection.scalar(query.limit(1))
    if key is not None:
        return storage().get(key)
    if not requested.inputs:
        raise Conflict(
            f"The input of job {requested.job.id} has been deleted, and {requested.export.title} needs it."
        )
    return None


def write(job_id: UUID, name: str) -> None:
    """Store an export that needs the inputs, unless it is there, and wake the requests that wait for it."""
    try:
        requested = find(job_id, name)
        if read(requested) is not None:
            return
        inputs = {each: storage().get(row.key) for each, row in requested.inputs.items()}
    except (NotFound, Conflict, FileNotFoundError):
        return  # deleted in the meantime
    module = registry.code(requested.job.capability, requested.export.part)
    data = module.write(name, requested.job.result, inputs)
    artifact_id = uuid4()
    output = Output(requested.file_name, Kind.IMAGE, data, requested.export.media_type)
    key = f"artifacts/{job_id}/{artifact_id}"
    storage().put(key, data)
    row = files.row(artifact_id, job_id, EXPORT, 0, output, size=len(data), key=key)
    with transaction() as connection:
        connection.execute(insert(artifacts).values(**row))
    events.wake([job_id])
