"""Cells of text as numbers, in the notation that the whole file has.

A cell such as `1,5` or `1.234.567` proves a decimal comma, `1,234.5` or `0.25` a decimal point; `1,234` and
`1.234` prove nothing, and follow the columns of the same file that do.
"""
# pyright: reportAttributeAccessIssue=false
# pyarrow makes the functions of pyarrow.compute when it is imported

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from models.core.tables.number_notation import (
    APOSTROPHES,
    COMMA,
    MINUS,
    POINT,
    SIGNED,
    SPACES,
    USUAL,
    digits,
)  # fmt: skip

_MOSTLY = 0.9  # of the cells are numbers, or the column proves nothing
_IP_ADDRESS = r"^(?:[0-2]?[0-9]{1,2}\.){3}[0-2]?[0-9]{1,2}$"
_SEPARATORS = f"[.,{SPACES}{APOSTROPHES}]"


@dataclass(frozen=True)
class Evidence:
    """What the cells of a column prove about the decimals of the file."""

    point: int = 0
    comma: int = 0
    either: int = 0  # cells like 1,234, which mean different numbers by point and by comma

    @property
    def decimal(self) -> str:
        """point, comma, or empty: undecided."""
        if self.point == self.comma:
            return ""
        return "point" if self.point > self.comma else "comma"


@dataclass(frozen=True)
class Numbers:
    """`values` (N,): float64, NaN where a cell is no number; `plain`: the same as text for Python's float."""

    values: np.ndarray
    plain: pa.Array
    unit: str = ""
    units: tuple[str, ...] = ()  # all that occur, the most frequent first
    elsewise: int = 0  # cells in another unit


def evidence_of(text: pa.Array) -> Evidence:
    """Of the cells of a column, trimmed."""
    cells = text.filter(pc.match_substring_regex(text, "[0-9]"))
    number = pc.struct_field(pc.extract_regex(cells, f"^{SIGNED}$"), "number")
    with_sign = pc.fill_null(pc.match_substring_regex(number, "[.,]"), False)
    if len(cells) == 0 or number.null_count > (1 - _MOSTLY) * len(cells) or not pc.any(with_sign).as_py():
        return Evidence()
    if pc.all(pc.match_substring_regex(number.drop_null(), _IP_ADDRESS)).as_py():
        return Evidence()
    number = pc.utf8_trim(number.filter(with_sign), SPACES)
    by_point = pc.match_substring_regex(number, f"^(?:{POINT})$")
    by_comma = pc.match_substring_regex(number, f"^(?:{COMMA})$")
    both = pc.and_(by_point, by_comma)
    return Evidence(
        *(
            pc.sum(each).as_py() or 0
            for each in (pc.and_not(by_point, by_comma), pc.and_not(by_comma, by_point), both)
        )
    )


def decide(columns: Sequence[Evidence], chosen: str) -> str:
    """The decimal separator of the file: point, comma, or empty: nothing proves one, or columns differ."""
    if chosen != "guess":
        return chosen
    proved = {column.decimal for column in columns if column.decimal}
    return proved.pop() if len(proved) == 1 else ""


def parse(text: pa.Array, decimal: str, thousands: str) -> Numbers:
    """The trimmed cells as numbers.

    Args:
        decimal: point or comma.
        thousands: guess, none, or the name of the only separator.
    """
    parts = pc.extract_regex(text, f"^{SIGNED}$")
    field = {
        name: pc.struct_field(parts, name)
        for name in ("open", "sign", "before", "inner", "number", "after", "last", "close")
    }
    number = pc.utf8_trim(field["number"], SPACES)
    allowed = USUAL[decimal] if thousands == "guess" else tuple({thousands} - {"none", decimal})
    fits = pc.match_substring_regex(number, f"^(?:{digits(decimal, allowed)})$")
    fits = pc.and_(fits, pc.equal(field["open"], pc.replace_substring(field["close"], ")", "(")))
    number = pc.if_else(pc.fill_null(fits, False), number, pa.scalar(None, pa.string()))
    separators = _SEPARATORS.replace("," if decimal == "comma" else ".", "")
    plain = pc.replace_substring(pc.replace_substring_regex(number, separators, ""), ",", ".")
    signs = pc.binary_join_element_wise(field["sign"], field["inner"], field["last"], field["open"], "")
    plain = pc.if_else(
        pc.match_substring_regex(signs, f"[({MINUS}]"), pc.binary_join_element_wise("-", plain, ""), plain
    )
    values = np.array(pc.cast(plain, pa.float64()).to_numpy(zero_copy_only=False))
    unit = pc.binary_join_element_wise(field["before"], field["after"], "")
    unit = pc.if_else(pc.is_null(plain), pa.scalar(None, pa.string()), unit)
    return _in_one_unit(values, plain, unit)


def _in_one_unit(values: np.ndarray, plain: pa.Array, unit: pa.Array) -> Numbers:
    """Cells in another unit than most are no numbers of the column."""
    named = pc.value_counts(unit.drop_null()).to_pylist()
    counts = sorted((-each["counts"], each["values"]) for each in named if each["values"])
    if not counts:
        return Numbers(values, plain)
    main = counts[0][1]
    key = main.casefold().rstrip(".")
    alike = [each["values"] for each in named if each["values"].casefold().rstrip(".") in ("", key)]
    is_alike = pc.fill_null(pc.is_in(unit, value_set=pa.array(alike, pa.string())), False)
    elsewise = len(plain) - plain.null_count - (pc.sum(is_alike).as_py() or 0)
    plain = pc.if_else(is_alike, plain, pa.scalar(None, pa.string()))
    values = np.where(is_alike.to_numpy(zero_copy_only=False), values, np.nan)
    return Numbers(values, plain, main, tuple(name for _, name in counts), elsewise)
