"""User CSV bytes to named columns, and columns to numbers. Every refusal says which row and column.

Rows are counted as a spreadsheet shows them: the first line, header or not, is row 1.
"""

import csv
import io
import math
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from models.core.errors import InputError

MAX_BYTES = 50_000_000
MAX_ROWS = 100_000
MAX_COLUMNS = 1_000
MAX_CELLS = 3_000_000

MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "?", "#n/a"})
_DELIMITERS = ",;\t|"
_SNIFFED_ROWS = 50
_SHOWN = 40  # characters of a cell in a message
# plain, with a point or a comma before the decimals; with thousands only where they are in threes
_POINT = re.compile(r"[+-]?(?=\.?\d)(?:\d+|\d{1,3}(?:,\d{3})+)?(?:\.\d*)?(?:[eE][+-]?\d+)?")
_COMMA = re.compile(r"[+-]?(?=,?\d)(?:\d+|\d{1,3}(?:\.\d{3})+)?(?:,\d*)?(?:[eE][+-]?\d+)?")


@dataclass(frozen=True)
class Table:
    """Cells as they were written; `rows` are as long as `names`."""

    names: tuple[str, ...]  # unlike each other
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]  # where each row stands in the file
    has_header: bool
    delimiter: str
    encoding: str

    def column(self, index: int) -> list[str]:
        return [row[index] for row in self.rows]


@dataclass(frozen=True)
class Bad:
    """The first cell of a column that is no number."""

    row: int
    text: str
    why: str


@dataclass(frozen=True)
class Numbers:
    """A column read as numbers: `values` float64, shape (rows,), NaN where `missing` or not a number."""

    name: str
    values: np.ndarray
    missing: int
    wrong: int  # cells that are neither missing nor finite numbers
    bad: Bad | None

    @property
    def is_mostly_numbers(self) -> bool:
        good = len(self.values) - self.missing - self.wrong
        return good > 0 and good >= self.wrong


def read(data: bytes) -> Table:
    """The table in a CSV file: its delimiter, encoding and header are found, blank lines are skipped.

    Raises:
        InputError: empty, too large, in mixed encodings, ragged, or no table; the message says where.
    """
    if len(data) > MAX_BYTES:
        raise InputError(f"The table has {len(data):,} bytes; at most {MAX_BYTES:,} are taken.")
    text, encoding = decode(data)
    if not text.strip():
        raise InputError("The file is empty: there is no table in it.")
    delimiter = _delimiter_of(text)
    found = list(_records(text, delimiter))
    first = found[0][1]
    has_header = not any(_is_number(cell) for cell in first)
    body = found[1:] if has_header else found
    if not body:
        raise InputError("The table has a header in row 1 and no rows below it.")
    names = _unlike(first) if has_header else tuple(f"column {n + 1}" for n in range(len(first)))
    rows = tuple(tuple(row) for _, row in body)
    return Table(names, rows, tuple(number for number, _ in body), has_header, delimiter, encoding)


def decode(data: bytes) -> tuple[str, str]:
    """The file's text, and the name of the encoding that it was in.

    Raises:
        InputError: neither UTF-8, UTF-16 nor Latin-1, or more than one of them.
    """
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return _strictly(data, "utf-16"), "utf-16"
    if b"\0" in data[:4096]:  # UTF-16 without its mark: every second byte of plain text is zero
        name = "utf-16-be" if data[:1] == b"\0" else "utf-16-le"
        return _strictly(data, name), name
    name = "utf-8-sig" if data.startswith(BOM_UTF8) else "utf-8"
    try:
        return data.decode(name), "utf-8"
    except UnicodeDecodeError as error:
        offset = len(BOM_UTF8) if name == "utf-8-sig" else 0
        good = data[: offset + error.start]
        if offset or not good.isascii():
            line = good.count(b"\n") + 1
            raise InputError(
                f"Line {line}: byte 0x{data[len(good)]:02x} is not UTF-8, though the text before it is. "
                "Save the table in one encoding."
            ) from error
    return data.decode("latin-1"), "latin-1"


