"""Time and memory of reading the largest table.

python -m models.core.recipe.csv_reader_speed [ROWS] [COLUMNS]
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from models.core.tables import csv_reader
from models.core.tables.profile import profile

_PART = 10_000  # rows that are generated once and written repeatedly


def main(rows: int = 1_000_000, columns: int = 50) -> None:
    """Write a table of random numbers, read and profile it, and print the time and memory."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.csv"
        part = np.random.default_rng(0).normal(size=(min(rows, _PART), columns))
        lines = "".join(",".join(f"{value:.5f}" for value in row) + "\n" for row in part)
        with path.open("w", encoding="utf-8") as file:
            file.write(",".join(f"x{number}" for number in range(columns)) + "\n")
            for _ in range(rows // len(part)):
                file.write(lines)
        del lines
        before = _peak()
        started = time.perf_counter()
        frame = csv_reader.read(path)
        read = time.perf_counter()
        table = profile(frame)
        done = time.perf_counter()
    print(  # noqa: T201  a script that reports
        f"{len(frame):,} rows × {len(table.columns)} columns, {path.name}: read in {read - started:.1f} s, "
        f"profiled in {done - read:.1f} s, peak memory {_peak():.0f} MB ({before:.0f} MB before)"
    )


def _peak() -> float:
    """MB; Linux counts in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
