"""Tells when Python sources change, for `make dev`."""

import time
from pathlib import Path

SECONDS = 0.7
ROOT = Path(__file__).parents[2]
PACKAGES = ("backend", "models", "workers")


class SourceWatch:
    def __init__(self) -> None:
        self._next = 0.0
        self._seen = self._newest()

    def changed(self) -> bool:
        """Whether a source was written, made or removed since the last look, SECONDS ago or more."""
        if time.monotonic() < self._next:
            return False
        self._next = time.monotonic() + SECONDS
        before, self._seen = self._seen, self._newest()
        return before != self._seen

    def _newest(self) -> tuple[int, int]:
        times = [file.stat().st_mtime_ns for name in PACKAGES for file in (ROOT / name).rglob("*.py")]
        return len(times), max(times)
