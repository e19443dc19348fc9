"""One child process of the supervisor: its command, its log, its restarts, its end."""

import contextlib
import ctypes
import math
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 8.0
STEADY_SECONDS = 20.0  # of uptime, after which the pauses before a restart begin again
MAX_LOG_BYTES = 20_000_000
LAST_LINES = 12
WARNS = re.compile(rb"\b(WARNING|ERROR|CRITICAL)\b")
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def _die_with(parent: int) -> Callable[[], None]:
    """A function for the new process, before its program: request SIGTERM if the parent dies (Linux only)."""

    def request_signal() -> None:
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != parent:  # it died before the request
                os._exit(1)

    return request_signal


@dataclass
class Service:
    name: str
    command: list[str]
    log: Path
    environment: Mapping[str, str]
    keeps: tuple[int, ...] = ()  # file descriptors that the child inherits
    shows_warnings: bool = True
    restarts: int = 0
    process: subprocess.Popen[bytes] | None = None
    _started: float = 0.0
    _restart_at: float = 0.0
    _pause: float = field(default=FIRST_PAUSE)
    _read_to: int = 0

    def start(self) -> int:
        """Start it in its own process group, which Ctrl-C does not reach; returns the group's id."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._rotate()
        with self.log.open("ab") as log:
            self._read_to = log.tell()
            self.process = subprocess.Popen(  # noqa: S603
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(self.environment),
                pass_fds=self.keeps,
                start_new_session=True,
                preexec_fn=_die_with(os.getpid()),
            )
        self._started, self._restart_at = time.monotonic(), 0.0
        return self.process.pid

    def exit_code(self) -> int | None:
        """None while it runs."""
        return self.process.poll() if self.process else None

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def plan_restart(self) -> float:
        """Schedule a restart; returns the seconds until then, which double after each short run."""
        if time.monotonic() - self._started > STEADY_SECONDS:
            self._pause = FIRST_PAUSE
        pause = self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        self._restart_at = time.monotonic() + pause
        self.process = None
        self.restarts += 1
        return pause

    def postpone(self) -> None:
        """Do not start it before `start` is called."""
        self._restart_at = math.inf

    @property
    def is_postponed(self) -> bool:
        return self._restart_at == math.inf

    def is_due(self) -> bool:
        return self.process is None and time.monotonic() >= self._restart_at

    def terminate(self) -> None:
        if self.is_running():
            self._signal_group(signal.SIGTERM)  # npm does not forward it

    def sweep_group(self) -> None:
        """Kill the remaining processes of the group after its leader has ended."""
        self._signal_group(signal.SIGKILL)

    def _signal_group(self, number: int) -> None:
        if self.process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def kill(self) -> None:
        """Kill it and all its descendants."""
        if self.process is None:
            return
        with contextlib.suppress(psutil.Error):
            for descendant in psutil.Process(self.process.pid).children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    descendant.kill()
        self._signal_group(signal.SIGKILL)
        self.process.wait()

    def warnings(self) -> Iterator[str]:
        """Warnings and errors in its log since the last call."""
        with contextlib.suppress(FileNotFoundError), self.log.open("rb") as log:
            log.seek(self._read_to)
            for line in log:
                if not line.endswith(b"\n"):
                    break  # the line is incomplete
                self._read_to += len(line)
                if self.shows_warnings and WARNS.search(line[:120]):
                    yield line.decode("utf-8", "replace").rstrip()
        if self._read_to > MAX_LOG_BYTES:
            self._rotate()

    def failure(self) -> str:
        """Why it ended: its error message for the user, or the end of its log."""
        with contextlib.suppress(FileNotFoundError), self.log.open("rb") as log:
            log.seek(0, os.SEEK_END)
            log.seek(max(0, log.tell() - 8_000))
            lines = log.read().decode("utf-8", "replace").splitlines() or [""]
            if lines[-1].startswith("glassbox: "):
                return lines[-1].removeprefix("glassbox: ")
            end = "\n".join(lines[-LAST_LINES:])
            return (
                f"{self.name} failed to start (exit code {self.exit_code()}). The end of {self.log}:\n\n{end}"
            )
        return f"{self.name} failed to start."

    def _rotate(self) -> None:
        """Keep one older log. The file is copied and truncated: its writer keeps it open for appending."""
        with contextlib.suppress(FileNotFoundError):
            if self.log.stat().st_size > MAX_LOG_BYTES:
                self.log.with_suffix(".log.1").write_bytes(self.log.read_bytes())
                os.truncate(self.log, 0)
                self._read_to = 0
