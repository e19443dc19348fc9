"""Registers the models of the cards, with the weights that are installed."""

import hashlib
import json
import logging
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, insert, select, update

from backend.database import db_now, transaction
from backend.errors import Conflict, StorageAway
from backend.services.models import editing, pretrained, published_metrics
from backend.services.models.catalog import DEFAULT, INSTALL_COMMAND, NAMED_ALONE, is_installed
from backend.services.models.naming import OWN
from backend.tables import models
from models.core.contract import registry
from models.core.contract.card import Card, ModelCard, default_model
from models.core.weights import sources

log = logging.getLogger(__name__)


def sync_cards() -> None:
    """Register the models of the cards; changed weights are a new version."""
    for capability, card in registry.cards().items():
        for model in card.models:
            _register(capability, model)
        with transaction() as connection:
            ensure_default(connection, card)


def register_pretrained(names: Iterable[str]) -> None:
    """Register these pretrained models anew: their weights were installed."""
    capabilities = pretrained.names()
    for name in names:
        card = registry.cards()[capabilities[name]]
        _register(card.name, next(model for model in card.models if model.name == name))


def _register(capability: str, model: ModelCard) -> None:
    values = _described(capability, model)
    with transaction() as connection:
        if _sync(connection, values) and model.is_preferred:
            _prefer(connection, model.name)
    if model.is_preferred and values.get("location", "") is None:
        command = INSTALL_COMMAND.format(name=model.name)
        log.warning("%s is not installed, the next model answers instead: %s", model.name, command)


def _described(capability: str, model: ModelCard) -> dict[str, Any]:
    """The row of a card's model, except for its version."""
    beside = model.weights or registry.folder(capability) / "weights" / model.name
    about = beside.parent / f"{model.name}.json"
    card = beside.parent / f"{model.name}.md"
    return {
        "name": model.name,
        "capability": capability,
        "title": model.title,
        "summary": model.summary,
        "architecture": model.architecture,
        "source": model.source,
        "license": model.license,
        **_weights_of(model),
        "metrics": published_metrics.of(json.loads(about.read_text("utf-8")), model.name)
        if about.exists()
        else {},
        "card": _card_of(model, card),
    }


def _card_of(model: ModelCard, file: Path) -> str:
    text = file.read_text("utf-8") if file.exists() else f"# {model.title}\n\n{model.summary}\n"
    source = sources.SOURCES.get(model.name)
    return text if source is None else f"{text.rstrip()}\n\n{sources.provenance(source)}"


def _weights_of(model: ModelCard) -> dict[str, Any]:
    """Digest, size and place of the weights as far as they are installed; empty: it is not known now."""
    try:
        installed = pretrained.find(model.name) if model.is_pretrained else None
    except StorageAway as error:
        log.warning("whether %s is installed is not known: %s", model.name, error)
        return {}
    if installed is not None:
        return {"digest": installed.sha256, "bytes": installed.bytes, "location": installed.key}
    path = model.weights
    if path is None or not path.exists():
        return {"digest": None, "bytes": None, "location": path and str(path.resolve())}
    about = path.stat()
    digest = _digest(path, about.st_size, about.st_mtime_ns)
    return {"digest": digest, "bytes": about.st_size, "location": str(path.resolve())}


@cache
def _digest(path: Path, size: int, modified: int) -> str:  # noqa: ARG001  a file that has changed is read anew
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _rename_own(connection: Connection, name: str) -> None:
    """Models of users keep their weights under another name where a card takes theirs."""
    for number in count(1):
        free = f"{name[:110]}-own" if number == 1 else f"{name[:110]}-own-{number}"
        with suppress(Conflict):
            editing.rename(connection, name, free)
            log.warning("%s is now part of Glassbox: your model of this name is named %s", name, free)
            return


def _sync(connection: Connection, values: Mapping[str, Any]) -> bool:
    """Whether the model's weights are on this machine for the first time."""
    newest = connection.execute(
        select(models).where(models.c.name == values["name"]).order_by(models.c.version.desc()).limit(1)
    ).one_or_none()
    if newest is not None and newest.source in OWN:
        _rename_own(connection, newest.name)
        newest = None
    digest = values.get("digest")
    is_new = digest is not None and (newest is None or newest.digest is None)
    if newest is not None and (digest is None or newest.digest in (None, digest)):
        if any(newest._mapping[name] != value for name, value in values.items()):
            connection.execute(update(models).where(models.c.id == newest.id).values(**values))
        return is_new
    if newest is not None:
        # the previous weights are no longer on the disk
        gone = {"is_default": False, "location": None}
        connection.execute(update(models).where(models.c.id == newest.id).values(gone))
    connection.execute(
        insert(models).values(
            id=uuid4(),
            version=newest.version + 1 if newest else 1,
            is_default=bool(newest and newest.is_default),
            description=newest.description if newest else "",
            tags=newest.tags if newest else [],
            review_from=newest and newest.review_from,
            review_to=newest and newest.review_to,
            created_at=db_now(),
            **values,
        )
    )
    return is_new


def _prefer(connection: Connection, name: str) -> None:
    """Make a model of a card the default, unless one that was trained here is."""
    newest = connection.execute(NAMED_ALONE, {"name": name}).one()
    default = connection.execute(DEFAULT, {"capability": newest.capability}).one_or_none()
    if default is None or default.source != "trained":
        of_it = models.c.capability == newest.capability
        connection.execute(update(models).where(of_it).values(is_default=models.c.id == newest.id))


def ensure_default(connection: Connection, card: Card) -> None:
    """Give the capability a default if it has none, or one whose weights are gone."""
    chosen = connection.execute(DEFAULT, {"capability": card.name}).one_or_none()

    def is_here(model: ModelCard) -> bool:
        row = connection.execute(NAMED_ALONE, {"name": model.name}).one_or_none()
        return row is not None and is_installed(row)

    model = default_model(card, is_here)
    if model is None or (chosen is not None and is_installed(chosen)):
        return
    newest = connection.execute(NAMED_ALONE, {"name": model.name}).one()
    of_it = models.c.capability == card.name
    connection.execute(update(models).where(of_it).values(is_default=models.c.id == newest.id))
