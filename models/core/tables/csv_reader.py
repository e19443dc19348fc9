"""User CSV files to typed columns, and tables back to CSV. The one reader of tables.

Encoding, delimiter and header are detected (`dialect`), limits are checked by counting before anything is
parsed, pyarrow parses, and each column's type is detected (`column_types`). A file that is not well formed is
read again record by record (`records`), so that the message names the row and the column. Rows are counted as
in a spreadsheet: the first line, header or not, is row 1.

Memory: a table of 1,000,000 rows and 50 columns of numbers (430 MB of text) is read and profiled within
2.5 GB; `python -m models.core.recipe.csv_reader_speed` measures it.
"""

# pyright: reportAttributeAccessIssue=false
# pyarrow makes the functions of pyarrow.compute when it is imported

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from models.core.contract.errors import InputError
from models.core.contract.messages import Text
from models.core.tables import dialect, records, workbooks
from models.core.tables.column_types import Column, Notation, Remark, column
from models.core.tables.columns import renamed_columns, typed_columns, without_row_numbers
from models.core.tables.encodings import PIECE, is_text, to_utf8
from models.core.tables.names import normal, unique_names
from models.core.tables.number_notation import is_number
from models.core.tables.read_options import DEFAULT_OPTIONS, DELIMITER_SIGNS, ColumnType, ReadOptions

MAX_BYTES = 600_000_000
MAX_ROWS = 1_000_000
MAX_COLUMNS = 1_000
MAX_CELLS = 50_000_000

_HEAD_BYTES = 1 << 20
_BLANK_LINES = (b"\n\n", b"\n\r\n", b"\r\r")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LISTED_NAMES = 10
_ROWS_BELOW = 50  # that are compared with a header
_NAMED_DELIMITER = re.compile(rb'"?sep=(.)"?[ \t,;]*(\r\n|\n|\r)', re.IGNORECASE)

SHORT_ROWS = Text(
    "core.tables.short_rows", "rows with fewer cells than the first, which count as missing: {n:,} ({rows})"
)
LONG_ROWS = Text(
    "core.tables.long_rows", "rows with empty cells too many, which are left out: {n:,} ({rows})"
)
SPACES = Text("core.tables.spaces", "spaces are read as the delimiter, as no other one occurs")
TITLES = Text(
    "core.tables.titles",
    "the rows above the column names in row {names} are read as a title, which is no part of the table",
)
HEADER_GUESSED = Text("core.tables.header_guessed", "this row is read as the column names")
NO_HEADER_GUESSED = Text("core.tables.no_header_guessed", "this row is read as data, not as column names")
COMMENTS = Text("core.tables.comments", "lines that begin with {sign} are read as rows, not as comments")

NO_COLUMN = Text("core.tables.no_column", "There is no column {name!r}. The columns are: {names}.")
AND_MORE = Text("core.tables.and_more", "{names} and {n:,} more")
EMPTY = Text("core.tables.empty", "The file is empty.")
NOT_TEXT = Text("core.tables.not_text", "The file is not a table: it is not text.")
OTHER_FORMAT = Text(
    "core.tables.other_format",
    "The file is {format}, not a CSV table. Save it as CSV, with one line per row.",
)
COMMA_TWICE = Text(
    "core.tables.comma_twice",
    "The comma cannot be both the delimiter and the decimal separator, unless cells with decimals are in "
    "quotation marks, and this file has none. Choose another delimiter or decimal separator.",
)
HEADER_ONLY = Text("core.tables.header_only", "The table has a header in row {row} and no rows below it.")
TOO_MANY_BYTES = Text("core.tables.too_many_bytes", "The table has {bytes:,} bytes; the limit is {limit:,}.")
TOO_MANY_COLUMNS = Text(
    "core.tables.too_many_columns", "Row {row:,} has {columns:,} columns; the limit is {limit:,}."
)
TOO_MANY_ROWS = Text(
    "core.tables.too_many_rows", "The table has about {rows:,} rows; the limit is {limit:,}."
)
TOO_MANY_CELLS = Text(
    "core.tables.too_many_cells",
    "The table has about {rows:,} rows × {columns:,} columns = {cells:,} cells; the limit is {limit:,}.",
)


