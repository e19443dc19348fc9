"""Columns to the matrix that a model computes with.

Gaps are filled, numbers standardized, x' = (x - mean) / std, categories one-hot encoded, dates turned into
days. All values used for this come from the training rows, so that validation and test rows stay unseen.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from models.core.tables.column_types import Column, days_of
from models.core.tables.read_options import ColumnType
from models.tabular.preprocessing.dates import Cycle, Date, learn_date

_UNIT = re.compile(r"\(([^()]+)\)\s*$")


@dataclass(frozen=True)
class Number:
    """(value, or `fill` if it is missing, minus `mean`) / `std`."""

    name: str
    fill: float
    mean: float
    std: float  # 1 if all training rows have one value
    missing: int  # training rows without a value
    smallest: float | None = None  # of the training rows; None: not recorded
    largest: float | None = None
    unit: str = ""  # as the cells have it

    @property
    def outputs(self) -> tuple[str, ...]:
        return (self.name,)

    @property
    def references(self) -> tuple[str, ...]:
        """What each output is compared with; empty: nothing."""
        return ("",)

    @property
    def units(self) -> tuple[str, ...]:
        """The unit of each output, as in `length (cm)`; empty: zero or one."""
        match = _UNIT.search(self.name)
        return (match.group(1) if match else self.unit or "unit",)

    @property
    def scales(self) -> tuple[tuple[float, float], ...]:
        """(mean, std) of each output."""
        return ((self.mean, self.std),)

    def apply(self, values: np.ndarray) -> np.ndarray:
        """(N,) with NaN for gaps -> (N, 1)."""
        filled = np.where(np.isnan(values), self.fill, values)
        return ((filled - self.mean) / self.std)[:, None]

    @property
    def form(self) -> dict[str, Any]:
        """What a form needs to ask for one value."""
        ends = {"smallest": self.smallest, "largest": self.largest}
        return {"name": self.name, "type": "number", "usual": self.fill, **ends}

    def outside(self, values: np.ndarray) -> np.ndarray:
        """Indices of numbers below the smallest training value or above the largest."""
        if self.smallest is None or self.largest is None:
            return np.zeros(0, dtype=np.int64)
        return np.flatnonzero((values < self.smallest) | (values > self.largest))


@dataclass(frozen=True)
class Category:
    """One-hot: a column of zeros and ones for each category but the reference.

    All are zero for the reference, and for a category not seen in training. Without a reference, the columns
    of all categories would add up to the column of ones of the intercept, and infinitely many coefficients
    would give the same predictions.
    """

    name: str
    fill: str
    categories: tuple[str, ...]
    missing: int
    reference: str = ""  # empty: every category has a column, as a network takes them

    @property
    def encoded(self) -> tuple[str, ...]:
        """The categories that have a column."""
        return tuple(category for category in self.categories if category != self.reference)

    @property
    def outputs(self) -> tuple[str, ...]:
        return tuple(f"{self.name} = {category}" for category in self.encoded)

    @property
    def references(self) -> tuple[str, ...]:
        return (f"{self.name} = {self.reference}" if self.reference else "",) * len(self.encoded)

    @property
    def units(self) -> tuple[str, ...]:
        return ("",) * len(self.encoded)

    @property
    def scales(self) -> tuple[tuple[float, float], ...]:
        return ((0.0, 1.0),) * len(self.encoded)

    def apply(self, values: np.ndarray) -> np.ndarray:
        """(N,) categories with None for gaps -> (N, K)."""
        filled = np.where(values == None, self.fill, values)  # noqa: E711  by element
        return (filled[:, None] == np.array(self.encoded, dtype=object)).astype(np.float64)

    @property
    def form(self) -> dict[str, Any]:
        """What a form needs to ask for one value."""
        return {
            "name": self.name,
            "type": "category",
            "usual": self.fill,
            "categories": list(self.categories),
        }

    def unseen(self, values: np.ndarray) -> np.ndarray:
        """Indices of categories that no training row has."""
        return np.flatnonzero([value is not None and value not in self.categories for value in values])


Part = Number | Category | Date

# a fitted model's file has these names, other than the code
_STORED_NAMES = {
    Number: {"std": "spread"},
    Category: {"categories": "words"},
    Date: {"std": "spread", "cycles": "turns"},
    Cycle: {"unit": "of", "categories": "words"},
}


@dataclass(frozen=True)
class Preprocessing:
    """One part for each feature."""

    parts: tuple[Part, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the features."""
        return tuple(part.name for part in self.parts)

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of the matrix's columns."""
        return tuple(name for part in self.parts for name in part.outputs)

    @property
    def references(self) -> tuple[str, ...]:
        """What each of the matrix's columns is compared with, such as `color = red`; empty: nothing."""
        return tuple(name for part in self.parts for name in part.references)

    def apply(self, features: Sequence[Column], rows: np.ndarray) -> np.ndarray:
        """The matrix (N, D) of these rows."""
        blocks = [
            part.apply(values_of(column)[rows]) for part, column in zip(self.parts, features, strict=True)
        ]
        return np.concatenate(blocks, axis=1)

    def to_json(self) -> list[dict[str, Any]]:
        return [{"type": type(part).__name__.lower(), **_stored(part)} for part in self.parts]

    @classmethod
    def from_json(cls, values: Sequence[Mapping[str, Any]]) -> "Preprocessing":
        """Raises KeyError, TypeError or ValueError: `values` do not come from `to_json`."""
        return cls(tuple(_part(value) for value in values))


