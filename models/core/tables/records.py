"""CSV text record by record with the csv module: slow, but it knows the row and column of every error."""

import csv
import io
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from models.core.contract.errors import InputError
from models.core.contract.messages import Message, Text, join
from models.core.tables.dialect import unique_names

NOT_CSV = Text("core.tables.not_csv", "Row {row} cannot be read as CSV: {reason}.")
OPEN_QUOTE = Text("core.tables.open_quote", "a quotation mark is opened and never closed")
NUL = Text("core.tables.nul", "Row {row}, column {column!r}: a NUL character, which text cannot contain.")
RAGGED = Text(
    "core.tables.ragged", "Row {row} and the first row differ in length: {cells:,} and {expected:,} cells."
)
NO_CELL = Text("core.tables.no_cell", "Column {column!r} has no cell.")
EXTRA_CELL = Text("core.tables.extra_cell", "The cell {cell!r} belongs to no column.")
DELIMITER_USED = Text("core.tables.delimiter_used", "The delimiter used is {delimiter!r}.")
LINES_ABOVE_HEADER = Text(
    "core.tables.lines_above_header", "Row 1 must contain the column names: remove any lines above them."
)  # fmt: skip


def records(data: bytes, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(row, cells) of every record of UTF-8 text that is not blank; all are as long as the first.

    Raises:
        InputError: a record of another length, a NUL character, or unbalanced quotation marks.
    """
    reader = csv.reader(
        io.TextIOWrapper(io.BytesIO(data), "utf-8-sig", newline=""), delimiter=delimiter, strict=True
    )
    first: list[str] = []
    row = 0
    try:
        for row, cells in enumerate(reader, start=1):
            if not cells:
                continue
            first = first or cells
            _check(row, cells, first, delimiter)
            yield row, cells
    except csv.Error as error:
        reason = OPEN_QUOTE() if "unexpected end" in str(error) else str(error)
        raise InputError(NOT_CSV(row=row + 1, reason=reason)) from error


def _check(row: int, cells: list[str], first: list[str], delimiter: str) -> None:
    if len(cells) == len(first):
        if place := next((place for place, cell in enumerate(cells) if "\0" in cell), -1) + 1:
            raise InputError(NUL(row=row, column=unique_names(first)[place - 1][:40]))
        return
    where: Message = (
        NO_CELL(column=unique_names(first)[len(cells)])
        if len(cells) < len(first)
        else EXTRA_CELL(cell=cells[len(first)][:40])
    )
    raise InputError(
        join(
            RAGGED(row=row, cells=len(cells), expected=len(first)),
            where,
            DELIMITER_USED(delimiter=delimiter),
            LINES_ABOVE_HEADER() if len(first) == 1 else "",
        )
    )


def columns(data: bytes, delimiter: str) -> tuple[list[pa.Array], np.ndarray]:
    """The cells column by column, and each record's row."""
    numbered = list(records(data, delimiter))
    cells = [pa.array(column, pa.string()) for column in zip(*(row for _, row in numbered), strict=True)]
    return cells, np.array([number for number, _ in numbered], dtype=np.int64)


def rows_of(data: bytes, delimiter: str) -> np.ndarray:
    """The row of each record that is not blank."""
    return np.array([number for number, _ in records(data, delimiter)], dtype=np.int64)
