"""Truth values in any spelling: `TRUE`, `true` and `1` in one column are one value."""
# pyright: reportAttributeAccessIssue=false
# pyarrow makes the functions of pyarrow.compute when it is imported

import pyarrow as pa
import pyarrow.compute as pc

_MAX_SPELLINGS = 16
_TRUE = frozenset(
    [
        "true",
        "t",
        "yes",
        "y",
        "on",
        "wahr",
        "w",
        "ja",
        "j",
        "vrai",
        "v",
        "oui",
        "o",
        "si",
        "sí",
        "sì",
        "verdadero",
        "vero",
        "sim",
        "waar",
        "да",
        "1",
        "1.0",
    ]
)
_FALSE = frozenset(
    [
        "false",
        "f",
        "no",
        "n",
        "off",
        "falsch",
        "nein",
        "faux",
        "non",
        "não",
        "nao",
        "falso",
        "nee",
        "onwaar",
        "нет",
        "0",
        "0.0",
    ]
)
_SAMPLE = 1_000


def spellings(text: pa.Array) -> dict[str, str] | None:
    """Spelling -> one name for each of the two values; None: no truth values, or only one spelling of each.

    Args:
        text: the cells, null where a value is missing.
    """
    if len(pc.unique(text[:_SAMPLE])) > _MAX_SPELLINGS + 1:
        return None
    written = [cell for cell in pc.unique(text).to_pylist() if cell is not None]
    if not 2 < len(written) <= _MAX_SPELLINGS:
        return None
    lower = {cell: cell.lower() for cell in written}
    if not all(each in _TRUE or each in _FALSE for each in lower.values()):
        return None
    if not any(each.isalpha() for each in lower.values()):
        return None
    names = {
        is_true: _name({each for each in lower.values() if (each in _TRUE) == is_true})
        for is_true in (True, False)
    }
    return {cell: names[each in _TRUE] for cell, each in sorted(lower.items())}


def _name(written: set[str]) -> str:
    """The longest word, so that `t` and `true` are `true` in every table."""
    return max(sorted(written), key=lambda word: (word.isalpha(), len(word)), default="")
