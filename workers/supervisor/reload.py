"""Detects changes of Python sources, for `make dev`."""

import time
from pathlib import Path

SECONDS = 0.7
ROOT = Path(__file__).parents[2]
PACKAGES = ("backend", "models", "workers")


class SourceMonitor:
    """Compares the number and the newest modification time of all sources."""

    def __init__(self) -> None:
        self._next = 0.0
        self._state = self._newest()

    def changed(self) -> bool:
        """Whether a source was changed, added or removed since the last check, at least SECONDS ago."""
        if time.monotonic() < self._next:
            return False
        self._next = time.monotonic() + SECONDS
        previous, self._state = self._state, self._newest()
        return previous != self._state

    def _newest(self) -> tuple[int, int]:
        times = [file.stat().st_mtime_ns for name in PACKAGES for file in (ROOT / name).rglob("*.py")]
        return len(times), max(times)
