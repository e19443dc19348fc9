"""Columns of text to columns of numbers, categories or dates; the type is detected or chosen by the caller.

A cell that does not fit its column's type is missing in `values` and counted in `wrong`; the first ones are
kept with their rows, so that an error message can name the cell and its place.
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

from models.core.contract.messages import Message, Text
from models.core.tables.dialect import COMMA, MISSING, POINT, is_number
from models.core.tables.read_options import ColumnType

_DATE_SAMPLE = 1_000  # cells that decide whether and in which form a column holds dates
_FEW = 20  # distinct categories that make a category in any table
_FEW_SHARE = 0.05  # of the rows, in large tables
_MOST_CATEGORIES = 1_000
_SHOWN = 40  # characters of a cell in a message
MOST_NAMED = 200  # mismatches that are kept of a column

NOT_A_NUMBER = Text("core.tables.not_a_number", "is not a number")
NOT_FINITE = Text("core.tables.not_finite", "is not a finite number")
NOT_A_DATE = Text("core.tables.not_a_date", "is not a date")
NOT_THIS_DATE = Text("core.tables.not_this_date", "is not a date of the form {form}")
MISMATCH = Text("core.tables.mismatch", "Row {row}, column {column!r}: {cell!r} {reason}.")
AMBIGUOUS_DATES = Text("core.tables.ambiguous_dates", "day and month cannot be distinguished; read as {form}")

_TIME = r"[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
# (pattern, format for pandas, form for people); of two that fit equally many cells, the first wins
_DATES = (
    (
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
        "%Y-%m-%d",
        Text("core.tables.date_form.iso", "year-month-day"),
    ),
    (
        rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}{_TIME}",
        "ISO8601",
        Text("core.tables.date_form.iso_time", "year-month-day with a time"),
    ),
    (
        r"[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}",
        "%Y/%m/%d",
        Text("core.tables.date_form.year_first", "year/month/day"),
    ),
    # digits alone are numbers, unless the column's type is chosen
    (
        r"(?:1[5-9]|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])",
        "%Y%m%d",
        Text("core.tables.date_form.digits", "yearmonthday"),
    ),
    (
        r"[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4}",
        "%d.%m.%Y",
        Text("core.tables.date_form.day_points", "day.month.year"),
    ),
    (
        r"(?:0?[1-9]|[12][0-9]|3[01])/(?:0?[1-9]|1[0-2])/[0-9]{4}",
        "%d/%m/%Y",
        Text("core.tables.date_form.day_first", "day/month/year"),
    ),
    (
        r"(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12][0-9]|3[01])/[0-9]{4}",
        "%m/%d/%Y",
        Text("core.tables.date_form.month_first", "month/day/year"),
    ),
)
_DAY_FIRST, _MONTH_FIRST = len(_DATES) - 2, len(_DATES) - 1


@dataclass(frozen=True)
class Notation:
    """The notation of cells, numbers and dates in a file."""

    delimiter: str
    decimal: str = "guess"  # or point, or comma
    is_month_first: bool = False  # in dates whose day and month cannot be distinguished


@dataclass(frozen=True)
class Mismatch:
    """A cell that does not fit its column's type; `row` as in a spreadsheet."""

    row: int
    text: str
    reason: str

    def in_column(self, name: str) -> Message:
        """The sentence for an error: row, column, cell and reason."""
        return MISMATCH(row=self.row, column=name, cell=self.text, reason=self.reason)


@dataclass(frozen=True)
class Column:
    """One column. `values` has one entry per row of the table: float64, category, datetime64 (UTC if the
    file gives offsets) or text; NaN, no category, NaT or null for missing and mismatching cells."""

    name: str
    type: ColumnType
    values: pd.Series
    missing: int
    wrong: int = 0  # mismatching cells; with a chosen type they count as missing instead
    mismatches: tuple[Mismatch, ...] = ()  # the first of those cells
    note: str = ""  # an assumption that had to be made
    is_declared: bool = False  # the type was chosen, not detected
    is_month_first: bool = False  # dates were read as month/day/year

    @property
    def mismatch(self) -> Mismatch | None:
        """The first mismatching cell, if it is a reason not to use the column."""
        return self.mismatches[0] if self.mismatches and not self.is_declared else None

    @property
    def present(self) -> int:
        return len(self.values) - self.missing - self.wrong


