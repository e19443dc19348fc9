"""Texts that seem to mean a missing value: repeated ones, among cells that are else numbers or dates."""
# pyright: reportAttributeAccessIssue=false
# pyarrow makes the functions of pyarrow.compute when it is imported

import pyarrow as pa
import pyarrow.compute as pc

_MOST_TEXTS = 3
_LEAST_TIMES = 2  # that each occurs
_MOST_CHARACTERS = 40


def missing_texts(misfits: pa.Array, fitting: int) -> list[str]:
    """The texts, the most frequent first; empty: the misfits are of many kinds, or most of the column.

    Args:
        misfits: the cells that are neither missing nor a number or date.
        fitting: the number of cells that are.
    """
    if len(misfits) > fitting or len(found := pc.unique(misfits)) > _MOST_TEXTS:
        return []
    times = {text: pc.sum(pc.equal(misfits, text)).as_py() for text in found.to_pylist()}
    are_usual = all(n >= _LEAST_TIMES and _is_usual(text) for text, n in times.items())
    return sorted(times, key=lambda text: (-times[text], text)) if are_usual else []


def _is_usual(text: str) -> bool:
    return len(text) <= _MOST_CHARACTERS and not any(map(str.isdigit, text))
