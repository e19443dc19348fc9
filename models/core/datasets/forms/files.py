"""The files of an archive under names that are safe to use, within limits; nothing is extracted to disk."""

import lzma
import stat
import unicodedata
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from models.core.contract.errors import InputError
from models.core.contract.messages import Text
from models.core.images.file_types import (
    LARGE_ARCHIVE,
    LINK,
    OUTSIDE_FOLDER,
    UNREADABLE_ARCHIVE,
    LimitedListing,
)
from models.core.images.limits import USUAL, Limits, TooLarge

FILE_BYTES = 200_000_000  # of one unpacked file
MOST_PACKED = 500  # times that one file may grow when it is unpacked
_PACKED_FROM = 1_000_000  # bytes; smaller files may be packed as tightly as they like
_NAME_CHARACTERS = 500
_ADDED = {"__MACOSX", "Thumbs.db", "desktop.ini"}  # by file managers; and all names that begin with a dot
_ENCRYPTED = 1  # among an entry's flags

LARGE_FILE = Text(
    "core.datasets.large_file", "The archive's file {name!r} has {bytes:,} bytes; the limit is {limit:,}."
)
BOMB = Text(
    "core.datasets.bomb",
    "The archive's file {name!r} would grow to {times:,} times its packed size; the limit is {limit:,}.",
)
ENCRYPTED = Text(
    "core.datasets.encrypted", "The archive's file {name!r} is encrypted. Pack the files without a password."
)
TWICE = Text("core.datasets.twice", "The archive has the file {name!r} twice.")
LONG_NAME = Text("core.datasets.long_name", "A file in the archive has a name of {n:,} characters: {name!r}.")
DAMAGED = Text("core.datasets.damaged", "The archive's file {name!r} is damaged: {reason}.")
NOT_UTF_8 = Text(
    "core.datasets.not_utf_8", "{name} is not UTF-8 text: byte {byte:,}. Save it anew with this encoding."
)


class Files:
    """The plain files of an open archive. Use it as a context manager, or call `close`.

    Names have forward slashes and Unicode in its composed form, as most systems write it. Files that file
    managers add, such as thumbnails, are left out.
    """

    def __init__(self, archive: zipfile.ZipFile, limits: Limits = USUAL, opened: BinaryIO | None = None):
        """Raises InputError: a file that is encrypted, a link, too large, or outside of the archive."""
        self.archive, self.limits, self._opened = archive, limits, opened
        self._entries: dict[str, zipfile.ZipInfo] = {}
        for entry in archive.infolist():
            name = _safe_name(entry)
            if entry.filename.endswith(("/", "\\")) or is_added(name):
                continue
            if name in self._entries:
                raise InputError(TWICE(name=name))
            _check_size(entry, name)
            self._entries[name] = entry
        unpacked = sum(entry.file_size for entry in self._entries.values())
        if unpacked > limits.archive_bytes:
            raise TooLarge(LARGE_ARCHIVE(bytes=unpacked, limit=limits.archive_bytes))
        self.names = sorted(self._entries)

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def __enter__(self) -> "Files":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.archive.close()
        if self._opened is not None:
            self._opened.close()

    def bytes_of(self, name: str) -> int:
        """The size of a file."""
        return self._entries[name].file_size

    def read(self, name: str) -> bytes:
        """The content of a file. Raises InputError: it is damaged."""
        try:
            return self.archive.read(self._entries[name])
        # zipfile: truncated, overlapping, or compressed with an unsupported method
        except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, RuntimeError, EOFError, OSError) as error:
            raise InputError(DAMAGED(name=name, reason=str(error))) from error

    def text(self, name: str) -> str:
        """The content of a UTF-8 file, with or without a byte order mark. Raises InputError."""
        try:
            return self.read(name).decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise InputError(NOT_UTF_8(name=name, byte=error.start)) from error


def open_files(path: Path, limits: Limits = USUAL) -> Files:
    """The files of a ZIP.

    Raises:
        InputError: not a ZIP, beyond the limits, or with a file that is refused; the message names it.
    """
    file = path.open("rb")
    try:
        archive = zipfile.ZipFile(cast(BinaryIO, LimitedListing(file, limits.archive_files)))
        archive.fp = file  # the listing is read: from here on without limits
        return Files(archive, limits, file)
    except InputError:
        file.close()
        raise
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        file.close()
        raise InputError(UNREADABLE_ARCHIVE(reason=str(error))) from error


def is_added(name: str) -> bool:
    """Whether a file manager added this file to the archive."""
    return any(part in _ADDED or part.startswith(".") for part in PurePosixPath(name).parts)


def _safe_name(entry: zipfile.ZipInfo) -> str:
    name = unicodedata.normalize("NFC", entry.filename.replace("\\", "/"))
    if len(name) > _NAME_CHARACTERS:
        raise InputError(LONG_NAME(n=len(name), name=f"{name[:60]}…"))
    parts = name.split("/")
    if name.startswith("/") or ".." in parts or ":" in parts[0]:
        raise InputError(OUTSIDE_FOLDER(name=entry.filename))
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise InputError(LINK(name=entry.filename))
    return "/".join(part for part in parts if part not in ("", "."))


def _check_size(entry: zipfile.ZipInfo, name: str) -> None:
    if entry.flag_bits & _ENCRYPTED:
        raise InputError(ENCRYPTED(name=name))
    if entry.file_size > FILE_BYTES:
        raise TooLarge(LARGE_FILE(name=name, bytes=entry.file_size, limit=FILE_BYTES))
    times = entry.file_size // max(entry.compress_size, 1)
    if entry.file_size > _PACKED_FROM and times > MOST_PACKED:
        raise TooLarge(BOMB(name=name, times=times, limit=MOST_PACKED))