@dataclass(frozen=True)
class Frame:
    """A table: its cells as written, and its columns with their types."""

    cells: tuple[pa.Array, ...]  # text, one array per column
    columns: tuple[Column, ...]  # with unique names
    rows: np.ndarray  # (N,): the row of each record in the file
    has_header: bool
    notation: Notation
    encoding: str
    renamed: tuple[tuple[str, str], ...]  # empty or repeated names in the header, as (before, after)
    declared: frozenset[str] = frozenset()  # columns whose type was chosen, not detected
    remarks: tuple[Remark, ...] = ()  # about the table as a whole
    header_row: int = 1
    sheets: tuple[str, ...] = ()  # of a workbook
    sheet: str = ""  # the one that was read

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
        """Raises InputError: no column has this name."""
        return self.columns[self._place(name)]

    def _place(self, name: str) -> int:
        if (name := normal(name)) not in self.names:
            raise InputError(NO_COLUMN(name=name, names=list_names(self.names)))
        return self.names.index(name)

    def as_type(self, name: str, target: ColumnType, *, is_month_first: bool = False) -> Column:
        """The column read as another type. Raises InputError: no column has this name.

        Args:
            is_month_first: in dates whose day and month cannot be distinguished.
        """
        present = self.column(name)
        if present.type == target and present.is_month_first == is_month_first:
            return present
        order = "month first" if is_month_first else self.notation.dates
        notation = replace(self.notation, dates=order)
        text, is_declared = self.cells[self._place(name)], present.name in self.declared
        return column(present.name, text, self.rows, notation, target, is_declared=is_declared)


def read(
    source: bytes | Path,
    options: ReadOptions = DEFAULT_OPTIONS,
    *,
    expected: Mapping[str, ColumnType] | None = None,
) -> Frame:
    """The table in a CSV file or workbook. Blank lines are skipped; what the options leave open is detected.

    Args:
        expected: types of columns that may be absent; those in `options` must be present.

    Raises:
        InputError: empty, over a limit, in mixed encodings, ragged, or not a table. The message names the
            place.
    """
    text = _text_of(_bytes_of(source), options)
    data, start = text.data, _start_of(text.data)
    _check_format(data, start)
    delimiter = text.delimiter or _delimiter(start, options)
    if delimiter == "," and options.decimal == "comma" and b'"' not in data and not text.sheets:
        raise InputError(COMMA_TWICE())
    titles = dialect.title_rows(start, delimiter) if options.header == "guess" else []
    if titles:
        data = _without_lines(data, titles[-1])
        start = _start_of(data)
    _check_size(data, start, delimiter)
    cells, rows, lengths = _parse(data, delimiter)
    cells = _without_empty_end(cells)
    first = tuple(str(column[0].as_py()) for column in cells)
    has_header, is_doubtful = _has_header(first, cells, options)
    header_row = int(rows[0])
    if has_header:
        cells, rows = [column[1:] for column in cells], rows[1:]
    if len(rows) == 0:
        raise InputError(HEADER_ONLY(row=header_row))
    names = unique_names(first if has_header else ("",) * len(first))
    unknown = [name for name in options.types if name not in names]
    if unknown:
        raise InputError(NO_COLUMN(name=unknown[0], names=list_names(names)))
    types = {name: kind for name, kind in {**(expected or {}), **options.types}.items() if name in names}
    notation = Notation(
        " " if text.is_spaced else delimiter,
        options.decimal,
        options.thousands,
        options.dates,
        tuple(options.missing_values),
    )
    notation, columns = typed_columns(names, cells, rows, notation, types)
    if has_header:
        columns = without_row_numbers(columns, cells, rows, notation, first[0], types)
    return Frame(
        cells=tuple(cells),
        columns=columns,
        rows=rows,
        has_header=has_header,
        notation=notation,
        encoding=text.encoding,
        renamed=tuple(renamed_columns(names, first)) if has_header else (),
        declared=frozenset(types),
        remarks=(
            *((Remark(SPACES(), {"delimiter": "comma"}),) if text.is_spaced else ()),
            *_remarks(start, options, titles, lengths, (has_header, is_doubtful), header_row),
        ),
        header_row=header_row,
        sheets=text.sheets,
        sheet=text.sheet,
    )


@dataclass(frozen=True)
class _Source:
    """The table as CSV text in UTF-8, and what is known about it before it is parsed."""

    data: bytes
    encoding: str
    delimiter: str = ""  # if the file names it, or was made from a workbook
    sheets: tuple[str, ...] = ()
    sheet: str = ""
    is_spaced: bool = False  # the file has runs of spaces where `data` has tabs


