"""The columns that a method uses, each with the type that the method needs."""

from collections.abc import Sequence

from models.clustering.card import PredictParams
from models.core.contract.errors import InputError
from models.core.contract.messages import Message, Text, join
from models.core.tables.column_types import Column
from models.core.tables.csv_reader import Frame
from models.core.tables.read_options import ColumnType

_MAX_NOTES = 10
USABLE_TYPES = {
    "k-means": (ColumnType.NUMBER,),
    "k-medians": (ColumnType.NUMBER,),
    "spherical k-means": (ColumnType.NUMBER,),
    "k-modes": (ColumnType.CATEGORY,),
    "k-prototypes": (ColumnType.NUMBER, ColumnType.CATEGORY),
}
WRONG_TYPE = Text(
    "clustering.table.wrong_type",
    "Column {column!r} has type {type}, which {method} does not use. Choose another type or method, or other "
    "columns.",
)
NO_CATEGORIES_FOR_BOTH = Text(
    "clustering.table.no_categories_for_both",
    "k-prototypes needs columns of numbers and columns of categories; none of the columns holds categories. "
    "Choose k-means, or select the columns.",
)
NO_NUMBERS_FOR_BOTH = Text(
    "clustering.table.no_numbers_for_both",
    "k-prototypes needs columns of numbers and columns of categories; none of the columns holds numbers. "
    "Choose k-modes, or select the columns.",
)
NO_CATEGORIES = Text(
    "clustering.table.no_categories",
    "No column holds categories: {types}. Select the columns to use as categories.",
)
NO_NUMBERS = Text("clustering.table.no_numbers", "No column holds numbers.")
BAD_CELL = Text("clustering.table.bad_cell", "Row {row}, column {column!r}: {cell!r} {reason}.")
ALL_MISSING = Text("clustering.table.all_missing", "Column {column!r}: all values are missing.")
LEFT_OUT_EMPTY = Text(
    "clustering.notes.left_out_empty", "Column {column!r} is left out: all values are missing."
)
LEFT_OUT_MISMATCH = Text(
    "clustering.notes.left_out_mismatch", "Column {column!r} is left out: some cells do not fit its type."
)
LEFT_OUT_REMARK = Text("clustering.notes.left_out_remark", "Column {column!r} is left out: {why}.")
LEFT_OUT_TYPE = Text(
    "clustering.notes.left_out_type", "Column {column!r} is left out: {method} does not use {type}."
)
TYPES = {
    ColumnType.NUMBER: Text("clustering.notes.numbers", "numbers"),
    ColumnType.CATEGORY: Text("clustering.notes.categories", "categories"),
    ColumnType.DATE: Text("clustering.notes.dates", "dates unless they are selected"),
    ColumnType.TEXT: Text("clustering.notes.text", "free text"),
}
CORRECT_IT = Text("clustering.table.correct_it", "Correct it, change its type, or choose other columns.")


def choose_columns(frame: Frame, params: PredictParams) -> list[Column]:
    """The columns to use, categories last. Raises InputError: there are none, or one cannot be used."""
    if params.columns:
        used = [_with_usable_type(frame, name, params.method) for name in dict.fromkeys(params.columns)]
    else:
        usable = USABLE_TYPES[params.method]
        dates = {ColumnType.DATE} if ColumnType.NUMBER in usable else set()
        used = [
            column
            for column in frame.columns
            if column.type in usable or (column.is_declared and column.type in dates)
        ]
        # a column with a few cells that do not fit is left out, as long as others remain
        used = [column for column in used if _is_whole(column)] or used
    used.sort(key=lambda column: column.type == ColumnType.CATEGORY)
    _check_types(frame, used, params.method)
    for column in used:
        if column.mismatch is not None or column.missing == len(column.values):
            raise InputError(join(_why_unusable(column), CORRECT_IT()))
    return used


def _is_whole(column: Column) -> bool:
    return column.mismatch is None and column.missing < len(column.values)


def notes_on_left_out(columns: Sequence[Column], params: PredictParams) -> tuple[Message, ...]:
    """Why the first of the columns that are not used are left out; nothing if the user chose the columns."""
    if params.columns:
        return ()
    return tuple(_note(column, params.method) for column in columns[:_MAX_NOTES])


def _note(column: Column, method: str) -> Message:
    if column.missing == len(column.values):
        return LEFT_OUT_EMPTY(column=column.name)
    if column.mismatch is not None and column.type in USABLE_TYPES[method]:
        return join(LEFT_OUT_MISMATCH(column=column.name), bad_cell(column))
    if column.remarks and column.type == ColumnType.TEXT and not column.is_declared:
        return LEFT_OUT_REMARK(column=column.name, why=column.remarks[0].what)
    return LEFT_OUT_TYPE(column=column.name, type=TYPES[column.type](), method=method)


def bad_cell(column: Column) -> Message:
    """The first cell of the column that does not fit its type."""
    cell = column.mismatches[0]
    return BAD_CELL(row=cell.row, column=column.name, cell=cell.text, reason=cell.reason)


def _with_usable_type(frame: Frame, name: str, method: str) -> Column:
    """The column as numbers, dates or categories, as the method needs it.

    Raises:
        InputError: the table lacks the column, or the column was declared to be of a type without use here.
    """
    column = frame.column(name)
    if method == "k-modes":
        return frame.as_type(name, ColumnType.CATEGORY)
    usable = (*USABLE_TYPES[method], ColumnType.DATE)
    if column.is_declared and column.type not in usable:
        raise InputError(WRONG_TYPE(column=name, type=column.type.value, method=method))
    if column.type in usable:
        return column
    return frame.as_type(name, ColumnType.CATEGORY if method == "k-prototypes" else ColumnType.NUMBER)


def _check_types(frame: Frame, used: list[Column], method: str) -> None:
    is_categorical = {column.type == ColumnType.CATEGORY for column in used}
    if method == "k-prototypes" and len(is_categorical) == 1:
        raise InputError(NO_NUMBERS_FOR_BOTH() if True in is_categorical else NO_CATEGORIES_FOR_BOTH())
    if used:
        return
    if method == "k-modes":
        types = ", ".join(f"{column.name!r} ({column.type})" for column in frame.columns[:5])
        raise InputError(NO_CATEGORIES(types=types))
    reasons = [_why_unusable(frame.as_type(name, ColumnType.NUMBER)) for name in frame.names[:5]]
    raise InputError(join(NO_NUMBERS(), *reasons))


def _why_unusable(column: Column) -> Message:
    all_missing = column.missing == len(column.values)
    if all_missing and not column.mismatches:
        return ALL_MISSING(column=column.name)
    return join(bad_cell(column), ALL_MISSING(column=column.name) if all_missing else "")
