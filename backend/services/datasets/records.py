"""Datasets: create, list, read, change. `deletion` deletes them, `versions` freezes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Row, func, insert, select, update

from backend.database import db_now, reading, transaction
from backend.errors import Conflict, Invalid
from backend.schemas.base import LIMIT
from backend.schemas.datasets import (
    ClassRead,
    DatasetCreate,
    DatasetCreated,
    DatasetList,
    DatasetRead,
    DatasetUpdate,
)
from backend.services import pages
from backend.services.datasets import checks, counts, rows
from backend.services.datasets.counts import has_label
from backend.tables import FINAL, Task, dataset_versions, datasets, jobs
from backend.tables import dataset_pictures as pictures
from models.core.contract.dataset import Annotation, DatasetKind
from models.core.contract.messages import Text

_IN_USE = Text(
    "core.datasets.requests.class_in_use",
    "Pictures with the class {name!r}: {n:,}. Remove or rename it there first.",
)
_NO_CLASS = Text("core.datasets.requests.unknown_class", "The dataset has no class {name!r}.")
_TABLE_KIND = Text(
    "core.datasets.requests.table_kind", "A dataset is a table or has pictures, from the start."
)

_PREVIEWED = 4


def create(body: DatasetCreate, *, request_id: str | None = None) -> DatasetCreated:
    """A dataset: empty, or with the check that imports an upload.

    Raises:
        NotFound: no such upload.
        UnsupportedMedia: the upload is a picture.
        Invalid: the kind does not fit the upload.
        TooManyJobs: the queue is full.
    """
    kind = body.kind or (DatasetKind.CLASSES if body.classes else DatasetKind.PICTURES)
    values = {
        "id": uuid4(),
        "name": body.name,
        "description": body.description,
        "kind": kind,
        "classes": body.classes,
        "is_draft": body.upload_id is not None,
    }
    if body.upload_id is None and kind == DatasetKind.TABLE:
        raise Invalid(_TABLE_KIND(), errors=[{"pointer": "/upload_id", "detail": "is required"}])
    with transaction() as connection:
        now = connection.scalar(select(db_now()))
        connection.execute(insert(datasets).values(**values, created_at=now, updated_at=now))
        job = None
        if body.upload_id is not None:
            job = checks.queue_import(connection, values, body.upload_id, body.kind, request_id)
        shown = _show(connection, [rows.find(connection, values["id"])])[0]
    if job is not None:
        checks.dispatch(job)
    return DatasetCreated(**shown.model_dump(), job=job)


def read(dataset_id: UUID) -> DatasetRead:
    """Raises NotFound."""
    with reading() as connection:
        return _show(connection, [rows.find(connection, dataset_id)])[0]


@dataclass(frozen=True)
class Filter:
    """Which datasets a list has. `name` is part of the name."""

    kind: DatasetKind | None = None
    name: str | None = None


def page(chosen: Filter | None = None, *, limit: int = LIMIT, cursor: str | None = None) -> DatasetList:
    """Datasets, newest first. Raises Invalid: the cursor is not one that this function returned."""
    chosen = chosen or Filter()
    query = select(datasets).where(rows.is_visible())
    if chosen.kind is not None:
        query = query.where(datasets.c.kind == chosen.kind)
    if chosen.name:
        query = query.where(pages.contains(datasets.c.name, chosen.name))
    if cursor:
        query = query.where(pages.after("datasets", cursor, datasets.c.created_at, datasets.c.id))
    newest = query.order_by(datasets.c.created_at.desc(), datasets.c.id.desc())
    with reading() as connection:
        found = connection.execute(newest.limit(limit + 1)).all()
        items = _show(connection, found[:limit])
    last = found[limit - 1] if len(found) > limit else None
    following = None if last is None else pages.encode("datasets", [last.created_at, str(last.id)])
    return DatasetList(items=items, next_cursor=following, limit=limit)


def change(dataset_id: UUID, body: DatasetUpdate) -> DatasetRead:
    """Rename the dataset, describe it, or change its classes.

    Raises:
        NotFound.
        Conflict: a class that labels use would be removed, or the dataset is still being imported.
        Invalid: no such class, or a kind that its content cannot have.
    """
    with transaction() as connection:
        values = {
            name: getattr(body, name) for name in ("name", "description") if getattr(body, name) is not None
        }
        if body.kind is not None or body.classes is not None or body.rename_class is not None:
            dataset = rows.change(connection, dataset_id)
            values |= _content(connection, dataset, body)
        else:
            rows.find(connection, dataset_id)
        if values:
            rows.write(connection, dataset_id, **values)
        return _show(connection, [rows.find(connection, dataset_id)])[0]


def _content(connection: Connection, dataset: Row[Any], body: DatasetUpdate) -> dict[str, Any]:
    values: dict[str, Any] = {}
    classes = list(dataset.classes)
    if body.kind is not None and body.kind != dataset.kind:
        if DatasetKind.TABLE in (body.kind, dataset.kind):
            raise Invalid(_TABLE_KIND(), errors=[{"pointer": "/kind", "detail": _TABLE_KIND()}])
        values["kind"] = body.kind
    if body.rename_class is not None:
        classes = _rename_class(
            connection, dataset.id, classes, body.rename_class.from_, body.rename_class.to
        )
    if body.classes is not None:
        _check_removed(connection, dataset.id, set(classes) - set(body.classes))
        classes = body.classes
    return {**values, "classes": classes}


def _check_removed(connection: Connection, dataset_id: UUID, removed: set[str]) -> None:
    for name in sorted(removed):
        using = select(func.count()).where(pictures.c.dataset_id == dataset_id, has_label(dataset_id, name))
        number = connection.scalar(using) or 0
        if number:
            raise Conflict(_IN_USE(name=name, n=number))


def _rename_class(
    connection: Connection, dataset_id: UUID, classes: list[str], old: str, new: str
) -> list[str]:
    if old not in classes:
        where = [{"pointer": "/rename_class/from", "detail": _NO_CLASS(name=old)}]
        raise Invalid(_NO_CLASS(name=old), errors=where)
    labeled = select(pictures.c.id, pictures.c.annotation, pictures.c.revision).where(
        pictures.c.dataset_id == dataset_id, has_label(dataset_id, old)
    )
    for row in connection.execute(labeled).all():
        annotation = _renamed(Annotation.model_validate(row.annotation), old, new)
        # with a new revision: another tab must not bring the old label back
        connection.execute(
            update(pictures)
            .where(pictures.c.id == row.id)
            .values(
                annotation=annotation.model_dump(mode="json", exclude_defaults=True),
                label=annotation.label,
                revision=row.revision + 1,
                updated_at=db_now(),
            )
        )
    return list(dict.fromkeys(new if name == old else name for name in classes))


def _renamed(annotation: Annotation, old: str, new: str) -> Annotation:
    objects = [
        each.model_copy(update={"label": new}) if each.label == old else each for each in annotation.objects
    ]
    label = new if annotation.label == old else annotation.label
    return annotation.model_copy(update={"label": label, "objects": objects})


def _show(connection: Connection, found: Sequence[Row[Any]]) -> list[DatasetRead]:
    ids = [row.id for row in found]
    newest = _newest_versions(connection, ids)
    running = select(jobs.c.dataset_id, jobs.c.id).where(
        jobs.c.dataset_id.in_(ids), jobs.c.task == Task.CHECK, jobs.c.status.not_in(FINAL)
    )
    checking = {row.dataset_id: row.id for row in connection.execute(running.order_by(jobs.c.created_at))}
    return [_shown(connection, row, newest.get(row.id), checking.get(row.id)) for row in found]


def _newest_versions(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Any]:
    versions = dataset_versions.c
    query = select(versions.dataset_id, versions.version, versions.report).where(versions.dataset_id.in_(ids))
    # in their order: the last one of a dataset stays
    return {row.dataset_id: row for row in connection.execute(query.order_by(versions.version))}


def _shown(
    connection: Connection, row: Row[Any], newest: Row[Any] | None, checking: UUID | None
) -> DatasetRead:
    counted = counts.of(connection, row)
    first = (
        select(pictures.c.upload_id)
        .where(pictures.c.dataset_id == row.id)
        .order_by(pictures.c.position)
        .limit(_PREVIEWED if row.kind != DatasetKind.TABLE else 0)
    )
    return DatasetRead(
        id=row.id,
        name=row.name,
        description=row.description,
        kind=row.kind,
        classes=[
            ClassRead(
                name=name,
                pictures=counted.pictures_of.get(name, 0),
                objects=counted.objects_of.get(name, 0),
            )
            for name in row.classes
        ],
        pictures=counted.pictures,
        labeled=counted.labeled,
        newest_version=newest.version if newest else None,
        is_changed=newest is None or newest.report["state"] != row.updated_at,
        job_id=checking,
        preview=[f"/v1/uploads/{upload_id}/thumbnail" for upload_id in connection.scalars(first)],
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