@dataclass(frozen=True)
class Cells:
    """A column's text, trimmed; `is_empty` is true for missing values."""

    name: str
    text: pa.Array
    is_empty: pa.Array
    missing: int
    rows: np.ndarray
    notation: Notation

    def matches(self, pattern: str) -> np.ndarray:
        """Which cells match the pattern from start to end."""
        return _flags(pc.match_substring_regex(self.text, f"^(?:{pattern})$"))

    def mismatches(self, fits: np.ndarray, reason: str) -> tuple[int, tuple[Mismatch, ...]]:
        """The number of cells that are neither missing nor fit, and the first of them."""
        places = np.flatnonzero(~fits & ~_flags(self.is_empty))
        texts = [(int(place), self.text[int(place)].as_py()) for place in places[:MOST_NAMED]]
        first = tuple(Mismatch(int(self.rows[place]), text[:_SHOWN], reason) for place, text in texts)
        return len(places), first


def column(
    name: str,
    text: pa.Array,
    rows: np.ndarray,
    notation: Notation,
    target: ColumnType | None = None,
    *,
    is_declared: bool = False,
) -> Column:
    """The column as the `target` type, or as the type of most of its cells.

    Args:
        text: the cells as written.
        rows: the row of each in the file.
        is_declared: the type was chosen by the user: cells that do not fit it are missing.
    """
    if target in (None, ColumnType.NUMBER) and (plain := _plain_numbers(name, text, notation)):
        return replace(plain, is_declared=is_declared)
    trimmed = pc.utf8_trim_whitespace(text)
    is_empty = pc.is_in(pc.utf8_lower(trimmed), value_set=pa.array(sorted(MISSING)))
    missing = pc.sum(is_empty).as_py() or 0
    cells = Cells(name, trimmed, is_empty, missing, rows, notation)
    if target is None:
        return _detect(cells)
    typed = {
        ColumnType.NUMBER: _numbers,
        ColumnType.DATE: _dates,
        ColumnType.CATEGORY: _categories,
        ColumnType.TEXT: _text,
    }[target](cells)
    if is_declared:
        return replace(typed, missing=typed.missing + typed.wrong, wrong=0, is_declared=True)
    return typed


def _detect(cells: Cells) -> Column:
    present = len(cells.text) - cells.missing
    if present == 0:
        return _text(cells)
    for convert in (_numbers, _dates):
        typed = convert(cells)
        if 2 * typed.wrong <= present and typed.present:
            return typed
    distinct = pc.count_distinct(cells.text.filter(pc.invert(cells.is_empty))).as_py()
    limit = max(_FEW, min(_MOST_CATEGORIES, int(_FEW_SHARE * present)))
    return _categories(cells) if distinct <= limit and 2 * distinct <= present + 1 else _text(cells)


