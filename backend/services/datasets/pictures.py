"""The pictures of a dataset, with their labels.

Two tabs may label the same picture: a change names the revision that it was made of, and a stale one is
refused with the current picture.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, insert, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from backend.database import db_now, reading, transaction
from backend.errors import Conflict, ContentTooLarge, NotFound, UnsupportedMedia
from backend.schemas.base import LIMIT
from backend.schemas.datasets import (
    DatasetPicture,
    DatasetPictureList,
    DatasetPictures,
    PictureAdd,
    PictureUpdate,
)
from backend.services import pages
from backend.services.datasets import rows
from backend.services.datasets.annotations import checked, kind_of, labels_of
from backend.services.datasets.counts import has_label
from backend.services.uploads import files
from backend.settings import settings
from backend.tables import dataset_pictures as pictures
from backend.tables import uploads
from models.core.contract.card import MediaKind
from models.core.contract.dataset import Annotation, DatasetKind, Split
from models.core.contract.messages import Text

_NOT_A_PICTURE = Text("core.datasets.requests.not_a_picture", "{name!r} is not a picture.")
_FULL = Text("core.datasets.requests.full", "A dataset has at most {limit:,} pictures.")
_IS_TABLE = Text("core.datasets.requests.is_table", "{name!r} is a table; it has no pictures.")
_STALE = Text(
    "core.datasets.requests.stale",
    "The picture has been changed elsewhere since revision {revision}; look at it first.",
)
_JUST_DELETED = Text(
    "core.datasets.requests.just_deleted", "An upload has just been deleted; send the file again."
)

_PICTURE: Select[Any] = select(pictures, uploads.c.width, uploads.c.height, uploads.c.kind).join(
    uploads, uploads.c.id == pictures.c.upload_id
)


def add(dataset_id: UUID, given: Sequence[PictureAdd]) -> DatasetPictures:
    """Add uploads as pictures; one that the dataset has already is returned as it is.

    Raises:
        NotFound: no such dataset or upload.
        Conflict: the dataset is a table, or it is still being imported.
        UnsupportedMedia: an upload is not a picture.
        ContentTooLarge: too many pictures.
        Invalid: an annotation does not fit its picture.
    """
    try:
        with transaction() as connection:
            dataset = _change(connection, dataset_id)
            ids = _add(connection, dataset, given)
            found = {row.id: row for row in connection.execute(_PICTURE.where(pictures.c.id.in_(set(ids))))}
    except IntegrityError as error:
        raise Conflict(_JUST_DELETED()) from error
    return DatasetPictures(items=[show(found[each]) for each in ids])


def label(connection: Connection, dataset_id: UUID, given: PictureAdd) -> UUID:
    """Add a labeled picture within a transaction; one that the dataset has gets these labels.

    Returns:
        The id of the picture.

    Raises as `add`.
    """
    dataset = _change(connection, dataset_id)
    of_upload = pictures.c.dataset_id == dataset_id, pictures.c.upload_id == given.upload_id
    known = connection.scalar(select(pictures.c.id).where(*of_upload))
    if known is None:
        return _add(connection, dataset, [given])[0]
    written = annotation_values(given.annotation)
    changed = update(pictures).where(pictures.c.id == known)
    connection.execute(changed.values(**written, revision=pictures.c.revision + 1, updated_at=db_now()))
    if dataset.kind == DatasetKind.PICTURES:
        rows.write(connection, dataset_id, kind=kind_of(given.annotation))
    rows.add_classes(connection, dataset, labels_of(given.annotation))
    return known


def _change(connection: Connection, dataset_id: UUID) -> Row[Any]:
    """As `rows.change`. Raises Conflict: the dataset is a table."""
    dataset = rows.change(connection, dataset_id)
    if dataset.kind == DatasetKind.TABLE:
        raise Conflict(_IS_TABLE(name=dataset.name))
    return dataset


def _add(connection: Connection, dataset: Row[Any], given: Sequence[PictureAdd]) -> list[UUID]:
    """The ids of the pictures, in the order of the request."""
    sent = files.of_ids(connection, {each.upload_id for each in given})
    has = select(pictures.c.upload_id, pictures.c.id).where(
        pictures.c.dataset_id == dataset.id, pictures.c.upload_id.in_(set(sent))
    )
    known: dict[UUID, UUID] = {row.upload_id: row.id for row in connection.execute(has)}
    # the kind of a dataset that has no labels yet follows from the first ones
    first = next((each.annotation for each in given if each.annotation is not None), None)
    kind = kind_of(first) if dataset.kind == DatasetKind.PICTURES else DatasetKind(dataset.kind)
    names = Names(connection, dataset.id)
    position = next_position(connection, dataset.id)
    new: list[dict[str, Any]] = []
    labels: list[str] = []
    for number, each in enumerate(given):
        if each.upload_id in known:
            continue
        upload = _picture_of(sent, each.upload_id, f"/pictures/{number}/upload_id")
        annotation = each.annotation
        if annotation is not None:
            size = upload.width, upload.height
            annotation = checked(annotation, kind, size, f"/pictures/{number}/annotation")
            labels += labels_of(annotation)
        known[each.upload_id] = uuid4()
        new.append(
            {
                "id": known[each.upload_id],
                "dataset_id": dataset.id,
                "position": position + len(new),
                "upload_id": each.upload_id,
                "name": names.free(each.name or upload.name),
                "split": each.split,
                "group_name": each.group or None,
                **annotation_values(annotation),
            }
        )
    _check_room(position + len(new))
    if new:
        connection.execute(insert(pictures).values(revision=1, updated_at=db_now()), new)
        if kind != dataset.kind:
            rows.write(connection, dataset.id, kind=kind)
        rows.add_classes(connection, dataset, labels)
    return [known[each.upload_id] for each in given]


def _picture_of(sent: dict[UUID, Row[Any]], upload_id: UUID, at: str) -> Row[Any]:
    upload = sent.get(upload_id)
    if upload is None:
        where = [{"pointer": at, "detail": "does not exist"}]
        raise NotFound(f"Upload {upload_id} does not exist.", errors=where)
    if upload.kind != MediaKind.IMAGE:
        detail = _NOT_A_PICTURE(name=upload.name)
        raise UnsupportedMedia(detail, errors=[{"pointer": at, "detail": detail}])
    return upload


def _check_room(number: int) -> None:
    limit = settings().max_archive_files
    if number > limit:
        raise ContentTooLarge(_FULL(limit=limit))


def annotation_values(annotation: Annotation | None) -> dict[str, Any]:
    """The columns of a picture's labels."""
    if annotation is None:
        return {"annotation": None, "label": None}
    stored = annotation.model_dump(mode="json", exclude_defaults=True)
    return {"annotation": stored, "label": annotation.label}


