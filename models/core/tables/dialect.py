"""Encoding, delimiter and header of a CSV file, detected before it is parsed. No pandas, no NumPy.

The web process checks the start of every upload with this, and `csv_reader` reads whole tables with it, so
both see the same table.
"""

import csv
import io
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice, pairwise

DELIMITERS = ",;\t|"
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "?", "#n/a"})
_SNIFFED_ROWS = 50
_CHARACTERS_PER_CONTROL = 50  # text can contain one control character in this many
_UTF16_SHARE = 0.4  # of zeros among every second byte: plain text in UTF-16 has twice as many
# Plain, or with a separator after every three digits; no look-ahead, because RE2 reads these patterns too.
_EXPONENT = r"(?:[eE][+-]?[0-9]+)?"
POINT = rf"[+-]?(?:(?:[0-9]+|[0-9]{{1,3}}(?:,[0-9]{{3}})+)(?:\.[0-9]*)?|\.[0-9]+){_EXPONENT}"
COMMA = rf"[+-]?(?:(?:[0-9]+|[0-9]{{1,3}}(?:\.[0-9]{{3}})+)(?:,[0-9]*)?|,[0-9]+){_EXPONENT}"
_NUMBER = re.compile(f"{POINT}|{COMMA}")
_JSON = re.compile(r'\s*(?:\{\s*"|\[\s*[\[{])')
_YEAR = re.compile("1[5-9][0-9][0-9]|20[0-9][0-9]")
_MARKUP = re.compile(r"\s*<(?:!doctype|\?xml|html|svg|table)\b", re.IGNORECASE)


def encoding_of(head: bytes, *, is_whole: bool) -> str:
    """The encoding of a text by its first bytes: utf-8-sig, utf-8, utf-16, utf-16-le, utf-16-be or latin-1.

    `is_whole`: nothing follows `head`; otherwise it can end within a character.
    """
    if head.startswith(BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return "utf-16"
    half = max(1, len(head) // 2)
    even, odd = head[::2].count(0), head[1::2].count(0)
    for name, zeros, others in (("utf-16-be", even, odd), ("utf-16-le", odd, even)):
        if zeros > _UTF16_SHARE * half and others < zeros / 4:
            return name
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        is_cut = not is_whole and error.start >= len(head) - 4
        # text that begins as valid UTF-8 is not Latin-1; reading the whole file finds the first invalid byte
        return "utf-8" if is_cut or not head[: error.start].isascii() else "latin-1"
    return "utf-8"


def is_text(start: str) -> bool:
    """Whether `start` is text: hardly any C0 controls, or C1 controls, which random bytes are in Latin-1."""
    controls = sum(1 for sign in start if (sign < " " and sign not in "\t\r\n") or "\x7f" <= sign < "\xa0")
    return controls <= len(start) // _CHARACTERS_PER_CONTROL


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
