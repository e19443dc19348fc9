"""Rows of datasets: found, locked, and changed."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, case, exists, or_, select, update

from backend.database import db_now
from backend.errors import Conflict, Invalid, NotFound
from backend.schemas.datasets import MAX_CLASSES
from backend.tables import FINAL, Task, datasets, jobs
from models.core.contract.messages import Text

_IMPORTING = Text("core.datasets.requests.importing", "The dataset {name!r} is still being imported.")
_MANY_CLASSES = Text("core.datasets.requests.many_classes", "A dataset has at most {limit:,} classes.")

_TICK = 0.001  # seconds, by which a change is later than the one before, however fast they follow


def is_checked() -> ColumnElement[bool]:
    """The condition that a check of the dataset is queued or running."""
    return exists().where(
        jobs.c.dataset_id == datasets.c.id, jobs.c.task == Task.CHECK, jobs.c.status.not_in(FINAL)
    )


def is_visible() -> ColumnElement[bool]:
    """Whether the dataset exists for clients: one whose import has failed is about to be deleted."""
    return or_(datasets.c.is_draft.is_(False), is_checked())


def find(connection: Connection, dataset_id: UUID) -> Row[Any]:
    """Raises NotFound."""
    query = select(datasets).where(datasets.c.id == dataset_id, is_visible())
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"Dataset {dataset_id} does not exist.")
    return row


def find_complete(connection: Connection, dataset_id: UUID) -> Row[Any]:
    """Raises NotFound, or Conflict: its import has not ended."""
    row = find(connection, dataset_id)
    if row.is_draft:
        raise Conflict(_IMPORTING(name=row.name))
    return row


def change(connection: Connection, dataset_id: UUID) -> Row[Any]:
    """Lock the dataset until the end of the transaction, which changes its pictures, labels or classes.

    Raises as `find_complete`.
    """
    now = db_now()
    touch = (
        update(datasets)
        .where(datasets.c.id == dataset_id)
        .values(updated_at=case((datasets.c.updated_at >= now, datasets.c.updated_at + _TICK), else_=now))
    )
    connection.execute(touch)
    return find_complete(connection, dataset_id)


def add_classes(connection: Connection, dataset: Row[Any], labels: Iterable[str]) -> None:
    """Append the labels that are not yet classes of the locked dataset. Raises Invalid: too many."""
    known = set(dataset.classes)
    new = [label for label in dict.fromkeys(labels) if label not in known]
    if not new:
        return
    if len(known) + len(new) > MAX_CLASSES:
        raise Invalid(_MANY_CLASSES(limit=MAX_CLASSES))
    write(connection, dataset.id, classes=[*dataset.classes, *new])


def write(connection: Connection, dataset_id: UUID, **values: Any) -> None:
    connection.execute(update(datasets).where(datasets.c.id == dataset_id).values(**values))
