"""Cells of digits that are no quantities: postal codes, telephone numbers, keys with leading zeros."""
# pyright: reportAttributeAccessIssue=false
# pyarrow makes the functions of pyarrow.compute when it is imported

import re

import pyarrow as pa
import pyarrow.compute as pc

_PHONE_NAME = re.compile(r"(?:tele?(?:ph|f)one?|phone|mobile|handy|fax)\b|\btel\b", re.IGNORECASE)
_PHONE = r"^[+0-9(][0-9 ()/.-]{5,}$"
_INTERNATIONAL = r"^\+[0-9][0-9 ()/-]{6,}$"
_HALF = 0.5
_MOSTLY = 0.9


def example(name: str, text: pa.Array) -> str | None:
    """A cell that shows that a column holds codes; None: it does not.

    Args:
        text: the cells, null where a value is missing.
    """
    padded = _padded(text)
    if padded is not None:
        cells = text.drop_null()
        lengths = pc.utf8_length(cells)
        n = pc.sum(padded).as_py()
        is_code = pc.min(lengths).as_py() == pc.max(lengths).as_py() or n > _HALF * len(cells)
        if is_code and pc.all(pc.ascii_is_decimal(cells)).as_py():
            return _first(text, padded)
    return _phone(name, text)


def _phone(name: str, text: pa.Array) -> str | None:
    pattern = _PHONE if _PHONE_NAME.search(name) else _INTERNATIONAL
    if pattern == _INTERNATIONAL and not pc.any(pc.starts_with(text, "+")).as_py():
        return None
    found = pc.match_substring_regex(text, pattern)
    if (pc.sum(found).as_py() or 0) < _MOSTLY * (len(text) - text.null_count) or len(text) == text.null_count:
        return None
    return _first(text, found)


def with_leading_zero(text: pa.Array) -> str:
    """The first whole number with a leading zero; empty: there is none."""
    padded = _padded(text)
    return _first(text, padded) if padded is not None else ""


def _padded(text: pa.Array) -> pa.Array | None:
    """Which cells are digits after a leading zero; None: none is."""
    padded = pc.and_(pc.starts_with(text, "0"), pc.greater(pc.binary_length(text), 1))
    if not pc.any(padded).as_py():
        return None
    padded = pc.and_(padded, pc.ascii_is_decimal(text))
    return padded if pc.any(padded).as_py() else None


def _first(text: pa.Array, found: pa.Array) -> str:
    return str(text.filter(found)[0].as_py())[:40]
