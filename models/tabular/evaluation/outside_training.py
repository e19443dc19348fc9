"""Notes on values that a prediction cannot use as they are.

Those that no training row has (unknown categories, numbers and dates beyond the range), and missing ones.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from models.core.contract.messages import Message, Text
from models.core.tables.column_types import day
from models.tabular.data import Table
from models.tabular.fitted_model import FittedModel
from models.tabular.preprocessing.columns import Category, Number, values_of
from models.tabular.preprocessing.dates import Date

MAX_UNSEEN = 20  # notes
_SHOWN_CHARACTERS = 40  # of a cell

UNSEEN_CATEGORY = Text(
    "tabular.notes.unseen_category",
    "Row {row}, column {column!r}: {value!r} does not occur in the training rows.",
)
UNSEEN_AS_REFERENCE = Text(
    "tabular.notes.unseen_as_reference",
    "Row {row}, column {column!r}: {value!r} does not occur in the training rows; it is treated like "
    "{reference!r}.",
)
DATE_OUTSIDE = Text(
    "tabular.notes.date_outside",
    "Row {row}, column {column!r}: {date} is outside the training dates, {first} to {last}; the linear trend "
    "is extrapolated.",
)
DATES_OUTSIDE = Text(
    "tabular.notes.dates_outside",
    "Row {row}, column {column!r}: {date} and {n:,} more are outside the training dates, {first} to {last}; "
    "the linear trend is extrapolated.",
)
NUMBER_OUTSIDE = Text(
    "tabular.notes.number_outside",
    "Row {row}, column {column!r}: {value:g} is outside the training values, {first:g} to {last:g}; the "
    "prediction is an extrapolation.",
)
NUMBERS_OUTSIDE = Text(
    "tabular.notes.numbers_outside",
    "Row {row}, column {column!r}: {value:g} and {n:,} more are outside the training values, {first:g} to "
    "{last:g}; their predictions are extrapolations.",
)

FILLED = Text(
    "tabular.notes.filled",
    "Row {row}, column {column!r}: the value is missing; the usual one of the training rows, {usual}, is "
    "used instead.",
)
SEVERAL_FILLED = Text(
    "tabular.notes.several_filled",
    "Column {column!r}: {n:,} values are missing, the first in row {row}; the usual one of the training "
    "rows, {usual}, is used instead.",
)


def outside_training(table: Table, model: FittedModel, *, is_new_table: bool) -> list[Message]:
    """A note for each unknown category, and for each column with numbers or dates beyond the range, or gaps.

    Args:
        is_new_table: the model was fitted to another table; in the same one, some test row always has the
            smallest or largest number, and the stages show how many gaps were filled.
    """
    notes: list[Message] = []
    for part, column in zip(model.preprocessing.parts, table.features, strict=True):
        values = values_of(column)[table.rows]
        if isinstance(part, Category):
            notes += _categories(part, values, table)
        elif is_new_table or isinstance(part, Date):
            notes += _beyond(part, values, table)
        if is_new_table:
            notes += _filled(part, values, table)
    return notes[:MAX_UNSEEN]


def _row(table: Table, index: int) -> int:
    return int(table.frame.rows[table.rows[index]])


def _categories(part: Category, values: np.ndarray, table: Table) -> Iterator[Message]:
    for index in part.unseen(values)[:MAX_UNSEEN]:
        value = str(values[index])[:_SHOWN_CHARACTERS]
        place = {"row": _row(table, index), "column": part.name, "value": value}
        yield (
            UNSEEN_AS_REFERENCE(**place, reference=part.reference)
            if part.reference
            else UNSEEN_CATEGORY(**place)
        )


def _beyond(part: Number | Date, values: np.ndarray, table: Table) -> Iterator[Message]:
    indices = part.outside(values)
    if len(indices) == 0:
        return
    place = {"row": _row(table, indices[0]), "column": part.name}
    value = float(values[indices[0]])
    if isinstance(part, Date):
        one, several = DATE_OUTSIDE, DATES_OUTSIDE
        place |= {"date": day(value), "first": day(part.first), "last": day(part.last)}
    else:
        one, several = NUMBER_OUTSIDE, NUMBERS_OUTSIDE
        place |= {"value": value, "first": part.smallest, "last": part.largest}
    yield one(**place) if len(indices) == 1 else several(**place, n=len(indices) - 1)


def _filled(part: Number | Category | Date, values: np.ndarray, table: Table) -> Iterator[Message]:
    gaps = np.flatnonzero(pd.isna(values))
    if len(gaps) == 0:
        return
    usual = part.form["usual"]
    shown = {"column": part.name, "usual": f"{usual:g}" if isinstance(usual, float) else usual}
    row = _row(table, gaps[0])
    yield FILLED(row=row, **shown) if len(gaps) == 1 else SEVERAL_FILLED(row=row, n=len(gaps), **shown)
