"""Columns of text to columns of numbers, categories or dates; the type is detected or chosen by the caller.

A cell that does not fit its column's type is missing in `values` and counted in `wrong`; the first ones are
kept with their rows, so that an error message can name the cell and its place. Every assumption that could be
wrong is a remark, with the read options that correct it.
"""
# pyright: reportAttributeAccessIssue=false
# pyarrow makes the functions of pyarrow.compute when it is imported

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from models.core.contract.messages import Message, Text
from models.core.tables import booleans, codes, dates, numbers
from models.core.tables.missing_texts import missing_texts
from models.core.tables.number_notation import is_number
from models.core.tables.numbers import Evidence, Numbers
from models.core.tables.read_options import MISSING_VALUES, ColumnType

_FEW = 20  # distinct categories that make a category in any table
_FEW_SHARE = 0.05  # of the rows, in large tables
_MAX_CATEGORIES = 1_000
_SAMPLE = 100  # cells that mostly suffice to prove a decimal point
_SHOWN = 40  # characters of a cell in a message
_FEW_MISFITS = 2  # that a column of numbers or dates may have in any table
_MISFIT_SHARE = 0.1  # of its cells, in longer ones
_LARGEST_EXACT = 2**53  # float64 has every integer up to here
MAX_NAMED = 200  # mismatches that are kept of a column

NOT_A_NUMBER = Text("core.tables.not_a_number", "is not a number")
NOT_FINITE = Text("core.tables.not_finite", "is not a finite number")
NOT_THIS_DECIMAL = Text(
    "core.tables.not_this_decimal",
    "is not a number with the decimal separator {decimal}; if it is one with the other, change the decimal "
    "separator",
)
NOT_THIS_UNIT = Text("core.tables.not_this_unit", "is not in the unit of the column, {unit}")
NOT_A_DATE = Text("core.tables.not_a_date", "is not a date")
NOT_THIS_DATE = Text("core.tables.not_this_date", "is not a date of the form {form}")
AMBIGUOUS_DATES = Text("core.tables.ambiguous_dates", "day and month cannot be distinguished; read as {form}")
SHORT_YEARS = Text("core.tables.short_years", "two-digit years are read as 1969 to 2068")
AMBIGUOUS_DECIMAL = Text(
    "core.tables.ambiguous_decimal",
    "{cell!r} is read as {value}: no number in the file shows whether the decimal separator is a point or a "
    "comma",
)
DECIMALS = {
    "point": Text("core.tables.decimal_point", "point"),
    "comma": Text("core.tables.decimal_comma", "comma"),
}
UNITS_DIFFER = Text(
    "core.tables.units_differ", "the cells are in different units ({units}), so they are not read as numbers"
)
NUMBERED_CODES = Text(
    "core.tables.numbered_codes", "{cell!r} and others are read as codes, not as numbers, to keep every digit"
)
LEADING_ZEROS = Text(
    "core.tables.leading_zeros",
    "{cell!r} has leading zeros, which numbers do not keep; choose the type category if these are codes",
)
SPELLINGS = Text("core.tables.spellings", "{spellings} are read as the two values {values}")
WORD_IS_VALUE = Text("core.tables.word_is_value", "{word!r} is read as a value, not as a missing one")
WORD_IS_MISSING = Text("core.tables.word_is_missing", "cells with the word {word!r} count as missing: {n:,}")
TEXTS_AMONG_NUMBERS = Text(
    "core.tables.texts_among_numbers",
    "{texts} in {n:,} cells among numbers: if that means a missing value, add it to the missing values",
)
TEXTS_AMONG_DATES = Text(
    "core.tables.texts_among_dates",
    "{texts} in {n:,} cells among dates: if that means a missing value, add it to the missing values",
)

Correction = Mapping[str, Any]


@dataclass(frozen=True)
class Notation:
    """The notation of cells, numbers and dates in a file."""

    delimiter: str
    decimal: str = "guess"  # or point, or comma; empty: columns differ, or none shows it
    thousands: str = "guess"
    dates: str = "guess"
    missing: tuple[str, ...] = MISSING_VALUES


