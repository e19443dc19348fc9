"""Cells of text as dates, in the written form that most cells have.

Which of two numbers is the day is proven by one above 12, or else is open.
"""
# pyright: reportAttributeAccessIssue=false
# pyarrow makes the functions of pyarrow.compute when it is imported

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from models.core.contract.messages import Message, Text

_SAMPLE = 1_000  # cells that decide whether and in which form a column holds dates
PIVOT = 69  # two-digit years from here on are of the last century, as POSIX has it

_TIME = (
    r"(?:(?:[Tt]|,? +)(?P<H>[0-9]{1,2}):(?P<M>[0-9]{2})(?::(?P<S>[0-9]{2})(?:[.,](?P<f>[0-9]{1,9}))?)?"
    r" ?(?P<half>[aApP]\.?[mM]\.?)? ?(?P<zone>Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_YEAR, _ANY_YEAR = "(?P<y>[0-9]{4})", "(?P<y>[0-9]{4}|[0-9]{2})"
_MONTH, _DAY = "(?P<m>0?[1-9]|1[0-2])", "(?P<d>0?[1-9]|[12][0-9]|3[01])"
_WORD, _WEEKDAY = r"(?P<w>[A-Za-zÀ-ÿ]{3,10})\.?", r"(?:[A-Za-zÀ-ÿ]{2,10}\.?,? )?"
_NTH = r"(?:st|nd|rd|th|\.)?"

# English, German, French, Spanish, Italian, Portuguese and Dutch, by the letters that distinguish them
_MONTHS = {
    1: "jan january januar jänner janv janvier ene enero gen gennaio janeiro januari",
    2: "feb february februar févr fév février febrero febbraio fev fevereiro februari",
    3: "mar march mär märz mars marzo março mrt maart",
    4: "apr april avr avril abr abril aprile",
    5: "may mai mayo mag maggio maio mei",
    6: "jun june juni juin junio giu giugno junho",
    7: "jul july juli juil juillet julio lug luglio julho",
    8: "aug august août aou ago agosto augustus",
    9: "sep sept september septembre septiembre set settembre setembro",
    10: "oct october okt oktober octobre octubre ott ottobre out outubro",
    11: "nov november novembre noviembre novembro",
    12: "dec december dez dezember déc décembre dic diciembre dicembre dezembro",
}
MONTH_NUMBERS = {word: month for month, names in _MONTHS.items() for word in names.split()}


@dataclass(frozen=True)
class Form:
    """`pattern` has the groups y, m or w, d and those of a time."""

    pattern: str
    name: Text
    is_common: bool = True  # otherwise it is read only if the type of the column is chosen


def _form(pattern: str, key: str, name: str, *, is_common: bool = True) -> Form:
    return Form(f"(?:{pattern}){_TIME}", Text(f"core.tables.date_form.{key}", name), is_common)


_ISO = _form(rf"{_YEAR}-{_MONTH}-{_DAY}", "iso", "year-month-day")
_DAY_FIRST = tuple(
    _form(rf"{_DAY}{sign}{_MONTH}{sign}{_ANY_YEAR}", f"day_{key}", f"day{shown}month{shown}year")
    for sign, shown, key in (
        ("/", "/", "first"),
        ("-", "-", "dashes"),
        (r"\. ?", ".", "points"),
        (" ", " ", "spaces"),
    )
)
_MONTH_FIRST = tuple(
    _form(rf"{_MONTH}{sign}{_DAY}{sign}{_ANY_YEAR}", f"month_{key}", f"month{shown}day{shown}year")
    for sign, shown, key in (
        ("/", "/", "first"), ("-", "-", "dashes"), (r"\.", ".", "points"), (" ", " ", "spaces"),
    )
)  # fmt: skip
# of two that fit equally many cells, the first wins
FORMS = (
    _ISO,
    _form(rf"{_YEAR}(?:/{_MONTH}/{_DAY})", "year_first", "year/month/day"),
    _form(rf"{_YEAR}\. ?{_MONTH}\. ?{_DAY}\.?", "year_points", "year.month.day"),
    _form(
        "(?P<y>(?:1[5-9]|20)[0-9]{2})(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12][0-9]|3[01])",
        "digits",
        "yearmonthday",
        is_common=False,  # digits alone are numbers
    ),
    *_DAY_FIRST,
    *_MONTH_FIRST,
    _form(rf"{_WEEKDAY}{_DAY}{_NTH}[ -]{_WORD},?[ -]'?{_ANY_YEAR}", "day_word", "day month year"),
    _form(rf"{_WEEKDAY}{_WORD}[ -]{_DAY}{_NTH},?[ -]{_ANY_YEAR}", "word_day", "month day, year"),
    _form(rf"{_YEAR}[ -]{_WORD}[ -]{_DAY}", "year_word", "year month day"),
    _form(rf"{_WORD}[ -]{_YEAR}", "month_of_year", "month year"),
    _form(rf"{_YEAR}-(?P<m>0[1-9]|1[0-2])", "year_month", "year-month"),
)
_OTHER_ORDER = dict(zip(_DAY_FIRST, _MONTH_FIRST, strict=True))


@dataclass(frozen=True)
class Dates:
    """`values` (N,): datetime64, in UTC if the cells have offsets; NaT where a cell is no such date."""

    values: pd.Series
    form: Form | None  # None: no cell has a known form
    is_month_first: bool = False
    is_order_open: bool = False  # no cell shows which of two numbers is the day
    has_short_years: bool = False

    @property
    def is_ordered(self) -> bool:
        """Whether day and month are two numbers, which another form has the other way round."""
        return self.form in (*_DAY_FIRST, *_MONTH_FIRST) and self.form is not _DAY_FIRST[2]

    @property
    def form_name(self) -> Message | str:
        return self.form.name() if self.form else ""


def parse(text: pa.Array, present: pa.Array, order: str, *, is_declared: bool) -> Dates:
    """The trimmed cells as dates.

    Args:
        present: which cells are not missing.
        order: guess, day first or month first: for dates whose day and month cannot be distinguished.
        is_declared: the type of the column was chosen.
    """
    form, is_open = _best_form(text.filter(present), is_declared=is_declared)
    if form is None:
        return Dates(pd.Series(np.full(len(text), np.datetime64("NaT"), dtype="datetime64[us]")), None)
    if is_open and order == "month first":
        form = _OTHER_ORDER[form]
    parts = pc.extract_regex(text, f"^{form.pattern}$")
    values, has_short_years = _moments(parts)
    return Dates(
        values,
        form,
        is_month_first=form in _MONTH_FIRST,
        is_order_open=is_open and order == "guess",
        has_short_years=has_short_years,
    )


def _best_form(cells: pa.Array, *, is_declared: bool) -> tuple[Form | None, bool]:
    """The form of most cells, and whether day and month could also be the other way round in all of them."""
    forms = [form for form in FORMS if form.is_common or is_declared]
    sample = cells[:_SAMPLE]
    fitting = [_count(sample, form) for form in forms]
    best = forms[int(np.argmax(fitting))]
    if not max(fitting):
        return None, False
    if best not in _OTHER_ORDER:
        return best, False
    day_first, month_first = _count(cells, best), _count(cells, _OTHER_ORDER[best])
    if day_first == month_first:
        return best, best is not _DAY_FIRST[2]  # with points, the day is first everywhere
    return (best if day_first > month_first else _OTHER_ORDER[best]), False


def _count(cells: pa.Array, form: Form) -> int:
    parts = pc.extract_regex(cells, f"^{form.pattern}$")
    if "(?P<w>" not in form.pattern:
        return len(cells) - parts.null_count
    names = pc.utf8_lower(pc.struct_field(parts, "w"))
    return pc.sum(pc.is_in(names, value_set=pa.array(list(MONTH_NUMBERS)))).as_py() or 0


def _moments(parts: pa.Array) -> tuple[pd.Series, bool]:
    """The moments (N,) of the parts of cells, and whether a year has two digits."""
    names = [field.name for field in parts.type]
    fits = ~parts.is_null().to_numpy(zero_copy_only=False)
    year = _integers(parts, "y")
    is_short = fits & (year < 100)
    year = np.where(is_short, year + np.where(year < PIVOT, 2000, 1900), year)
    month = _integers(parts, "m") if "m" in names else _months(parts)
    day = _integers(parts, "d") if "d" in names else np.ones(len(parts), dtype=np.int64)
    fits &= (month > 0) & (year > 0)
    first = np.array((year - 1970) * 12 + month - 1, dtype="datetime64[M]")
    first = np.where(fits, first, np.datetime64("1970-01", "M"))
    days = first.astype("datetime64[D]") + (day - 1)
    fits &= (day > 0) & (days.astype("datetime64[M]") == first)
    hour, minute, second = (_integers(parts, name) for name in "HMS")
    half = pc.utf8_lower(pc.utf8_slice_codeunits(pc.struct_field(parts, "half"), 0, 1))
    is_pm, is_am = (pc.fill_null(pc.equal(half, sign), False).to_numpy(zero_copy_only=False) for sign in "pa")
    hour = np.where(is_pm | is_am, hour % 12, hour) + np.where(is_pm, 12, 0)
    fits &= (hour < 24) & (minute < 60) & (second < 61)
    microseconds = ((hour * 60 + minute) * 60 + second) * 1_000_000 + _fractions(parts) - _offsets(parts)
    values = days.astype("datetime64[us]") + np.where(fits, microseconds, 0).astype("timedelta64[us]")
    series = pd.Series(np.where(fits, values, np.datetime64("NaT", "us")))
    has_zone = pc.any(pc.not_equal(pc.struct_field(parts, "zone"), "")).as_py()
    return (series.dt.tz_localize("UTC") if has_zone else series), bool((is_short & fits).any())


def _integers(parts: pa.Array, name: str) -> np.ndarray:
    """(N,), 0 where the group is empty."""
    text = pc.struct_field(parts, name)
    text = pc.if_else(pc.equal(text, ""), pa.scalar("0"), text)
    return pc.fill_null(pc.cast(text, pa.int64()), 0).to_numpy(zero_copy_only=False)


def _months(parts: pa.Array) -> np.ndarray:
    """(N,): of month names, 0 where a word is none."""
    names = pa.array(list(MONTH_NUMBERS))
    places = pc.index_in(pc.utf8_lower(pc.struct_field(parts, "w")), value_set=names)
    numbers = np.array([*MONTH_NUMBERS.values(), 0])
    return numbers[pc.fill_null(places, len(names)).to_numpy(zero_copy_only=False)]


def _fractions(parts: pa.Array) -> np.ndarray:
    """(N,) microseconds."""
    padded = pc.utf8_slice_codeunits(pc.utf8_rpad(pc.struct_field(parts, "f"), 6, "0"), 0, 6)
    return pc.fill_null(pc.cast(padded, pa.int64()), 0).to_numpy(zero_copy_only=False)


def _offsets(parts: pa.Array) -> np.ndarray:
    """(N,) microseconds by which the clocks of each zone are ahead of UTC."""
    zone = pc.extract_regex(
        pc.struct_field(parts, "zone"), "^(?P<sign>[+-])(?P<h>[0-9]{2}):?(?P<m>[0-9]{2})$"
    )
    is_behind = pc.fill_null(pc.equal(pc.struct_field(zone, "sign"), "-"), False).to_numpy(
        zero_copy_only=False
    )
    minutes = _integers(zone, "h") * 60 + _integers(zone, "m")
    return np.where(is_behind, -minutes, minutes) * 60_000_000
