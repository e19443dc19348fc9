"""What the person who started Glassbox reads: one screen at the start, then warnings only."""

import sys
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TextIO

MOST_LINES = 20  # of children's warnings within
WINDOW_SECONDS = 10.0


@dataclass
class Screen:
    out: TextIO = sys.stdout
    _window: float = 0.0
    _lines: int = 0

    def say(self, text: str) -> None:
        try:
            print(text, file=self.out, flush=True)
        except OSError:
            self.out = open("/dev/null", "w")  # noqa: SIM115, PTH123  the terminal is gone, the work goes on

    def welcome(self, url: str, data_folder: Path, programs: str) -> None:
        self.say(
            f"Glassbox {version('glassbox')}: a vision and machine-learning studio "
            f"whose every answer can be opened.\n\n"
            f"  Open    {url}\n"
            f"  API     {url}/docs\n"
            f"  Data    {data_folder}  (all that is kept, in one folder)\n"
            f"  Logs    {data_folder / 'logs'}/*.log  (warnings show here as well)\n"
            f"  Runs    {programs}\n"
            f"  Stop    Ctrl-C  (a second one: at once)\n"
        )

    def ready(self, seconds: float, url: str) -> None:
        self.say(f"ready after {seconds:.1f} s: {url}")

    def warning(self, text: str) -> None:
        self.say(f"! {text}")

    def log_line(self, name: str, line: str) -> None:
        """One line of a child's log, unless a flood of them would hide the rest."""
        now = time.monotonic()
        if now - self._window > WINDOW_SECONDS:
            self._window, self._lines = now, 0
        self._lines += 1
        if self._lines <= MOST_LINES:
            self.say(f"  {name}: {line}")
        elif self._lines == MOST_LINES + 1:
            self.say(f"  {name}: more warnings, only in the logs")