def next_position(connection: Connection, dataset_id: UUID) -> int:
    """Of a locked dataset."""
    last = select(func.max(pictures.c.position)).where(pictures.c.dataset_id == dataset_id)
    position = connection.scalar(last)
    return 0 if position is None else position + 1


class Names:
    """The names of a locked dataset's pictures, each of which is there once."""

    def __init__(self, connection: Connection, dataset_id: UUID):
        query = select(pictures.c.name).where(pictures.c.dataset_id == dataset_id)
        self._taken = set(connection.scalars(query))
        self._last: dict[str, int] = {}  # wanted name -> the number that was last appended to it

    def free(self, name: str) -> str:
        """The name, with a number if it is taken: "a.jpg", "a (2).jpg"."""
        path = PurePosixPath(name)
        number, chosen = self._last.get(name, 1), name
        while chosen in self._taken:
            number += 1
            chosen = str(path.with_name(f"{path.stem} ({number}){path.suffix}"))
        self._last[name] = number
        self._taken.add(chosen)
        return chosen


def read(dataset_id: UUID, picture_id: UUID) -> DatasetPicture:
    """Raises NotFound."""
    with reading() as connection:
        rows.find(connection, dataset_id)
        return show(_find(connection, dataset_id, picture_id))


def _find(connection: Connection, dataset_id: UUID, picture_id: UUID) -> Row[Any]:
    query = _PICTURE.where(pictures.c.dataset_id == dataset_id, pictures.c.id == picture_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"The dataset has no picture {picture_id}.")
    return row


