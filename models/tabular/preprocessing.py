"""Columns to the matrix that a model computes with: gaps filled, numbers scaled, categories one-hot.

Everything is learned from training rows alone, so that validation and test rows stay unseen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from models.core.columns import Column, ColumnType


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

    def apply(self, values: np.ndarray) -> np.ndarray:
        """(N,) words with None for gaps -> (N, K)."""
        filled = np.where(values == None, self.fill, values)  # noqa: E711  by element
        return (filled[:, None] == np.array(self.words, dtype=object)).astype(np.float64)

    def unseen(self, values: np.ndarray) -> np.ndarray:
        """Places of words that no training row had."""
        return np.flatnonzero([value is not None and value not in self.words for value in values])


@dataclass(frozen=True)
class Preprocessing:
    """One part for each feature."""

    parts: tuple[Number | Category, ...]

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
        parts: list[Number | Category] = []
        for value in values:
            found = {key: part for key, part in value.items() if key != "type"}
            if value["type"] == "number":
                parts.append(Number(**found))
            else:
                parts.append(Category(**{**found, "words": tuple(found["words"])}))
        return cls(tuple(parts))


def values_of(column: Column) -> np.ndarray:
    """(N,): float64 with NaN for gaps, or words with None for them."""
    if column.type == ColumnType.NUMBER:
        return column.values.to_numpy(np.float64)
    words = np.array([*map(str, column.values.cat.categories), None], dtype=object)
    return words[column.values.cat.codes.to_numpy()]


def learn(features: Sequence[Column], rows: np.ndarray) -> Preprocessing:
    """What the training rows, as places in the table, say about each feature."""
    return Preprocessing(
        tuple(
            _number(column, rows) if column.type == ColumnType.NUMBER else _category(column, rows)
            for column in features
        )
    )


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
