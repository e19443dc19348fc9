"""Uploaded files. An upload is a content under the name that it was sent with; equal contents share a file.

Who shares a file locks its rows, and so does who deletes one of them: the file is deleted with its last row.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4, uuid5

from sqlalchemy import ColumnElement, Connection, Row, bindparam, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from backend.database import db_now, reading, transaction
from backend.errors import ContentTooLarge, Invalid, NotFound, Unavailable, UnsupportedMedia
from backend.http.upload_stream import UploadStream, too_large
from backend.schemas.base import LIMIT
from backend.schemas.uploads import UploadList, UploadRead
from backend.services import pages
from backend.services.pages import EVER, Period
from backend.settings import settings
from backend.storage import delete_or_log, storage
from backend.tables import uploads
from models.core.contract.card import MediaKind
from models.core.contract.errors import InputError
from models.core.contract.messages import message_of
from models.core.images import file_types

# Built once: every request runs them, and building a statement costs more than running it.
_NEW = {
    name: dialect.insert(uploads)
    .values(created_at=db_now())
    .on_conflict_do_nothing(index_elements=["sha256", "name"])
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}
# of the rows with these contents first those with one of the names; others only offer their file
_OF_CONTENTS = (
    select(uploads)
    .where(uploads.c.sha256.in_(bindparam("contents", expanding=True)))
    .order_by(uploads.c.name.in_(bindparam("names", expanding=True)).desc())
    .limit(256)
)
_EXACTLY = select(uploads).where(
    tuple_(uploads.c.sha256, uploads.c.name).in_(bindparam("sent", expanding=True))
)
_SHARED = (
    select(uploads.c.key)
    .where(uploads.c.sha256 == bindparam("sha256"), uploads.c.key == bindparam("key"))
    .order_by(uploads.c.id)  # everyone locks in one order, so nobody waits in a circle
    .with_for_update(read=True)
)
_OF_IDS = select(uploads).where(uploads.c.id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True)
class Stored:
    """A file in the storage: its row, or the values for its row."""

    received: UploadStream
    sha256: str
    row: Row[Any] | None
    values: Mapping[str, Any]
    shares_file: bool = False  # with the row of the same content under another name

    @property
    def name(self) -> str:
        return self.received.name

    @property
    def sent(self) -> tuple[str, str]:
        """What identifies its row."""
        return self.sha256, self.name


class Vanished(Exception):
    """A row that a new one relied on was deleted meanwhile: try again with `store_again`."""


TRIES = 4  # of one request, each of which may meet another change of the rows that it relies on


def too_many_changes() -> Unavailable:
    """The error after the last try."""
    detail = "Other requests changed the same files or jobs at the same moment; send the request again."
    return Unavailable(detail, headers={"Retry-After": "1"})


def create(upload: UploadStream) -> tuple[UploadRead, bool]:
    """The upload of this content and name, and whether it is new.

    Raises as `store` does, and Unavailable: others delete it again and again.
    """
    stored = store(upload)
    for _ in range(TRIES):
        if stored.row is not None and _stays(stored.row, upload.is_listed):
            return show(stored.row), False
        if stored.row is None:
            try:
                with transaction() as connection:
                    rows = write(connection, [stored])
                discard([stored], rows)
                return show(rows[stored.sent]), True
            except Vanished:
                pass
        stored = store_again(stored)
    drop(stored)
    raise too_many_changes()


def _stays(row: Row[Any], is_listed: bool) -> bool:
    """Renew the age of an upload that was sent again, and list it; False: it has just been deleted."""
    becomes_listed = is_listed and not row.is_listed
    if not settings().keep_days and not becomes_listed:
        return True
    with transaction() as connection:
        values = {"created_at": db_now(), "is_listed": row.is_listed or is_listed}
        renewed = update(uploads).where(uploads.c.id == row.id).values(values)
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


def store_again(stored: Stored) -> Stored:
    """The file, stored anew where it relied on a row, which may be deleted. Raises as `store` does."""
    return store(stored.received) if stored.row is not None or stored.shares_file else stored


def store_all(files: Sequence[UploadStream]) -> list[Stored | Exception]:
    """Each file as by `store`, or its error; known contents are looked up for all at once."""
    finished = [(file, *file.finish()) for file in files]
    among = {"contents": [sha256 for _, sha256, _ in finished], "names": [file.name for file in files]}
    with reading() as connection:
        known = connection.execute(_OF_CONTENTS, among).all()
    of_content = {row.sha256: row for row in known}
    as_sent = {(row.sha256, row.name): row for row in known}
    stored: list[Stored | Exception] = []
    for file, sha256, data in finished:
        try:
            row = as_sent.get((sha256, file.name))
            if row is not None:
                stored.append(Stored(file, sha256, row, {}))
            elif (other := of_content.get(sha256)) is not None:
                values = {**other._mapping, **_own_values(file)}
                del values["created_at"]
                stored.append(Stored(file, sha256, None, values, shares_file=True))
            else:
                stored.append(_put(file, sha256, data))
        except Exception as error:  # noqa: BLE001  raised for the request of that file only
            stored.append(error)
    return stored


def is_stored_quickly(upload: UploadStream) -> bool:
    """Whether storing the file takes less time than passing it to another thread."""
    return upload.path is None and storage().is_near


def keys_of(dataset_id: UUID) -> str:
    """The common prefix of the keys of files that an import into a dataset stored; equal for each attempt."""
    return f"uploads/{dataset_id.hex[:2]}/{dataset_id}-"


def _put(upload: UploadStream, sha256: str, data: bytes | None) -> Stored:
    source = upload.path if data is None else data
    assert source is not None  # noqa: S101  files that are not in memory are on disk
    found = _identify(source)
    if found.kind != MediaKind.ARCHIVE and upload.bytes > upload.limit:  # a workbook is a ZIP too
        raise too_large(upload.limit)
    own = _own_values(upload)
    if upload.dataset_id is None:
        # by id, not by content: deleting an upload must not delete the file of a later one
        key = f"uploads/{sha256[:2]}/{own['id']}"
    else:
        key = f"{keys_of(upload.dataset_id)}{uuid5(upload.dataset_id, sha256)}"
    if data is None:
        assert upload.path is not None  # noqa: S101
        storage().put_file(key, upload.path)
    else:
        storage().put(key, data)
    values = {
        **own,
        "sha256": sha256,
        "kind": found.kind,
        "media_type": found.media_type,
        "bytes": upload.bytes,
        "width": found.width,
        "height": found.height,
        "rows": found.rows,
        "columns": found.columns,
        "key": key,
    }
    return Stored(upload, sha256, None, values)


def _own_values(upload: UploadStream) -> dict[str, Any]:
    """What its row does not share with others of the same content."""
    return {"id": uuid4(), "name": upload.name, "is_listed": upload.is_listed}


def write(connection: Connection, stored: Sequence[Stored]) -> dict[tuple[str, str], Row[Any]]:
    """`Stored.sent` -> the row of each file; another request's row if it has the same content and name.

    Raises:
        Vanished: a row was deleted meanwhile.
    """
    found = {file.sent: file.row for file in stored if file.row is not None}
    _list(connection, [row for file in stored if (row := file.row) is not None and file.received.is_listed])
    new = {file.sent: file.values for file in stored if file.row is None}
    if not new:
        return found
    for file in sorted(stored, key=lambda file: file.sha256):
        if file.shares_file and connection.execute(_SHARED, file.values).first() is None:
            raise Vanished
    connection.execute(_NEW[connection.dialect.name], list(new.values()))
    found |= {(row.sha256, row.name): row for row in connection.execute(_EXACTLY, {"sent": list(new)})}
    if len(found) < len({file.sent for file in stored}):
        raise Vanished
    return found


def _list(connection: Connection, sent: Sequence[Row[Any]]) -> None:
    """List uploads that had only been imported into datasets, and now were sent."""
    unlisted = [row.id for row in sent if not row.is_listed]
    if unlisted:
        connection.execute(update(uploads).where(uploads.c.id.in_(unlisted)).values(is_listed=True))


def store_together(received: Mapping[str, UploadStream]) -> dict[str, Stored]:
    """The files of one request, by the names of its inputs: all or none. Raises as `store` does."""
    return together(dict(zip(received, store_all(list(received.values())), strict=True)))


def together(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs of one request. If one is an error, it is raised and the files of the others are deleted."""
    refused = next((each for each in stored.values() if isinstance(each, Exception)), None)
    if refused is None:
        return dict(stored)
    for file in stored.values():
        if isinstance(file, Stored):
            drop(file)
    raise refused


