"""CSV text record by record with the csv module: slow, but it knows the row and column of what is wrong."""

import csv
import io
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from models.core.contract.errors import InputError
from models.core.tables.dialect import unlike


def records(data: bytes, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(row, cells) of every record of UTF-8 text that is not blank; all are as long as the first.

    Raises:
        InputError: a record of another length, a NUL character, or quotes that do not fit.
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
        why = "a quotation mark is opened and never closed" if "unexpected end" in str(error) else str(error)
        raise InputError(f"Row {row + 1} cannot be read as CSV: {why}.") from error


def _check(row: int, cells: list[str], first: list[str], delimiter: str) -> None:
    if len(cells) == len(first):
        if place := next((place for place, cell in enumerate(cells) if "\0" in cell), -1) + 1:
            name = unlike(first)[place - 1][:40]
            raise InputError(f"Row {row}, column {name!r}: a NUL character, which no text has.")
        return
    if len(cells) < len(first):
        where = f"column {unlike(first)[len(cells)]!r} has none"
    else:
        where = f"{cells[len(first)][:40]!r} stands in no column"
    many = f"{len(cells):,} cell" + ("s" if len(cells) != 1 else "")
    title = " Row 1 must name the columns: remove what stands above them." if len(first) == 1 else ""
    raise InputError(
        f"Row {row} has {many}; the first row has {len(first):,}: {where}. "
        f"The delimiter was taken to be {delimiter!r}.{title}"
    )


def columns(data: bytes, delimiter: str) -> tuple[list[pa.Array], np.ndarray]:
    """The cells column by column, and each record's row."""
    found = list(records(data, delimiter))
    cells = [pa.array(column, pa.string()) for column in zip(*(row for _, row in found), strict=True)]
    return cells, np.array([number for number, _ in found], dtype=np.int64)


def rows_of(data: bytes, delimiter: str) -> np.ndarray:
    """Where each record that is not blank stands."""
    return np.array([number for number, _ in records(data, delimiter)], dtype=np.int64)
