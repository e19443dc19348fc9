"""A table with the role of each column: the target, the features, the columns left out, the usable rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.core.contract.errors import InputError
from models.core.contract.messages import Message, Text, join
from models.core.tables import csv_reader
from models.core.tables.column_types import Column
from models.core.tables.csv_reader import Frame
from models.core.tables.read_options import ColumnType
from models.tabular.card import MAX_CLASSES, PredictParams

MIN_ROWS = 5
MAX_CATEGORIES = 200  # of one feature; each becomes a column
_FEW_NUMBERS = 20  # distinct numbers that may stand for classes
_ROWS_PER_NUMBER = 3  # of numbers that may do so
_SHOWN_NUMBERS = 6
_LARGEST = 1e100  # its square is still finite
_FOR_NUMBERS = ("linear regression", "ridge regression")
REGRESSION, CLASSIFICATION = "regression", "classification"

BAD_CELL = Text("tabular.errors.bad_cell", "Row {row}, column {column!r}: {cell!r} {why}.")
TOO_FEW_ROWS = Text(
    "tabular.errors.too_few_rows", "Too few rows can be used: {n:,}; at least {least} are needed."
)
EMPTY_TARGET = Text("tabular.errors.empty_target", "All values of the target column {column!r} are missing.")
NOT_CLASSES = Text(
    "tabular.errors.not_classes",
    "Column {column!r} has {n:,} distinct numbers, but logistic regression predicts classes. Choose linear "
    "regression, or change the column's type to category.",
)
QUANTITY = Text(
    "tabular.errors.quantity",
    "Logistic regression predicts classes, but {column!r} is to be treated as a quantity. Choose linear "
    "regression, or set the target as classes.",
)
NOT_NUMBERS = Text(
    "tabular.errors.not_numbers",
    "Column {column!r} holds classes, but the chosen method predicts numbers. Choose logistic regression, a "
    "neural network, or another target.",
)
TOO_MANY_CLASSES = Text(
    "tabular.errors.too_many_classes",
    "Column {column!r} has {n:,} distinct values; a target can have at most {most:,} classes.",
)
ONE_CLASS = Text(
    "tabular.errors.one_class",
    "Every row has the same class in column {column!r}: {name!r}. Choose another target.",
)
NO_FEATURES = Text("tabular.errors.no_features", "No column can serve as a feature for {target!r}.")
COLUMN_LEFT_OUT = Text("tabular.errors.column_left_out", "Column {column!r}: {why}.")
TARGET_AS_FEATURE = Text(
    "tabular.errors.target_as_feature", "Column {column!r} is the target and cannot also be a feature."
)
BAD_FEATURE = Text("tabular.errors.bad_feature", "Column {column!r} cannot be a feature: {why}.")
TOO_LARGE = Text(
    "tabular.errors.too_large",
    "Row {row}, column {column!r}: numbers beyond 1e100 are too large to compute with.",
)

NO_TARGET = Text(
    "tabular.notes.no_target", "{n:,} {n:row has|rows have} no value in {column!r} and {n:is|are} not used."
)
LEFT_OUT_ROWS = Text(
    "tabular.notes.left_out_rows", "{n:,} {n:row has|rows have} missing features and {n:is|are} left out."
)
NUMBERS_AS_CLASSES = Text(
    "tabular.notes.numbers_as_classes", "The {n} distinct numbers in {column!r} are treated as classes."
)
WHOLE_NUMBERS = Text(
    "tabular.notes.whole_numbers",
    "The {n} distinct whole numbers in {column!r} ({values}) are treated as a quantity. If they stand for "
    "classes, set the target as classes.",
)

NOT_CHOSEN = Text("tabular.left_out.not_chosen", "not chosen")
ALL_MISSING = Text("tabular.left_out.all_missing", "all values are missing")
ALL_WRONG = Text("tabular.left_out.all_wrong", "no value fits its type (row {row}: {cell!r} {why})")
WRONG_CELL = Text("tabular.left_out.wrong_cell", "row {row}: {cell!r} {why}")
TYPE_TEXT = Text("tabular.left_out.type_text", "its type is set to text")
FREE_TEXT = Text("tabular.left_out.free_text", "it contains free text")
DATES = Text("tabular.left_out.dates", "it contains dates; choose it as a feature to use them")
TOO_MANY_CATEGORIES = Text(
    "tabular.left_out.too_many_categories", "it has {n:,} distinct values; at most {most} are supported"
)

LeftOut = tuple[tuple[str, Message], ...]  # column, reason


@dataclass(frozen=True)
class Target:
    """The column to predict. `values` (N,): for each row of the table a number or the index of a class."""

    name: str
    values: np.ndarray  # NaN where missing
    classes: tuple[str, ...] = ()  # empty: the target is a number

    @property
    def task(self) -> str:
        return CLASSIFICATION if self.classes else REGRESSION


@dataclass(frozen=True)
class Table:
    """A table with the roles of its columns, and its usable rows."""

    frame: Frame
    target: Target
    features: tuple[Column, ...]
    left_out: LeftOut
    rows: np.ndarray  # (N,): indices among the table's rows
    notes: tuple[Message, ...] = ()

    @property
    def actual(self) -> np.ndarray:
        """(N,): the target of the used rows."""
        return self.target.values[self.rows]


def table_of(data: bytes, params: PredictParams) -> Table:
    """The table in a CSV file, with the role of each column.

    Raises:
        InputError: not a table, an unknown or unusable column, or too few rows.
    """
    frame = csv_reader.read(data, params)
    name = params.target or frame.names[-1]
    target, notes = target_of(frame, name, params)
    features, left_out = _features(frame, name, params)
    is_used = ~np.isnan(target.values)
    missing = int((~is_used).sum())
    if missing:
        notes.append(NO_TARGET(n=missing, column=name))
    if params.missing == "leave out":
        is_complete = ~np.any([column.values.isna().to_numpy() for column in features], axis=0)
        if (incomplete := int((is_used & ~is_complete).sum())) > 0:
            notes.append(LEFT_OUT_ROWS(n=incomplete))
        is_used &= is_complete
    rows = np.flatnonzero(is_used)
    if len(rows) < MIN_ROWS:
        raise InputError(join(TOO_FEW_ROWS(n=len(rows), least=MIN_ROWS), *notes))
    _check_classes(target, rows)
    return Table(frame, target, features, left_out, rows, tuple(notes))


def target_of(frame: Frame, name: str, params: PredictParams) -> tuple[Target, list[Message]]:
    """The target as numbers or as classes, as the method and the column require, and notes on it.

    Raises:
        InputError: no such column, or the method cannot predict its values.
    """
    column = frame.column(name)
    if column.missing == len(column.values):
        raise InputError(EMPTY_TARGET(column=name))
    if column.type != ColumnType.NUMBER and params.target_as == "quantity":
        column = frame.as_type(name, ColumnType.NUMBER)
    if column.type != ColumnType.NUMBER or params.target_as == "classes":
        return _classes(frame, name, params), []
    if column.mismatch is None:
        distinct = np.unique(column.values.dropna().to_numpy(np.float64))
        if _stand_for_classes(column, len(distinct), params):
            return _classes(frame, name, params), [NUMBERS_AS_CLASSES(n=len(distinct), column=name)]
        return Target(name, _numbers(frame, column)), _whole_numbers(column, distinct, params)
    bad = column.mismatch
    raise InputError(BAD_CELL(row=bad.row, column=name, cell=bad.text, why=bad.reason))


def _stand_for_classes(column: Column, distinct: int, params: PredictParams) -> bool:
    """Whether numbers are classes. Raises InputError: they must be, and are too many."""
    if params.method == "logistic regression":
        if params.target_as == "quantity":
            raise InputError(QUANTITY(column=column.name))
        if distinct > _FEW_NUMBERS:
            raise InputError(NOT_CLASSES(column=column.name, n=distinct))
        return True
    is_open = params.target_as == "automatic" and not column.is_declared
    return distinct == 2 and is_open and params.method in ("automatic", "neural network")


def _whole_numbers(column: Column, distinct: np.ndarray, params: PredictParams) -> list[Message]:
    """A note if a quantity looks like classes: a few whole numbers, each of them in several rows."""
    # linear and ridge regression are chosen for quantities
    is_chosen = params.target_as != "automatic" or column.is_declared or params.method in _FOR_NUMBERS
    is_few = 1 < len(distinct) <= _FEW_NUMBERS and _ROWS_PER_NUMBER * len(distinct) <= len(column.values)
    if is_chosen or not is_few or (distinct != np.floor(distinct)).any():
        return []
    shown = [f"{value:g}" for value in distinct]
    values = ", ".join(shown if len(shown) <= _SHOWN_NUMBERS else [*shown[:_SHOWN_NUMBERS], "…"])
    return [WHOLE_NUMBERS(n=len(distinct), column=column.name, values=values)]


def _classes(frame: Frame, name: str, params: PredictParams) -> Target:
    if params.method in _FOR_NUMBERS:
        raise InputError(NOT_NUMBERS(column=name))
    column = frame.as_type(name, ColumnType.CATEGORY)
    classes = tuple(map(str, column.values.cat.categories))
    if len(classes) > MAX_CLASSES:
        raise InputError(TOO_MANY_CLASSES(column=name, n=len(classes), most=MAX_CLASSES))
    codes = column.values.cat.codes.to_numpy().astype(np.float64)
    return Target(name, np.where(codes < 0, np.nan, codes), classes)


def _check_classes(target: Target, rows: np.ndarray) -> None:
    if target.task == CLASSIFICATION and len(present := np.unique(target.values[rows])) < 2:
        raise InputError(ONE_CLASS(column=target.name, name=target.classes[int(present[0])]))


def _features(frame: Frame, target: str, params: PredictParams) -> tuple[tuple[Column, ...], LeftOut]:
    """The features, and the columns left out. Raises InputError: one is unusable, or there are none."""
    if params.features:
        return _chosen(frame, target, params)
    others = [column for column in frame.columns if column.name != target]
    reasons = [(column, _reason_against(column, is_chosen=False)) for column in others]
    used = tuple(column for column, reason in reasons if reason is None)
    left_out = tuple((column.name, reason) for column, reason in reasons if reason is not None)
    if not used:
        because = [COLUMN_LEFT_OUT(column=name, why=reason) for name, reason in left_out[:5]]
        raise InputError(join(NO_FEATURES(target=target), *because))
    return used, left_out


def _chosen(frame: Frame, target: str, params: PredictParams) -> tuple[tuple[Column, ...], LeftOut]:
    if target in params.features:
        raise InputError(TARGET_AS_FEATURE(column=target))
    chosen = tuple(frame.column(name) for name in dict.fromkeys(params.features))
    for column in chosen:
        if (reason := _reason_against(column, is_chosen=True)) is not None:
            raise InputError(BAD_FEATURE(column=column.name, why=reason))
    others = [name for name in frame.names if name != target and name not in params.features]
    return chosen, tuple((name, NOT_CHOSEN()) for name in others)


def _reason_against(column: Column, *, is_chosen: bool) -> Message | None:
    """Why a column is no feature; None: it is one.

    Dates are used only on request: most of them number the rows or record when a row was entered.
    """
    bad = column.mismatches[0] if column.mismatches else None
    if column.missing == len(column.values):
        return ALL_WRONG(row=bad.row, cell=bad.text, why=bad.reason) if bad else ALL_MISSING()
    if column.mismatch is not None:
        return WRONG_CELL(row=column.mismatch.row, cell=column.mismatch.text, why=column.mismatch.reason)
    if column.type == ColumnType.TEXT:
        return TYPE_TEXT() if column.is_declared else FREE_TEXT()
    if column.type == ColumnType.DATE and not (is_chosen or column.is_declared):
        return DATES()
    if column.type == ColumnType.CATEGORY and len(column.values.cat.categories) > MAX_CATEGORIES:
        return TOO_MANY_CATEGORIES(n=len(column.values.cat.categories), most=MAX_CATEGORIES)
    return None


def _numbers(frame: Frame, column: Column) -> np.ndarray:
    values = column.values.to_numpy(np.float64)
    check_size(frame, column.name, values)
    return values


def check_size(frame: Frame, name: str, values: np.ndarray) -> None:
    """Raises InputError: the square of a number is not finite."""
    too_large = np.flatnonzero(np.abs(np.nan_to_num(values)) > _LARGEST)
    if len(too_large):
        raise InputError(TOO_LARGE(row=int(frame.rows[too_large[0]]), column=name))


def check_features(frame: Frame, features: Sequence[Column]) -> None:
    """Raises InputError: as `check_size`."""
    for column in features:
        if column.type == ColumnType.NUMBER:
            _numbers(frame, column)