@dataclass(frozen=True)
class Remark:
    """An assumption that could be wrong, or a hint; `correction` are the read options that change it."""

    what: Message
    correction: Correction | None = None
    row: int | None = None


@dataclass(frozen=True)
class Mismatch:
    """A cell that does not fit its column's type; `row` as in a spreadsheet."""

    row: int
    text: str
    reason: str
    correction: Correction | None = None


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
    remarks: tuple[Remark, ...] = ()
    unit: str = ""  # beside the numbers: a currency, % or another unit
    exact: pa.Array | None = field(default=None, compare=False)  # integers beyond 2^53, as text
    is_declared: bool = False  # the type was chosen, not detected
    is_month_first: bool = False  # dates were read as month/day/year
    is_order_open: bool = False  # they could also be read the other way round
    is_ordered: bool = False  # dates of numbers, one of which is the day and one the month

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

    @property
    def kept(self) -> pa.Array:
        """The text, null where it is missing."""
        return pc.if_else(self.is_empty, pa.scalar(None, pa.string()), self.text)

    def mismatches(self, fits: np.ndarray, reason: str) -> tuple[int, tuple[Mismatch, ...]]:
        """The number of cells that are neither missing nor fit, and the first of them."""
        places = np.flatnonzero(~fits & ~_flags(self.is_empty))
        texts = [(int(place), self.text[int(place)].as_py()) for place in places[:MAX_NAMED]]
        first = tuple(Mismatch(int(self.rows[place]), text[:_SHOWN], reason) for place, text in texts)
        return len(places), first


def evidence_of(text: pa.Array) -> Evidence:
    """What the cells, as written, prove about the decimals of the file."""
    start = numbers.evidence_of(pc.utf8_trim_whitespace(text[:_SAMPLE]))
    if len(text) <= _SAMPLE or (start.point and not start.comma):
        return start  # a decimal point, as most files have it
    if not any(pc.any(pc.match_substring(text, sign)).as_py() for sign in ".,"):
        return Evidence()
    return numbers.evidence_of(pc.utf8_trim_whitespace(text))


def column(
    name: str,
    text: pa.Array,
    rows: np.ndarray,
    notation: Notation,
    target: ColumnType | None = None,
    *,
    is_declared: bool = False,
    evidence: Evidence | None = None,
) -> Column:
    """The column as the `target` type, or as the type of most of its cells.

    Args:
        text: the cells as written.
        rows: the row of each in the file.
        is_declared: the type was chosen by the user: cells that do not fit it are missing.
        evidence: of this column, if it is known.
    """
    evidence = evidence_of(text) if evidence is None else evidence
    if target in (None, ColumnType.NUMBER) and (
        plain := _plain_numbers(name, text, notation, evidence, target)
    ):
        return replace(plain, is_declared=is_declared)
    cells = _cells(name, text, rows, notation)
    if target is None:
        return _detect(cells, evidence)
    if target == ColumnType.NUMBER:
        typed = _numbers(cells, evidence)
    elif target == ColumnType.DATE:
        typed = _dates(cells, is_declared=is_declared)
    else:
        typed = _categories(cells) if target == ColumnType.CATEGORY else _text(cells)
    if is_declared:
        return replace(typed, missing=typed.missing + typed.wrong, wrong=0, is_declared=True)
    return typed


def _cells(name: str, text: pa.Array, rows: np.ndarray, notation: Notation) -> Cells:
    trimmed = pc.utf8_trim_whitespace(text)
    if not pc.all(pc.string_is_ascii(trimmed)).as_py():
        trimmed = pc.utf8_normalize(trimmed, "NFC")
    texts = sorted({"", *(word.strip().lower() for word in notation.missing)})
    is_empty = pc.is_in(pc.utf8_lower(trimmed), value_set=pa.array(texts))
    return Cells(name, trimmed, is_empty, pc.sum(is_empty).as_py() or 0, rows, notation)