def discard(stored: Sequence[Stored], rows: Mapping[tuple[str, str], Row[Any]]) -> None:
    """After the transaction: delete files whose content was stored by another request first."""
    for file in stored:
        if file.row is None and file.values["key"] != rows[file.sent].key:
            drop(file)


def drop(file: Stored) -> None:
    """Delete what was stored for this request."""
    if file.row is None and not file.shares_file:
        delete_or_log(file.values["key"])


def lock(connection: Connection, row: Row[Any]) -> None:
    """Let nobody share or delete the file of `row` before the end of this transaction."""
    rows = select(uploads.c.id).where(*_sharing(row)).order_by(uploads.c.id)
    connection.execute(rows.with_for_update()).all()


def is_shared(connection: Connection, row: Row[Any]) -> bool:
    """Whether another row than the locked `row` has the same file."""
    others = select(uploads.c.id).where(*_sharing(row), uploads.c.id != row.id).limit(1)
    return connection.scalar(others) is not None


def _sharing(row: Row[Any]) -> tuple[Any, ...]:
    return uploads.c.sha256 == row.sha256, uploads.c.key == row.key


def of_ids(connection: Connection, upload_ids: Collection[UUID]) -> dict[UUID, Row[Any]]:
    """The rows of the existing ones of these uploads."""
    if not upload_ids:
        return {}
    return {row.id: row for row in connection.execute(_OF_IDS, {"ids": list(upload_ids)})}


