"""Versions of a dataset: its pictures, labels and splits as they were, for trainings and exports.

A version is a manifest in the storage. Its uploads are kept as long as it is.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, func, insert, select, update

from backend.database import db_now, reading
from backend.errors import NotFound
from backend.schemas.datasets import VersionList, VersionRead
from backend.services.datasets import rows
from backend.storage import storage
from backend.tables import dataset_pictures as pictures
from backend.tables import dataset_version_uploads as version_uploads
from backend.tables import dataset_versions as versions
from backend.tables import datasets, uploads
from models.core.contract.dataset import Annotation, Manifest, Picture

_ROWS = 1_000  # of one statement


@dataclass(frozen=True)
class Snapshot:
    """One state of a dataset."""

    dataset: Row[Any]
    pictures: tuple[Picture, ...]  # under their names
    keys: Mapping[str, str]  # SHA-256 of a picture -> its file in the storage
    upload_ids: frozenset[UUID]
    bytes: int


def list_versions(dataset_id: UUID) -> VersionList:
    """Raises NotFound."""
    with reading() as connection:
        rows.find(connection, dataset_id)
        query = select(versions).where(versions.c.dataset_id == dataset_id)
        found = connection.execute(query.order_by(versions.c.version.desc())).all()
    return VersionList(items=[show(row) for row in found])


def read(dataset_id: UUID, version: int) -> VersionRead:
    """Raises NotFound."""
    with reading() as connection:
        rows.find(connection, dataset_id)
        return show(find(connection, dataset_id, version))


def find(connection: Connection, dataset_id: UUID, version: int) -> Row[Any]:
    """Raises NotFound."""
    query = select(versions).where(versions.c.dataset_id == dataset_id, versions.c.version == version)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"The dataset has no version {version}.")
    return row


def newest(connection: Connection, dataset_id: UUID) -> Row[Any] | None:
    query = select(versions).where(versions.c.dataset_id == dataset_id)
    return connection.execute(query.order_by(versions.c.version.desc()).limit(1)).one_or_none()


def show(row: Row[Any]) -> VersionRead:
    return VersionRead(
        version=row.version,
        sha256=row.sha256,
        bytes=row.bytes,
        options=row.report["options"],
        report=row.report["report"],
        created_at=row.created_at,
    )


def take(dataset_id: UUID) -> Snapshot:
    """The dataset as it is now. Raises NotFound."""
    while True:
        with reading() as connection:
            before = rows.find(connection, dataset_id)
            found = connection.execute(_CONTENT.where(pictures.c.dataset_id == dataset_id)).all()
            after = rows.find(connection, dataset_id)
        # SQLite shows each statement the state of its own moment
        if before.updated_at == after.updated_at:
            break
    return Snapshot(
        dataset=after,
        pictures=tuple(_content(row) for row in found),
        keys={row.sha256: row.key for row in found},
        upload_ids=frozenset(row.upload_id for row in found),
        bytes=sum(row.bytes for row in found),
    )


_CONTENT = (
    select(
        pictures,
        uploads.c.sha256,
        uploads.c.key,
        uploads.c.bytes,
        uploads.c.width,
        uploads.c.height,
    )
    .join(uploads, uploads.c.id == pictures.c.upload_id)
    .order_by(pictures.c.position, pictures.c.id)
)


def _content(row: Row[Any]) -> Picture:
    return Picture(
        file=row.name,
        width=row.width or 0,
        height=row.height or 0,
        sha256=row.sha256,
        split=row.split,
        group=row.group_name,
        annotation=None if row.annotation is None else Annotation.model_validate(row.annotation),
    )


def keys_of(dataset_id: UUID) -> str:
    """The common prefix of the storage keys of all versions and their exports."""
    return f"datasets/{dataset_id}-"


def store(dataset_id: UUID, job_id: UUID, manifest: Manifest) -> str:
    """The storage key of a manifest; the same for every attempt of a job."""
    key = f"{keys_of(dataset_id)}{job_id}.json"
    storage().put(key, manifest.to_json())
    return key


def insert_version(
    connection: Connection,
    taken: Snapshot,
    manifest: Manifest,
    *,
    key: str,
    options: Mapping[str, Any],
    report: Mapping[str, Any],
) -> int:
    """The number of a new version, in the transaction that ends its job."""
    dataset_id = taken.dataset.id
    # locks the dataset: the next one gets the next number
    lock = update(datasets).where(datasets.c.id == dataset_id).values(is_draft=False)
    connection.execute(lock)
    last = select(func.max(versions.c.version)).where(versions.c.dataset_id == dataset_id)
    number = (connection.scalar(last) or 0) + 1
    connection.execute(
        insert(versions).values(
            dataset_id=dataset_id,
            version=number,
            sha256=manifest.digest(),
            bytes=taken.bytes + len(manifest.to_json()),
            key=key,
            report={"options": options, "state": taken.dataset.updated_at, "report": report},
            created_at=db_now(),
        )
    )
    of_it = {"dataset_id": dataset_id, "version": number}
    for some in _in_pieces(sorted(taken.upload_ids)):
        connection.execute(insert(version_uploads), [{**of_it, "upload_id": each} for each in some])
    return number


def _in_pieces(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(ids), _ROWS):
        yield ids[start : start + _ROWS]


@dataclass(frozen=True)
class Frozen:
    """A version to be read: its manifest, and where its pictures are."""

    name: str  # of the dataset
    row: Row[Any]
    manifest: Manifest
    keys: Mapping[str, str]  # SHA-256 of a picture -> its file in the storage
    upload_ids: Mapping[str, UUID]  # the same -> its upload

    def read(self, picture: Picture) -> bytes:
        """The picture's file.

        Raises:
            FileNotFoundError, StorageAway.
            ValueError: it has another SHA-256 than the manifest.
        """
        data = storage().get(self.keys[picture.sha256])
        found = hashlib.sha256(data).hexdigest()
        if found != picture.sha256:
            raise ValueError(f"the SHA-256 of {picture.file!r} is {found}, not {picture.sha256}")
        return data


def open_version(dataset_id: UUID, version: int) -> Frozen:
    """Raises NotFound; FileNotFoundError, StorageAway: its manifest cannot be read."""
    with reading() as connection:
        dataset = rows.find(connection, dataset_id)
        row = find(connection, dataset_id, version)
        of_it = version_uploads.c.dataset_id == dataset_id, version_uploads.c.version == version
        query = select(uploads.c.sha256, uploads.c.key, uploads.c.id).join(
            version_uploads, version_uploads.c.upload_id == uploads.c.id
        )
        found = connection.execute(query.where(*of_it)).all()
    manifest = Manifest.model_validate_json(storage().get(row.key))
    keys = {each.sha256: each.key for each in found}
    return Frozen(dataset.name, row, manifest, keys, {each.sha256: each.id for each in found})
