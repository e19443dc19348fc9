"""Workbooks of Excel and OpenDocument: recognized by their parts, read by calamine in another process."""

import errno
import json
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from models.core.contract.errors import InputError
from models.core.contract.messages import Text

MAX_UNPACKED = 1_000_000_000
_MEGABYTES = 4_000  # of memory for the reader, the workbook included
_SECONDS = 300
_LOG_BYTES = 2_000
_READER = Path(__file__).with_name("workbook_cells.py")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SECTOR = 512
_ROOT = "Root Entry"
_MINI_SECTOR = 64  # of streams that are shorter than:
_LONG_STREAM = 4_096
_ENTRY = 128  # bytes of an entry in the directory of an OLE file
# records at the start of an xls workbook: [MS-XLS] 2.3
_BOF, _FILE_PASS = b"\x09\x08", b"\x2f\x00"
_MANIFEST = "META-INF/manifest.xml"
_MANIFEST_BYTES = 1_000_000
# the part that only this format has -> its name and media type
_PARTS = {
    "xl/workbook.xml": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "xl/workbook.bin": ("xlsb", "application/vnd.ms-excel.sheet.binary.macroEnabled.12"),
}
_ODS = "application/vnd.oasis.opendocument.spreadsheet"
_XLS = "application/vnd.ms-excel"
_DOCUMENTS = {"word/document.xml": "Word document", "ppt/presentation.xml": "PowerPoint presentation"}

PASSWORD = Text(
    "core.tables.workbook_password",
    "The workbook is encrypted. Save it without a password and upload it again.",
)
DAMAGED = Text("core.tables.workbook_damaged", "The workbook cannot be read: {reason}.")
TOO_LARGE = Text(
    "core.tables.workbook_too_large",
    "The workbook needs more memory or time than is allowed. Save the sheet as CSV.",
)
UNPACKS_TOO_LARGE = Text(
    "core.tables.workbook_unpacks",
    "The workbook would unpack to {bytes:,} bytes; the limit is {limit:,}. Save the sheet as CSV.",
)
NO_SHEET = Text("core.tables.no_sheet", "The workbook has no sheet {name!r}. Its sheets are: {names}.")
NO_CELLS = Text("core.tables.no_cells", "The sheet {name!r} has no cells.")
OTHER_DOCUMENT = Text(
    "core.tables.other_document",
    "The file is a {format}, which is neither an image, a table nor a ZIP archive. Save the table in it as "
    "CSV.",
)


@dataclass(frozen=True)
class Workbook:
    """One sheet as CSV text in UTF-8."""

    data: bytes
    format: str
    sheets: tuple[str, ...]
    sheet: str


def is_workbook(data: bytes) -> bool:
    """Whether the bytes can only be a workbook or another binary file of its kind, not text."""
    return data.startswith((b"PK\x03\x04", OLE))


def media_type_in(archive: zipfile.ZipFile) -> str | None:
    """The media type of the workbook in a ZIP archive; None: it is an archive of other files.

    Raises:
        InputError: it is encrypted, would unpack to too much, or is a document of another program.
    """
    names = set(archive.namelist())
    found = next((media for part, (_, media) in _PARTS.items() if part in names), None)
    if document := next((name for part, name in _DOCUMENTS.items() if part in names), None):
        raise InputError(OTHER_DOCUMENT(format=document))
    if found is None and "mimetype" in names and archive.getinfo("mimetype").file_size < _SECTOR:
        kind = archive.read("mimetype").decode("ascii", errors="replace").strip()
        if kind.startswith("application/vnd.oasis.opendocument.") and not kind.startswith(_ODS):
            raise InputError(OTHER_DOCUMENT(format="OpenDocument file without sheets"))
        found = _ODS if kind.startswith(_ODS) else None
    if found == _ODS and _has_encrypted_parts(archive):
        raise InputError(PASSWORD())
    unpacked = sum(entry.file_size for entry in archive.infolist())
    if found and unpacked > MAX_UNPACKED:
        raise InputError(UNPACKS_TOO_LARGE(bytes=unpacked, limit=MAX_UNPACKED))
    return found


def _has_encrypted_parts(archive: zipfile.ZipFile) -> bool:
    """By the manifest of an OpenDocument file, which is never encrypted itself."""
    is_there = _MANIFEST in archive.namelist()
    if not is_there or archive.getinfo(_MANIFEST).file_size > _MANIFEST_BYTES:
        return False
    return b"encryption-data" in archive.read(_MANIFEST)


