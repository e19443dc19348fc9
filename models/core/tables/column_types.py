"""Columns of text to columns of numbers, categories or dates: the type is guessed, or told by the caller.

A cell that does not fit its column's type is missing in `values`, counted in `wrong`, and the first one is
kept with its place, so that whoever needs the column can say what is wrong and where.
"""
# pyright: reportAttributeAccessIssue=false
# pyarrow makes the functions of pyarrow.compute when it is imported

import re
from dataclasses import dataclass, replace
from itertools import compress

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from models.core.tables.dialect import COMMA, MISSING, POINT, is_number
from models.core.tables.read_options import ColumnType

_LOOKED_AT = 1_000  # cells that say whether a column may be of dates
_FEW = 20  # different words that make categories in any table
_FEW_SHARE = 0.05  # or of the rows, where there are many
_MOST_CATEGORIES = 1_000
_SHOWN = 40  # characters of a cell in a message
MOST_NAMED = 200  # cells of a column that do not fit it
_TIME = r"[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
# (form, pandas' format, in words); where day and month cannot be told apart, the first form wins
_DATES = (
    (r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "%Y-%m-%d", "year-month-day"),
    (rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}{_TIME}", "ISO8601", "year-month-day with a time"),
    (r"[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}", "%Y/%m/%d", "year/month/day"),
    # digits alone are numbers, unless they are told to be dates
    (r"(?:1[5-9]|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])", "%Y%m%d", "yearmonthday"),
    (r"[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4}", "%d.%m.%Y", "day.month.year"),
    (r"(?:0?[1-9]|[12][0-9]|3[01])/(?:0?[1-9]|1[0-2])/[0-9]{4}", "%d/%m/%Y", "day/month/year"),
    (r"(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12][0-9]|3[01])/[0-9]{4}", "%m/%d/%Y", "month/day/year"),
)
_DAY_FIRST, _MONTH_FIRST = len(_DATES) - 2, len(_DATES) - 1


@dataclass(frozen=True)
class Notation:
    """How cells, numbers and dates are written."""

    delimiter: str
    decimal: str = "guess"  # or point, or comma
    is_month_first: bool = False  # in dates where day and month cannot be told apart


@dataclass(frozen=True)
class Bad:
    """A cell that does not fit its column's type; `row` as a spreadsheet counts."""

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
    wrong: int = 0  # cells that are neither missing nor of the type; of a told type they count as missing
    found: tuple[Bad, ...] = ()  # the first of those cells
    note: str = ""  # what had to be assumed
    is_told: bool = False  # the type was not guessed
    is_month_first: bool = False  # dates were read as month/day/year

    @property
    def bad(self) -> Bad | None:
        """The first cell that does not fit, where that is a reason not to use the column."""
        return self.found[0] if self.found and not self.is_told else None

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
    notation: Notation

    def where(self, form: str) -> np.ndarray:
        """Which cells are written in this form."""
        return _flags(pc.match_substring_regex(self.text, f"^(?:{form})$"))

    def wrong(self, good: np.ndarray, why: str) -> tuple[int, tuple[Bad, ...]]:
        """How many cells are neither missing nor good, and the first of them."""
        places = np.flatnonzero(~good & ~_flags(self.lacks))
        texts = [(int(place), self.text[int(place)].as_py()) for place in places[:MOST_NAMED]]
        return len(places), tuple(Bad(int(self.rows[place]), text[:_SHOWN], why) for place, text in texts)


def column(
    name: str,
    text: pa.Array,
    rows: np.ndarray,
    notation: Notation,
    wanted: ColumnType | None = None,
    *,
    is_told: bool = False,
) -> Column:
    """The column of the `wanted` type, or of the one that most of its cells have.

    Args:
        text: the cells as they were written.
        rows: where each stands in the file.
        is_told: whether somebody chose the type: then cells that do not fit it are missing.
    """
    if wanted in (None, ColumnType.NUMBER) and (quick := _plain_numbers(name, text, notation)):
        return replace(quick, is_told=is_told)
    trimmed = pc.utf8_trim_whitespace(text)
    lacks = pc.is_in(pc.utf8_lower(trimmed), value_set=pa.array(sorted(MISSING)))
    missing = pc.sum(lacks).as_py() or 0
    cells = Cells(name, trimmed, lacks, missing, rows, notation)
    if wanted is None:
        return _guessed(cells)
    found = {
        ColumnType.NUMBER: _numbers,
        ColumnType.DATE: _dates,
        ColumnType.CATEGORY: _categories,
        ColumnType.TEXT: _text,
    }[wanted](cells)
    return replace(found, missing=found.missing + found.wrong, wrong=0, is_told=True) if is_told else found


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


