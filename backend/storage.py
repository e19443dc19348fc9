"""Files by key: on the local disk, or in any file system of fsspec, such as S3.

A key is a relative path such as `uploads/ab/abcd...`. Writes are atomic. Every operation raises StorageAway
if the storage does not answer or refuses, and FileNotFoundError only for a file that is really gone.
"""

import errno
import logging
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import BinaryIO, Protocol

from backend.errors import StorageAway
from backend.settings import settings

log = logging.getLogger(__name__)

_PARTIALS = ".partial"
_MARK = ".glassbox"  # in the folder: without it another folder is in its place, such as an empty mount point
_MIN_FREE_BYTES = 16_000_000
_PROBE = b"probe " * 1_000


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
                _link_or_copy(path, partial)
                self._complete(partial, key, to_disk=True)
            except OSError:
                _discard(partial)  # `path` is still there, for another try
                raise
        _discard(path)

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


def _link_or_copy(path: Path, to: Path) -> None:
    try:
        os.link(path, to)
    except OSError:  # on another file system, or on one without links
        shutil.copyfile(path, to)


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


def delete_or_log(*keys: str) -> None:
    """Delete files that no row names any more; one that cannot be deleted is logged and left over."""
    for key in keys:
        _or_log(storage().delete, key)


def delete_all_or_log(*starts: str) -> None:
    """As `delete_or_log`, every file whose key begins with one of `starts`."""
    for start in starts:
        _or_log(storage().delete_all, start)


def _or_log(delete: Callable[[str], None], key: str) -> None:
    try:
        delete(key)
    except OSError as error:
        log.warning("the file %s is left over: %s", key, error)


@cache
def storage() -> Storage:
    """The process' storage at `storage_url`."""
    url = settings().resolved_storage_url()
    if "://" not in url:
        return LocalStorage(Path(url), is_durable=settings().durable)
    # fsspec takes a fifth of a second to import, which every start with a local folder would pay for
    from backend.remote_storage import Cache, connect  # noqa: PLC0415

    return connect(url, Cache(settings().work_folder() / "fetched", settings().fetched_bytes))
