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

    @property
    def outputs(self) -> tuple[str, ...]:
        return (self.name,)

    @property
    def units(self) -> tuple[str, ...]:
        """The unit of each output, as in `length (cm)`; empty: zero or one."""
        match = _UNIT.search(self.name)
        return (match.group(1) if match else "unit",)

    @property
    def scales(self) -> tuple[tuple[float, float], ...]:
        """(mean, std) of each output."""
        return ((self.mean, self.std),)

    def apply(self, values: np.ndarray) -> np.ndarray:
        """(N,) with NaN for gaps -> (N, 1)."""
        filled = np.where(np.isnan(values), self.fill, values)
        return ((filled - self.mean) / self.std)[:, None]


@dataclass(frozen=True)
class Category:
    """One-hot: a column of zeros and ones for each category; all zeros for one not seen in training."""

    name: str
    fill: str
    categories: tuple[str, ...]
    missing: int

    @property
    def outputs(self) -> tuple[str, ...]:
        return tuple(f"{self.name} = {category}" for category in self.categories)

    @property
    def units(self) -> tuple[str, ...]:
        return ("",) * len(self.categories)

    @property
    def scales(self) -> tuple[tuple[float, float], ...]:
        return ((0.0, 1.0),) * len(self.categories)

    def apply(self, values: np.ndarray) -> np.ndarray:
        """(N,) categories with None for gaps -> (N, K)."""
        filled = np.where(values == None, self.fill, values)  # noqa: E711  by element
        return (filled[:, None] == np.array(self.categories, dtype=object)).astype(np.float64)

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


def learn(features: Sequence[Column], rows: np.ndarray) -> Preprocessing:
    """The preprocessing for the training rows, given as indices in the table."""
    return Preprocessing(tuple(_learn_part(column, rows) for column in features))


def _learn_part(column: Column, rows: np.ndarray) -> Part:
    if column.type == ColumnType.DATE:
        days = values_of(column)[rows]
        return learn_date(column.name, days, is_month_first=column.is_month_first)
    return _learn_number(column, rows) if column.type == ColumnType.NUMBER else _learn_category(column, rows)


def _learn_number(column: Column, rows: np.ndarray) -> Number:
    values = values_of(column)[rows]
    known = values[~np.isnan(values)]
    fill = float(known.mean()) if len(known) else 0.0
    filled = np.where(np.isnan(values), fill, values)
    # rounding may give a constant column a standard deviation just above 0
    std = float(filled.std()) if np.ptp(filled) > 0 else 1.0
    return Number(column.name, fill, float(filled.mean()), std or 1.0, len(values) - len(known))


def _learn_category(column: Column, rows: np.ndarray) -> Category:
    values = values_of(column)[rows]
    known = values[values != None]  # noqa: E711  by element
    categories, counts = np.unique(known.astype(str), return_counts=True)
    fill = str(categories[counts.argmax()]) if len(categories) else ""
    return Category(column.name, fill, tuple(map(str, categories)), len(values) - len(known))
