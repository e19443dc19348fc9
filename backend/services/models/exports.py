"""Models as files for other programs: written by a worker on the first request, then kept in the storage.

exports/<first of digest>/<digest>-<form>-<name>@<version>-<hash>.<ending>   the file
the same with .json                                                          its size, or why there is none
"""

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Row, select

from backend.database import reading
from backend.errors import Conflict, NotFound
from backend.messaging import events
from backend.schemas.models import Form
from backend.services.models import audits, catalog, formats
from backend.services.uploads.refusal import Refusal
from backend.storage import storage
from backend.tables import models
from models.core.contract.messages import Message, Text
from models.core.exporting.manifest import About

_EDITION = 1  # of the files: those of an older one are written again
_FAILURE_SECONDS = 60.0  # after which an export that failed is tried again

NO_WEIGHTS = Text(
    "core.exporting.no_weights", "{name} is an algorithm without weights: there is nothing to export."
)
NO_ONNX = Text("core.exporting.no_onnx", "Models of {name} cannot be written as ONNX.")
FAILED = Text(
    "core.exporting.failed", "The export failed because of an error in this application; it has been logged."
)


class Kept(BaseModel):
    """What is known of one file: its size, or why it cannot be written."""

    bytes: int | None = None
    refusal: Refusal | None = None
    failed_at: float | None = None  # not refused, but an error: worth another try


@dataclass(frozen=True)
class Requested:
    """One form of one version of a model."""

    row: Row[Any]
    form: Form
    key: str

    @property
    def file_name(self) -> str:
        return f"{self.row.name}-{self.row.version}.{self.form}"

    @property
    def etag(self) -> str:
        return hashlib.sha256(self.key.encode()).hexdigest()[:32]


def find(name: str, version: int | None, form: Form) -> Requested:
    """Raises NotFound: no such model. Conflict: it has no weights, or they are not installed, or no ONNX."""
    row = catalog.version_of(name, version)
    if row.source == "built-in":
        raise Conflict(NO_WEIGHTS(name=name))
    catalog.check_installed(row)
    if form not in formats.of(row.capability, has_weights=True):
        raise Conflict(NO_ONNX(name=row.capability))
    return requested(row, form)


def requested(row: Row[Any], form: Form) -> Requested:
    content = f"{about(row).model_dump_json()}\n{card(row.id)}"
    digest = hashlib.sha256(content.encode()).hexdigest()[:12]
    return Requested(row, form, f"{_of_version(row, form)}{digest}.{_EDITION}.{form}")


def _of_version(row: Row[Any], form: Form) -> str:
    return f"{keys_of(row.digest)}-{form}-{row.name}@{row.version}-"


def keys_of(digest: str) -> str:
    """The common prefix of the keys of all files with these weights."""
    return f"exports/{digest[:2]}/{digest}"


def about(row: Row[Any]) -> About:
    """What a file has of the model, apart from weights and card."""
    return About.model_validate({name: row._mapping[name] for name in About.model_fields})


def card(model_id: UUID) -> str:
    """The model card, as Markdown."""
    with reading() as connection:
        text = connection.scalar(select(models.c.card).where(models.c.id == model_id)) or ""
        return audits.with_sections(connection, model_id, text)


def read(requested: Requested) -> int | None:
    """The bytes of the stored file; None: it is not written yet. Raises Conflict: it cannot be."""
    try:
        kept = Kept.model_validate_json(storage().get(f"{requested.key}.json"))
    except FileNotFoundError:
        return None
    if kept.failed_at is not None and time.time() - kept.failed_at > _FAILURE_SECONDS:
        return None
    if kept.refusal is not None:
        parts = [part.model_dump() for part in kept.refusal.message]
        raise Conflict(Message(kept.refusal.detail, parts))
    return kept.bytes


def keep(requested: Requested, file: Path) -> None:
    """Store a worker's file instead of those of earlier cards, and wake the requests that wait for it."""
    storage().delete_all(_of_version(requested.row, requested.form))
    size = file.stat().st_size
    storage().put_file(requested.key, file)
    _note(requested, Kept(bytes=size))


def refuse(requested: Requested, refusal: Refusal, *, is_final: bool = True) -> None:
    """Note why the file cannot be written; not `is_final`: for a minute."""
    _note(requested, Kept(refusal=refusal, failed_at=None if is_final else time.time()))


def _note(requested: Requested, kept: Kept) -> None:
    storage().put(f"{requested.key}.json", kept.model_dump_json().encode())
    events.wake([requested.row.id])


def of(model_id: UUID, form: Form) -> Requested:
    """For a worker. Raises NotFound: it was deleted in the meantime."""
    row = catalog.get(model_id)
    if row.deleted_at is not None or row.digest is None:
        raise NotFound(f"Model {model_id} does not exist.")
    return requested(row, form)
