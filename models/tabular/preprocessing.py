"""Columns to the matrix a model computes with: gaps filled, numbers scaled, words one-hot, dates as days.

Everything is learned from training rows alone, so that validation and test rows stay unseen.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from models.core.tables.column_types import Column, days_of
from models.core.tables.read_options import ColumnType
from models.tabular.dates import Date, Turn, learn_date

_UNIT = re.compile(r"\(([^()]+)\)\s*$")


@dataclass(frozen=True)
class Number:
    """(value, or `fill` where there is none, minus `mean`) / `spread`."""

    name: str
    fill: float
    mean: float
    spread: float  # 1 where all training rows have one value
    missing: int  # training rows without a value

    @property
    def outputs(self) -> tuple[str, ...]:
        return (self.name,)

    @property
    def units(self) -> tuple[str, ...]:
        """What one step of each output is, as in `length (cm)`; empty: it is so or not."""
        found = _UNIT.search(self.name)
        return (found.group(1) if found else "unit",)

    @property
    def scales(self) -> tuple[tuple[float, float], ...]:
        """(mean, spread) of each output."""
        return ((self.mean, self.spread),)

    def apply(self, values: np.ndarray) -> np.ndarray:
        """(N,) with NaN for gaps -> (N, 1)."""
        filled = np.where(np.isnan(values), self.fill, values)
        return ((filled - self.mean) / self.spread)[:, None]


@dataclass(frozen=True)
class Category:
    """A column of zeros and ones for each of the `words`; all zeros for a word that was never seen."""

    name: str
    fill: str
    words: tuple[str, ...]
    missing: int

    @property
    def outputs(self) -> tuple[str, ...]:
        return tuple(f"{self.name} = {word}" for word in self.words)

    @property
    def units(self) -> tuple[str, ...]:
        return ("",) * len(self.words)

    @property
    def scales(self) -> tuple[tuple[float, float], ...]:
        return ((0.0, 1.0),) * len(self.words)

    def apply(self, values: np.ndarray) -> np.ndarray:
        """(N,) words with None for gaps -> (N, K)."""
        filled = np.where(values == None, self.fill, values)  # noqa: E711  by element
        return (filled[:, None] == np.array(self.words, dtype=object)).astype(np.float64)

    def unseen(self, values: np.ndarray) -> np.ndarray:
        """Places of words that no training row had."""
        return np.flatnonzero([value is not None and value not in self.words for value in values])


Part = Number | Category | Date


@dataclass(frozen=True)
class Preprocessing:
    """One part for each feature."""

    parts: tuple[Part, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Of the features."""
        return tuple(part.name for part in self.parts)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Of the matrix's columns."""
        return tuple(name for part in self.parts for name in part.outputs)

    def apply(self, features: Sequence[Column], rows: np.ndarray) -> np.ndarray:
        """The matrix (N, D) of these rows."""
        blocks = [
            part.apply(values_of(column)[rows]) for part, column in zip(self.parts, features, strict=True)
        ]
        return np.concatenate(blocks, axis=1)

    def to_json(self) -> list[dict[str, Any]]:
        return [{"type": type(part).__name__.lower(), **asdict(part)} for part in self.parts]

    @classmethod
    def from_json(cls, values: Sequence[Mapping[str, Any]]) -> "Preprocessing":
        """Raises KeyError, TypeError or ValueError: not what `to_json` gave."""
        return cls(tuple(_part(value) for value in values))


def _part(value: Mapping[str, Any]) -> Part:
    found = {key: part for key, part in value.items() if key != "type"}
    if value["type"] == "number":
        return Number(**found)
    if value["type"] == "date":
        turns = tuple(Turn(**{**turn, "words": tuple(turn["words"])}) for turn in found["turns"])
        return Date(**{**found, "turns": turns})
    return Category(**{**found, "words": tuple(found["words"])})


def values_of(column: Column) -> np.ndarray:
    """(N,): float64 with NaN for gaps, of dates days since 1970-01-01; or words with None for gaps."""
    if column.type == ColumnType.NUMBER:
        return column.values.to_numpy(np.float64)
    if column.type == ColumnType.DATE:
        return days_of(column)
    words = np.array([*map(str, column.values.cat.categories), None], dtype=object)
    return words[column.values.cat.codes.to_numpy()]


def learn(features: Sequence[Column], rows: np.ndarray) -> Preprocessing:
    """What the training rows, as places in the table, say about each feature."""
    return Preprocessing(tuple(_learned(column, rows) for column in features))


def _learned(column: Column, rows: np.ndarray) -> Part:
    if column.type == ColumnType.DATE:
        days = values_of(column)[rows]
        return learn_date(column.name, days, is_month_first=column.is_month_first)
    return _number(column, rows) if column.type == ColumnType.NUMBER else _category(column, rows)


def _number(column: Column, rows: np.ndarray) -> Number:
    values = values_of(column)[rows]
    known = values[~np.isnan(values)]
    fill = float(known.mean()) if len(known) else 0.0
    filled = np.where(np.isnan(values), fill, values)
    # rounding may leave a constant column a spread just above 0
    spread = float(filled.std()) if np.ptp(filled) > 0 else 1.0
    return Number(column.name, fill, float(filled.mean()), spread or 1.0, len(values) - len(known))


def _category(column: Column, rows: np.ndarray) -> Category:
    values = values_of(column)[rows]
    known = values[values != None]  # noqa: E711  by element
    words, counts = np.unique(known.astype(str), return_counts=True)
    fill = str(words[counts.argmax()]) if len(words) else ""
    return Category(column.name, fill, tuple(map(str, words)), len(values) - len(known))
