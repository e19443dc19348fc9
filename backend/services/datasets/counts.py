"""How many pictures and objects a dataset has, by class."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ColumnElement, Connection, FromClause, Row, column, func, or_, select, true

from backend.database import engine
from backend.tables import dataset_pictures as pictures


@dataclass(frozen=True)
class Counts:
    """Of one state of a dataset."""

    pictures: int
    labeled: int
    pictures_of: dict[str, int]  # class -> number of pictures with it
    objects_of: dict[str, int]


def of(connection: Connection, dataset: Row[Any]) -> Counts:
    """Counted once for each state: another statement would read every annotation again."""
    found = _known(dataset.id, dataset.updated_at)
    if not found:
        found.append(_count(connection, dataset.id))
    return found[0]


@lru_cache(maxsize=256)
def _known(dataset_id: UUID, updated_at: float) -> list[Counts]:  # noqa: ARG001  the key
    return []


def _count(connection: Connection, dataset_id: UUID) -> Counts:
    of_it = pictures.c.dataset_id == dataset_id
    totals = select(func.count(), func.count(pictures.c.annotation)).where(of_it)
    total, labeled = connection.execute(totals).one()
    by_label = select(pictures.c.label, func.count()).where(of_it, pictures.c.label.is_not(None))
    pictures_of = {row.label: row[1] for row in connection.execute(by_label.group_by(pictures.c.label))}
    objects, label = _objects(pictures)
    by_object = (
        select(label, func.count(pictures.c.id.distinct()), func.count())
        .select_from(objects)
        .where(of_it)
        .group_by(label)
    )
    objects_of: dict[str, int] = {}
    for name, in_pictures, number in connection.execute(by_object):
        pictures_of[name] = max(in_pictures, pictures_of.get(name, 0))
        objects_of[name] = number
    return Counts(total, labeled, pictures_of, objects_of)


def has_label(dataset_id: UUID, label: str) -> ColumnElement[bool]:
    """The condition that a picture of the dataset, or an object in it, has this label."""
    among = pictures.alias("among")
    objects, name = _objects(among)
    with_object = select(among.c.id).select_from(objects).where(name == label)
    # without reference to the picture: a query for each of them would be quadratic
    return or_(
        pictures.c.label == label, pictures.c.id.in_(with_object.where(among.c.dataset_id == dataset_id))
    )


def _objects(source: FromClause) -> tuple[FromClause, ColumnElement[str]]:
    """Pictures joined with their objects, and the label of each object."""
    annotation = source.c.annotation
    if engine().dialect.name == "sqlite":
        each = func.json_each(annotation, "$.objects").table_valued("value")
        label = func.json_extract(each.c.value, "$.label")
    else:
        each = func.json_array_elements(annotation.op("->")("objects")).table_valued(column("value", JSON))
        label = each.c.value.op("->>")("label")
    return source.join(each, true()), label
