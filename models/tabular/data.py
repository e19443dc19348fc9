"""A table to what is predicted and what it is predicted from: roles of columns, rows that can be used."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.core.contract.errors import InputError
from models.core.tables import csv_reader
from models.core.tables.column_types import Column
from models.core.tables.csv_reader import Frame
from models.core.tables.read_options import ColumnType
from models.tabular.card import MOST_CLASSES, PredictParams

FEWEST_ROWS = 5
MOST_WORDS = 200  # different words of one feature; each becomes a column of its own
_FEW_NUMBERS = 20  # different numbers that may be meant as classes
_LARGEST = 1e100  # its square is still a number
REGRESSION, CLASSIFICATION = "regression", "classification"


@dataclass(frozen=True)
class Target:
    """What is predicted. `values` (N,) has a number for each row of the table, or its class' index."""

    name: str
    values: np.ndarray  # NaN where there is none
    classes: tuple[str, ...] = ()  # empty: it is a number

    @property
    def task(self) -> str:
        return CLASSIFICATION if self.classes else REGRESSION


@dataclass(frozen=True)
class Table:
    """A table with the roles of its columns, and the rows that can be learned from."""

    frame: Frame
    target: Target
    features: tuple[Column, ...]
    left_out: tuple[tuple[str, str], ...]  # column, why
    rows: np.ndarray  # (N,): which of the table's rows
    notes: tuple[str, ...] = ()

    @property
    def truth(self) -> np.ndarray:
        """(N,): the target of the used rows."""
        return self.target.values[self.rows]


def table_of(data: bytes, params: PredictParams) -> Table:
    """The table in a CSV file with its roles.

    Raises:
        InputError: no table, no such column, one that cannot be used, or too few rows.
    """
    frame = csv_reader.read(data, params)
    name = params.target or frame.names[-1]
    target, notes = target_of(frame, name, params)
    features, left_out = _features(frame, name, params)
    is_used = ~np.isnan(target.values)
    lost = int((~is_used).sum())
    if lost:
        notes.append(f"{lost:,} rows have no value in {name!r} and are not used.")
    if params.missing == "leave out":
        is_whole = ~np.any([column.values.isna().to_numpy() for column in features], axis=0)
        if (gaps := int((is_used & ~is_whole).sum())) > 0:
            notes.append(f"{gaps:,} rows miss a feature and are left out.")
        is_used &= is_whole
    rows = np.flatnonzero(is_used)
    if len(rows) < FEWEST_ROWS:
        raise InputError(
            f"The table has {len(rows):,} rows that can be used; at least {FEWEST_ROWS} are needed."
            + (" " + " ".join(notes) if notes else "")
        )
    _check_classes(target, rows)
    return Table(frame, target, features, left_out, rows, tuple(notes))


def target_of(frame: Frame, name: str, params: PredictParams) -> tuple[Target, list[str]]:
    """The target as numbers or classes, whichever the method and the column call for, and what was assumed.

    Raises:
        InputError: no such column, or the method cannot predict what it holds.
    """
    column = frame.column(name)
    if column.missing == len(column.values):
        raise InputError(f"Column {name!r} is the target, and all its values are missing.")
    notes: list[str] = []
    is_number = column.type == ColumnType.NUMBER
    if is_number and column.bad is None:
        distinct = int(column.values.nunique())
        if params.method == "logistic regression" and distinct > _FEW_NUMBERS:
            raise InputError(
                f"Column {name!r} holds {distinct:,} different numbers; logistic regression predicts "
                "classes. Choose linear regression, or change the column's type to category."
            )
        means_classes = params.method == "logistic regression" or (
            distinct == 2 and not column.is_told and params.method in ("automatic", "neural network")
        )
        if means_classes:
            notes.append(f"The {distinct} different numbers in {name!r} are read as classes.")
            is_number = False
    if not is_number:
        return _classes(frame, name, params), notes
    if column.bad is not None:
        raise InputError(f"Row {column.bad.row}, column {name!r}: {column.bad.text!r} {column.bad.why}.")
    return Target(name, _numbers(frame, column)), notes


