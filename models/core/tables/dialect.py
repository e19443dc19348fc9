"""Delimiter and header of a CSV file, detected before it is parsed. No pandas, no NumPy.

The web process checks the start of every upload with this, and `csv_reader` reads whole tables with it, so
both see the same table.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice, pairwise

DELIMITERS = ",;\t|"
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "?", "#n/a"})
_SNIFFED_ROWS = 50
# Plain, or with a separator after every three digits; no look-ahead, because RE2 reads these patterns too.
_EXPONENT = r"(?:[eE][+-]?[0-9]+)?"
POINT = rf"[+-]?(?:(?:[0-9]+|[0-9]{{1,3}}(?:,[0-9]{{3}})+)(?:\.[0-9]*)?|\.[0-9]+){_EXPONENT}"
COMMA = rf"[+-]?(?:(?:[0-9]+|[0-9]{{1,3}}(?:\.[0-9]{{3}})+)(?:,[0-9]*)?|,[0-9]+){_EXPONENT}"
_NUMBER = re.compile(f"{POINT}|{COMMA}")
_JSON = re.compile(r'\s*(?:\{\s*"|\[\s*[\[{])')
_YEAR = re.compile("1[5-9][0-9][0-9]|20[0-9][0-9]")
_MARKUP = re.compile(r"\s*<(?:!doctype|\?xml|html|svg|table)\b", re.IGNORECASE)


def other_format(start: str) -> str:
    """The name of another format that the text begins like, or an empty string."""
    if _JSON.match(start):
        return "JSON"
    return "HTML or XML" if _MARKUP.match(start) else ""


def delimiter_of(start: str, last: str = "") -> str:
    """The delimiter that splits most of the first rows into equally many cells, and into the most cells.

    `last` is chosen only if no other delimiter splits a row and the text has quotation marks.
    """
    best, detected = (0.0, 0), ","
    for delimiter in DELIMITERS.replace(last, "") if last else DELIMITERS:
        try:
            reader = csv.reader(io.StringIO(start, newline=""), delimiter=delimiter)
            rows = [row for row in islice(reader, _SNIFFED_ROWS) if row]
        except csv.Error:
            continue
        length, times = Counter(map(len, rows)).most_common(1)[0] if rows else (1, 0)
        score = (times / len(rows) if length > 1 else 0.0, length)
        if score > best:
            best, detected = score, delimiter
    return last if last and best[1] <= 1 and '"' in start else detected


def is_number(cell: str) -> bool:
    """Whether `cell` is written as a number, its decimals after a point or a comma."""
    return _NUMBER.fullmatch(cell) is not None


def is_header(first: Sequence[str]) -> bool:
    """Whether the first row contains the column names: without numbers, or with consecutive years as in
    `country, 1960, 1961`."""
    numbers = [cell.strip() for cell in first if is_number(cell.strip())]
    return not numbers or (len(numbers) < len(first) and _are_years(numbers))


def _are_years(cells: Sequence[str]) -> bool:
    """Years in equal steps. Two years must be consecutive: other pairs are more often a start and an end."""
    if len(cells) < 2 or not all(_YEAR.fullmatch(cell) for cell in cells):
        return False
    steps = {int(after) - int(before) for before, after in pairwise(cells)}
    return len(steps) == 1 and 0 not in steps and (len(cells) > 2 or steps <= {-1, 1})


def unique_names(header: Iterable[str]) -> tuple[str, ...]:
    """Unique column names: a second `x` becomes `x (2)`, an empty one `column 4`."""
    names: dict[str, None] = {}
    for place, cell in enumerate(header, start=1):
        name = base = " ".join(cell.split()) or f"column {place}"
        count = 1
        while name in names:
            count += 1
            name = f"{base} ({count})"
        names[name] = None
    return tuple(names)
