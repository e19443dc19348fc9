"""Delimiter and header of a CSV file, detected before it is parsed. No pandas, no NumPy.

The web process checks the start of every upload with this, and `csv_reader` reads whole tables with it, so
both see the same table.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice, pairwise

from models.core.tables.number_notation import is_number
from models.core.tables.read_options import MISSING_VALUES

DELIMITERS = ",;\t|"
_MISSING = frozenset({"", *(word.lower() for word in MISSING_VALUES)})
_STARTS_WITH_DIGIT = re.compile(r"[-+(\u2212]?\s*(?:[^\W\d_]{0,3}[^\w\s\"'#]|[A-Z]{3} ?)?[.,]?[0-9]")
_FEWEST_COUNTED = 3  # cells that make a count
_SNIFFED_ROWS = 50
_FEWEST_BELOW = 2  # rows that make a table below a title
_FEWEST_SPACED, _FEWEST_NUMERIC = 3, 2  # rows and columns, and columns of numbers, of a table with spaces
_GROUP_OF_THREE = re.compile(r"[0-9]{3}(?:\.[0-9]+)?")
_JSON = re.compile(r'\s*(?:\{\s*"|\[\s*[\[{])')
_YEAR = re.compile("1[5-9][0-9][0-9]|20[0-9][0-9]")
_MARKUP = re.compile(r"\s*<(?:!doctype|\?xml|html|svg|table)\b", re.IGNORECASE)


def other_format(start: str) -> str:
    """The name of another format that the text begins like, or an empty string."""
    if _JSON.match(start):
        return "JSON"
    return "HTML or XML" if _MARKUP.match(start) else ""


def delimiter_of(start: str, last: str = "") -> str:
    """The delimiter that splits most of the first rows into equally many cells, and into the most cells.

    `last` is chosen only if no other delimiter splits a row and the text has quotation marks.
    """
    best, detected = (0.0, 0), ","
    for delimiter in DELIMITERS.replace(last, "") if last else DELIMITERS:
        try:
            reader = csv.reader(io.StringIO(start, newline=""), delimiter=delimiter)
            rows = [row for row in islice(reader, _SNIFFED_ROWS) if row]
        except csv.Error:
            continue
        length, times = Counter(map(len, rows)).most_common(1)[0] if rows else (1, 0)
        score = (times / len(rows) if length > 1 else 0.0, length)
        if score > best:
            best, detected = score, delimiter
    return last if last and best[1] <= 1 and '"' in start else detected


def spaced_columns(start: str) -> int:
    """The number of columns that runs of spaces separate; 0: they separate none.

    Only where no usual delimiter occurs, and the columns are at least three, two of them of nothing but
    numbers below the first row. Groups of three digits are thousands of one number.
    """
    if any(sign in start for sign in (*DELIMITERS, '"')):
        return 0
    rows = [row for line in start.splitlines()[:_SNIFFED_ROWS] if (row := line.split())]
    width = len(rows[0]) if rows else 0
    if len(rows) < _FEWEST_SPACED or width < _FEWEST_SPACED or any(len(row) != width for row in rows):
        return 0
    if all(_GROUP_OF_THREE.fullmatch(cell) for row in rows for cell in row[1:]):
        return 0
    numeric = [all(map(is_number, column)) for column in zip(*rows[1:], strict=True)]
    return width if sum(numeric) >= _FEWEST_NUMERIC else 0


def comment_sign(start: str) -> str:
    """The sign of lines that look like comments above or between the rows; empty: there are none."""
    lines = start.splitlines()[:_SNIFFED_ROWS]
    for sign in ("#", "%", "//"):
        commented = [line for line in lines if line.startswith(sign)]
        if (
            commented
            and len(commented) < len(lines)
            and not all(len(line) == len(sign) for line in commented)
        ):
            return sign
    return ""


def title_rows(start: str, delimiter: str) -> list[int]:
    """The rows of a title above the column names, and the blank ones below it; usually there are none.

    A title fills the first cells of its rows only, at most a third of those of most rows. It counts as one
    where column names follow, and rows that are as wide.
    """
    try:
        reader = csv.reader(io.StringIO(start, newline=""), delimiter=delimiter)
        records = [(reader.line_num, [cell.strip() for cell in row]) for row in islice(reader, _SNIFFED_ROWS)]
    except csv.Error:
        return []  # the parser reports the place
    filled = Counter(sum(map(bool, row)) for _, row in records)
    usual = max(filled, key=lambda cells: (filled[cells], cells), default=0)
    names = next((at for at, (_, row) in enumerate(records) if not _is_title(row, usual)), 0)
    width, below = len(records[names][1]) if records else 0, [row for _, row in records[names + 1 :]]
    below = [row for row in below if len(row) == width]
    is_title = (
        usual > 1
        and any(any(row) for _, row in records[:names])
        and sum(map(bool, records[names][1])) >= usual
        and len(below) >= _FEWEST_BELOW
        and guess_header(records[names][1], below)[0]
    )
    return [line for line, _ in records[:names]] if is_title else []


def _is_title(row: Sequence[str], usual: int) -> bool:
    filled = sum(map(bool, row))
    return filled <= max(1, usual // 3) and all(row[:filled])


def guess_header(first: Sequence[str], below: Sequence[Sequence[str]]) -> tuple[bool, bool]:
    """Whether the first row contains the column names, and whether that could be wrong.

    Args:
        first: the cells of the first row.
        below: the cells of the next rows, all as many as `first`.
    """
    cells = [cell.strip() for cell in first]
    columns = [[row[place].strip() for row in below] for place in range(len(cells))]
    values = [_is_value(cell, column) for cell, column in zip(cells, columns, strict=True)]
    if not any(values):
        is_repeated = any(cell and cell in column for cell, column in zip(cells, columns, strict=True))
        return True, is_repeated and not any(map(_are_values, columns))
    if any(_is_name(cell, column) for cell, column in zip(cells, columns, strict=True)):
        return True, True
    places = [place for place, is_value in enumerate(values) if is_value]
    for is_sequence in (_are_years, _count_up):
        rows = [[row[place].strip() for place in places] for row in below]
        if below and is_sequence([cells[place] for place in places]) and not any(map(is_sequence, rows)):
            return True, True
    return False, not all(values)


def _is_value(cell: str, column: Sequence[str]) -> bool:
    """Whether a cell looks like the data below it: a number, a date, a number with a unit."""
    if is_number(cell):
        return True
    if not _STARTS_WITH_DIGIT.match(cell):
        return False
    return 2 * sum(bool(_STARTS_WITH_DIGIT.match(other)) for other in column) > len(column)


def _is_name(cell: str, column: Sequence[str]) -> bool:
    """Whether a word stands above nothing but values."""
    is_word = cell.lower() not in _MISSING and not _STARTS_WITH_DIGIT.match(cell) and not is_number(cell)
    return is_word and _are_values(column)


def _are_values(column: Sequence[str]) -> bool:
    present = [cell for cell in column if cell.lower() not in _MISSING]
    return bool(present) and all(_STARTS_WITH_DIGIT.match(cell) for cell in present)


def _are_years(cells: Sequence[str]) -> bool:
    return len(set(cells)) == len(cells) and all(_YEAR.fullmatch(cell) for cell in cells)


def _count_up(cells: Sequence[str]) -> bool:
    if len(cells) < _FEWEST_COUNTED or not all(cell.isdecimal() for cell in cells):
        return False
    return all(int(after) - int(before) == 1 for before, after in pairwise(cells))