def _text_of(raw: bytes, options: ReadOptions) -> _Source:
    if workbooks.is_workbook(raw):
        book = workbooks.read(raw, options.sheet)
        return _Source(book.data, book.format, ",", book.sheets, book.sheet)
    data, encoding = to_utf8(raw, options.encoding)
    delimiter = ""
    if named := _NAMED_DELIMITER.match(
        data
    ):  # as Excel writes it; the line stays, blank, for the row numbers
        data, delimiter = named[2] + data[named.end() :], named[1].decode()
    if options.comment and not options.comment.isspace():
        data = _without_comments(data, options.comment.encode())
    if options.delimiter == "guess" and not delimiter and dialect.spaced_columns(_start_of(data)):
        return _Source(_with_tabs(data), encoding, "\t", is_spaced=True)
    return _Source(data, encoding, DELIMITER_SIGNS.get(options.delimiter, delimiter))


def _start_of(data: bytes) -> str:
    return data[:_HEAD_BYTES].decode("utf-8", errors="ignore")


def _with_tabs(data: bytes) -> bytes:
    """Each run of spaces within a line as one tab."""
    trimmed = re.sub(rb"(?<![^\r\n]) +| +(?![^\r\n])", b"", data)
    return re.sub(rb" +", b"\t", trimmed)


def _without_comments(data: bytes, sign: bytes) -> bytes:
    """Comment lines become blank, so that rows keep their numbers; within quotation marks there are none."""
    comment = re.compile(rb"(?<![^\r\n])[ \t]*" + re.escape(sign) + rb"[^\r\n]*")
    if b'"' not in data:
        return comment.sub(b"", data)
    pieces, at, quotes = [], 0, 0
    for found in comment.finditer(data):
        if found.start() < at:
            continue
        quotes += data.count(b'"', at, found.start())
        kept = found.end() if quotes % 2 else found.start()
        quotes += data.count(b'"', found.start(), kept)
        pieces.append(data[at:kept])
        at = found.end()
    return b"".join([*pieces, data[at:]])


def _without_lines(data: bytes, lines: int) -> bytes:
    """The first lines become blank, so that rows keep their numbers."""
    ends = [end.end() for end in islice(re.finditer(rb"\r\n|\n|\r", data), lines)]
    return b"\n" * len(ends) + data[ends[-1] :]


def _has_header(first: tuple[str, ...], cells: list[pa.Array], options: ReadOptions) -> tuple[bool, bool]:
    """Whether the first row is a header, and whether that is a guess that could be wrong."""
    if options.header != "guess":
        return options.header == "first row", False
    below = list(zip(*(column[1:_ROWS_BELOW].to_pylist() for column in cells), strict=True))
    return dialect.guess_header(first, below)


def _without_empty_end(cells: list[pa.Array]) -> list[pa.Array]:
    """Without the columns that a delimiter at the end of every row makes."""
    width = len(cells)
    while (
        width > 1
        and not (cells[width - 1][1:_ROWS_BELOW].to_pylist() or [""])[-1]
        and pc.all(pc.equal(pc.utf8_trim_whitespace(cells[width - 1]), "")).as_py()
    ):
        width -= 1
    return cells[:width]


def _remarks(
    start: str,
    options: ReadOptions,
    titles: Sequence[int],
    lengths: records.Lengths,
    header: tuple[bool, bool],
    header_row: int,
) -> Iterator[Remark]:
    if titles:
        yield Remark(TITLES(names=header_row), {"header": "first row"}, titles[0])
    if lengths.short:
        rows = records.list_rows(lengths.short)
        yield Remark(SHORT_ROWS(n=len(lengths.short), rows=rows), row=lengths.short[0])
    if lengths.long:
        rows = records.list_rows(lengths.long)
        yield Remark(LONG_ROWS(n=len(lengths.long), rows=rows), row=lengths.long[0])
    has_header, is_doubtful = header
    if is_doubtful and has_header:
        yield Remark(HEADER_GUESSED(), {"header": "none"}, header_row)
    elif is_doubtful:
        yield Remark(NO_HEADER_GUESSED(), {"header": "first row"}, header_row)
    if not options.comment and (sign := dialect.comment_sign(start)):
        yield Remark(COMMENTS(sign=sign), {"comment": sign})