def _plain_numbers(name: str, text: pa.Array, notation: Notation) -> Column | None:
    """The quick way, for columns of nothing but plain finite numbers."""
    if notation.decimal == "comma" and pc.any(pc.match_substring(text, ".")).as_py():
        return None  # there a point stands between thousands
    try:
        values = pc.cast(text, pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        return None
    return Column(name, ColumnType.NUMBER, pd.Series(values), 0) if np.isfinite(values).all() else None


def _numbers(cells: Cells) -> Column:
    """Decimals after a point, or after a comma where that is told or reads more of the cells."""
    if cells.notation.decimal == "comma":
        return _numbers_as(cells, COMMA, ".", ",")
    with_point = _numbers_as(cells, POINT, ",", ".")
    may_be_comma = cells.notation.decimal == "guess" and cells.notation.delimiter != ","
    if not may_be_comma or not pc.any(pc.match_substring(cells.text, ",")).as_py():
        return with_point
    with_comma = _numbers_as(cells, COMMA, ".", ",")
    # `1,234` reads both ways; tables cut by semicolons come from where decimals follow a comma
    is_doubtful = with_comma.wrong == with_point.wrong and cells.notation.delimiter == ";"
    return with_comma if is_doubtful or with_comma.wrong < with_point.wrong else with_point


def _numbers_as(cells: Cells, form: str, thousands: str, decimals: str) -> Column:
    matches = cells.where(form)
    plain = pc.replace_substring(cells.text, thousands, "")
    plain = pc.replace_substring(plain, decimals, ".")
    plain = pc.if_else(pa.array(matches), plain, pa.scalar(None, pa.string()))
    values = pc.cast(plain, pa.float64()).to_numpy(zero_copy_only=False)
    good = np.isfinite(values)
    wrong, found = cells.wrong(good, "is not a number")
    found = tuple(replace(bad, why=_why(bad.text) or bad.why) for bad in found)
    series = pd.Series(np.where(good, values, np.nan))
    return Column(cells.name, ColumnType.NUMBER, series, cells.missing, wrong, found)


def _why(text: str) -> str:
    is_endless = text.lower().lstrip("+-") in {"inf", "infinity"} or is_number(text)
    return "is not a finite number" if is_endless else ""


def _dates(cells: Cells) -> Column:
    """By the form that most cells have."""
    start = cells.text.filter(pc.invert(cells.lacks))[:_LOOKED_AT]
    part = Cells(cells.name, start, start, 0, cells.rows, cells.notation)
    fitting = [int(part.where(form).sum()) for form, _, _ in _DATES]
    best = int(np.argmax(fitting))
    is_doubtful = best >= _DAY_FIRST and fitting[_DAY_FIRST] == fitting[_MONTH_FIRST]
    if is_doubtful and cells.notation.is_month_first:
        best = _MONTH_FIRST
    form, pattern, words = _DATES[best]
    good = cells.where(form) if fitting[best] else np.zeros(len(cells.text), dtype=bool)
    texts = pd.Series(cells.text.to_numpy(zero_copy_only=False), dtype=object).where(good)
    values = pd.Series(pd.to_datetime(texts, format=pattern, errors="coerce", utc=pattern == "ISO8601"))
    wrong, found = cells.wrong(values.notna().to_numpy(), "is not a date")
    if fitting[best]:
        other = f"is not a date of the form {words}"
        found = tuple(bad if re.fullmatch(form, bad.text) else replace(bad, why=other) for bad in found)
    note = f"day and month cannot be told apart; read as {words}" if is_doubtful else ""
    return Column(
        cells.name,
        ColumnType.DATE,
        values,
        cells.missing,
        wrong,
        found,
        note,
        is_month_first=best == _MONTH_FIRST,
    )


def days_of(column: Column) -> np.ndarray:
    """(N,) of a column of dates: days since 1970-01-01, the time of day as a fraction, NaN for gaps."""
    moments = pd.Series(pd.to_datetime(column.values, utc=True))
    return ((moments - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(days=1)).to_numpy(np.float64)


def day(number: float) -> str:
    """The date that stands so many days after 1970-01-01: the reverse of `days_of`."""
    return str(np.datetime64(int(np.floor(number)), "D"))


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
