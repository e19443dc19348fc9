"""What can be told of a CSV file before it is parsed: encoding, delimiter, header. No pandas, no NumPy.

The web process looks at the start of every upload with this, and `frames` reads whole tables with it, so both
see the same table.
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
_MOST_WRONG_SIGNS = 50  # one control character in so many signs is still a text
_UTF16_SHARE = 0.4  # of every second byte, zero: half of what plain text in UTF-16 has
# Plain, or with thousands where they stand in threes; no look-ahead: RE2 reads these patterns too.
_EXPONENT = r"(?:[eE][+-]?[0-9]+)?"
POINT = rf"[+-]?(?:(?:[0-9]+|[0-9]{{1,3}}(?:,[0-9]{{3}})+)(?:\.[0-9]*)?|\.[0-9]+){_EXPONENT}"
COMMA = rf"[+-]?(?:(?:[0-9]+|[0-9]{{1,3}}(?:\.[0-9]{{3}})+)(?:,[0-9]*)?|,[0-9]+){_EXPONENT}"
_NUMBER = re.compile(f"{POINT}|{COMMA}")
_JSON = re.compile(r'\s*(?:\{\s*"|\[\s*[\[{])')
_YEAR = re.compile("1[5-9][0-9][0-9]|20[0-9][0-9]")
_MARKUP = re.compile(r"\s*<(?:!doctype|\?xml|html|svg|table)\b", re.IGNORECASE)


def encoding_of(head: bytes, *, is_whole: bool) -> str:
    """The encoding of a text by its first bytes: utf-8-sig, utf-8, utf-16, utf-16-le, utf-16-be or latin-1.

    `is_whole` says that nothing follows `head`: otherwise its end may be half a character.
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
        # what begins as good UTF-8 is not Latin-1: the whole file says where it breaks
        return "utf-8" if is_cut or not head[: error.start].isascii() else "latin-1"
    return "utf-8"


def is_text(start: str) -> bool:
    """Whether `start` reads as text: no C0 controls, nor the C1 ones that Latin-1 makes of random bytes."""
    wrong = sum(1 for sign in start if (sign < " " and sign not in "\t\r\n") or "\x7f" <= sign < "\xa0")
    return wrong <= len(start) // _MOST_WRONG_SIGNS


def other_format(start: str) -> str:
    """What the text is where it begins as another format does, else nothing."""
    if _JSON.match(start):
        return "JSON"
    return "HTML or XML" if _MARKUP.match(start) else ""


def delimiter_of(start: str, last: str = "") -> str:
    """The sign that cuts most rows at the start into equally many cells, and into the most.

    `last` is taken only where no other sign cuts anything and there are quotation marks to tell it apart.
    """
    best, found = (0.0, 0), ","
    for delimiter in DELIMITERS.replace(last, "") if last else DELIMITERS:
        try:
            reader = csv.reader(io.StringIO(start, newline=""), delimiter=delimiter)
            rows = [row for row in islice(reader, _SNIFFED_ROWS) if row]
        except csv.Error:
            continue
        length, times = Counter(map(len, rows)).most_common(1)[0] if rows else (1, 0)
        score = (times / len(rows) if length > 1 else 0.0, length)
        if score > best:
            best, found = score, delimiter
    return last if last and best[1] <= 1 and '"' in start else found


def is_number(cell: str) -> bool:
    """Whether `cell` is written as a number, its decimals after a point or a comma."""
    return _NUMBER.fullmatch(cell) is not None


def is_header(first: Sequence[str]) -> bool:
    """Whether the first row names the columns: none of its cells is a number, or those that are are years in
    a row, as in `country, 1960, 1961`."""
    numbers = [cell.strip() for cell in first if is_number(cell.strip())]
    return not numbers or (len(numbers) < len(first) and _are_years(numbers))


def _are_years(cells: Sequence[str]) -> bool:
    """In equal steps; two of them only as neighbors: others are more often a beginning and an end."""
    if len(cells) < 2 or not all(_YEAR.fullmatch(cell) for cell in cells):
        return False
    steps = {int(after) - int(before) for before, after in pairwise(cells)}
    return len(steps) == 1 and 0 not in steps and (len(cells) > 2 or steps <= {-1, 1})


def unlike(header: Iterable[str]) -> tuple[str, ...]:
    """Names made unlike each other: a second `x` becomes `x (2)`, an empty one `column 4`."""
    names: dict[str, None] = {}
    for place, cell in enumerate(header, start=1):
        name = base = " ".join(cell.split()) or f"column {place}"
        again = 1
        while name in names:
            again += 1
            name = f"{base} ({again})"
        names[name] = None
    return tuple(names)
