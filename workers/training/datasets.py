"""The data of a training: an upload as a file on this machine, or the sample dataset of its card."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from backend.errors import NotFound
from backend.services.jobs import commands
from backend.services.jobs.leases import Claim
from backend.services.uploads import files
from backend.storage import storage
from models.core.contract import registry
from models.core.contract.card import MediaKind

_LOST = "The file of the upload {name!r} has changed or is missing: {why}. Upload it again."


_DELETED = "The upload has been deleted."


class DatasetError(Exception):
    """The data is not available; the message has the reason."""


@dataclass(frozen=True)
class Dataset:
    """The data of one training: its path, and its description for the trained model's card."""

    path: Path
    name: str
    size: str = ""  # for people
    sha256: str | None = None  # None: a folder
    upload_id: UUID | None = None  # None: the capability's sample dataset

    @property
    def origin(self) -> dict[str, Any]:
        """For the job's result."""
        upload_id = self.upload_id and str(self.upload_id)
        return {"name": self.name, "sha256": self.sha256, "upload_id": upload_id}

    @property
    def description(self) -> str:
        """One line of Markdown, with file names as code."""
        name = self.name.replace("`", "'")
        source = "The upload" if self.upload_id else "The shipped data"
        parts = [f"{source} `{name}`", self.size, self.sha256 and f"SHA-256 `{self.sha256}`"]
        return ", ".join(part for part in parts if part) + "."


def fetch(claim: Claim, folder: Path) -> Dataset:
    """The data of a claimed training, the same bytes on every attempt.

    Args:
        folder: for a copy, if the storage is remote.

    Raises:
        DatasetError: the upload's file is missing, or its content has changed.
        StorageAway.
    """
    for upload_id in commands.read(claim.job_id).inputs.values():  # one at most (decision 19)
        if upload_id is None:
            raise DatasetError(_DELETED)
        return _of_upload(upload_id, folder)
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
    except FileNotFoundError as error:
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