def _plain_numbers(name: str, text: pa.Array, notation: Notation) -> Column | None:
    """The fast path for columns of nothing but plain finite numbers."""
    if notation.decimal == "comma" and pc.any(pc.match_substring(text, ".")).as_py():
        return None  # the point is a thousands separator
    try:
        values = pc.cast(text, pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        return None
    return Column(name, ColumnType.NUMBER, pd.Series(values), 0) if np.isfinite(values).all() else None


def _numbers(cells: Cells) -> Column:
    """With a decimal point, or with a decimal comma if it is chosen or fits more of the cells."""
    if cells.notation.decimal == "comma":
        return _numbers_in(cells, COMMA, ".", ",")
    with_point = _numbers_in(cells, POINT, ",", ".")
    is_comma_possible = cells.notation.decimal == "guess" and cells.notation.delimiter != ","
    if not is_comma_possible or not pc.any(pc.match_substring(cells.text, ",")).as_py():
        return with_point
    with_comma = _numbers_in(cells, COMMA, ".", ",")
    # `1,234` fits both; files with semicolons come from regions with a decimal comma
    is_tie = with_comma.wrong == with_point.wrong and cells.notation.delimiter == ";"
    return with_comma if is_tie or with_comma.wrong < with_point.wrong else with_point


def _numbers_in(cells: Cells, pattern: str, thousands: str, decimal: str) -> Column:
    matches = cells.matches(pattern)
    plain = pc.replace_substring(cells.text, thousands, "")
    plain = pc.replace_substring(plain, decimal, ".")
    plain = pc.if_else(pa.array(matches), plain, pa.scalar(None, pa.string()))
    values = pc.cast(plain, pa.float64()).to_numpy(zero_copy_only=False)
    fits = np.isfinite(values)
    wrong, first = cells.mismatches(fits, NOT_A_NUMBER())
    first = tuple(replace(cell, reason=NOT_FINITE()) if _is_infinite(cell.text) else cell for cell in first)
    series = pd.Series(np.where(fits, values, np.nan))
    return Column(cells.name, ColumnType.NUMBER, series, cells.missing, wrong, first)


def _is_infinite(text: str) -> bool:
    """Whether a cell without a finite number is a number: infinity, or one beyond the range of float64."""
    return text.lower().lstrip("+-") in {"inf", "infinity"} or is_number(text)


def _dates(cells: Cells) -> Column:
    """In the form of most cells."""
    start = cells.text.filter(pc.invert(cells.is_empty))[:_DATE_SAMPLE]
    sample = Cells(cells.name, start, start, 0, cells.rows, cells.notation)
    fitting = [int(sample.matches(pattern).sum()) for pattern, _, _ in _DATES]
    best = int(np.argmax(fitting))
    is_ambiguous = best >= _DAY_FIRST and fitting[_DAY_FIRST] == fitting[_MONTH_FIRST]
    if is_ambiguous and cells.notation.is_month_first:
        best = _MONTH_FIRST
    pattern, pandas_format, form = _DATES[best]
    fits = cells.matches(pattern) if fitting[best] else np.zeros(len(cells.text), dtype=bool)
    texts = pd.Series(cells.text.to_numpy(zero_copy_only=False), dtype=object).where(fits)
    values = pd.Series(
        pd.to_datetime(texts, format=pandas_format, errors="coerce", utc=pandas_format == "ISO8601")
    )
    wrong, first = cells.mismatches(values.notna().to_numpy(), NOT_A_DATE())
    if fitting[best]:
        other = NOT_THIS_DATE(form=form())
        first = tuple(
            cell if re.fullmatch(pattern, cell.text) else replace(cell, reason=other) for cell in first
        )
    note = AMBIGUOUS_DATES(form=form()) if is_ambiguous else ""
    return Column(
        cells.name,
        ColumnType.DATE,
        values,
        cells.missing,
        wrong,
        first,
        note,
        is_month_first=best == _MONTH_FIRST,
    )


def days_of(column: Column) -> np.ndarray:
    """(N,) of a column of dates: days since 1970-01-01, the time of day as a fraction; NaN if missing."""
    moments = pd.Series(pd.to_datetime(column.values, utc=True))
    return ((moments - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(days=1)).to_numpy(np.float64)


def day(number: float) -> str:
    """The date this many days after 1970-01-01, the inverse of `days_of`."""
    return str(np.datetime64(int(np.floor(number)), "D"))


def _categories(cells: Cells) -> Column:
    """Categories in alphabetical order, whatever the order of the rows."""
    encoded = pc.dictionary_encode(pc.if_else(cells.is_empty, pa.scalar(None, pa.string()), cells.text))
    categories = np.array(encoded.dictionary.to_pylist(), dtype=object)
    order = np.argsort(categories) if len(categories) else np.zeros(0, dtype=np.int64)
    rank = np.empty(len(categories) + 1, dtype=np.int32)
    rank[order] = np.arange(len(categories))
    rank[-1] = -1
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    values = pd.Categorical.from_codes(rank[codes].tolist(), categories=categories[order].tolist())
    return Column(cells.name, ColumnType.CATEGORY, pd.Series(values), cells.missing)


def _text(cells: Cells) -> Column:
    kept = pc.if_else(cells.is_empty, pa.scalar(None, pa.string()), cells.text)
    values = pd.Series(kept, dtype=pd.ArrowDtype(pa.string()))
    return Column(cells.name, ColumnType.TEXT, values, cells.missing)


def _flags(array: pa.Array) -> np.ndarray:
    return array.to_numpy(zero_copy_only=False).astype(bool)


def renamed_columns(names: tuple[str, ...], header: tuple[str, ...]) -> list[tuple[str, str]]:
    """(before, after) of every name that was empty or repeated."""
    pairs = [(" ".join(cell.split()), name) for cell, name in zip(header, names, strict=True)]
    return list(compress(pairs, [old != new for old, new in pairs]))
