"""A column of dates as numbers: days since the first training date, and month and weekday as categories.

The days carry a linear trend. Month and weekday are one-hot encoded, not written as sine and cosine: each
coefficient is then the effect of that month or weekday, and is named after it. They are added only if the
training rows span at least two cycles (two years, two weeks), since within one cycle a month or weekday
cannot be separated from the trend, and only with at least ten rows for each value.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from models.core.tables.column_types import day

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MIN_SPAN_DAYS = {"month": 2 * 365, "weekday": 2 * 7}  # of the training rows
MIN_ROWS_PER_CATEGORY = 10


@dataclass(frozen=True)
class Cycle:
    """Month or weekday: a column of zeros and ones for each of the `categories` but the reference."""

    unit: str
    fill: str
    categories: tuple[str, ...]  # seen in training
    reference: str = ""  # empty: every category has a column

    @property
    def encoded(self) -> tuple[str, ...]:
        """The categories that have a column."""
        return tuple(category for category in self.categories if category != self.reference)

    def apply(self, days: np.ndarray) -> np.ndarray:
        """(N,) with NaN for gaps -> (N, K)."""
        names = np.where(np.isnan(days), self.fill, names_in_cycle(self.unit, np.nan_to_num(days)))
        return (names[:, None] == np.array(self.encoded)).astype(np.float64)


@dataclass(frozen=True)
class Date:
    """Days since `first`, standardized like a number, and the cycles; from days since 1970-01-01."""

    name: str
    first: float  # of the training rows, at midnight
    last: float
    fill: float  # days since `first`, as are mean and std
    mean: float
    std: float  # 1 if all training rows have one value
    missing: int  # training rows without a value
    cycles: tuple[Cycle, ...]
    is_month_first: bool  # how ambiguous dates are read

    @property
    def outputs(self) -> tuple[str, ...]:
        cycles = (self.output(cycle, name) for cycle in self.cycles for name in cycle.encoded)
        return (f"{self.name}, days since {day(self.first)}", *cycles)

    @property
    def references(self) -> tuple[str, ...]:
        """What each output is compared with; empty: nothing."""
        names = [self.output(cycle, cycle.reference) if cycle.reference else "" for cycle in self.cycles]
        lengths = [len(cycle.encoded) for cycle in self.cycles]
        return ("", *(name for name, length in zip(names, lengths, strict=True) for _ in range(length)))

    def output(self, cycle: Cycle, name: str) -> str:
        """The name of the column of a month or weekday."""
        return f"{self.name}, {cycle.unit} = {name}"

    @property
    def units(self) -> tuple[str, ...]:
        return ("day", *("" for cycle in self.cycles for _ in cycle.encoded))

    @property
    def scales(self) -> tuple[tuple[float, float], ...]:
        return ((self.mean, self.std), *((0.0, 1.0) for cycle in self.cycles for _ in cycle.encoded))

    def apply(self, values: np.ndarray) -> np.ndarray:
        """(N,) with NaN for gaps -> (N, D)."""
        filled = np.where(np.isnan(values), self.fill, values - self.first)
        scaled = ((filled - self.mean) / self.std)[:, None]
        return np.concatenate([scaled, *(cycle.apply(values) for cycle in self.cycles)], axis=1)

    @property
    def form(self) -> dict[str, Any]:
        """What a form needs to ask for one value; dates as ISO text."""
        ends = {"smallest": day(self.first), "largest": day(self.last)}
        return {"name": self.name, "type": "date", "usual": day(self.first + self.fill), **ends}

    def outside(self, values: np.ndarray) -> np.ndarray:
        """Indices of dates before the first training date or after the last."""
        return np.flatnonzero((values < self.first) | (values >= self.last + 1.0))


def names_in_cycle(unit: str, days: np.ndarray) -> np.ndarray:
    """(N,) days since 1970-01-01 -> the name of each month or weekday."""
    whole = np.floor(days).astype(np.int64)
    if unit == "weekday":
        return np.array(WEEKDAYS)[(whole + 3) % 7]  # 1970-01-01 was a Thursday
    return np.array(MONTHS)[whole.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12]


def learn_date(name: str, values: np.ndarray, *, is_month_first: bool, has_references: bool) -> Date:
    """The encoding for the training rows' dates (n,), NaN for gaps."""
    known = values[~np.isnan(values)]
    first = float(np.floor(known.min())) if len(known) else 0.0
    days = known - first
    fill = float(days.mean()) if len(known) else 0.0
    filled = np.where(np.isnan(values), fill, values - first)
    std = float(filled.std()) if np.ptp(filled) > 0 else 1.0
    return Date(
        name=name,
        first=first,
        last=float(np.floor(known.max())) if len(known) else 0.0,
        fill=fill,
        mean=float(filled.mean()),
        std=std or 1.0,
        missing=len(values) - len(known),
        cycles=tuple(cycle for unit in MIN_SPAN_DAYS if (cycle := _cycle(unit, known, has_references))),
        is_month_first=is_month_first,
    )


def _cycle(unit: str, known: np.ndarray, has_reference: bool) -> Cycle | None:
    """None: the dates span too little time, or there are too few of them."""
    if len(known) == 0 or np.ptp(known) < MIN_SPAN_DAYS[unit]:
        return None
    names, counts = np.unique(names_in_cycle(unit, known), return_counts=True)
    if len(names) < 2 or len(known) < MIN_ROWS_PER_CATEGORY * len(names):
        return None
    order = MONTHS if unit == "month" else WEEKDAYS
    most = str(names[counts.argmax()])
    return Cycle(unit, most, tuple(name for name in order if name in names), most if has_reference else "")
