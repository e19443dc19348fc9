"""What a training learns from: an upload as a file on this machine, or the data that its card names."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from backend.errors import NotFound
from backend.services.jobs.leases import Claim
from backend.services.uploads import files
from backend.storage import storage
from models.core.contract import registry
from models.core.contract.card import MediaKind

_LOST = "The file of the upload {name!r} is no longer in the storage as it came: {why}. Upload it again."


class DatasetError(Exception):
    """There is nothing to learn from; the message says why."""


@dataclass(frozen=True)
class Dataset:
    """The data of one training: where it lies, and what the trained model's card tells of it."""

    path: Path
    name: str
    size: str = ""  # in words
    sha256: str | None = None  # None: a folder
    upload_id: UUID | None = None  # None: the capability's own

    @property
    def origin(self) -> dict[str, Any]:
        """For the job's result."""
        upload_id = self.upload_id and str(self.upload_id)
        return {"name": self.name, "sha256": self.sha256, "upload_id": upload_id}

    @property
    def words(self) -> str:
        """One line of Markdown, with file names as code."""
        name = self.name.replace("`", "'")
        whose = "The upload" if self.upload_id else "The data that comes with the capability:"
        parts = [f"{whose} `{name}`", self.size, self.sha256 and f"SHA-256 `{self.sha256}`"]
        return ", ".join(part for part in parts if part) + "."


def obtain(claim: Claim, folder: Path) -> Dataset:
    """The data of a claimed training, the same bytes on every attempt.

    Args:
        folder: where a copy goes if the storage is elsewhere.

    Raises:
        DatasetError: the upload's file is gone, or its bytes are others.
    """
    if claim.upload_id is not None:
        return _of_upload(claim.upload_id, folder)
    path = registry.cards()[claim.capability].sample_dataset
    if path is None:
        raise DatasetError("The capability brings no data of its own to train on.")
    return Dataset(path, path.name, sha256=_sha256(path) if path.is_file() else None)


def _of_upload(upload_id: UUID, folder: Path) -> Dataset:
    try:
        upload = files.read_row(upload_id)
    except NotFound as error:
        raise DatasetError(error.detail) from error
    try:
        path = storage().local(upload.key, folder)
        found = _sha256(path)
    except OSError as error:
        raise DatasetError(_LOST.format(name=upload.name, why=error)) from error
    if found != upload.sha256:
        why = f"its SHA-256 is {found}, not {upload.sha256}"
        raise DatasetError(_LOST.format(name=upload.name, why=why))
    return Dataset(path, upload.name, _size(upload), found, upload_id)


def _size(upload: Any) -> str:
    if upload.kind == MediaKind.TABLE:
        return f"{upload.rows:,} rows (a header counts as one) and {upload.columns:,} columns"
    return f"{upload.rows:,} files" if upload.kind == MediaKind.ARCHIVE else f"{upload.bytes:,} bytes"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
