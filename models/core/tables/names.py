"""Names of columns: compared in one Unicode form, and made unique. Loads nothing heavy."""

import unicodedata
from collections.abc import Iterable


def normal(name: str) -> str:
    """A name as it is compared: in Unicode's composed form, with single spaces."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def unique_names(header: Iterable[str]) -> tuple[str, ...]:
    """Unique column names: a second `x` becomes `x (2)`, an empty one `column 4`."""
    names: dict[str, None] = {}
    for place, cell in enumerate(header, start=1):
        name = base = normal(cell) or f"column {place}"
        count = 1
        while name in names:
            count += 1
            name = f"{base} ({count})"
        names[name] = None
    return tuple(names)
