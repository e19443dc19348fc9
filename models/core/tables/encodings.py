"""The bytes of a text file to UTF-8, in pieces, because the whole text can be large."""

import codecs

from models.core.contract.errors import InputError
from models.core.contract.messages import Message, Text, join
from models.core.tables import dialect

PIECE = 1 << 24
_HEAD = 8192

IS_ASCII = Text("core.tables.is_ascii", "The file is plain ASCII text and cannot be read as UTF-16.")
NOT_CHOSEN_UTF8 = Text(
    "core.tables.not_chosen_utf8", "Line {line}: byte {byte} is not UTF-8, the encoding chosen for this file."
)
MIXED_ENCODINGS = Text(
    "core.tables.mixed_encodings", "Line {line}: byte {byte} is not UTF-8, although the text before it is."
)
ONE_ENCODING = Text(
    "core.tables.one_encoding", "Save the table in one encoding, or choose another encoding to read it."
)
NOT_CHOSEN = Text(
    "core.tables.not_chosen_encoding",
    "The file cannot be read in the chosen encoding. Byte {byte:,} is not {encoding} text ({reason}).",
)
NOT_DETECTED = Text(
    "core.tables.not_detected_encoding",
    "The file is not a table. Byte {byte:,} is not {encoding} text ({reason}).",
)


def to_utf8(data: bytes, chosen: str = "guess") -> tuple[bytes, str]:
    """The same text in UTF-8 without a byte order mark, and the name of its original encoding.

    Args:
        chosen: the encoding: utf-8, utf-16 or latin-1; "guess" detects it.

    Raises:
        InputError: neither UTF-8, UTF-16 nor Latin-1, more than one of them, or not the chosen one.
    """
    detected = dialect.encoding_of(data[:_HEAD], is_whole=len(data) <= _HEAD)
    if chosen == "utf-16" and data and data.isascii() and b"\0" not in data:
        raise InputError(IS_ASCII())
    if chosen == "utf-16":  # without a byte order mark: little-endian, unless the zeros show otherwise
        return _decode(data, detected if detected.startswith("utf-16") else "utf-16-le", NOT_CHOSEN)
    if chosen == "latin-1":
        return _decode(data, chosen, NOT_CHOSEN)
    if chosen == "guess" and not detected.startswith("utf-8"):
        return _decode(data, detected, NOT_DETECTED)
    data = data.removeprefix(codecs.BOM_UTF8)
    broken = None if data.isascii() else _first_invalid_byte(data)
    if broken is None:
        return data, "utf-8"
    if chosen == "utf-8":
        raise InputError(_not_utf8(data, broken, NOT_CHOSEN_UTF8))
    if not data[:broken].isascii() or detected == "utf-8-sig":
        raise InputError(_not_utf8(data, broken, MIXED_ENCODINGS))
    return _decode(data, "latin-1", NOT_DETECTED)


def _not_utf8(data: bytes, broken: int, message: Text) -> Message:
    line = data.count(b"\n", 0, broken) + 1
    return join(message(line=line, byte=f"0x{data[broken]:02x}"), ONE_ENCODING())


def _decode(data: bytes, encoding: str, message: Text) -> tuple[bytes, str]:
    decoder = codecs.getincrementaldecoder(encoding)()
    pieces: list[bytes] = []
    for at in range(0, len(data), PIECE):
        held = len(decoder.getstate()[0])  # bytes of a character that the last piece cut
        is_last = at + PIECE >= len(data)
        try:
            pieces.append(decoder.decode(data[at : at + PIECE], final=is_last).encode())
        except UnicodeDecodeError as error:
            byte = at - held + error.start + 1
            raise InputError(message(byte=byte, encoding=encoding, reason=error.reason)) from error
    return b"".join(pieces), encoding


def _first_invalid_byte(data: bytes) -> int | None:
    """The position of the first byte that is not UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for at in range(0, len(data), PIECE):
        held = len(decoder.getstate()[0])
        try:
            decoder.decode(data[at : at + PIECE], final=at + PIECE >= len(data))
        except UnicodeDecodeError as error:
            return at - held + error.start
    return None
