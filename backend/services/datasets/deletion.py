"""Deletes datasets, and the uploads that belonged to them alone."""

from uuid import UUID

from sqlalchemy import Connection, delete, select, union

from backend.database import reading, transaction
from backend.errors import Conflict, NotFound
from backend.services import retention
from backend.services.datasets import checks, pictures, rows, versions
from backend.services.log.record import record
from backend.storage import delete_all_or_log
from backend.tables import dataset_pictures, dataset_version_uploads, datasets
from models.core.contract.messages import Text

_NEEDED = Text(
    "core.datasets.requests.needed",
    "Job {job_id} still needs the dataset {name!r}; cancel it, or wait until it has finished.",
)


def delete_dataset(dataset_id: UUID, *, by: str | None = None) -> None:
    """Delete a dataset with its versions, and the files that nothing else needs.

    `by` is the name of the caller's key, for the log.

    Raises:
        NotFound.
        Conflict: a training or a check on it has not ended.
    """
    with transaction() as connection:
        row = rows.find(connection, dataset_id)
        # on PostgreSQL a job that is written meanwhile waits for this lock, and then finds no dataset
        connection.execute(select(datasets.c.id).where(datasets.c.id == dataset_id).with_for_update())
        job = checks.unfinished(connection, dataset_id)
        if job is not None:
            raise Conflict(_NEEDED(job_id=str(job.id), name=row.name))
        upload_ids = _delete(connection, dataset_id)
        content = {"dataset": {"id": str(dataset_id)}, "uploads": len(upload_ids)}
        record(connection, "delete_dataset", content, by=by, details={"name": row.name})
    _clean_up(dataset_id, upload_ids)


def delete_picture(dataset_id: UUID, picture_id: UUID) -> None:
    """Remove a picture from the dataset; its file is deleted if nothing else needs it. Raises NotFound."""
    retention.delete_unlisted([pictures.remove(dataset_id, picture_id)])


def delete_drafts() -> None:
    """Delete the datasets whose first import has failed or was canceled."""
    drafts = select(datasets.c.id).where(datasets.c.is_draft, ~rows.is_checked())
    with reading() as connection:
        found = connection.scalars(drafts).all()
    for dataset_id in found:
        with transaction() as connection:
            still = connection.scalar(drafts.where(datasets.c.id == dataset_id))
            upload_ids = _delete(connection, dataset_id) if still else None
        if upload_ids is not None:
            _clean_up(dataset_id, upload_ids)


def _delete(connection: Connection, dataset_id: UUID) -> list[UUID]:
    """Delete the row with all that refers to it; returns its uploads."""
    uploads = union(
        select(dataset_pictures.c.upload_id).where(dataset_pictures.c.dataset_id == dataset_id),
        select(dataset_version_uploads.c.upload_id).where(dataset_version_uploads.c.dataset_id == dataset_id),
    )
    upload_ids = list(connection.scalars(uploads))
    if not connection.execute(delete(datasets).where(datasets.c.id == dataset_id)).rowcount:
        raise NotFound(f"Dataset {dataset_id} does not exist.")
    return upload_ids


def _clean_up(dataset_id: UUID, upload_ids: list[UUID]) -> None:
    delete_all_or_log(versions.keys_of(dataset_id))
    retention.delete_unlisted(upload_ids)
    retention.delete_unnamed(dataset_id)
