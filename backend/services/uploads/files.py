"""Uploaded files, stored once per content."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Row, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from backend.database import db_now, reading, transaction
from backend.errors import ContentTooLarge, Invalid, NotFound, UnsupportedMedia
from backend.http.upload_stream import UploadStream
from backend.schemas.uploads import UploadRead
from backend.settings import settings
from backend.storage import storage
from backend.tables import uploads
from models.core.contract.errors import InputError
from models.core.contract.messages import message_of
from models.core.images import file_types

log = logging.getLogger(__name__)

# Built once: every request runs them, and building a statement costs more than running it.
_NEW = {
    name: dialect.insert(uploads)
    .values(created_at=db_now())
    .on_conflict_do_nothing(index_elements=["sha256"])
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}
_OF_CONTENTS = select(uploads).where(uploads.c.sha256.in_(bindparam("contents", expanding=True)))
_OF_IDS = select(uploads).where(uploads.c.id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True)
class Stored:
    """A file in the storage: its row, or the values for its row."""

    sha256: str
    row: Row[Any] | None
    values: Mapping[str, Any]


def create(upload: UploadStream) -> tuple[UploadRead, bool]:
    """The upload of this content, and whether it is new. Raises as `store` does."""
    stored = store(upload)
    if stored.row is not None:
        return (show(stored.row), False) if _stays(stored.row) else create(upload)
    with transaction() as connection:
        rows = write(connection, [stored])
    discard([stored], rows)
    return show(rows[stored.sha256]), True


def _stays(row: Row[Any]) -> bool:
    """Renew the age of an upload that was sent again; False: it has just been deleted."""
    if not settings().keep_days:
        return True
    with transaction() as connection:
        renewed = update(uploads).where(uploads.c.id == row.id).values(created_at=db_now())
        return bool(connection.execute(renewed).rowcount)


def store(upload: UploadStream) -> Stored:
    """Store the file, unless its content is stored already.

    Raises:
        ContentTooLarge: too many pixels, rows, columns or files.
        UnsupportedMedia: empty, or of an unsupported type.
        Invalid: an archive that would write outside its folder.
    """
    (stored,) = store_all([upload])
    if isinstance(stored, Exception):
        raise stored
    return stored


def store_all(files: Sequence[UploadStream]) -> list[Stored | Exception]:
    """Each file as by `store`, or its error; known contents are looked up for all at once."""
    finished = [(file, *file.finish()) for file in files]
    with reading() as connection:
        found = connection.execute(_OF_CONTENTS, {"contents": [sha256 for _, sha256, _ in finished]})
        known = {row.sha256: row for row in found}
    stored: list[Stored | Exception] = []
    for file, sha256, data in finished:
        try:
            row = known.get(sha256)
            stored.append(_put(file, sha256, data) if row is None else Stored(sha256, row, {}))
        except Exception as error:  # noqa: BLE001  raised for the request of that file only
            stored.append(error)
    return stored


def is_stored_quickly(upload: UploadStream) -> bool:
    """Whether storing the file takes less time than passing it to another thread."""
    return upload.path is None and storage().is_near


def _put(upload: UploadStream, sha256: str, data: bytes | None) -> Stored:
    source = upload.path if data is None else data
    assert source is not None  # noqa: S101  files that are not in memory are on disk
    found = _identify(source)
    # by id, not by content: deleting an upload must not delete the file of a later one
    upload_id = uuid4()
    key = f"uploads/{sha256[:2]}/{upload_id}"
    if data is None:
        assert upload.path is not None  # noqa: S101
        storage().put_file(key, upload.path)
    else:
        storage().put(key, data)
    values = {
        "id": upload_id,
        "sha256": sha256,
        "name": upload.name,
        "kind": found.kind,
        "media_type": found.media_type,
        "bytes": upload.bytes,
        "width": found.width,
        "height": found.height,
        "rows": found.rows,
        "columns": found.columns,
        "key": key,
    }
    return Stored(sha256, None, values)


def write(connection: Connection, stored: Sequence[Stored]) -> dict[str, Row[Any]]:
    """SHA-256 -> the row of each stored file; another request's row if it has the same content."""
    found = {file.sha256: file.row for file in stored if file.row is not None}
    new = {file.sha256: file.values for file in stored if file.row is None}
    if new:
        connection.execute(_NEW[connection.dialect.name], list(new.values()))
        found |= {row.sha256: row for row in connection.execute(_OF_CONTENTS, {"contents": list(new)})}
    return found


def store_together(received: Mapping[str, UploadStream]) -> dict[str, Stored]:
    """The files of one request, by the names of its inputs: all or none. Raises as `store` does."""
    return together(dict(zip(received, store_all(list(received.values())), strict=True)))


def together(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs of one request. If one is an error, it is raised and the files of the others are deleted."""
    refused = next((each for each in stored.values() if isinstance(each, Exception)), None)
    if refused is None:
        return dict(stored)
    for file in stored.values():
        if isinstance(file, Stored) and file.row is None:
            _delete(file)
    raise refused


def discard(stored: Sequence[Stored], rows: Mapping[str, Row[Any]]) -> None:
    """After the transaction: delete files whose content was stored by another request first."""
    for file in stored:
        if file.row is None and file.values["key"] != rows[file.sha256].key:
            _delete(file)


def _delete(file: Stored) -> None:
    try:
        storage().delete(file.values["key"])
    except OSError as error:
        log.warning("the file %s is left over: %s", file.values["key"], error)


def of_ids(connection: Connection, upload_ids: Collection[UUID]) -> dict[UUID, Row[Any]]:
    """The rows of the existing ones of these uploads."""
    if not upload_ids:
        return {}
    return {row.id: row for row in connection.execute(_OF_IDS, {"ids": list(upload_ids)})}


def _identify(source: Any) -> file_types.Media:
    try:
        return file_types.identify(source, settings().limits())
    except file_types.TooLarge as error:
        raise ContentTooLarge(message_of(error)) from error
    except file_types.UnsupportedFile as error:
        raise UnsupportedMedia(message_of(error)) from error
    except InputError as error:
        raise Invalid(message_of(error), errors=[{"pointer": "/file", "detail": str(error)}]) from error


def read_row(upload_id: UUID) -> Row[Any]:
    """Raises NotFound."""
    with reading() as connection:
        row = connection.execute(select(uploads).where(uploads.c.id == upload_id)).one_or_none()
    if row is None:
        raise NotFound(f"Upload {upload_id} does not exist.")
    return row


def read(upload_id: UUID) -> UploadRead:
    """Raises NotFound."""
    return show(read_row(upload_id))


def show(row: Row[Any]) -> UploadRead:
    values = {name: row._mapping[name] for name in UploadRead.model_fields if name != "url"}
    return UploadRead(**values, url=f"/v1/uploads/{row.id}/content")
