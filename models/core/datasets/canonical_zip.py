"""A dataset as the ZIP that trainings read: its manifest and its pictures. Loads nothing heavy."""

import hashlib
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from models.core.contract.dataset import MANIFEST, Manifest, Picture

_MOMENT = (1980, 1, 1, 0, 0, 0)  # equal datasets are equal bytes
_PLAIN_FILE = 0o644 << 16


def write(file: Path | BinaryIO, manifest: Manifest, read: Callable[[Picture], bytes]) -> None:
    """Write the pictures as they are, not compressed again.

    Args:
        read: the file of a picture.

    Raises:
        ValueError: a picture's file has another SHA-256 than the manifest.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, data in _entries(manifest, read):
            entry = zipfile.ZipInfo(name, _MOMENT)
            entry.external_attr = _PLAIN_FILE
            archive.writestr(entry, data)


def _entries(manifest: Manifest, read: Callable[[Picture], bytes]) -> Iterator[tuple[str, bytes]]:
    yield MANIFEST, manifest.to_json()
    for picture in manifest.pictures:
        data = read(picture)
        found = hashlib.sha256(data).hexdigest()
        if found != picture.sha256:
            raise ValueError(f"the SHA-256 of {picture.file!r} is {found}, not {picture.sha256}")
        yield picture.file, data
