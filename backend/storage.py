"""Files by key: on the local disk, or in any file system of fsspec, such as S3.

A key is a relative path such as `uploads/ab/abcd...`. Writes are atomic.
"""

import hashlib
import os
import shutil
import uuid
from functools import cache
from pathlib import Path
from typing import BinaryIO, Protocol, cast

import fsspec
from fsspec import AbstractFileSystem

from backend.settings import settings

_PARTIALS = ".partial"


class Storage(Protocol):
    is_near: bool  # writing a small file takes less time than starting a thread

    def put(self, key: str, data: bytes) -> None: ...
    def put_file(self, key: str, path: Path) -> None:
        """Store the file at `path`, which may be moved away."""
        ...

    def get(self, key: str) -> bytes:
        """Raises FileNotFoundError."""
        ...

    def open(self, key: str) -> BinaryIO: ...
    def local(self, key: str, folder: Path | None = None) -> Path:
        """A read-only path of the file on this machine.

        Args:
            folder: for a copy, if one is needed; by default copies are cached.
        """
        ...

    def delete(self, key: str) -> None:
        """Delete the file if it exists."""
        ...

    def delete_all(self, start: str) -> None:
        """Delete every file whose key begins with `start`."""
        ...

    def partials(self) -> list[Path]:
        """Incomplete files on this machine: being written, or left by a killed process."""
        ...


class LocalStorage:
    """Files in a folder."""

    is_near = True

    def __init__(self, folder: Path):
        self.folder = folder

    def put(self, key: str, data: bytes) -> None:
        partial = self._partial(key)
        partial.write_bytes(data)
        partial.replace(self.folder / key)

    def put_file(self, key: str, path: Path) -> None:
        partial = self._partial(key)
        shutil.move(path, partial)
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        partial.replace(self.folder / key)

    def get(self, key: str) -> bytes:
        return (self.folder / key).read_bytes()

    def open(self, key: str) -> BinaryIO:
        return (self.folder / key).open("rb")

    def local(self, key: str, folder: Path | None = None) -> Path:  # noqa: ARG002  the file is local already
        return self.folder / key

    def delete(self, key: str) -> None:
        (self.folder / key).unlink(missing_ok=True)

    def delete_all(self, start: str) -> None:
        target = self.folder / start
        for path in target.parent.glob(f"{target.name}*"):
            path.unlink(missing_ok=True)

    def partials(self) -> list[Path]:
        return list((self.folder / _PARTIALS).glob("*"))

    def _partial(self, key: str) -> Path:
        """In the same folder as all files, so that the last step is a rename within one file system."""
        (self.folder / key).parent.mkdir(parents=True, exist_ok=True)
        partial = self.folder / _PARTIALS / uuid.uuid4().hex
        partial.parent.mkdir(exist_ok=True)
        return partial


class RemoteStorage:
    """Files in an object store, whose writes are atomic."""

    is_near = False

    def __init__(self, files: AbstractFileSystem, root: str, cache_folder: Path):
        self.files, self.root, self.cache_folder = files, root.rstrip("/"), cache_folder

    def put(self, key: str, data: bytes) -> None:
        self.files.pipe_file(self._at(key), data)

    def put_file(self, key: str, path: Path) -> None:
        self.files.put_file(str(path), self._at(key))

    def get(self, key: str) -> bytes:
        with self.open(key) as file:
            return file.read()

    def open(self, key: str) -> BinaryIO:
        return cast(BinaryIO, self.files.open(self._at(key), "rb"))

    def local(self, key: str, folder: Path | None = None) -> Path:
        # named by the key: files never change, except checkpoints, which are not cached
        path = (folder or self.cache_folder) / hashlib.sha256(key.encode()).hexdigest()
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_name(f".{uuid.uuid4().hex}.partial")
            self.files.get_file(self._at(key), str(partial))
            partial.replace(path)
        return path

    def delete(self, key: str) -> None:
        if self.files.exists(self._at(key)):
            self.files.rm_file(self._at(key))

    def delete_all(self, start: str) -> None:
        for path in self.files.glob(f"{self._at(start)}*"):
            self.files.rm_file(path)

    def partials(self) -> list[Path]:
        return []  # object stores list complete files only

    def _at(self, key: str) -> str:
        return f"{self.root}/{key}"


@cache
def storage() -> Storage:
    """The process' storage at `storage_url`."""
    url = settings().resolved_storage_url()
    if "://" not in url:
        return LocalStorage(Path(url))
    files, root = fsspec.core.url_to_fs(url)
    return RemoteStorage(files, root, settings().work_folder() / "fetched")
