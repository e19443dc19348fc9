"""The size of a text table without parsing it, within a time that its bytes bound, however it is made.

Lines are counted at the speed of a search, blank ones and those within quotation marks aside; the columns are
those of the first rows. No pandas, no NumPy: the web process calls this for every upload.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import BinaryIO

from models.core.tables import dialect
from models.core.tables.encodings import HEAD, codec_of, detect, is_text

_PIECE = 1 << 20
_HEAD = 1 << 16  # characters in which the delimiter is looked for
_ROWS = 50  # whose cells are counted


@dataclass(frozen=True)
class Extent:
    """`rows` includes the header."""

    rows: int
    columns: int
    widest_row: int


def extent(file: BinaryIO) -> Extent | None:
    """The size of the table in a file that is open at its start; None: it is not text.

    Text in an encoding that is not recognized is text too: whoever reads it can name the encoding.
    """
    encoding = detect(_pieces(file))
    file.seek(0)
    texts = _texts(file, encoding or "latin-1")
    start = next(texts, "").removeprefix("\ufeff")
    if not (is_text(start[:HEAD]) if encoding else _is_unknown_text(start[:HEAD])):
        return None
    columns, widest_row = _columns(start[:_HEAD])
    return Extent(_rows(chain([start], texts)), columns, -widest_row)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece


def _texts(file: BinaryIO, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(codec_of(encoding))(errors="replace")
    return (decoder.decode(piece) for piece in _pieces(file))


def _is_unknown_text(start: str) -> bool:
    """Lines without control characters of ASCII; the others can be letters."""
    return "\n" in start.replace("\r", "\n") and is_text(re.sub("[\x7f-\x9f]", "", start))


def _columns(start: str) -> tuple[int, int]:
    """The most cells of a row, and that row."""
    if spaced := dialect.spaced_columns(start):
        return spaced, -1
    rows = csv.reader(io.StringIO(start, newline=""), delimiter=dialect.delimiter_of(start))
    try:
        return max(((len(row), -number) for number, row in enumerate(islice(rows, _ROWS), 1)), default=(0, 0))
    except csv.Error:
        return 0, 0  # reading the table names the place


class _Lines:
    """Counts the lines of a text given in pieces, but for blank ones."""

    def __init__(self) -> None:
        self._ended, self._is_at_end = 0, True

    def add(self, text: str) -> None:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        while "\n\n" in text:
            text = text.replace("\n\n", "\n")
        if self._is_at_end:
            text = text.removeprefix("\n")
        if text:
            self._ended += text.count("\n")
            self._is_at_end = text.endswith("\n")

    @property
    def total(self) -> int:
        return self._ended + (not self._is_at_end)


def _rows(texts: Iterable[str]) -> int:
    """The lines that are not blank and not within quotation marks, unless a mark is left open."""
    every, unquoted = _Lines(), _Lines()
    is_open = False
    for text in texts:
        every.add(text)
        if not is_open and '"' not in text:
            unquoted.add(text)
            continue
        parts = text.split('"')
        unquoted.add("x".join(parts[1::2] if is_open else parts[::2]))
        is_open ^= len(parts) % 2 == 0
    return every.total if is_open else unquoted.total
