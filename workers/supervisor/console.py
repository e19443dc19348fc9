"""The console of `glassbox up`: one screen at the start, then warnings only."""

import sys
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TextIO

MAX_LINES = 20  # of children's warnings per window
WINDOW_SECONDS = 10.0


@dataclass
class Console:
    """Prints to the terminal of the person who started Glassbox."""

    out: TextIO = sys.stdout
    _window: float = 0.0
    _lines: int = 0

    def write(self, text: str) -> None:
        try:
            print(text, file=self.out, flush=True)
        except OSError:
            self.out = open("/dev/null", "w")  # noqa: SIM115, PTH123  the terminal was closed; keep running

    def welcome(self, url: str, data_folder: Path, programs: str) -> None:
        self.write(
            f"Glassbox {version('glassbox')}: a vision and machine-learning studio "
            f"whose every answer can be opened.\n\n"
            f"  Open    {url}\n"
            f"  API     {url}/docs\n"
            f"  Data    {data_folder}  (everything that must survive)\n"
            f"  Logs    {data_folder / 'logs'}/*.log  (warnings are shown here too)\n"
            f"  Runs    {programs}\n"
            f"  Stop    Ctrl-C  (again: at once)\n"
        )

    def ready(self, seconds: float, url: str) -> None:
        self.write(f"ready after {seconds:.1f} s: {url}")

    def warning(self, text: str) -> None:
        self.write(f"! {text}")

    def log_line(self, name: str, line: str) -> None:
        """One line of a child's log, up to MAX_LINES per window."""
        now = time.monotonic()
        if now - self._window > WINDOW_SECONDS:
            self._window, self._lines = now, 0
        self._lines += 1
        if self._lines <= MAX_LINES:
            self.write(f"  {name}: {line}")
        elif self._lines == MAX_LINES + 1:
            self.write(f"  {name}: further warnings are in the logs")
