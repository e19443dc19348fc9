"""All columns of a file: what one proves about the notation of numbers and dates holds for the others."""
# pyright: reportAttributeAccessIssue=false
# pyarrow makes the functions of pyarrow.compute when it is imported

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import compress

import numpy as np
import pyarrow as pa

from models.core.contract.messages import Text
from models.core.tables.column_types import Column, Notation, Remark, as_text, column, evidence_of
from models.core.tables.names import normal
from models.core.tables.numbers import decide
from models.core.tables.read_options import ColumnType

_INDEX_NAME = re.compile(r"(?:Unnamed: ?[0-9]+)?")

ROW_NUMBERS = Text(
    "core.tables.row_numbers", "this column only numbers the rows and has no name; it is not used"
)


def typed_columns(
    names: Sequence[str],
    cells: Sequence[pa.Array],
    rows: np.ndarray,
    notation: Notation,
    types: Mapping[str, ColumnType],
) -> tuple[Notation, tuple[Column, ...]]:
    """The columns with their types, and the notation that the file turns out to have."""
    evidence = [evidence_of(text) for text in cells]
    notation = replace(notation, decimal=decide(evidence, notation.decimal))
    found = [
        column(name, text, rows, notation, types.get(name), is_declared=name in types, evidence=proof)
        for name, text, proof in zip(names, cells, evidence, strict=True)
    ]
    order = _proven_order(found)
    if order:
        notation = replace(notation, dates=order)
        for place, (name, text) in enumerate(zip(names, cells, strict=True)):
            if found[place].is_order_open:
                kind = found[place].type
                found[place] = column(name, text, rows, notation, kind, is_declared=name in types)
    return notation, tuple(found)


def _proven_order(columns: Sequence[Column]) -> str:
    """The order of day and month that some columns prove while others leave it open."""
    dates = [each for each in columns if each.type == ColumnType.DATE and each.is_ordered]
    proven = {each.is_month_first for each in dates if not each.is_order_open}
    if len(proven) != 1 or not any(each.is_order_open for each in dates):
        return ""
    return "month first" if proven.pop() else "day first"


def without_row_numbers(
    columns: tuple[Column, ...],
    cells: Sequence[pa.Array],
    rows: np.ndarray,
    notation: Notation,
    header: str,
    types: Mapping[str, ColumnType],
) -> tuple[Column, ...]:
    """The columns, the first as text if it is the unnamed index that pandas and R write."""
    first = columns[0]
    is_index = len(columns) > 1 and first.type == ColumnType.NUMBER and first.name not in types
    if not is_index or not _INDEX_NAME.fullmatch(header.strip()) or first.missing or first.wrong:
        return columns
    values = first.values.to_numpy(np.float64)
    if values[0] not in (0, 1) or (np.diff(values) != 1).any():
        return columns
    remark = Remark(ROW_NUMBERS(), {"types": {first.name: "number"}})
    return (as_text(first.name, cells[0], rows, notation, remark), *columns[1:])


def renamed_columns(names: Sequence[str], header: Sequence[str]) -> list[tuple[str, str]]:
    """(before, after) of every name that was empty or repeated."""
    pairs = [(normal(cell), name) for cell, name in zip(header, names, strict=True)]
    return list(compress(pairs, [old != new for old, new in pairs]))
