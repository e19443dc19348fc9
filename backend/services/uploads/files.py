"""Files as users sent them, kept once per content."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Row, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from backend.database import db_now, reading, transaction
from backend.errors import ContentTooLarge, Invalid, NotFound, UnsupportedMedia
from backend.http.upload_stream import Incoming
from backend.schemas.uploads import UploadRead
from backend.settings import settings
from backend.storage import storage
from backend.tables import uploads
from models.core.contract.errors import InputError
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
    """A file that lies in the storage: its row, or the values of the row that it still needs."""

    sha256: str
    row: Row[Any] | None
    values: Mapping[str, Any]


def create(incoming: Incoming) -> tuple[UploadRead, bool]:
    """The upload of this content, and whether it is new. Raises as `store` does."""
    stored = store(incoming)
    if stored.row is not None:
        return (show(stored.row), False) if _stays(stored.row) else create(incoming)
    with transaction() as connection:
        rows = write(connection, [stored])
    discard([stored], rows)
    return show(rows[stored.sha256]), True


def _stays(row: Row[Any]) -> bool:
    """Let an upload that was sent again count as young; False: it has just been deleted."""
    if not settings().keep_days:
        return True
    with transaction() as connection:
        young = update(uploads).where(uploads.c.id == row.id).values(created_at=db_now())
        return bool(connection.execute(young).rowcount)


def store(incoming: Incoming) -> Stored:
    """Put the file into the storage, unless its content lies there already.

    Raises:
        ContentTooLarge: more pixels, rows, columns or files than the limits.
        UnsupportedMedia: empty, or not a kind of file that is taken.
        Invalid: an archive that would write outside its folder.
    """
    (stored,) = store_all([incoming])
    if isinstance(stored, Exception):
        raise stored
    return stored


def store_all(files: Sequence[Incoming]) -> list[Stored | Exception]:
    """Each file as `store` does it, or its error; what lies there already is looked up for all at once."""
    finished = [(file, *file.finish()) for file in files]
    with reading() as connection:
        found = connection.execute(_OF_CONTENTS, {"contents": [sha256 for _, sha256, _ in finished]})
        known = {row.sha256: row for row in found}
    stored: list[Stored | Exception] = []
    for file, sha256, data in finished:
        try:
            row = known.get(sha256)
            stored.append(_put(file, sha256, data) if row is None else Stored(sha256, row, {}))
        except Exception as error:  # noqa: BLE001  whoever sent that file raises it, and nobody else
            stored.append(error)
    return stored


def is_stored_quickly(incoming: Incoming) -> bool:
    """Whether to store the file takes less than to hand it to a thread of its own."""
    return incoming.path is None and storage().is_near


def _put(incoming: Incoming, sha256: str, data: bytes | None) -> Stored:
    source = incoming.path if data is None else data
    assert source is not None  # noqa: S101  what is not in memory lies on the disk
    found = _identify(source)
    # of its own, not the content's: who deletes an upload must not take the file of one that comes after it
    upload_id = uuid4()
    key = f"uploads/{sha256[:2]}/{upload_id}"
    if data is None:
        assert incoming.path is not None  # noqa: S101
        storage().put_file(key, incoming.path)
    else:
        storage().put(key, data)
    values = {
        "id": upload_id,
        "sha256": sha256,
        "name": incoming.name,
        "kind": found.kind,
        "media_type": found.media_type,
        "bytes": incoming.bytes,
        "width": found.width,
        "height": found.height,
        "rows": found.rows,
        "columns": found.columns,
        "key": key,
    }
    return Stored(sha256, None, values)


def write(connection: Connection, stored: Sequence[Stored]) -> dict[str, Row[Any]]:
    """SHA-256 -> the row of each stored file; that of another request, if one brought the same content."""
    found = {file.sha256: file.row for file in stored if file.row is not None}
    new = {file.sha256: file.values for file in stored if file.row is None}
    if new:
        connection.execute(_NEW[connection.dialect.name], list(new.values()))
        found |= {row.sha256: row for row in connection.execute(_OF_CONTENTS, {"contents": list(new)})}
    return found


def discard(stored: Sequence[Stored], rows: Mapping[str, Row[Any]]) -> None:
    """After the transaction: delete the files whose content another request has brought first."""
    for file in stored:
        if file.row is None and file.values["key"] != rows[file.sha256].key:
            try:
                storage().delete(file.values["key"])
            except OSError as error:
                log.warning("the file %s is left over: %s", file.values["key"], error)


def of_ids(connection: Connection, upload_ids: Collection[UUID]) -> dict[UUID, Row[Any]]:
    """The rows of those of these uploads that exist."""
    if not upload_ids:
        return {}
    return {row.id: row for row in connection.execute(_OF_IDS, {"ids": list(upload_ids)})}


def _identify(source: Any) -> file_types.Media:
    try:
        return file_types.identify(source, settings().limits())
    except file_types.TooLarge as error:
        raise ContentTooLarge(str(error)) from error
    except file_types.NotTaken as error:
        raise UnsupportedMedia(str(error)) from error
    except InputError as error:
        raise Invalid(str(error), errors=[{"pointer": "/file", "detail": str(error)}]) from error


def read_row(upload_id: UUID) -> Row[Any]:
    """Raises NotFound."""
    with reading() as connection:
        row = connection.execute(select(uploads).where(uploads.c.id == upload_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no upload {upload_id}.")
    return row


def read(upload_id: UUID) -> UploadRead:
    """Raises NotFound."""
    return show(read_row(upload_id))


def show(row: Row[Any]) -> UploadRead:
    values = {name: row._mapping[name] for name in UploadRead.model_fields if name != "url"}
    return UploadRead(**values, url=f"/v1/uploads/{row.id}/content")
