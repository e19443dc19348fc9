"""The cells of one sheet of a workbook as CSV: a program of its own, so that its memory is limited.

python workbook_cells.py SHEET MEGABYTES < workbook > csv

A workbook of a few kilobytes can have a cell in the last column of the last row, for which the reader
reserves all cells before it. The first line is JSON: the sheets and the one that was read, or an error. The
exit status is ENOMEM if the memory does not suffice.
"""

import csv
import datetime
import errno
import io
import json
import re
import resource
import sys
from collections.abc import Iterator
from typing import Any

import python_calamine

_LARGEST_WHOLE = 1e15  # Excel shows 15 digits
_UNREADABLE = "its parts are incomplete or damaged"
_DURATION = re.compile(r"PT(\d+)H(\d+)M(\d+(?:[.,]\d+)?)S")  # as OpenDocument stores it


def main(sheet: str, megabytes: int) -> int:
    """Write the sheet's cells; blank rows become blank lines, so that rows keep their numbers."""
    limit = megabytes * 1_000_000
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    out = io.TextIOWrapper(sys.stdout.buffer, "utf-8", newline="")
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
        names = list(book.sheet_names)
        if sheet and sheet not in names:
            out.write(json.dumps({"sheets": names, "error": "sheet"}) + "\n")
            return 0
        name, rows = _sheet(book, [sheet] if sheet else names)
    except python_calamine.PasswordError:
        out.write(json.dumps({"sheets": [], "error": "password"}) + "\n")
        return 0
    except python_calamine.CalamineError as error:
        reason = _UNREADABLE if "detect file format" in str(error) else str(error)
        out.write(json.dumps({"sheets": [], "error": "damaged", "reason": reason}) + "\n")
        return 0
    out.write(json.dumps({"sheets": names, "sheet": name}) + "\n")
    writer = csv.writer(out, lineterminator="\n")
    for row in rows:
        writer.writerow(row if any(row) else [])
    out.flush()
    return 0


def _sheet(book: Any, names: list[str]) -> tuple[str, list[list[str]]]:
    """The first of these sheets that has cells, and its cells."""
    for name in names:
        rows = list(_rows(book.get_sheet_by_name(name)))
        if any(any(row) for row in rows):
            return name, rows
    return (names or [""])[0], []


def _rows(sheet: Any) -> Iterator[list[str]]:
    """Each row from the sheet's first cell on; rows above it are blank."""
    first = sheet.start
    if first is None:
        return
    yield from ([] for _ in range(first[0]))
    for row in sheet.to_python(skip_empty_area=True):
        yield [_written(cell) for cell in row]


def _written(cell: Any) -> str:
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < _LARGEST_WHOLE else repr(cell)
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(sep=" ") if cell.time() != datetime.time() else cell.date().isoformat()
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    if isinstance(cell, datetime.timedelta):
        return _shown(cell)
    if isinstance(cell, str) and (parts := _DURATION.fullmatch(cell)):
        hours, minutes, seconds = (float(part.replace(",", ".")) for part in parts.groups())
        return _shown(datetime.timedelta(hours=hours, minutes=minutes, seconds=seconds))
    return str(cell)


def _shown(duration: datetime.timedelta) -> str:
    """As spreadsheets show it: hours are not carried over into days."""
    minutes, seconds = divmod(duration // datetime.timedelta(seconds=1), 60)
    fraction = f".{duration.microseconds:06}" if duration.microseconds else ""
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}{fraction}"


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1], int(sys.argv[2])))
    except MemoryError:
        sys.exit(errno.ENOMEM)
