"""Jobs of task check: a worker imports an upload into a dataset, checks it, and freezes a version."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select

from backend.database import transaction
from backend.errors import Conflict, Invalid, NotFound, UnsupportedMedia
from backend.schemas.datasets import VersionCreate, VersionRead
from backend.schemas.jobs import JobRead
from backend.services.datasets import rows, versions
from backend.services.jobs import queries, submission
from backend.services.uploads import files
from backend.tables import FINAL, Status, Task, jobs
from backend.tables import dataset_pictures as pictures
from models.core.contract.card import MediaKind
from models.core.contract.dataset import DatasetKind
from models.core.contract.messages import Text

CAPABILITY = "datasets"  # of these jobs, which belong to none
INPUT = "dataset"  # the upload that a check imports

_NOT_IMPORTABLE = Text(
    "core.datasets.requests.not_importable",
    "{name!r} is a picture; a dataset is imported from a ZIP archive or a table.",
)
_OTHER_KIND = Text("core.datasets.requests.other_kind", "{name!r} is not a dataset of this kind.")
_EMPTY = Text("core.datasets.requests.no_content", "The dataset {name!r} has no pictures yet.")


def queue_import(
    connection: Connection,
    dataset: Mapping[str, Any],
    upload_id: UUID,
    kind: DatasetKind | None,
    request_id: str | None,
) -> JobRead:
    """The job that imports an upload into a new dataset.

    Raises:
        NotFound: no such upload.
        UnsupportedMedia: it is a picture.
        Invalid: it is a table and the kind is another one, or the reverse.
        TooManyJobs: the queue is full.
    """
    where = [{"pointer": "/upload_id", "detail": "does not exist"}]
    upload = files.of_ids(connection, [upload_id]).get(upload_id)
    if upload is None:
        raise NotFound(f"Upload {upload_id} does not exist.", errors=where)
    if upload.kind == MediaKind.IMAGE:
        detail = _NOT_IMPORTABLE(name=upload.name)
        raise UnsupportedMedia(detail, errors=[{"pointer": "/upload_id", "detail": detail}])
    is_table = upload.kind == MediaKind.TABLE
    if kind is not None and is_table != (kind == DatasetKind.TABLE):
        detail = _OTHER_KIND(name=upload.name)
        raise Invalid(detail, errors=[{"pointer": "/kind", "detail": detail}])
    if is_table:
        rows.write(connection, dataset["id"], kind=DatasetKind.TABLE)
    params = VersionCreate.model_validate({}).model_dump()
    return _queue(connection, dataset["id"], dataset["name"], params, {INPUT: upload_id}, request_id)


def request_version(
    dataset_id: UUID, options: VersionCreate, *, request_id: str | None = None
) -> JobRead | VersionRead:
    """The job that makes a version, or the newest version if it is the same.

    Raises:
        NotFound.
        Conflict: the dataset is empty, or it is still being imported.
        TooManyJobs: the queue is full.
    """
    params = options.model_dump()
    with transaction() as connection:
        dataset = rows.find_complete(connection, dataset_id)
        last = versions.newest(connection, dataset_id)
        made_of = {"options": params, "state": dataset.updated_at}
        if last is not None and made_of.items() <= last.report.items():
            return versions.show(last)
        under_way = _under_way(connection, dataset, params)
        if under_way is not None:
            return under_way
        some = select(pictures.c.id).where(pictures.c.dataset_id == dataset_id).limit(1)
        if connection.scalar(some) is None:
            raise Conflict(_EMPTY(name=dataset.name))
        job = _queue(connection, dataset_id, dataset.name, params, {}, request_id)
    dispatch(job)
    return job


def _under_way(connection: Connection, dataset: Row[Any], params: Mapping[str, Any]) -> JobRead | None:
    """A check with the same options that reads the dataset as it is now."""
    unfinished = select(jobs.c.id, jobs.c.params, jobs.c.status, jobs.c.started_at).where(
        jobs.c.dataset_id == dataset.id, jobs.c.task == Task.CHECK, jobs.c.status.not_in(FINAL)
    )
    for row in connection.execute(unfinished):
        is_current = row.status == Status.QUEUED or row.started_at > dataset.updated_at
        if is_current and row.params == params:
            return queries.read_one(connection, row.id)
    return None


def _queue(
    connection: Connection,
    dataset_id: UUID,
    name: str,
    params: Mapping[str, Any],
    inputs: Mapping[str, UUID | None],
    request_id: str | None,
) -> JobRead:
    queue = submission.Queue(connection)
    values = {
        "name": name,
        "capability": CAPABILITY,
        "task": Task.CHECK,
        "params": params,
        "inspect": False,
        "picture": False,
        "dataset_id": dataset_id,
        "request_id": request_id,
    }
    job = queue.add(values, None, inputs)
    queue.flush()
    return job


def dispatch(job: JobRead) -> None:
    """Notify a worker, after the transaction."""
    submission.dispatch([job])


def unfinished(connection: Connection, dataset_id: UUID) -> Any:
    """A job that needs the dataset: a training or a check that has not ended; None: there is none."""
    needed = select(jobs.c.id, jobs.c.task).where(
        jobs.c.dataset_id == dataset_id, jobs.c.status.not_in(FINAL)
    )
    return connection.execute(needed.limit(1)).one_or_none()
