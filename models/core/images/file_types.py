"""The type of an uploaded file, by its first bytes and headers; refused before anything is decoded.

No torch: the web process calls this for every upload.
"""

import io
import stat
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, cast

from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngImageFile

from models.core.contract.card import MediaKind
from models.core.contract.errors import InputError
from models.core.contract.messages import Text
from models.core.tables.extent import extent

# Formats whose Pillow readers are widely used; the others (PDF, EPS, FITS, ...) are attack surface.
IMAGE_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM")  # MPO comes as JPEG
# Pillow would only warn; `Limits.pixels` refuses instead, from the header and before decoding.
Image.MAX_IMAGE_PIXELS = None

_TRANSPOSED = {5, 6, 7, 8}  # EXIF orientations that swap width and height
_HEAD_BYTES = 8192
# these are text, too, and would be read as a table with one column
_DOCUMENTS = (b"%pdf-", b"%!ps", b"<!doctype", b"<html", b"<svg", b"<?xml", b"{\\rtf")
_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_ZIP_ENTRY = b"PK\x01\x02"
_LISTING_BYTES_PER_FILE = 512  # a path and the attributes that systems add
_PNG_MAGIC_BYTES = 8
_MOST_CHUNKS = 100_000  # 64 million pixels take about 30,000 of the usual 8 kB


EMPTY = Text("core.images.empty", "The file is empty.")
UNSUPPORTED = Text("core.images.unsupported", "The file is neither an image, a CSV table nor a ZIP archive.")
TOO_MANY_PIXELS = Text(
    "core.images.too_many_pixels",
    "The image has {width:,} × {height:,} = {pixels:,} pixels; the limit is {limit:,}.",
)
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
class Limits:
    """The largest uploads, checked against headers."""

    pixels: int = 64_000_000
    rows: int = 1_000_000
    columns: int = 1_000
    archive_bytes: int = 2_000_000_000
    archive_files: int = 50_000


class TooLarge(InputError):
    """The file exceeds a limit; the message names it."""


class UnsupportedFile(InputError):
    """The file is of a type that no capability takes."""


@dataclass(frozen=True)
class Media:
    """The type and size of one file. Width and height are in pixels after EXIF rotation."""

    kind: MediaKind
    media_type: str
    width: int | None = None
    height: int | None = None
    rows: int | None = None
    columns: int | None = None


def identify(source: Path | bytes, limits: Limits = Limits()) -> Media:
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
        image = _image(file, limits)
        if image is not None:
            return image
        file.seek(0)
        return _table(file, head, limits)


def _open(source: Path | bytes) -> BinaryIO:
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def _image(file: BinaryIO, limits: Limits) -> Media | None:
    try:
        with Image.open(file, formats=IMAGE_FORMATS) as image:
            width, height = image.size
            check_pixels(width, height, limits.pixels)
            if _is_transposed(image):
                width, height = height, width
            media_type = Image.MIME.get(image.format or "", "application/octet-stream")
            return Media(MediaKind.IMAGE, media_type, width=width, height=height)
    except InputError:
        raise
    except Exception:  # noqa: BLE001  Pillow's readers raise many types on broken headers
        return None


def _is_transposed(image: Image.Image) -> bool:
    """Whether EXIF rotation swaps the width and height in the header."""
    if image.format == "TIFF":  # its reader has swapped them
        return False
    try:
        if isinstance(image, PngImageFile) and "exif" not in image.info and image.fp is not None:
            image.info["exif"] = _png_exif(image.fp)
        # the PNG reader's own method would decode the image to reach what follows it
        return Image.Image.getexif(image).get(ExifTags.Base.Orientation) in _TRANSPOSED
    except Exception:  # noqa: BLE001  an image with broken EXIF is still an image
        return False


def _png_exif(file: IO[bytes]) -> bytes | None:
    """The EXIF block of a PNG file, which can follow the image data."""
    file.seek(_PNG_MAGIC_BYTES)
    for _ in range(_MOST_CHUNKS):
        length, kind = struct.unpack(">I4s", file.read(8))
        if kind == b"eXIf":
            return file.read(length)
        if kind == b"IEND":
            break
        file.seek(length + 4, io.SEEK_CUR)  # data and checksum
    return None


def check_pixels(width: int, height: int, limit: int) -> None:
    """Raises TooLarge: an image of this size has more than `limit` pixels."""
    if width * height > limit:
        raise TooLarge(TOO_MANY_PIXELS(width=width, height=height, pixels=width * height, limit=limit))


class _LimitedListing:
    """An archive's file for `zipfile`, which reads the whole list of files at once.

    The list's bytes are counted before it is read and its entries before they are parsed, whatever number the
    archive claims: a parsed entry takes seven times its bytes.
    """

    def __init__(self, file: BinaryIO, most_files: int):
        self._file, self._most_files = file, most_files
        self.seek, self.tell = file.seek, file.tell

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
        with zipfile.ZipFile(cast(BinaryIO, _LimitedListing(file, limits.archive_files))) as archive:
            entries = archive.infolist()
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
    return Media(MediaKind.ARCHIVE, "application/zip", rows=len(entries))


def _table(file: BinaryIO, head: bytes, limits: Limits) -> Media:
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_DOCUMENTS) or not (size := extent(file)):
        raise UnsupportedFile(UNSUPPORTED())
    if size.columns > limits.columns:
        raise TooLarge(TOO_MANY_COLUMNS(row=size.widest_row, columns=size.columns, limit=limits.columns))
    if size.rows > limits.rows + 1:  # one is the header
        raise TooLarge(TOO_MANY_ROWS(rows=size.rows, limit=limits.rows))
    return Media(MediaKind.TABLE, "text/csv", rows=size.rows, columns=size.columns)
