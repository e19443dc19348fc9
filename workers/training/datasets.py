"""The data of a training as a file on this machine: an upload, a version of a dataset, or the card's own."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from backend.errors import NotFound
from backend.services.datasets import versions
from backend.services.jobs import commands
from backend.services.jobs.leases import Claim
from backend.services.uploads import files
from backend.storage import storage
from models.core.contract import registry
from models.core.contract.card import MediaKind

_LOST = "The file of the upload {name!r} has changed or is missing: {why}. Upload it again."


_DELETED = "The upload has been deleted."
_DATASET_DELETED = "The dataset has been deleted."
_CHANGED = "Version {version} of the dataset {name!r} has changed or is incomplete: {why}."


class DatasetError(Exception):
    """The data is not available; the message has the reason."""


@dataclass(frozen=True)
class Dataset:
    """The data of one training: its path, and its description for the trained model's card."""

    path: Path
    name: str
    size: str = ""  # for people
    sha256: str | None = None  # None: a folder
    upload_id: UUID | None = None
    dataset_id: UUID | None = None  # neither: the capability's sample dataset
    version: int | None = None

    @property
    def origin(self) -> dict[str, Any]:
        """For the job's result."""
        upload_id = self.upload_id and str(self.upload_id)
        dataset_id = self.dataset_id and str(self.dataset_id)
        of_version = {"dataset_id": dataset_id, "version": self.version} if dataset_id else {}
        return {"name": self.name, "sha256": self.sha256, "upload_id": upload_id, **of_version}

    @property
    def description(self) -> str:
        """One line of Markdown, with file names as code."""
        name = self.name.replace("`", "'")
        source = "The upload" if self.upload_id else "The shipped data"
        if self.dataset_id:
            source = f"Version {self.version} of the dataset"
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
    if claim.dataset_version is not None:
        table = next(iter(claim.inputs), None)
        if claim.dataset_id is None and table is None:
            raise DatasetError(_DATASET_DELETED)
        if claim.dataset_id is not None and table is None:
            return _of_version(claim.dataset_id, claim.dataset_version, folder)
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


def _of_version(dataset_id: UUID, version: int, folder: Path) -> Dataset:
    """The version as one ZIP, written for each attempt: equal bytes, as its manifest has every hash."""
    try:
        frozen = versions.open_version(dataset_id, version)
    except NotFound as error:
        raise DatasetError(error.detail) from error
    except FileNotFoundError as error:
        raise DatasetError(_CHANGED.format(name="", version=version, why=error)) from error
    if frozen.manifest.digest() != frozen.row.sha256:
        why = f"its manifest has the SHA-256 {frozen.manifest.digest()}, not {frozen.row.sha256}"
        raise DatasetError(_CHANGED.format(name=frozen.name, version=version, why=why))
    path = folder / "dataset.zip"
    try:
        with path.open("wb") as file:
            registry.core("datasets.writing").write_zip(file, frozen.manifest, frozen.read)
    except (FileNotFoundError, ValueError) as error:
        raise DatasetError(_CHANGED.format(name=frozen.name, version=version, why=error)) from error
    size = f"{len(frozen.manifest.pictures):,} pictures"
    return Dataset(path, frozen.name, size, frozen.row.sha256, dataset_id=dataset_id, version=version)


def _size(upload: Any) -> str:
    if upload.kind == MediaKind.TABLE:
        return f"{upload.rows:,} rows (a header counts as one) and {upload.columns:,} columns"
    return f"{upload.rows:,} files" if upload.kind == MediaKind.ARCHIVE else f"{upload.bytes:,} bytes"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
