"""Files by key in any file system of fsspec, such as S3, and the copies of them on this machine."""

import errno
import fcntl
import hashlib
import os
import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, BinaryIO, Self, cast

import fsspec
from fsspec import AbstractFileSystem

from backend.errors import StorageAway

_PROBE = ".glassbox"  # a key: an answer is not enough, as a bucket can be read-only
_NO_BUCKET = re.compile("NoSuchBucket|bucket does not exist")  # a path, too, can have "bucket" in it
_IN_USE_SECONDS = 600.0  # between the request for a copy and the moment that it is opened, at most


def connect(url: str, cache: "Cache") -> "RemoteStorage":
    """The storage at an fsspec URL such as s3://bucket/path."""
    # a listing of a moment ago would hide what other processes have stored or deleted since
    files, root = fsspec.core.url_to_fs(url, use_listings_cache=False)
    return RemoteStorage(files, root, cache)


class RemoteStorage:
    """Files in an object store, whose writes are atomic."""

    is_near = False

    def __init__(self, files: AbstractFileSystem, root: str, cache: "Cache"):
        self.files, self.root, self.cache = files, root.rstrip("/"), cache

    def put(self, key: str, data: bytes) -> None:
        with _answering():
            self.files.pipe_file(self._at(key), data)

    def put_file(self, key: str, path: Path) -> None:
        with _answering():
            self.files.put_file(str(path), self._at(key))

    def get(self, key: str) -> bytes:
        with _answering(), self._open(key) as file:
            return file.read()

    def open(self, key: str) -> BinaryIO:
        with _answering():
            return self._open(key)

    def local(self, key: str, folder: Path | None = None) -> Path:
        # named by the key: files never change, except checkpoints, which are not cached
        name = hashlib.sha256(key.encode()).hexdigest()
        if folder is None and (kept := self.cache.find(name)):
            return kept
        path = (folder or self.cache.folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{uuid.uuid4().hex}.partial")
        try:
            with _answering():
                self.files.get_file(self._at(key), str(partial))
            partial.replace(path)
        except OSError:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
            raise
        if folder is None:
            self.cache.trim()
        return path

    def delete(self, key: str) -> None:
        with suppress(FileNotFoundError), _answering():
            self.files.rm_file(self._at(key))

    def delete_all(self, start: str) -> None:
        with _answering():
            for path in self.files.glob(f"{self._at(start)}*"):
                self.files.rm_file(path)

    def partials(self) -> list[Path]:
        return []  # object stores list complete files only

    def check(self) -> None:
        self.put(_PROBE, b"probe")
        self.delete(_PROBE)

    def _open(self, key: str) -> BinaryIO:
        return cast(BinaryIO, _RemoteFile(cast(IO[bytes], self.files.open(self._at(key), "rb"))))

    def _at(self, key: str) -> str:
        return f"{self.root}/{key}"


class _RemoteFile:
    """A file open for reading, which is fetched piece by piece."""

    def __init__(self, file: IO[bytes]):
        self._file = file

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def seek(self, offset: int) -> int:
        return self._file.seek(offset)

    def read(self, size: int = -1) -> bytes:
        with _answering():
            return self._file.read(size)

    def close(self) -> None:
        self._file.close()


@contextmanager
def _answering() -> Iterator[None]:
    """The errors of a file system are those of several libraries: only a missing file is distinguished."""
    try:
        yield
    except FileNotFoundError as error:
        if not _NO_BUCKET.search(str(error)):
            raise
        raise StorageAway(errno.ENODEV, str(error)) from error
    except StorageAway:
        raise
    except Exception as error:
        number = (error.errno if isinstance(error, OSError) else None) or errno.EIO
        raise StorageAway(number, f"{type(error).__name__}: {error}") from error


class Cache:
    """Copies of remote files on this machine, the least recently used ones deleted beyond `limit` bytes."""

    def __init__(self, folder: Path, limit: int):
        self.folder, self.limit = folder, limit

    def find(self, name: str) -> Path | None:
        """The path of a copy, which then stays for at least `_IN_USE_SECONDS`."""
        path = self.folder / name
        with suppress(FileNotFoundError), self._locked():
            os.utime(path)
            return path
        return None

    def trim(self) -> None:
        """Delete copies beyond the limit, except those requested a moment ago."""
        with self._locked():
            found = [(path, path.stat()) for path in self.folder.glob("[0-9a-f]*")]
            excess = sum(about.st_size for _, about in found) - self.limit
            unused_since = time.time() - _IN_USE_SECONDS
            for path, about in sorted(found, key=lambda copy: copy[1].st_mtime):
                if excess <= 0 or about.st_mtime > unused_since:
                    return
                path.unlink(missing_ok=True)
                excess -= about.st_size

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Several processes share the folder: none deletes what another has just found."""
        with (self.folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