def media_type_of_ole(file: BinaryIO) -> str:
    """The media type of an old Excel file, by the directory of its streams.

    Raises:
        InputError: an encrypted workbook, or a document of another program.
    """
    file.seek(0)
    head = file.read(_SECTOR)
    size = 1 << int.from_bytes(head[0x1E:0x20], "little") if len(head) == _SECTOR else 0
    if size not in (_SECTOR, 8 * _SECTOR):
        raise InputError(DAMAGED(reason="its header is cut off"))
    file.seek((int.from_bytes(head[0x30:0x34], "little") + 1) * size)
    directory = file.read(8 * _SECTOR)
    entries = [directory[at : at + _ENTRY] for at in range(0, len(directory), _ENTRY)]
    streams = {_name(entry): entry for entry in entries}
    if _ROOT not in streams:
        raise InputError(DAMAGED(reason="it is cut off"))
    if streams.keys() & {"EncryptedPackage", "EncryptionInfo"}:
        raise InputError(PASSWORD())
    book = streams.get("Workbook") or streams.get("Book")
    if book is None:
        kind = "Word document" if "WordDocument" in streams else "document of another program than Excel"
        raise InputError(OTHER_DOCUMENT(format=kind))
    file.seek(_place(book, streams[_ROOT], size))
    if _is_encrypted(file.read(_SECTOR)):
        raise InputError(PASSWORD())
    return _XLS


def _name(entry: bytes) -> str:
    length = max(0, int.from_bytes(entry[64:66], "little") - 2)  # without the NUL at its end
    return entry[:length].decode("utf-16-le", errors="replace")


def _place(stream: bytes, root: bytes, sector: int) -> int:
    """Where the first bytes of a stream are in an OLE file; short streams are within that of the root."""
    first, length = int.from_bytes(stream[116:120], "little"), int.from_bytes(stream[120:124], "little")
    if length >= _LONG_STREAM:
        return (first + 1) * sector
    return (int.from_bytes(root[116:120], "little") + 1) * sector + first * _MINI_SECTOR


def _is_encrypted(start: bytes) -> bool:
    """Whether one of the first records of an xls workbook announces encryption."""
    at = 0
    for expected in (_BOF, None, None):  # maybe with a protection against writing between them
        kind = start[at : at + 2]
        if kind == _FILE_PASS or (expected and kind != expected):
            return kind == _FILE_PASS
        at += 4 + int.from_bytes(start[at + 2 : at + 4], "little")
    return False


def read(data: bytes, sheet: str = "") -> Workbook:
    """A sheet of the workbook; empty: the first one with cells.

    Raises:
        InputError: encrypted, damaged, too large, or without such a sheet.
        RuntimeError: the reader failed otherwise.
    """
    file_format = _check(data)
    # -P: beside the reader lie files whose names are those of modules of the standard library
    command = [sys.executable, "-P", str(_READER), sheet, str(_MEGABYTES)]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise InputError(TOO_LARGE()) from error
    head, _, cells = done.stdout.partition(b"\n")
    if done.returncode == errno.ENOMEM or done.returncode < 0:  # an allocation that fails in Rust aborts it
        raise InputError(TOO_LARGE())
    if done.returncode or not head:
        tail = done.stderr[-_LOG_BYTES:].decode(errors="replace")
        raise RuntimeError(f"the reader of workbooks ended with code {done.returncode}:\n{tail}")
    found = json.loads(head)
    _raise(found, sheet)
    if not cells.strip():
        raise InputError(NO_CELLS(name=found["sheet"]))
    return Workbook(cells, file_format, tuple(found["sheets"]), found["sheet"])


def _raise(found: dict[str, object], sheet: str) -> None:
    error = found.get("error")
    if error == "password":
        raise InputError(PASSWORD())
    if error == "damaged":
        raise InputError(DAMAGED(reason=found["reason"]))
    if error == "sheet":
        names = ", ".join(repr(name) for name in list(found["sheets"])[:10])  # type: ignore[call-overload]
        raise InputError(NO_SHEET(name=sheet, names=names))


def _check(data: bytes) -> str:
    """The format of the workbook. Raises InputError: too large, encrypted, or none."""
    file = BytesIO(data)
    if data.startswith(OLE):
        media_type_of_ole(file)
        return "xls"
    try:
        with zipfile.ZipFile(file) as archive:
            media = media_type_in(archive)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise InputError(DAMAGED(reason=str(error))) from error
    formats = {media: name for name, media in _PARTS.values()} | {_ODS: "ods"}
    if media is None:
        raise InputError(DAMAGED(reason="it is a ZIP archive of other files"))
    return formats[media]
