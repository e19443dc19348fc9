"""Columns of text to columns of numbers, categories or dates: the type is guessed, or told by the caller.

A cell that does not fit its column's type is missing in `values`, counted in `wrong`, and the first one is
kept with its place, so that whoever needs the column can say what is wrong and where.
"""
# pyright: reportAttributeAccessIssue=false
# pyarrow makes the functions of pyarrow.compute when it is imported

from dataclasses import dataclass
from enum import StrEnum
from itertools import compress

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from models.core.delimited import COMMA, MISSING, POINT, is_number

_LOOKED_AT = 1_000  # cells that say whether a column may be of dates
_FEW = 20  # different words that make categories in any table
_FEW_SHARE = 0.05  # or of the rows, where there are many
_MOST_CATEGORIES = 1_000
_SHOWN = 40  # characters of a cell in a message
_TIME = r"[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
# (form, pandas' format); where day and month cannot be told apart, the first form wins
_DATES = (
    (r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "%Y-%m-%d"),
    (rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}{_TIME}", "ISO8601"),
    (r"[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}", "%Y/%m/%d"),
    (r"[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4}", "%d.%m.%Y"),
    (r"(?:0?[1-9]|[12][0-9]|3[01])/(?:0?[1-9]|1[0-2])/[0-9]{4}", "%d/%m/%Y"),
    (r"(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12][0-9]|3[01])/[0-9]{4}", "%m/%d/%Y"),
)


class ColumnType(StrEnum):
    """What the cells of a column are."""

    NUMBER = "number"
    CATEGORY = "category"
    DATE = "date"
    TEXT = "text"


@dataclass(frozen=True)
class Bad:
    """The first cell that does not fit its column's type; `row` as a spreadsheet counts."""

    row: int
    text: str
    why: str


@dataclass(frozen=True)
class Column:
    """One column. `values` has a row for each of the table's: float64, category, datetime64 (UTC where the
    file names an offset) or text; NaN, no category, NaT or null where `missing` or wrong."""

    name: str
    type: ColumnType
    values: pd.Series
    missing: int
    wrong: int = 0  # cells that are neither missing nor of the type
    bad: Bad | None = None
    note: str = ""  # what had to be assumed

    @property
    def present(self) -> int:
        return len(self.values) - self.missing - self.wrong


@dataclass(frozen=True)
class Cells:
    """A column's text, trimmed; `lacks` is true where nothing stands."""

    name: str
    text: pa.Array
    lacks: pa.Array
    missing: int
    rows: np.ndarray
    delimiter: str

    def where(self, form: str) -> np.ndarray:
        """Which cells are written in this form."""
        return _flags(pc.match_substring_regex(self.text, f"^(?:{form})$"))

    def first_wrong(self, good: np.ndarray, why: str) -> tuple[int, Bad | None]:
        """How many cells are neither missing nor good, and the first of them."""
        wrong = ~good & ~_flags(self.lacks)
        if not wrong.any():
            return 0, None
        place = int(wrong.argmax())
        text = self.text[place].as_py()
        return int(wrong.sum()), Bad(int(self.rows[place]), text[:_SHOWN], _why(text) or why)


def column(
    name: str, text: pa.Array, rows: np.ndarray, delimiter: str, wanted: ColumnType | None = None
) -> Column:
    """The column of the `wanted` type, or of the one that most of its cells have.

    Args:
        text: the cells as they were written.
        rows: where each stands in the file.
    """
    if wanted in (None, ColumnType.NUMBER) and (quick := _plain_numbers(name, text)):
        return quick
    trimmed = pc.utf8_trim_whitespace(text)
    lacks = pc.is_in(pc.utf8_lower(trimmed), value_set=pa.array(sorted(MISSING)))
    missing = pc.sum(lacks).as_py() or 0
    cells = Cells(name, trimmed, lacks, missing, rows, delimiter)
    if wanted is None:
        return _guessed(cells)
    return {
        ColumnType.NUMBER: _numbers,
        ColumnType.DATE: _dates,
        ColumnType.CATEGORY: _categories,
        ColumnType.TEXT: _text,
    }[wanted](cells)


def _guessed(cells: Cells) -> Column:
    present = len(cells.text) - cells.missing
    if present == 0:
        return _text(cells)
    for read in (_numbers, _dates):
        found = read(cells)
        if 2 * found.wrong <= present and found.present:
            return found
    distinct = pc.count_distinct(cells.text.filter(pc.invert(cells.lacks))).as_py()
    most = max(_FEW, min(_MOST_CATEGORIES, int(_FEW_SHARE * present)))
    return _categories(cells) if distinct <= most and 2 * distinct <= present + 1 else _text(cells)