def _strictly(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(
            f"The file is not a table: at byte {error.start} it is no {encoding} text."
        ) from error
    if "\0" in text:
        raise InputError("The file is not a table: it holds NUL characters.")
    return text


def _delimiter_of(text: str) -> str:
    """The sign that cuts most rows at the start into equally many cells, and into the most."""
    best, found = (0.0, 0), ","
    for delimiter in _DELIMITERS:
        try:
            rows = [
                row
                for row in islice(csv.reader(io.StringIO(text, ""), delimiter=delimiter), _SNIFFED_ROWS)
                if row
            ]
        except csv.Error:
            continue
        (length, times) = Counter(map(len, rows)).most_common(1)[0] if rows else (1, 0)
        score = (times / len(rows) if length > 1 else 0.0, length)
        if score > best:
            best, found = score, delimiter
    return found


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(row number, stripped cells) of every row that is not blank, within the limits."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    width = count = 0
    number = 0
    try:
        for number, row in enumerate(reader, start=1):
            if not row:
                continue
            count += 1
            width = width or len(row)
            _check_size(number, count, width)
            if len(row) != width:
                raise InputError(
                    f"Row {number} has {len(row):,} cells; the first row has {width:,}. "
                    f"The delimiter was taken to be {delimiter!r}."
                )
            yield number, [cell.strip() for cell in row]
    except csv.Error as error:
        raise InputError(f"Row {number + 1} cannot be read as CSV: {error}.") from error


def _check_size(number: int, count: int, width: int) -> None:
    if width > MAX_COLUMNS:
        raise InputError(f"Row {number} has {width:,} columns; at most {MAX_COLUMNS:,} are taken.")
    if count > MAX_ROWS + 1:  # one may be the header
        raise InputError(f"The table has more than {MAX_ROWS:,} rows; at most that many are taken.")
    if count * width > MAX_CELLS:
        raise InputError(f"The table has more than {MAX_CELLS:,} cells by row {number}; send fewer rows.")


def _is_number(cell: str) -> bool:
    return (_POINT.fullmatch(cell) or _COMMA.fullmatch(cell)) is not None


def _unlike(header: Iterable[str]) -> tuple[str, ...]:
    """Names made unlike each other: a second `x` becomes `x (2)`, an empty one `column 4`."""
    names: list[str] = []
    for place, cell in enumerate(header, start=1):
        name = base = " ".join(cell.split()) or f"column {place}"
        again = 1
        while name in names:
            again += 1
            name = f"{base} ({again})"
        names.append(name)
    return tuple(names)


def numbers(table: Table, index: int) -> Numbers:
    """One column as numbers, decimals after a point, or after a comma where that reads more of them."""
    cells = table.column(index)
    with_point = _numbers(table, index, cells, _POINT, ",", ".")
    if table.delimiter == "," or not any("," in cell for cell in cells):
        return with_point
    with_comma = _numbers(table, index, cells, _COMMA, ".", ",")
    # `1,234` reads both ways; tables cut by semicolons come from where decimals follow a comma
    is_doubtful = with_comma.wrong == with_point.wrong and table.delimiter == ";"
    return with_comma if is_doubtful or with_comma.wrong < with_point.wrong else with_point


def _numbers(
    table: Table, index: int, cells: list[str], form: re.Pattern[str], thousands: str, decimals: str
) -> Numbers:
    values = np.full(len(cells), np.nan)
    missing = wrong = 0
    bad: Bad | None = None
    for place, cell in enumerate(cells):
        if cell.lower() in MISSING:
            missing += 1
            continue
        value = math.nan
        if form.fullmatch(cell):
            value = float(cell.replace(thousands, "").replace(decimals, "."))
        if math.isfinite(value):
            values[place] = value
            continue
        wrong += 1
        bad = bad or Bad(table.numbers[place], cell[:_SHOWN], _why(cell))
    return Numbers(table.names[index], values, missing, wrong, bad)


def _why(cell: str) -> str:
    is_endless = cell.lower().lstrip("+-") in {"inf", "infinity"} or _is_number(cell)
    return "is not a finite number" if is_endless else "is not a number"


def write(names: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    """A CSV file in UTF-8. A cell that a spreadsheet would run as a formula gets an apostrophe before it."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([_inert(name) for name in names])
    writer.writerows([_inert(cell) for cell in row] for row in rows)
    return buffer.getvalue().encode()


def _inert(cell: str) -> str:
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@")) and not _is_number(cell) else cell
