"""A column of dates as numbers: days since the first training date, and month and weekday where known.

A straight line through days is a trend. Month and weekday come as zeros and ones beside it, not as sine and
cosine: then each coefficient is what that month or weekday adds, and says so by its name. They come only
where the training rows reach over two turns, as within one a month or weekday cannot be told from the trend,
and where there are ten rows for each of its values.
"""

from dataclasses import dataclass

import numpy as np

from models.core.tables.column_types import day

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
TURNS = {"month": 2 * 365, "weekday": 2 * 7}  # days that the training rows must reach over
ROWS_PER_WORD = 10


@dataclass(frozen=True)
class Turn:
    """What comes round, month or weekday: a column of zeros and ones for each of the `words` seen."""

    of: str
    fill: str
    words: tuple[str, ...]

    def apply(self, days: np.ndarray) -> np.ndarray:
        """(N,) with NaN for gaps -> (N, K)."""
        found = np.where(np.isnan(days), self.fill, words_of(self.of, np.nan_to_num(days)))
        return (found[:, None] == np.array(self.words)).astype(np.float64)


@dataclass(frozen=True)
class Date:
    """Days since `first`, scaled as a number is, and what comes round; from days since 1970-01-01."""

    name: str
    first: float  # of the training rows, at midnight
    last: float
    fill: float  # days since `first`, as mean and spread are
    mean: float
    spread: float  # 1 where all training rows have one value
    missing: int  # training rows without a value
    turns: tuple[Turn, ...]
    is_month_first: bool  # how dates are read whose day and month cannot be told apart

    @property
    def outputs(self) -> tuple[str, ...]:
        turns = (f"{self.name}, {turn.of} = {word}" for turn in self.turns for word in turn.words)
        return (f"{self.name}, days since {day(self.first)}", *turns)

    @property
    def units(self) -> tuple[str, ...]:
        return ("day", *("" for turn in self.turns for _ in turn.words))

    @property
    def scales(self) -> tuple[tuple[float, float], ...]:
        return ((self.mean, self.spread), *((0.0, 1.0) for turn in self.turns for _ in turn.words))

    def apply(self, values: np.ndarray) -> np.ndarray:
        """(N,) with NaN for gaps -> (N, D)."""
        filled = np.where(np.isnan(values), self.fill, values - self.first)
        scaled = ((filled - self.mean) / self.spread)[:, None]
        return np.concatenate([scaled, *(turn.apply(values) for turn in self.turns)], axis=1)

    def beyond(self, values: np.ndarray) -> np.ndarray:
        """Places of dates before the first training date or after the last."""
        return np.flatnonzero((values < self.first) | (values >= self.last + 1.0))


def words_of(turn: str, days: np.ndarray) -> np.ndarray:
    """(N,) days since 1970-01-01 -> the name of each one's month or weekday."""
    whole = np.floor(days).astype(np.int64)
    if turn == "weekday":
        return np.array(WEEKDAYS)[(whole + 3) % 7]  # 1970-01-01 was a Thursday
    return np.array(MONTHS)[whole.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12]


def learn_date(name: str, values: np.ndarray, *, is_month_first: bool) -> Date:
    """What the training rows' dates (n,), NaN for gaps, say."""
    known = values[~np.isnan(values)]
    first = float(np.floor(known.min())) if len(known) else 0.0
    passed = known - first
    fill = float(passed.mean()) if len(known) else 0.0
    filled = np.where(np.isnan(values), fill, values - first)
    spread = float(filled.std()) if np.ptp(filled) > 0 else 1.0
    return Date(
        name=name,
        first=first,
        last=float(np.floor(known.max())) if len(known) else 0.0,
        fill=fill,
        mean=float(filled.mean()),
        spread=spread or 1.0,
        missing=len(values) - len(known),
        turns=tuple(turn for of in TURNS if (turn := _turn(of, known))),
        is_month_first=is_month_first,
    )


def _turn(of: str, known: np.ndarray) -> Turn | None:
    """None: the dates do not say enough of it."""
    if len(known) == 0 or np.ptp(known) < TURNS[of]:
        return None
    words, counts = np.unique(words_of(of, known), return_counts=True)
    if len(words) < 2 or len(known) < ROWS_PER_WORD * len(words):
        return None
    order = MONTHS if of == "month" else WEEKDAYS
    return Turn(of, str(words[counts.argmax()]), tuple(word for word in order if word in words))
