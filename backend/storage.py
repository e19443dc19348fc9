"""Files by key: on the local disk, or in any file system of fsspec, such as S3.

A key is a relative path such as `uploads/ab/abcd...`. Writes are atomic. Every operation raises StorageAway
if the storage does not answer or refuses, and FileNotFoundError only for a file that is really gone.
"""

import errno
import fcntl
import hashlib
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import IO, BinaryIO, Protocol, Self, cast

import fsspec
from fsspec import AbstractFileSystem

from backend.errors import StorageAway
from backend.settings import settings

_PARTIALS = ".partial"
_MARK = ".glassbox"  # in the folder: without it another folder is in its place, such as an empty mount point
_MIN_FREE_BYTES = 16_000_000
_PROBE = b"probe " * 1_000
_IN_USE_SECONDS = 600.0  # between the request for a copy and the moment that it is opened, at most


class Storage(Protocol):
    is_near: bool  # writing a small file takes less time than starting a thread

    def put(self, key: str, data: bytes) -> None: ...
    def put_file(self, key: str, path: Path) -> None:
        """Store the file at `path`, which may be moved away."""
        ...

    def get(self, key: str) -> bytes: ...
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

    def check(self) -> None:
        """Raises StorageAway: a file could not be written at the moment."""
        ...


class LocalStorage:
    """Files in a folder."""

    is_near = True

    def __init__(self, folder: Path, *, is_durable: bool = False):
        self.folder, self.is_durable = folder, is_durable
        self._is_marked = False

    def put(self, key: str, data: bytes) -> None:
        with self._away():
            partial = self._partial(key)
            try:
                partial.write_bytes(data)
                self._complete(partial, key, to_disk=self.is_durable)
            except OSError:
                _discard(partial)  # on a full disk it takes the room of others
                raise

    def put_file(self, key: str, path: Path) -> None:
        with self._away():
            partial = self._partial(key)
            try:
                shutil.move(path, partial)
                self._complete(partial, key, to_disk=True)
            except OSError:
                with suppress(OSError):
                    partial.rename(path)  # for another try
                _discard(partial)
                raise

    def get(self, key: str) -> bytes:
        with self._away():
            return (self.folder / key).read_bytes()

    def open(self, key: str) -> BinaryIO:
        with self._away():
            return (self.folder / key).open("rb")

    def local(self, key: str, folder: Path | None = None) -> Path:  # noqa: ARG002  the file is local already
        path = self.folder / key
        with self._away():
            path.stat()
        return path

    def delete(self, key: str) -> None:
        with self._away():
            (self.folder / key).unlink(missing_ok=True)

    def delete_all(self, start: str) -> None:
        target = self.folder / start
        with self._away():
            for path in target.parent.glob(f"{target.name}*"):
                path.unlink(missing_ok=True)

    def partials(self) -> list[Path]:
        return list((self.folder / _PARTIALS).glob("*"))

    def check(self) -> None:
        with self._away():
            partial = self._partial(_MARK)
            space = os.statvfs(self.folder)
            # some file systems count no inodes
            if space.f_bavail * space.f_frsize < _MIN_FREE_BYTES or (space.f_files and not space.f_favail):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.folder))
            try:
                partial.write_bytes(_PROBE)
            finally:
                _discard(partial)

    def _partial(self, key: str) -> Path:
        """In the same folder as all files, so that the last step is a rename within one file system."""
        self._mark()
        (self.folder / key).parent.mkdir(parents=True, exist_ok=True)
        partial = self.folder / _PARTIALS / uuid.uuid4().hex
        partial.parent.mkdir(exist_ok=True)
        return partial

    def _mark(self) -> None:
        mark = self.folder / _MARK
        if self._is_marked:
            mark.stat()  # never write into the folder that an unmounted disk leaves behind
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        mark.touch()
        self._is_marked = True

    def _complete(self, partial: Path, key: str, *, to_disk: bool) -> None:
        path = self.folder / key
        if to_disk:
            _sync(partial)
        partial.replace(path)
        if self.is_durable:
            # the name of the file, and those of folders that are new
            for folder in path.relative_to(self.folder).parents:
                _sync(self.folder / folder)

    @contextmanager
    def _away(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            if self._is_there():
                raise
            raise StorageAway(errno.ENODEV, f"the folder {self.folder} is missing or not mounted") from error
        except OSError as error:
            raise StorageAway(error.errno or errno.EIO, str(error)) from error

    def _is_there(self) -> bool:
        if self._is_marked:
            return (self.folder / _MARK).exists()
        return self.folder.is_dir() and any(self.folder.iterdir())


def _sync(path: Path) -> None:
    """Write a file or a folder through to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _discard(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)


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
            _discard(partial)
            raise
        if folder is None:
            self.cache.trim()
        return path

    def delete(self, key: str) -> None:
        with _answering(), suppress(FileNotFoundError):
            self.files.rm_file(self._at(key))

    def delete_all(self, start: str) -> None:
        with _answering():
            for path in self.files.glob(f"{self._at(start)}*"):
                self.files.rm_file(path)

    def partials(self) -> list[Path]:
        return []  # object stores list complete files only

    def check(self) -> None:
        with _answering(), suppress(FileNotFoundError):
            self.files.info(self._at(_MARK))

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
        if "bucket" not in str(error).lower():
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


@cache
def storage() -> Storage:
    """The process' storage at `storage_url`."""
    url = settings().resolved_storage_url()
    if "://" not in url:
        return LocalStorage(Path(url), is_durable=settings().durable)
    # a listing of a moment ago would hide what other processes have stored or deleted since
    files, root = fsspec.core.url_to_fs(url, use_listings_cache=False)
    return RemoteStorage(files, root, Cache(settings().work_folder() / "fetched", settings().fetched_bytes))