def change(dataset_id: UUID, picture_id: UUID, body: PictureUpdate) -> DatasetPicture:
    """Change a picture's labels, split, group or name.

    Raises:
        NotFound.
        Conflict: it has another revision; `current` has the picture. Or the dataset is a table.
        Invalid: an annotation does not fit it.
    """
    with transaction() as connection:
        dataset = _change(connection, dataset_id)
        row = _find(connection, dataset_id, picture_id)
        kind = DatasetKind(dataset.kind)
        values, annotation = {}, body.annotation
        if "annotation" in body.model_fields_set:
            if annotation is not None:
                kind = kind_of(annotation) if kind == DatasetKind.PICTURES else kind
                annotation = checked(annotation, kind, (row.width, row.height))
            values |= annotation_values(annotation)
        if "split" in body.model_fields_set:
            values["split"] = body.split
        if "group" in body.model_fields_set:
            values["group_name"] = body.group or None
        if body.name is not None and body.name != row.name:
            values["name"] = Names(connection, dataset_id).free(body.name)
        is_current = pictures.c.id == picture_id, pictures.c.revision == body.revision
        written = (
            update(pictures)
            .where(*is_current)
            .values(**values, revision=pictures.c.revision + 1, updated_at=db_now())
        )
        if not connection.execute(written).rowcount:
            current = show(_find(connection, dataset_id, picture_id)).model_dump(mode="json")
            raise Conflict(_STALE(revision=body.revision), current=current)
        if kind != dataset.kind:
            rows.write(connection, dataset_id, kind=kind)
        rows.add_classes(connection, dataset, labels_of(annotation))
        return show(_find(connection, dataset_id, picture_id))


def remove(dataset_id: UUID, picture_id: UUID) -> UUID:
    """Remove a picture from the dataset, not from its versions; returns its upload. Raises as `change`."""
    with transaction() as connection:
        _change(connection, dataset_id)
        row = _find(connection, dataset_id, picture_id)
        connection.execute(delete(pictures).where(pictures.c.id == picture_id))
        return row.upload_id


@dataclass(frozen=True)
class Filter:
    """Which pictures a list has. `name` is part of the name."""

    label: str | None = None
    is_labeled: bool | None = None
    split: Split | None = None
    name: str | None = None

    def conditions(self, dataset_id: UUID) -> Iterable[ColumnElement[bool]]:
        yield pictures.c.dataset_id == dataset_id
        if self.label is not None:
            yield has_label(dataset_id, self.label)
        if self.is_labeled is not None:
            annotation = pictures.c.annotation
            yield annotation.is_not(None) if self.is_labeled else annotation.is_(None)
        if self.split is not None:
            yield pictures.c.split == self.split
        if self.name:
            yield pages.contains(pictures.c.name, self.name)


def page(
    dataset_id: UUID, chosen: Filter | None = None, *, limit: int = LIMIT, cursor: str | None = None
) -> DatasetPictureList:
    """Pictures in the order of their arrival.

    Raises:
        NotFound: no such dataset.
        Invalid: the cursor is not one that this function returned.
    """
    query = _PICTURE.where(*(chosen or Filter()).conditions(dataset_id))
    if cursor:
        position, picture_id = pages.decode("pictures", cursor, (int, str))
        query = query.where(_after(position, picture_id))
    with reading() as connection:
        rows.find(connection, dataset_id)
        found = connection.execute(query.order_by(*_ORDER).limit(limit + 1)).all()
    last = found[limit - 1] if len(found) > limit else None
    following = None if last is None else pages.encode("pictures", [last.position, str(last.id)])
    return DatasetPictureList(items=[show(row) for row in found[:limit]], next_cursor=following, limit=limit)


_ORDER = pictures.c.position, pictures.c.id


def _after(position: int, picture_id: str) -> ColumnElement[bool]:
    try:
        return tuple_(*_ORDER) > tuple_(position, UUID(picture_id))
    except ValueError as error:
        raise pages.unknown() from error


def following(dataset_id: UUID, position: int, chosen: Filter) -> DatasetPicture:
    """The next picture after this position. Raises NotFound: there is none."""
    query = _PICTURE.where(pictures.c.position > position, *chosen.conditions(dataset_id))
    with reading() as connection:
        rows.find(connection, dataset_id)
        row = connection.execute(query.order_by(*_ORDER).limit(1)).one_or_none()
    if row is None:
        raise NotFound("The dataset has no such picture after this one.")
    return show(row)


def show(row: Row[Any]) -> DatasetPicture:
    address = f"/v1/uploads/{row.upload_id}"
    return DatasetPicture(
        id=row.id,
        name=row.name,
        upload_id=row.upload_id,
        url=f"{address}/content",
        picture_url=f"{address}/picture" if row.kind == MediaKind.IMAGE else None,
        thumbnail_url=f"{address}/thumbnail" if row.kind == MediaKind.IMAGE else None,
        width=row.width,
        height=row.height,
        split=row.split,
        group=row.group_name,
        annotation=None if row.annotation is None else Annotation.model_validate(row.annotation),
        revision=row.revision,
        position=row.position,
        updated_at=row.updated_at,
    )