def _detect(cells: Cells, evidence: Evidence) -> Column:
    present = len(cells.text) - cells.missing
    if present == 0:
        return _text(cells)
    if (truth := booleans.spellings(cells.kept)) is not None:
        return _booleans(cells, truth)
    code = codes.example(cells.name, cells.kept)
    if code is None:
        typed = _numbers(cells, evidence)
        if _fits(typed, present):
            return _with_missing_texts(cells, typed)
        differing = tuple(remark for remark in typed.remarks if UNITS_DIFFER.id in _ids(remark))
        by_day = _dates(cells, is_declared=False)
        if _fits(by_day, present):
            return _with_missing_texts(cells, by_day)
        hints = (
            *_texts_among(cells, typed, TEXTS_AMONG_NUMBERS),
            *_texts_among(cells, by_day, TEXTS_AMONG_DATES),
        )
        return _labels(cells, differing, hints)
    return _labels(cells, (Remark(NUMBERED_CODES(cell=code), {"types": {cells.name: "number"}}),))


def _ids(remark: Remark) -> list[str]:
    return [part["id"] for part in remark.what.parts]


def _fits(typed: Column, present: int) -> bool:
    """Whether all cells but a few fit the type."""
    few = max(_FEW_MISFITS, _MISFIT_SHARE * present)
    return typed.present > 0 and typed.wrong <= few and 2 * typed.wrong <= present


def _texts_among(cells: Cells, typed: Column, hint: Text) -> tuple[Remark, ...]:
    """A hint at the words that alone keep the column from having this type."""
    texts = _missing_texts(cells, typed)
    if not texts:
        return ()
    shown = ", ".join(map(repr, texts))
    return (Remark(hint(texts=shown, n=typed.wrong), {"missing_values": [*cells.notation.missing, *texts]}),)


def _missing_texts(cells: Cells, typed: Column) -> list[str]:
    misfits = cells.kept.filter(pa.array(typed.values.isna().to_numpy())).drop_null()
    return missing_texts(misfits, typed.present)


def _with_missing_texts(cells: Cells, typed: Column) -> Column:
    """The column; cells that do not fit are offered as missing values if the same word is in all of them."""
    if typed.wrong < _FEW_MISFITS or not (texts := _missing_texts(cells, typed)):
        return typed
    correction = {"missing_values": [*cells.notation.missing, *texts]}
    return replace(typed, mismatches=tuple(replace(cell, correction=correction) for cell in typed.mismatches))


def _labels(cells: Cells, remarks: tuple[Remark, ...] = (), hints: tuple[Remark, ...] = ()) -> Column:
    """Categories, or text where most cells differ; that it is no other type is a hint only there."""
    cells, missing = _missing_labels(cells)
    distinct = pc.count_distinct(cells.kept).as_py()
    present = len(cells.text) - cells.missing
    limit = max(_FEW, min(_MAX_CATEGORIES, int(_FEW_SHARE * present)))
    typed = _categories(cells) if distinct <= limit and 2 * distinct <= present + 1 else _text(cells)
    return replace(typed, remarks=(*remarks, *missing, *(hints if typed.type == ColumnType.TEXT else ())))


def _missing_labels(cells: Cells) -> tuple[Cells, tuple[Remark, ...]]:
    """Of categories, `NA` among codes of two letters and `None` are values, unless the words are chosen."""
    remarks: list[Remark] = []
    usual = list(MISSING_VALUES)
    for word in ("NA", "None"):
        found = pc.equal(cells.text, word)
        if word not in cells.notation.missing or not (n := pc.sum(found).as_py()):
            continue
        others = cells.kept.drop_null()
        is_value = len(others) > 0 and (
            word == "None" or pc.all(pc.match_substring_regex(others, "^[A-Z]{2}$")).as_py()
        )
        if is_value and cells.notation.missing == MISSING_VALUES:
            is_empty = pc.and_not(cells.is_empty, found)
            cells = replace(cells, is_empty=is_empty, missing=cells.missing - n)
            remarks.append(Remark(WORD_IS_VALUE(word=word), {"missing_values": [*usual, "n.a."]}))
        else:
            kept = [each for each in cells.notation.missing if each != word]
            remarks.append(Remark(WORD_IS_MISSING(word=word, n=n), {"missing_values": kept}))
    return cells, tuple(remarks)


