"""What an uploaded file is, read from its first bytes and headers, and refused before anything is decoded.

No torch: the web process calls this for every upload.
"""

import csv
import io
import stat
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, TextIO, cast

from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngImageFile

from models.core.contract.card import MediaKind
from models.core.contract.errors import InputError
from models.core.tables import dialect

# Formats whose Pillow readers are well worn; the others (PDF, EPS, FITS, ...) are attack surface.
IMAGE_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM")  # MPO comes as JPEG
# Pillow would only warn; `Limits.pixels` refuses instead, from the header and before decoding.
Image.MAX_IMAGE_PIXELS = None

_TRANSPOSED = {5, 6, 7, 8}  # EXIF orientations that swap width and height
_HEAD_BYTES = 8192
# text as well, and would be read as a table of one column
_DOCUMENTS = ("%pdf-", "%!ps", "<!doctype", "<html", "<svg", "<?xml", "{\\rtf")
_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_ZIP_ENTRY = b"PK\x01\x02"
_LISTING_BYTES_PER_FILE = 512  # a path, and what systems note beside it
_PNG_MAGIC_BYTES = 8
_MOST_CHUNKS = 100_000  # a picture of 64 million pixels has some 30,000 of the usual 8 kB


@dataclass(frozen=True)
class Limits:
    """The most that is taken, checked against headers."""

    pixels: int = 64_000_000
    rows: int = 1_000_000
    columns: int = 1_000
    archive_bytes: int = 2_000_000_000
    archive_files: int = 50_000


class TooLarge(InputError):
    """More than a limit allows; the message names the limit."""


class NotTaken(InputError):
    """Not a kind of file that is taken."""


@dataclass(frozen=True)
class Media:
    """What one file is. Width and height are in pixels as seen, after EXIF rotation."""

    kind: MediaKind
    media_type: str
    width: int | None = None
    height: int | None = None
    rows: int | None = None
    columns: int | None = None


def identify(source: Path | bytes, limits: Limits = Limits()) -> Media:
    """What the file is, by its content; its name and claimed type are not trusted.

    Raises:
        TooLarge: more than `limits` allow.
        NotTaken: empty, or neither an image, a CSV table nor a ZIP archive.
        InputError: an archive that would write outside its folder.
    """
    with _open(source) as file:
        head = file.read(_HEAD_BYTES)
        if not head:
            raise NotTaken("The file is empty.")
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
    except Exception:  # noqa: BLE001  Pillow's readers raise whatever a broken header leads them to
        return None


def _is_transposed(image: Image.Image) -> bool:
    """Whether it is seen with the width and height that its header tells exchanged."""
    if image.format == "TIFF":  # its reader has exchanged them
        return False
    try:
        if isinstance(image, PngImageFile) and "exif" not in image.info and image.fp is not None:
            image.info["exif"] = _png_exif(image.fp)
        # the PNG reader's own would decode the picture, to learn what stands behind it
        return Image.Image.getexif(image).get(ExifTags.Base.Orientation) in _TRANSPOSED
    except Exception:  # noqa: BLE001  broken EXIF does not make a picture less of one
        return False


def _png_exif(file: IO[bytes]) -> bytes | None:
    """The EXIF block of a PNG file, which may stand behind the picture."""
    file.seek(_PNG_MAGIC_BYTES)
    for _ in range(_MOST_CHUNKS):
        length, kind = struct.unpack(">I4s", file.read(8))
        if kind == b"eXIf":
            return file.read(length)
        if kind == b"IEND":
            break
        file.seek(length + 4, io.SEEK_CUR)  # its data and their check sum
    return None


def check_pixels(width: int, height: int, limit: int) -> None:
    """Raises TooLarge when a picture of this size has more than `limit` pixels."""
    if width * height > limit:
        raise TooLarge(
            f"The picture has {width} × {height} = {width * height:,} pixels; at most {limit:,} are taken."
        )


class _Listed:
    """An archive's file as `zipfile` reads it, which takes the whole list of files at once.

    Its bytes are counted before it is read, and its entries before they are parsed, whatever number the
    archive claims: an entry that is parsed costs seven times its bytes.
    """

    def __init__(self, file: BinaryIO, most_files: int):
        self._file, self._most_files = file, most_files
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1) -> bytes:
        most = self._most_files * _LISTING_BYTES_PER_FILE
        if size > most:
            raise TooLarge(f"The archive's list of files takes {size:,} bytes; at most {most:,} are taken.")
        data = self._file.read(size)
        found = data.count(_ZIP_ENTRY)
        if found > self._most_files:
            raise TooLarge(f"The archive holds {found:,} files; at most {self._most_files:,} are taken.")
        return data


def _archive(file: BinaryIO, limits: Limits) -> Media:
    try:
        with zipfile.ZipFile(cast(BinaryIO, _Listed(file, limits.archive_files))) as archive:
            entries = archive.infolist()
    except InputError:
        raise
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise NotTaken(f"The ZIP archive cannot be read: {error}.") from error
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > limits.archive_bytes:
        raise TooLarge(
            f"The archive would unpack to {unpacked:,} bytes; at most {limits.archive_bytes:,} are taken."
        )
    for entry in entries:
        path = PurePosixPath(entry.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in (path.parts or ("",))[0]:
            raise InputError(f"The archive's file {entry.filename!r} would be written outside its folder.")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise InputError(f"The archive's file {entry.filename!r} is a link; only plain files are taken.")
    return Media(MediaKind.ARCHIVE, "application/zip", rows=len(entries))


def _table(file: BinaryIO, head: bytes, limits: Limits) -> Media:
    encoding = dialect.encoding_of(head, is_whole=len(head) < _HEAD_BYTES)
    start = head.decode(encoding, errors="replace")
    if not dialect.is_text(start) or start.lstrip("\ufeff \t\r\n").lower().startswith(_DOCUMENTS):
        raise NotTaken("The file is neither an image, a CSV table nor a ZIP archive.")
    text = io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="")
    try:
        rows, columns = _count(text, start, limits)
    finally:
        text.detach()
    return Media(MediaKind.TABLE, "text/csv", rows=rows, columns=columns)


def _count(text: TextIO, start: str, limits: Limits) -> tuple[int, int]:
    rows = columns = 0
    try:
        for row in csv.reader(text, delimiter=dialect.delimiter_of(start)):
            rows += bool(row)
            columns = max(columns, len(row))
            if columns > limits.columns:
                raise TooLarge(f"Row {rows} has {columns:,} columns; at most {limits.columns:,} are taken.")
            if rows > limits.rows + 1:  # one is the header
                raise TooLarge(f"The table has more than {limits.rows:,} rows; at most that many are taken.")
    except csv.Error as error:
        raise NotTaken(f"The file cannot be read as a CSV table: row {rows + 1}: {error}.") from error
    return rows, columns
