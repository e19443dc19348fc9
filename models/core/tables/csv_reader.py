"""User CSV files to typed columns, and tables back to CSV. The one reader of tables.

Encoding, delimiter and header are found (`delimited`), limits are checked by counting before anything is
parsed, pyarrow parses, and each column's type is guessed (`columns`). Where a file is not well formed it is
read again record by record (`records`), so that the message names the row and the column. Rows are counted as
a spreadsheet shows them: the first line, header or not, is row 1.

Memory: a table of 1,000,000 rows and 50 columns of numbers (430 MB of text) is read and reported on within
2.5 GB; `python -m models.core.recipe.csv_reader_speed` measures it.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from models.core.contract.errors import InputError
from models.core.tables import dialect, records
from models.core.tables.column_types import Column, Notation, column, twice
from models.core.tables.encodings import PIECE, to_utf8
from models.core.tables.read_options import GUESSED, SIGNS, ColumnType, Reading

MAX_BYTES = 600_000_000
MAX_ROWS = 1_000_000
MAX_COLUMNS = 1_000
MAX_CELLS = 50_000_000

_HEAD_BYTES = 1 << 20
_BLANK_LINES = (b"\n\n", b"\n\r\n", b"\r\r")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Frame:
    """A table: its cells as they were written, and its columns with their types."""

    cells: tuple[pa.Array, ...]  # text, one array for each column
    columns: tuple[Column, ...]  # names unlike each other
    rows: np.ndarray  # (N,): where each row stands in the file
    has_header: bool
    notation: Notation
    encoding: str
    renamed: tuple[tuple[str, str], ...]  # headers that were empty or there twice, as (before, now)
    told: frozenset[str] = frozenset()  # columns whose type was not guessed

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @cached_property
    def data(self) -> pd.DataFrame:
        """All columns with their types; the index is the row in the file."""
        values = {column.name: column.values.to_numpy() for column in self.columns}
        return pd.DataFrame(values, index=self.rows)

    def column(self, name: str) -> Column:
        """Raises InputError: there is none of this name."""
        if name not in self.names:
            raise InputError(f"There is no column {name!r}; there are: {listed(self.names)}.")
        return self.columns[self.names.index(name)]

    def as_type(self, name: str, wanted: ColumnType, *, is_month_first: bool = False) -> Column:
        """The column read as another type. Raises InputError: there is none of this name.

        Args:
            is_month_first: in dates where day and month cannot be told apart.
        """
        found = self.column(name)
        if found.type == wanted and found.is_month_first == is_month_first:
            return found
        notation = replace(self.notation, is_month_first=is_month_first)
        text = self.cells[self.names.index(name)]
        return column(name, text, self.rows, notation, wanted, is_told=name in self.told)


def read(
    source: bytes | Path, reading: Reading = GUESSED, *, expected: Mapping[str, ColumnType] | None = None
) -> Frame:
    """The table in a CSV file. Blank lines are skipped; what is not told is found.

    Args:
        expected: types of columns that need not be there; those in `reading` must.

    Raises:
        InputError: empty, over a limit, in mixed encodings, ragged, or no table; the message says where.
    """
    data, encoding = to_utf8(_bytes_of(source), reading.encoding)
    if re.search(rb"\S", data) is None:
        raise InputError("The file is empty: there is no table in it.")
    start = data[:_HEAD_BYTES].decode("utf-8", errors="ignore")
    if not dialect.is_text(start[:8192].replace("\0", "")):
        raise InputError("The file is not a table: it is not text.")
    if other := dialect.other_format(start):
        raise InputError(f"The file is {other}, not a CSV table: save it as CSV, a line for each row.")
    notation = Notation(_delimiter(start, reading), reading.decimal)
    if notation.delimiter == "," and notation.decimal == "comma" and b'"' not in data:
        raise InputError(
            "A comma was told to stand before decimals, and it cuts the cells too: that works only where "
            "such cells are in quotation marks, and this file has none. Choose another delimiter or decimal "
            "sign."
        )
    _check_size(data, start, notation.delimiter)
    cells, rows = _parse(data, notation.delimiter)
    first = tuple(str(column[0].as_py()) for column in cells)
    is_guessed = reading.header == "guess"
    has_header = dialect.is_header(first) if is_guessed else reading.header == "first row"
    if has_header:
        cells, rows = [column[1:] for column in cells], rows[1:]
    if len(rows) == 0:
        raise InputError("The table has a header in row 1 and no rows below it.")
    names = dialect.unlike(first if has_header else ("",) * len(first))
    unknown = [name for name in reading.types if name not in names]
    if unknown:
        raise InputError(f"There is no column {unknown[0]!r}; there are: {listed(names)}.")
    told = {name: kind for name, kind in {**(expected or {}), **reading.types}.items() if name in names}
    columns = tuple(
        column(name, text, rows, notation, told.get(name), is_told=name in told)
        for name, text in zip(names, cells, strict=True)
    )
    renamed = tuple(twice(names, first)) if has_header else ()
    return Frame(tuple(cells), columns, rows, has_header, notation, encoding, renamed, frozenset(told))


def _delimiter(start: str, reading: Reading) -> str:
    """As told, or as found; a sign that stands before decimals is the last that may cut cells."""
    if reading.delimiter != "guess":
        return SIGNS[reading.delimiter]
    return dialect.delimiter_of(start, last=SIGNS["comma"] if reading.decimal == "comma" else "")


def listed(names: Iterable[str]) -> str:
    """Up to ten names, for a message."""
    quoted = [repr(name) for name in names]
    return ", ".join(quoted[:10]) + (f" and {len(quoted) - 10:,} more" if len(quoted) > 10 else "")


def _bytes_of(source: bytes | Path) -> bytes:
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    if size > MAX_BYTES:
        raise InputError(f"The table has {size:,} bytes; at most {MAX_BYTES:,} are taken.")
    return source if isinstance(source, bytes) else source.read_bytes()


def _check_size(data: bytes, start: str, delimiter: str) -> None:
    """Raises InputError: more rows, columns or cells than are taken, as counted without parsing."""
    try:
        first = next(
            (row for row in csv.reader(io.StringIO(start, newline=""), delimiter=delimiter) if row), []
        )
    except csv.Error:
        first = []  # the parser will say where
    if len(first) > MAX_COLUMNS:
        raise InputError(f"Row 1 has {len(first):,} columns; at most {MAX_COLUMNS:,} are taken.")
    end = b"\n" if b"\n" in data else b"\r"
    lines = data.count(end) + (not data.endswith(end))
    most = min(MAX_ROWS, MAX_CELLS // max(len(first), 1)) + 1  # one row may be the header
    if lines <= most:
        return
    lines = _lines_outside_quotes(data, end[0]) if b'"' in data else lines
    if lines > MAX_ROWS + 1:
        raise InputError(f"The table has about {lines:,} rows; at most {MAX_ROWS:,} are taken.")
    if lines > most:
        raise InputError(
            f"The table has about {lines:,} rows × {len(first):,} columns = {lines * len(first):,} cells; at "
            f"most {MAX_CELLS:,} are taken."
        )


def _lines_outside_quotes(data: bytes, end: int) -> int:
    quotes = lines = 0
    for at in range(0, len(data), PIECE):
        piece = np.frombuffer(data, np.uint8, min(PIECE, len(data) - at), at)
        before = np.cumsum(piece == ord('"'), dtype=np.uint32) + quotes
        lines += int(((piece == end) & (before % 2 == 0)).sum())
        quotes = int(before[-1])
    return lines


def _parse(data: bytes, delimiter: str) -> tuple[list[pa.Array], np.ndarray]:
    """Every column's text, the header in it, and the rows' numbers."""
    has_quotes = b'"' in data
    # a lone quotation mark swallows what follows it, and the quick parser would not say so
    if b"\0" in data or (has_quotes and data.count(b'"') % 2):
        return records.columns(data, delimiter)
    width = _width(data, delimiter)
    names = [f"f{number}" for number in range(width)]
    try:
        table = pyarrow.csv.read_csv(
            pa.BufferReader(data),
            read_options=pyarrow.csv.ReadOptions(column_names=names, block_size=PIECE),
            parse_options=pyarrow.csv.ParseOptions(delimiter=delimiter, newlines_in_values=has_quotes),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        return records.columns(data, delimiter)
    rows = records.rows_of(data, delimiter) if _has_blank_lines(data) else np.arange(1, table.num_rows + 1)
    cells = []
    for _ in range(width):  # one after the other, so that no more than one column is in memory twice
        cells.append(table.column(0).combine_chunks())
        table = table.remove_column(0)
    return cells, rows


def _has_blank_lines(data: bytes) -> bool:
    """Before the last row: those after it move no row."""
    end = len(data)
    while end and data[end - 1] in b"\r\n":
        end -= 1
    return data[:1] in (b"\r", b"\n") or any(data.find(blank, 0, end) >= 0 for blank in _BLANK_LINES)


def _width(data: bytes, delimiter: str) -> int:
    text = io.TextIOWrapper(io.BytesIO(data), "utf-8", newline="")
    try:
        return len(next((row for row in csv.reader(text, delimiter=delimiter) if row), ()))
    except csv.Error as error:
        raise InputError(f"Row 1 cannot be read as CSV: {error}.") from error


def write(names: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    """A CSV file in UTF-8. A cell that a spreadsheet would run as a formula gets an apostrophe before it."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([inert(name) for name in names])
    writer.writerows([inert(cell) for cell in row] for row in rows)
    return buffer.getvalue().encode()


def inert(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) and not dialect.is_number(cell) else cell