def _classes(frame: Frame, name: str, params: PredictParams) -> Target:
    if params.method in ("linear regression", "ridge regression"):
        raise InputError(
            f"Column {name!r} holds classes; {params.method} predicts numbers. Choose logistic regression or "
            "a neural network, or another target."
        )
    column = frame.as_type(name, ColumnType.CATEGORY)
    words = tuple(map(str, column.values.cat.categories))
    if len(words) > MOST_CLASSES:
        raise InputError(
            f"Column {name!r} holds {len(words):,} different values; at most {MOST_CLASSES} classes can be "
            "told apart."
        )
    codes = column.values.cat.codes.to_numpy().astype(np.float64)
    return Target(name, np.where(codes < 0, np.nan, codes), words)


def _check_classes(target: Target, rows: np.ndarray) -> None:
    if target.task == CLASSIFICATION and len(found := np.unique(target.values[rows])) < 2:
        only = target.classes[int(found[0])]
        raise InputError(
            f"Every row has the same class in column {target.name!r}, {only!r}: there is nothing to tell "
            "apart."
        )


def _features(
    frame: Frame, target: str, params: PredictParams
) -> tuple[tuple[Column, ...], tuple[tuple[str, str], ...]]:
    """The columns to predict from, and why the others are not. Raises InputError: one cannot be used."""
    if params.features:
        return _chosen(frame, target, params)
    others = [column for column in frame.columns if column.name != target]
    used = tuple(column for column in others if not _why_not(column, is_chosen=False))
    left_out = tuple((column.name, why) for column in others if (why := _why_not(column, is_chosen=False)))
    if not used:
        reasons = "; ".join(f"{name!r}: {why}" for name, why in left_out[:5]) or "it is the only column"
        raise InputError(f"There is no column to predict {target!r} from: {reasons}.")
    return used, left_out


def _chosen(
    frame: Frame, target: str, params: PredictParams
) -> tuple[tuple[Column, ...], tuple[tuple[str, str], ...]]:
    if target in params.features:
        raise InputError(f"Column {target!r} is the target; it cannot be a feature too.")
    chosen = tuple(frame.column(name) for name in dict.fromkeys(params.features))
    for column in chosen:
        if why := _why_not(column, is_chosen=True):
            raise InputError(f"Column {column.name!r} cannot be a feature: {why}.")
    others = [name for name in frame.names if name != target and name not in params.features]
    return chosen, tuple((name, "not chosen") for name in others)


def _why_not(column: Column, *, is_chosen: bool) -> str:
    """Dates are asked for, as most count the rows or say when somebody wrote them down."""
    if column.missing == len(column.values):
        first = column.found[:1]
        return "all its values are missing" + "".join(
            f" (row {bad.row}: {bad.text!r} {bad.why})" for bad in first
        )
    if column.bad is not None:
        return f"row {column.bad.row}: {column.bad.text!r} {column.bad.why}"
    if column.type == ColumnType.TEXT:
        return "it was told to be text" if column.is_told else "it holds free text"
    if column.type == ColumnType.DATE and not (is_chosen or column.is_told):
        return "it holds dates; choose it as a feature to use them"
    if column.type == ColumnType.CATEGORY and len(column.values.cat.categories) > MOST_WORDS:
        words = len(column.values.cat.categories)
        return f"it holds {words:,} different words; at most {MOST_WORDS} can be used"
    return ""


def _numbers(frame: Frame, column: Column) -> np.ndarray:
    values = column.values.to_numpy(np.float64)
    check_size(frame, column.name, values)
    return values


def check_size(frame: Frame, name: str, values: np.ndarray) -> None:
    """Raises InputError: a number whose square is none."""
    too_large = np.flatnonzero(np.abs(np.nan_to_num(values)) > _LARGEST)
    if len(too_large):
        raise InputError(
            f"Row {int(frame.rows[too_large[0]])}, column {name!r}: a number beyond 1e100 is too large to "
            "compute with."
        )


def check_features(frame: Frame, features: Sequence[Column]) -> None:
    """Raises InputError: as `check_size`."""
    for column in features:
        if column.type == ColumnType.NUMBER:
            _numbers(frame, column)
