"""CSV text record by record with the csv module: slow, but it knows the row and column of every error.

Records of another length than the first are mended where nothing is lost: what is absent is missing, and
empty cells too many are no cells.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from models.core.contract.errors import InputError
from models.core.contract.messages import Message, Text, join
from models.core.tables.names import unique_names
from models.core.tables.number_notation import is_number

_NAMED = 5  # rows that an error or a note lists

NOT_CSV = Text("core.tables.not_csv", "Row {row} cannot be read as CSV: {reason}.")
OPEN_QUOTE = Text("core.tables.open_quote", "a quotation mark is opened and never closed")
NUL = Text("core.tables.nul", "Row {row}, column {column!r}: a NUL character, which text cannot contain.")
RAGGED = Text(
    "core.tables.ragged", "Row {row} and the first row differ in length: {cells:,} and {expected:,} cells."
)
ALSO_RAGGED = Text("core.tables.also_ragged", "Rows that are too long, too: {rows}.")
EXTRA_CELL = Text("core.tables.extra_cell", "The cell {cell!r} belongs to no column.")
DELIMITER_USED = Text("core.tables.delimiter_used", "The delimiter used is {delimiter!r}.")
LINES_ABOVE_HEADER = Text(
    "core.tables.lines_above_header", "Row 1 must contain the column names: remove any lines above them."
)  # fmt: skip


@dataclass
class Lengths:
    """The rows that were mended: those with too few cells, and those with empty ones too many."""

    short: list[int] = field(default_factory=list)
    long: list[int] = field(default_factory=list)


def list_rows(rows: list[int]) -> str:
    """The first of the rows, for a message."""
    return ", ".join(f"{row}" for row in rows[:_NAMED]) + (" …" if len(rows) > _NAMED else "")


def records(data: bytes, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(row, cells) of every record of UTF-8 text that is not blank.

    Raises:
        InputError: unbalanced quotation marks, or a cell that is too long.
    """
    reader = csv.reader(
        io.TextIOWrapper(io.BytesIO(data), "utf-8-sig", newline=""), delimiter=delimiter, strict=True
    )
    row = 0
    try:
        for row, cells in enumerate(reader, start=1):
            if cells:
                yield row, cells
    except csv.Error as error:
        reason = OPEN_QUOTE() if "unexpected end" in str(error) else str(error)
        raise InputError(NOT_CSV(row=row + 1, reason=reason)) from error


def columns(data: bytes, delimiter: str) -> tuple[list[pa.Array], np.ndarray, Lengths]:
    """The cells column by column, each record's row, and which records were mended.

    Raises:
        InputError: a NUL character, or cells beyond those of the first record.
    """
    numbered = list(records(data, delimiter))
    first = _header(numbered)
    numbered[0] = (numbered[0][0], first)
    lengths = Lengths()
    longer: list[int] = []
    blank: set[int] = set()  # but for spaces
    for row, cells in numbered:
        _check_nul(row, cells, first)
        if len(cells) < len(first):
            if any(cell.strip() for cell in cells):
                lengths.short.append(row)
            else:
                blank.add(row)
            cells.extend([""] * (len(first) - len(cells)))
        elif len(cells) > len(first):
            if any(cell.strip() for cell in cells[len(first) :]):
                longer.append(row)
            else:
                lengths.long.append(row)
                del cells[len(first) :]
    if longer:
        _refuse(numbered, longer, delimiter)
    kept = [(row, cells) for row, cells in numbered if row not in blank]
    arrays = [pa.array(column, pa.string()) for column in zip(*(cells for _, cells in kept), strict=True)]
    return arrays, np.array([row for row, _ in kept], dtype=np.int64), lengths


def _header(numbered: list[tuple[int, list[str]]]) -> list[str]:
    """The first record; as R writes tables, it lacks the name of the first column, which names the rows."""
    first, rest = numbered[0][1], [cells for _, cells in numbered[1:]]
    is_named = len(first) > 1 and bool(rest) and not any(is_number(cell.strip()) for cell in first)
    if not is_named or any(len(cells) != len(first) + 1 for cells in rest):
        return first
    if not any(is_number(cell.strip()) for cell in rest[0]) or not any(cells[-1].strip() for cells in rest):
        return first
    return ["", *first]


def _check_nul(row: int, cells: list[str], first: list[str]) -> None:
    if place := next((place for place, cell in enumerate(cells) if "\0" in cell), -1) + 1:
        column = unique_names(first)[min(place, len(first)) - 1][:40]
        raise InputError(NUL(row=row, column=column))


def _refuse(numbered: list[tuple[int, list[str]]], longer: list[int], delimiter: str) -> None:
    first = numbered[0][1]
    cells = next(cells for row, cells in numbered if row == longer[0])
    where: Message = EXTRA_CELL(cell=next(cell for cell in cells[len(first) :] if cell.strip())[:40])
    raise InputError(
        join(
            RAGGED(row=longer[0], cells=len(cells), expected=len(first)),
            where,
            ALSO_RAGGED(rows=list_rows(longer[1:])) if longer[1:] else "",
            DELIMITER_USED(delimiter=delimiter),
            LINES_ABOVE_HEADER() if len(first) == 1 else "",
        )
    )


def rows_of(data: bytes, delimiter: str) -> np.ndarray:
    """The row of each record that is not blank."""
    return np.array([number for number, _ in records(data, delimiter)], dtype=np.int64)