def _check_format(data: bytes, start: str) -> None:
    """Raises InputError: empty, not text, or text of another format."""
    if re.search(rb"\S", data) is None:
        raise InputError(EMPTY())
    if not is_text(start[:8192].replace("\0", "")):
        raise InputError(NOT_TEXT())
    if other := dialect.other_format(start):
        raise InputError(OTHER_FORMAT(format=other))


def _delimiter(start: str, options: ReadOptions) -> str:
    """The chosen or the detected one; a decimal comma is the last resort as a delimiter."""
    if options.delimiter != "guess":
        return DELIMITER_SIGNS[options.delimiter]
    return dialect.delimiter_of(start, last="," if options.decimal == "comma" else "")


def list_names(names: Iterable[str]) -> str:
    """Up to ten names, for a message."""
    quoted = [repr(name) for name in names]
    shown = ", ".join(quoted[:_LISTED_NAMES])
    more = len(quoted) - _LISTED_NAMES
    return AND_MORE(names=shown, n=more) if more > 0 else shown


def _bytes_of(source: bytes | Path) -> bytes:
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    if size > MAX_BYTES:
        raise InputError(TOO_MANY_BYTES(bytes=size, limit=MAX_BYTES))
    return source if isinstance(source, bytes) else source.read_bytes()


def _check_size(data: bytes, start: str, delimiter: str) -> None:
    """Raises InputError: too many rows, columns or cells, counted without parsing."""
    try:
        first = next(
            (row for row in csv.reader(io.StringIO(start, newline=""), delimiter=delimiter) if row), []
        )
    except csv.Error:
        first = []  # the parser reports the place
    width = len(first)
    if width > MAX_COLUMNS:
        raise InputError(TOO_MANY_COLUMNS(row=1, columns=width, limit=MAX_COLUMNS))
    end = b"\n" if b"\n" in data else b"\r"
    lines = data.count(end) + (not data.endswith(end))
    limit = min(MAX_ROWS, MAX_CELLS // max(width, 1)) + 1  # one row can be the header
    if lines <= limit:
        return
    lines = _lines_outside_quotes(data, end[0]) if b'"' in data else lines
    if lines > MAX_ROWS + 1:
        raise InputError(TOO_MANY_ROWS(rows=lines, limit=MAX_ROWS))
    if lines > limit:
        raise InputError(TOO_MANY_CELLS(rows=lines, columns=width, cells=lines * width, limit=MAX_CELLS))


def _lines_outside_quotes(data: bytes, end: int) -> int:
    quotes = lines = 0
    for at in range(0, len(data), PIECE):
        piece = np.frombuffer(data, np.uint8, min(PIECE, len(data) - at), at)
        before = np.cumsum(piece == ord('"'), dtype=np.uint32) + quotes
        lines += int(((piece == end) & (before % 2 == 0)).sum())
        quotes = int(before[-1])
    return lines


def _parse(data: bytes, delimiter: str) -> tuple[list[pa.Array], np.ndarray, records.Lengths]:
    """Every column's text, including the header, the row of each record, and the records of other lengths."""
    has_quotes = b'"' in data
    # an unclosed quotation mark swallows the text after it, which the fast parser does not report
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
    for _ in range(width):  # one by one, so that only one column is in memory twice
        cells.append(table.column(0).combine_chunks())
        table = table.remove_column(0)
    return cells, rows, records.Lengths()


def _has_blank_lines(data: bytes) -> bool:
    """Blank lines before the last row; later ones change no row number."""
    end = len(data)
    while end and data[end - 1] in b"\r\n":
        end -= 1
    return data[:1] in (b"\r", b"\n") or any(data.find(blank, 0, end) >= 0 for blank in _BLANK_LINES)


def _width(data: bytes, delimiter: str) -> int:
    text = io.TextIOWrapper(io.BytesIO(data), "utf-8", newline="")
    try:
        return len(next((row for row in csv.reader(text, delimiter=delimiter) if row), ()))
    except csv.Error as error:
        raise InputError(records.NOT_CSV(row=1, reason=str(error))) from error


def write(names: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    """A CSV file in UTF-8. A cell that a spreadsheet would run as a formula is preceded by an apostrophe."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([escape_formula(name) for name in names])
    writer.writerows([escape_formula(cell) for cell in row] for row in rows)
    return buffer.getvalue().encode()


def escape_formula(cell: str) -> str:
    """The cell, with an apostrophe before it if a spreadsheet would run it as a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) and not is_number(cell) else cell
