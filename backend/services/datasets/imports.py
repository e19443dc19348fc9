"""Pictures of an archive become pictures of a dataset, some at a time.

A killed worker's import is repeated by another one: the pictures that have rows are counted and passed over,
and the files of the others are written again under the same names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, func, insert, select, update

from backend.database import db_now, reading, transaction
from backend.http.upload_stream import UploadStream
from backend.services.datasets.pictures import annotation_values
from backend.services.jobs import leases
from backend.services.jobs.leases import Claim
from backend.services.uploads import files
from backend.services.uploads.files import Stored
from backend.settings import settings
from backend.tables import dataset_pictures as pictures
from backend.tables import datasets, job_inputs, uploads
from models.core.contract.dataset import PICTURES, Picture
from models.core.contract.errors import Canceled


@dataclass(frozen=True)
class Arrived:
    """One picture with its file."""

    picture: Picture
    data: bytes


def number_stored(dataset_id: UUID) -> int:
    """How many pictures an earlier attempt has stored: the first ones of the archive."""
    with reading() as connection:
        return connection.scalar(_stored(dataset_id)) or 0


def _stored(dataset_id: UUID) -> Any:
    return select(func.count()).select_from(pictures).where(pictures.c.dataset_id == dataset_id)


def add(claim: Claim, arrived: Sequence[Arrived], progress: Mapping[str, Any]) -> None:
    """Store the next pictures of an archive.

    Raises:
        Canceled: the claim is lost.
        AppError: a file is not a picture, or too large.
        StorageAway.
    """
    dataset_id = claim.dataset_id
    assert dataset_id is not None  # noqa: S101  a check has one
    received = [_received(each, dataset_id) for each in arrived]
    for _ in range(files.TRIES):
        stored = files.store_together({str(number): file for number, file in enumerate(received)})
        try:
            _write(claim, dataset_id, arrived, list(stored.values()), progress)
        except files.Vanished:
            continue
        return
    raise files.too_many_changes()


def _received(each: Arrived, dataset_id: UUID) -> UploadStream:
    limit = settings().max_upload_bytes
    file = UploadStream(each.picture.file, limit, is_listed=False, dataset_id=dataset_id)
    file.write(each.data)
    return file


def _write(
    claim: Claim,
    dataset_id: UUID,
    arrived: Sequence[Arrived],
    stored: Sequence[Stored],
    progress: Mapping[str, Any],
) -> None:
    with transaction() as connection:
        if not leases.hold(connection, claim, progress):
            raise Canceled
        found = files.write(connection, stored)
        position = connection.scalar(_stored(dataset_id)) or 0
        new = [
            {
                "id": uuid4(),
                "dataset_id": dataset_id,
                "position": position + number,
                "upload_id": found[file.sent].id,
                "name": each.picture.file.removeprefix(PICTURES),
                "split": each.picture.split,
                "group_name": each.picture.group,
                **annotation_values(each.picture.annotation),
            }
            for number, (each, file) in enumerate(zip(arrived, stored, strict=True))
        ]
        connection.execute(insert(pictures).values(revision=1, updated_at=db_now()), new)
        connection.execute(update(datasets).where(datasets.c.id == dataset_id).values(updated_at=db_now()))
    files.discard(stored, found)


def source(claim: Claim) -> Row[Any] | None:
    """The upload that is imported; None: it was deleted."""
    query = (
        select(uploads)
        .join(job_inputs, job_inputs.c.upload_id == uploads.c.id)
        .where(job_inputs.c.job_id == claim.job_id)
    )
    with reading() as connection:
        return connection.execute(query).one_or_none()


def add_table(claim: Claim, table: Row[Any]) -> None:
    """Make the imported table the content of its dataset. Raises Canceled: the claim is lost."""
    dataset_id = claim.dataset_id
    assert dataset_id is not None  # noqa: S101  a check has one
    with transaction() as connection:
        if not leases.hold(connection, claim, {}):
            raise Canceled
        if not connection.scalar(_stored(dataset_id)):
            row = {"dataset_id": dataset_id, "position": 0, "upload_id": table.id, "name": table.name}
            new = insert(pictures).values(id=uuid4(), revision=1, updated_at=db_now(), **row)
            connection.execute(new)