def _plain_numbers(name: str, text: pa.Array) -> Column | None:
    """The quick way, for columns of nothing but plain finite numbers."""
    try:
        values = pc.cast(text, pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        return None
    return Column(name, ColumnType.NUMBER, pd.Series(values), 0) if np.isfinite(values).all() else None


def _numbers(cells: Cells) -> Column:
    """Decimals after a point, or after a comma where that reads more of the cells."""
    with_point = _numbers_as(cells, POINT, ",", ".")
    if cells.delimiter == "," or not pc.any(pc.match_substring(cells.text, ",")).as_py():
        return with_point
    with_comma = _numbers_as(cells, COMMA, ".", ",")
    # `1,234` reads both ways; tables cut by semicolons come from where decimals follow a comma
    is_doubtful = with_comma.wrong == with_point.wrong and cells.delimiter == ";"
    return with_comma if is_doubtful or with_comma.wrong < with_point.wrong else with_point


def _numbers_as(cells: Cells, form: str, thousands: str, decimals: str) -> Column:
    matches = cells.where(form)
    plain = pc.replace_substring(cells.text, thousands, "")
    plain = pc.replace_substring(plain, decimals, ".")
    plain = pc.if_else(pa.array(matches), plain, pa.scalar(None, pa.string()))
    values = pc.cast(plain, pa.float64()).to_numpy(zero_copy_only=False)
    good = np.isfinite(values)
    wrong, bad = cells.first_wrong(good, "is not a number")
    series = pd.Series(np.where(good, values, np.nan))
    return Column(cells.name, ColumnType.NUMBER, series, cells.missing, wrong, bad)


def _why(text: str) -> str:
    is_endless = text.lower().lstrip("+-") in {"inf", "infinity"} or is_number(text)
    return "is not a finite number" if is_endless else ""


def _dates(cells: Cells) -> Column:
    """By the form that most cells have."""
    start = cells.text.filter(pc.invert(cells.lacks))[:_LOOKED_AT]
    part = Cells(cells.name, start, start, 0, cells.rows, cells.delimiter)
    fitting = [int(part.where(form).sum()) for form, _ in _DATES]
    best = int(np.argmax(fitting))
    form, pattern = _DATES[best]
    good = cells.where(form) if fitting[best] else np.zeros(len(cells.text), dtype=bool)
    texts = pd.Series(cells.text.to_numpy(zero_copy_only=False), dtype=object).where(good)
    values = pd.Series(pd.to_datetime(texts, format=pattern, errors="coerce", utc=pattern == "ISO8601"))
    wrong, bad = cells.first_wrong(values.notna().to_numpy(), "is not a date")
    note = ""
    if best >= len(_DATES) - 2 and fitting[-1] == fitting[-2]:
        note = "day and month cannot be told apart; read as day/month/year"
    return Column(cells.name, ColumnType.DATE, values, cells.missing, wrong, bad, note)


def _categories(cells: Cells) -> Column:
    """In the order of the alphabet, whatever the rows' order."""
    encoded = pc.dictionary_encode(pc.if_else(cells.lacks, pa.scalar(None, pa.string()), cells.text))
    words = np.array(encoded.dictionary.to_pylist(), dtype=object)
    order = np.argsort(words) if len(words) else np.zeros(0, dtype=np.int64)
    rank = np.empty(len(words) + 1, dtype=np.int32)
    rank[order] = np.arange(len(words))
    rank[-1] = -1
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    values = pd.Categorical.from_codes(rank[codes].tolist(), categories=words[order].tolist())
    return Column(cells.name, ColumnType.CATEGORY, pd.Series(values), cells.missing)


def _text(cells: Cells) -> Column:
    kept = pc.if_else(cells.lacks, pa.scalar(None, pa.string()), cells.text)
    values = pd.Series(kept, dtype=pd.ArrowDtype(pa.string()))
    return Column(cells.name, ColumnType.TEXT, values, cells.missing)


def _flags(array: pa.Array) -> np.ndarray:
    return array.to_numpy(zero_copy_only=False).astype(bool)


def twice(names: tuple[str, ...], header: tuple[str, ...]) -> list[tuple[str, str]]:
    """(as it stood, as it is called now) of every name that was empty or there before."""
    pairs = [(" ".join(cell.split()), name) for cell, name in zip(header, names, strict=True)]
    return list(compress(pairs, [old != new for old, new in pairs]))
