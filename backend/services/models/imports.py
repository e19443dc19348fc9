"""Models from elsewhere: checked by a worker, then registered as trained ones."""

from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from pydantic import BaseModel
from sqlalchemy import Connection, Row, insert, select
from sqlalchemy.exc import IntegrityError

from backend.database import db_now, reading, transaction
from backend.errors import Conflict
from backend.messaging import events
from backend.schemas.models import ModelRead
from backend.services.models import catalog, naming
from backend.services.uploads.refusal import Refusal
from backend.storage import delete_or_log, storage
from backend.tables import models
from models.core.contract.messages import Text
from models.core.exporting.manifest import WEIGHTS, About, Manifest

FAILED = Text(
    "core.importing.failed", "The import failed because of an error in this application; it has been logged."
)
_FIELDS = (
    "capability",
    "title",
    "summary",
    "architecture",
    "license",
    "metrics",
    "description",
    "tags",
)
_TRIES = 3  # for a version that another import takes at the same moment


class Outcome(BaseModel):
    """The end of one import: the model, or why the file was refused."""

    model_id: UUID | None = None
    is_new: bool = False
    refusal: Refusal | None = None


def read(upload_id: UUID) -> tuple[ModelRead, bool] | None:
    """The imported model and whether it is new; None: it is still being checked.

    Raises:
        Invalid: the file was refused.
        NotFound: the model was deleted at the same moment.
    """
    try:
        outcome = Outcome.model_validate_json(storage().get(_key(upload_id)))
    except FileNotFoundError:
        return None
    delete_or_log(_key(upload_id))
    if outcome.refusal is not None:
        raise outcome.refusal.problem()
    if outcome.model_id is None:
        raise AssertionError("an outcome is a model or a refusal")
    return catalog.show(catalog.get(outcome.model_id)), outcome.is_new


def end(upload_id: UUID, outcome: Outcome) -> None:
    """Store a worker's outcome, and wake the request that waits for it."""
    storage().put(_key(upload_id), outcome.model_dump_json().encode())
    events.wake([upload_id])


def _key(upload_id: UUID) -> str:
    return f"imports/{upload_id}.json"


def register(manifest: Manifest, card: str, weights: Path) -> Outcome:
    """Register the model, unless one with the same weights is there; `weights` is moved into the storage."""
    part = manifest.files[WEIGHTS]
    with reading() as connection:
        known = _same(connection, manifest.model.capability, part.sha256)
    if known is not None:
        return Outcome(model_id=known.id)
    location = f"models/{manifest.model.capability}/{uuid4()}.safetensors"
    storage().put_file(location, weights)
    values = {"digest": part.sha256, "bytes": part.bytes, "location": location, "card": card}
    for attempt in range(_TRIES):
        try:
            return Outcome(model_id=_insert(manifest.model, values), is_new=True)
        except IntegrityError:
            if attempt == _TRIES - 1:
                delete_or_log(location)
                raise
    raise AssertionError


def _same(connection: Connection, capability: str, digest: str) -> Row[Any] | None:
    found = select(models).where(
        models.c.capability == capability, models.c.digest == digest, models.c.deleted_at.is_(None)
    )
    rows = connection.execute(found.order_by(models.c.version.desc())).all()
    return next((row for row in rows if catalog.is_installed(row)), None)


def _insert(about: About, values: dict[str, Any]) -> UUID:
    model_id = uuid4()
    with transaction() as connection:
        name = _free_name(connection, about)
        connection.execute(
            insert(models).values(
                id=model_id,
                name=name,
                version=naming.next_version(connection, name),
                source="trained",
                created_at=db_now(),
                **{field: getattr(about, field) for field in _FIELDS},
                **values,
            )
        )
    return model_id


def _free_name(connection: Connection, about: About) -> str:
    """Its name, where that is new or belongs to models of users of the same capability; else a new one."""
    names = [about.name, f"{about.name[:110]}-imported"]
    names += [f"{names[1]}-{number}" for number in range(2, 100)]
    for name in names:
        with suppress(Conflict):
            naming.check_name(connection, name, about.capability)
            return name
    return f"{about.capability}-{uuid4().hex[:8]}"
