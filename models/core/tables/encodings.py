"""The bytes of a text file to UTF-8, piece by piece, as the whole text would be large."""

import codecs
from typing import NoReturn

from models.core.contract.errors import InputError
from models.core.tables import dialect

PIECE = 1 << 24
_HEAD = 8192


def to_utf8(data: bytes, told: str = "guess") -> tuple[bytes, str]:
    """The same text in UTF-8 without a byte order mark, and the name of the encoding it was in.

    Args:
        told: the encoding, where it is not to be found: utf-8, utf-16 or latin-1.

    Raises:
        InputError: neither UTF-8, UTF-16 nor Latin-1, more than one of them, or not what was told.
    """
    found = dialect.encoding_of(data[:_HEAD], is_whole=len(data) <= _HEAD)
    if told == "utf-16" and data and data.isascii() and b"\0" not in data:
        raise InputError(
            "The file cannot be read as it was told. Byte 1: it is no utf-16 text (it is ASCII)."
        )
    if told == "utf-16":  # without a mark it is the little end, unless the zeros say otherwise
        return _decoded(data, found if found.startswith("utf-16") else "utf-16-le", is_told=True)
    if told == "latin-1":
        return _decoded(data, told, is_told=True)
    if told == "guess" and not found.startswith("utf-8"):
        return _decoded(data, found, is_told=False)
    data = data.removeprefix(codecs.BOM_UTF8)
    broken = None if data.isascii() else _where_broken(data)
    if broken is None:
        return data, "utf-8"
    if told == "utf-8":
        _refuse(data, broken, f"byte 0x{data[broken]:02x} is not UTF-8, as which the file was to be read")
    if not data[:broken].isascii() or found == "utf-8-sig":
        _refuse(data, broken, f"byte 0x{data[broken]:02x} is not UTF-8, though the text before it is")
    return _decoded(data, "latin-1", is_told=False)


def _refuse(data: bytes, broken: int, what: str) -> NoReturn:
    line = data.count(b"\n", 0, broken) + 1
    raise InputError(
        f"Line {line}: {what}. Save the table in one encoding, or choose another one to read it in."
    )


def _decoded(data: bytes, encoding: str, *, is_told: bool) -> tuple[bytes, str]:
    decoder = codecs.getincrementaldecoder(encoding)()
    pieces: list[bytes] = []
    for at in range(0, len(data), PIECE):
        held = len(decoder.getstate()[0])  # bytes of a character that the last piece cut
        is_last = at + PIECE >= len(data)
        try:
            pieces.append(decoder.decode(data[at : at + PIECE], final=is_last).encode())
        except UnicodeDecodeError as error:
            byte = at - held + error.start + 1
            wrong = "cannot be read as it was told" if is_told else "is not a table"
            raise InputError(
                f"The file {wrong}. Byte {byte:,}: it is no {encoding} text ({error.reason})."
            ) from error
    return b"".join(pieces), encoding


def _where_broken(data: bytes) -> int | None:
    """The first byte that is no UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for at in range(0, len(data), PIECE):
        held = len(decoder.getstate()[0])
        try:
            decoder.decode(data[at : at + PIECE], final=at + PIECE >= len(data))
        except UnicodeDecodeError as error:
            return at - held + error.start
    return None