def _booleans(cells: Cells, truth: Mapping[str, str]) -> Column:
    written = pa.array(list(truth))
    places = pc.index_in(cells.kept, value_set=written)
    text = pa.array(list(truth.values())).take(places)
    typed = _categories(replace(cells, text=text))
    listed = ", ".join(map(repr, truth))
    values = ", ".join(map(repr, typed.values.cat.categories))
    return replace(typed, remarks=(Remark(SPELLINGS(spellings=listed, values=values)),))


def _plain_numbers(
    name: str,
    text: pa.Array,
    notation: Notation,
    evidence: Evidence,
    target: ColumnType | None,
) -> Column | None:
    """The fast path for columns of nothing but plain finite numbers."""
    if any(map(is_number, notation.missing)):
        return None
    decimal, is_open = _decimal(text, notation, evidence)
    if decimal == "comma" and pc.any(pc.match_substring(text, ".")).as_py():
        return None  # the point is a thousands separator
    try:
        values = pc.cast(text, pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        return None
    if not np.isfinite(values).all():
        return None
    remarks = _open_decimal(text, values, decimal, is_open)
    if not evidence.point:  # digits alone can be codes
        if target is None and codes.example(name, text) is not None:
            return None
        remarks = (*remarks, *_leading_zeros(name, text))
    return Column(name, ColumnType.NUMBER, pd.Series(values), 0, remarks=remarks, exact=_exact(text, values))


def _decimal(text: pa.Array, notation: Notation, evidence: Evidence) -> tuple[str, bool]:
    """The decimal separator of a column, and whether nothing in the file proves it."""
    if notation.decimal in ("point", "comma"):
        return notation.decimal, False
    if evidence.decimal:
        return evidence.decimal, False
    is_comma = notation.delimiter == ";" and evidence.either and pc.any(pc.match_substring(text, ",")).as_py()
    return "comma" if is_comma else "point", bool(evidence.either)


def _open_decimal(text: pa.Array, values: np.ndarray, decimal: str, is_open: bool) -> tuple[Remark, ...]:
    if not is_open:
        return ()
    places = np.flatnonzero(_flags(pc.match_substring_regex(text, "[.,]")) & np.isfinite(values))
    if not len(places):
        return ()
    place = int(places[0])
    other = "comma" if decimal == "point" else "point"
    remark = AMBIGUOUS_DECIMAL(cell=text[place].as_py()[:_SHOWN], value=f"{values[place]:.15g}")
    return (Remark(remark, {"decimal": other}),)


def _leading_zeros(name: str, text: pa.Array) -> tuple[Remark, ...]:
    cell = codes.with_leading_zero(text)
    return (Remark(LEADING_ZEROS(cell=cell), {"types": {name: "category"}}),) if cell else ()


def _exact(plain: pa.Array, values: np.ndarray) -> pa.Array | None:
    """The integers as text, if float64 does not have them all."""
    known = np.abs(values[np.isfinite(values)])
    if not len(known) or known.max() < _LARGEST_EXACT:
        return None
    is_whole = pc.match_substring_regex(plain, r"^[+-]?[0-9]+$")
    return plain if pc.all(is_whole).as_py() else None


def _numbers(cells: Cells, evidence: Evidence) -> Column:
    decimal, is_open = _decimal(cells.text, cells.notation, evidence)
    found = numbers.parse(cells.kept, decimal, cells.notation.thousands)
    fits = np.isfinite(found.values)
    wrong, first = cells.mismatches(fits, NOT_A_NUMBER())
    first = _with_reasons(first, found, decimal)
    remarks = (
        *_open_decimal(cells.text, found.values, decimal, is_open),
        *_leading_zeros(cells.name, cells.kept),
    )
    if found.elsewise and wrong - found.elsewise <= max(_FEW_MISFITS, _MISFIT_SHARE * len(fits)):
        units = ", ".join(found.units[:5])
        remarks = (*remarks, Remark(UNITS_DIFFER(units=units), {"types": {cells.name: "number"}}))
    return Column(
        cells.name,
        ColumnType.NUMBER,
        pd.Series(np.where(fits, found.values, np.nan)),
        cells.missing,
        wrong,
        first,
        remarks,
        unit=found.unit,
        exact=_exact(found.plain, found.values),
    )


def _with_reasons(cells: tuple[Mismatch, ...], found: Numbers, decimal: str) -> tuple[Mismatch, ...]:
    """The mismatches with the reasons that they have in a column of numbers."""
    other = "comma" if decimal == "point" else "point"
    text = pa.array([cell.text for cell in cells], pa.string())
    own, others = (numbers.parse(text, sign, "guess").plain.to_pylist() for sign in (decimal, other))
    swapped = NOT_THIS_DECIMAL(decimal=DECIMALS[decimal]())
    explained: list[Mismatch] = []
    for cell, is_own, is_other in zip(cells, own, others, strict=True):
        if cell.text.lower().lstrip("+-") in ("inf", "infinity"):
            cell = replace(cell, reason=NOT_FINITE())
        elif is_own is not None:
            reason = NOT_THIS_UNIT(unit=found.unit) if found.unit else NOT_FINITE()
            cell = replace(cell, reason=reason)
        elif is_other is not None:
            cell = replace(cell, reason=swapped, correction={"decimal": other})
        explained.append(cell)
    return tuple(explained)


def _dates(cells: Cells, *, is_declared: bool) -> Column:
    """In the form of most cells."""
    found = dates.parse(cells.text, pc.invert(cells.is_empty), cells.notation.dates, is_declared=is_declared)
    wrong, first = cells.mismatches(found.values.notna().to_numpy(), NOT_A_DATE())
    if found.form is not None:
        other = NOT_THIS_DATE(form=found.form.name())
        has_form = _flags(
            pc.match_substring_regex(
                pa.array([cell.text for cell in first], pa.string()), f"^{found.form.pattern}$"
            )
        )
        first = tuple(
            cell if fits else replace(cell, reason=other) for cell, fits in zip(first, has_form, strict=True)
        )
    remarks: list[Remark] = []
    if found.is_order_open:
        order = "day first" if found.is_month_first else "month first"
        remarks.append(Remark(AMBIGUOUS_DATES(form=found.form_name), {"dates": order}))
    if found.has_short_years:
        remarks.append(Remark(SHORT_YEARS()))
    return Column(
        cells.name,
        ColumnType.DATE,
        found.values,
        cells.missing,
        wrong,
        first,
        tuple(remarks),
        is_month_first=found.is_month_first,
        is_order_open=found.is_order_open,
        is_ordered=found.is_ordered,
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
    encoded = pc.dictionary_encode(cells.kept)
    categories = np.array(encoded.dictionary.to_pylist(), dtype=object)
    order = np.argsort(categories) if len(categories) else np.zeros(0, dtype=np.int64)
    rank = np.empty(len(categories) + 1, dtype=np.int32)
    rank[order] = np.arange(len(categories))
    rank[-1] = -1
    indices = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    values = pd.Categorical.from_codes(rank[indices].tolist(), categories=categories[order].tolist())
    return Column(cells.name, ColumnType.CATEGORY, pd.Series(values), cells.missing)


def _text(cells: Cells) -> Column:
    values = pd.Series(cells.kept, dtype=pd.ArrowDtype(pa.string()))
    return Column(cells.name, ColumnType.TEXT, values, cells.missing)


def as_text(name: str, text: pa.Array, rows: np.ndarray, notation: Notation, remark: Remark) -> Column:
    """A column that is not used unless its type is chosen, for the reason in the remark."""
    return replace(_text(_cells(name, text, rows, notation)), remarks=(remark,))


def _flags(array: pa.Array) -> np.ndarray:
    return pc.fill_null(array, False).to_numpy(zero_copy_only=False).astype(bool)
