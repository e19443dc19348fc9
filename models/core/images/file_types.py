"""The type of an uploaded file, by its first bytes and headers; refused before anything is decoded.

No torch: the web process calls this for every upload.
"""

import io
import stat
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from models.core.contract.card import MediaKind
from models.core.contract.errors import InputError
from models.core.contract.messages import Text
from models.core.images.limits import USUAL, Limits, TooLarge, UnsupportedFile
from models.core.images.picture_files import NotAPicture, open_picture
from models.core.tables import workbooks
from models.core.tables.extent import extent

_HEAD_BYTES = 8192
_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_ZIP_ENTRY = b"PK\x01\x02"
_LISTING_BYTES_PER_FILE = 512  # a path and the attributes that systems add


EMPTY = Text("core.images.empty", "The file is empty.")
UNSUPPORTED = Text("core.images.unsupported", "The file is neither an image, a CSV table nor a ZIP archive.")
LONG_LISTING = Text(
    "core.images.long_listing", "The archive's list of files has {bytes:,} bytes; the limit is {limit:,}."
)
TOO_MANY_FILES = Text(
    "core.images.too_many_files", "The archive contains {files:,} files; the limit is {limit:,}."
)
UNREADABLE_ARCHIVE = Text("core.images.unreadable_archive", "The ZIP archive cannot be read: {reason}.")
LARGE_ARCHIVE = Text(
    "core.images.large_archive", "The archive would unpack to {bytes:,} bytes; the limit is {limit:,}."
)
OUTSIDE_FOLDER = Text(
    "core.images.outside_folder", "The archive's file {name!r} would be written outside its folder."
)
LINK = Text(
    "core.images.link", "The archive's file {name!r} is a link; archives can contain plain files only."
)
TOO_MANY_COLUMNS = Text(
    "core.images.too_many_columns", "Row {row:,} has {columns:,} columns; the limit is {limit:,}."
)
TOO_MANY_ROWS = Text("core.images.too_many_rows", "The table has {rows:,} rows; the limit is {limit:,}.")


@dataclass(frozen=True)
class Media:
    """The type and size of one file. Width and height are in pixels after EXIF rotation."""

    kind: MediaKind
    media_type: str
    width: int | None = None
    height: int | None = None
    rows: int | None = None
    columns: int | None = None


def identify(source: Path | bytes, limits: Limits = USUAL) -> Media:
    """The type of the file by its content; its name and claimed type are not trusted.

    Raises:
        TooLarge: the file exceeds one of the `limits`.
        UnsupportedFile: empty, or neither an image, a CSV table nor a ZIP archive.
        InputError: an archive that would write outside its folder.
    """
    with _open(source) as file:
        head = file.read(_HEAD_BYTES)
        if not head:
            raise UnsupportedFile(EMPTY())
        file.seek(0)
        if head.startswith(_ZIP_MAGIC):
            return _archive(file, limits)
        if head.startswith(workbooks.OLE):
            return Media(MediaKind.TABLE, _workbook(lambda: workbooks.media_type_of_ole(file)) or "")
        image = _image(file, limits)
        if image is not None:
            return image
        file.seek(0)
        return _table(file, limits)


def _open(source: Path | bytes) -> BinaryIO:
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def _image(file: BinaryIO, limits: Limits) -> Media | None:
    """The picture in the file; None: it is of another type, which may be a table."""
    try:
        opened = open_picture(file, limits.pixels)
    except NotAPicture:
        return None
    width, height = opened.size
    return Media(MediaKind.IMAGE, opened.media_type, width=width, height=height)


class LimitedListing:
    """An archive's file for `zipfile`, which reads the whole list of files at once.

    The list's bytes are counted before it is read and its entries before they are parsed, whatever number the
    archive claims: a parsed entry takes seven times its bytes.
    """

    def __init__(self, file: BinaryIO, most_files: int):
        self._file, self._most_files = file, most_files
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        limit = self._most_files * _LISTING_BYTES_PER_FILE
        if size > limit:
            raise TooLarge(LONG_LISTING(bytes=size, limit=limit))
        data = self._file.read(size)
        files = data.count(_ZIP_ENTRY)
        if files > self._most_files:
            raise TooLarge(TOO_MANY_FILES(files=files, limit=self._most_files))
        return data


def _archive(file: BinaryIO, limits: Limits) -> Media:
    try:
        with zipfile.ZipFile(cast(BinaryIO, LimitedListing(file, limits.archive_files))) as archive:
            entries = archive.infolist()
            workbook = _workbook(lambda: workbooks.media_type_in(archive))
    except InputError:
        raise
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise UnsupportedFile(UNREADABLE_ARCHIVE(reason=str(error))) from error
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > limits.archive_bytes:
        raise TooLarge(LARGE_ARCHIVE(bytes=unpacked, limit=limits.archive_bytes))
    for entry in entries:
        path = PurePosixPath(entry.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in (path.parts or ("",))[0]:
            raise InputError(OUTSIDE_FOLDER(name=entry.filename))
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise InputError(LINK(name=entry.filename))
    if workbook:
        return Media(MediaKind.TABLE, workbook)
    return Media(MediaKind.ARCHIVE, "application/zip", rows=len(entries))


def _workbook(media_type: Callable[[], str | None]) -> str | None:
    """The media type of a workbook. Raises UnsupportedFile: encrypted, or another document."""
    try:
        return media_type()
    except InputError as error:
        raise UnsupportedFile(*error.args) from error


def _table(file: BinaryIO, limits: Limits) -> Media:
    if not (size := extent(file)):
        raise UnsupportedFile(UNSUPPORTED())
    if size.columns > limits.columns:
        raise TooLarge(TOO_MANY_COLUMNS(row=size.widest_row, columns=size.columns, limit=limits.columns))
    if size.rows > limits.rows + 1:  # one is the header
        raise TooLarge(TOO_MANY_ROWS(rows=size.rows, limit=limits.rows))
    return Media(MediaKind.TABLE, "text/csv", rows=size.rows, columns=size.columns)