def _stored(part: Part | Cycle) -> dict[str, Any]:
    names = _STORED_NAMES[type(part)]
    stored = {names.get(key, key): value for key, value in asdict(part).items()}
    if isinstance(part, Date):
        stored["turns"] = [_stored(cycle) for cycle in part.cycles]
    return stored


def _fields(kind: type[Part | Cycle], value: Mapping[str, Any]) -> dict[str, Any]:
    names = {stored: name for name, stored in _STORED_NAMES[kind].items()}
    fields = {names.get(key, key): part for key, part in value.items() if key != "type"}
    return fields | ({"categories": tuple(fields["categories"])} if "categories" in fields else {})


def _part(value: Mapping[str, Any]) -> Part:
    if value["type"] == "number":
        return Number(**_fields(Number, value))
    if value["type"] == "date":
        cycles = tuple(Cycle(**_fields(Cycle, cycle)) for cycle in value["turns"])
        return Date(**{**_fields(Date, value), "cycles": cycles})
    return Category(**_fields(Category, value))


def values_of(column: Column) -> np.ndarray:
    """(N,): numbers as float64 with NaN for gaps, dates as days since 1970-01-01, categories with None."""
    if column.type == ColumnType.NUMBER:
        return column.values.to_numpy(np.float64)
    if column.type == ColumnType.DATE:
        return days_of(column)
    categories = np.array([*map(str, column.values.cat.categories), None], dtype=object)
    return categories[column.values.cat.codes.to_numpy()]


def learn(features: Sequence[Column], rows: np.ndarray, *, has_references: bool) -> Preprocessing:
    """The preprocessing for the training rows, given as indices in the table.

    Args:
        has_references: one category of each column is the reference, as a model with coefficients needs it.
    """
    return Preprocessing(tuple(_learn_part(column, rows, has_references) for column in features))


def _learn_part(column: Column, rows: np.ndarray, has_references: bool) -> Part:
    if column.type == ColumnType.DATE:
        days = values_of(column)[rows]
        month_first = column.is_month_first
        return learn_date(column.name, days, is_month_first=month_first, has_references=has_references)
    if column.type == ColumnType.NUMBER:
        return _learn_number(column, rows)
    return _learn_category(column, rows, has_references)


def _learn_number(column: Column, rows: np.ndarray) -> Number:
    values = values_of(column)[rows]
    known = values[~np.isnan(values)]
    fill = float(known.mean()) if len(known) else 0.0
    filled = np.where(np.isnan(values), fill, values)
    # rounding may give a constant column a standard deviation just above 0
    std = float(filled.std()) if np.ptp(filled) > 0 else 1.0
    ends = (float(known.min()), float(known.max())) if len(known) else (None, None)
    return Number(
        column.name, fill, float(filled.mean()), std or 1.0, len(values) - len(known), *ends, column.unit
    )


def _learn_category(column: Column, rows: np.ndarray, has_reference: bool) -> Category:
    values = values_of(column)[rows]
    known = values[values != None]  # noqa: E711  by element
    categories, counts = np.unique(known.astype(str), return_counts=True)
    fill = str(categories[counts.argmax()]) if len(categories) else ""
    # the most frequent category, which gaps are filled with too, so that the other effects are estimated best
    reference = fill if has_reference and len(categories) > 1 else ""
    return Category(column.name, fill, tuple(map(str, categories)), len(values) - len(known), reference)