def identify(upload: UploadStream) -> MediaKind:
    """What a received file is. Raises as `store` does."""
    _, data = upload.finish()
    return _identify(upload.path if data is None else data).kind


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


@dataclass(frozen=True)
class Filter:
    """Which uploads a list has. `name` is part of the file's name."""

    kind: MediaKind | None = None
    name: str | None = None
    period: Period = EVER

    def conditions(self) -> list[ColumnElement[bool]]:
        found = [uploads.c.is_listed, *self.period.conditions(uploads.c.created_at)]
        if self.kind is not None:
            found.append(uploads.c.kind == self.kind)
        if self.name:
            found.append(pages.contains(uploads.c.name, self.name))
        return found


def page(
    chosen: Filter | None = None,
    *,
    without: Collection[tuple[str, str]] = (),
    limit: int = LIMIT,
    cursor: str | None = None,
) -> UploadList:
    """Uploads, newest first.

    Args:
        without: (SHA-256, name) of those to leave out.

    Raises:
        Invalid: the cursor is not one that this function returned.
    """
    query = select(uploads).where(*(chosen or Filter()).conditions())
    if without:
        query = query.where(tuple_(uploads.c.sha256, uploads.c.name).not_in(without))
    if cursor:
        query = query.where(pages.after("uploads", cursor, uploads.c.created_at, uploads.c.id))
    newest = query.order_by(uploads.c.created_at.desc(), uploads.c.id.desc())
    with reading() as connection:
        rows = connection.execute(newest.limit(limit + 1)).all()
    last = rows[limit - 1] if len(rows) > limit else None
    following = None if last is None else pages.encode("uploads", [last.created_at, str(last.id)])
    return UploadList(items=[show(row) for row in rows[:limit]], next_cursor=following, limit=limit)


def show(row: Row[Any]) -> UploadRead:
    addresses = {"url", "picture_url", "thumbnail_url"}
    values = {name: row._mapping[name] for name in UploadRead.model_fields if name not in addresses}
    address = f"/v1/uploads/{row.id}"
    is_picture = row.kind == MediaKind.IMAGE
    return UploadRead(
        **values,
        url=f"{address}/content",
        picture_url=f"{address}/picture" if is_picture else None,
        thumbnail_url=f"{address}/thumbnail" if is_picture else None,
    )
