"""The processes that compute: one for each training, or a warm one that forks for each fit of a sweep.

Both give the lines of their reports, are kept alive by heartbeats, and are killed with all their descendants.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Protocol

from workers.training.child_protocol import EXITED, Instructions


class Process(Protocol):
    """A training in its own process."""

    def next_line(self, timeout: float) -> bytes | None:
        """A report; empty if none arrived in time; None if the process has ended."""
        ...

    def wait(self, timeout: float | None = None) -> int | None:
        """Its exit code. Raises subprocess.TimeoutExpired."""
        ...

    def beat(self) -> None:
        """Notify it that its supervisor is alive."""
        ...

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to it and all its descendants."""
        ...

    def close(self) -> None:
        """Release what belongs to this training alone."""
        ...


class _Group:
    """A Python module as the leader of its own process group, with pipes to its stdin and stdout."""

    def __init__(self, module: str, log: Path):
        with log.open("ab") as stderr:
            self.process = subprocess.Popen(  # noqa: S603  a module of this application
                [sys.executable, "-m", module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                start_new_session=True,  # its own group, so that all its descendants can be killed
                env=os.environ | {"OMP_WAIT_POLICY": "PASSIVE"},  # spinning threads starve other processes
            )
        self.lines: SimpleQueue[bytes | None] = SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None  # noqa: S101  opened as a pipe
        with self.process.stdout as lines:
            for line in lines:
                self.lines.put(line)
        self.lines.put(None)

    def write(self, line: bytes) -> None:
        if self.process.stdin:
            self.process.stdin.write(line + b"\n")
            self.process.stdin.flush()

    def next_line(self, timeout: float) -> bytes | None:
        try:
            return self.lines.get(timeout=timeout)
        except Empty:
            return b""

    def beat(self) -> None:
        with suppress(OSError, ValueError):
            self.write(b"")

    def signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def wait(self, timeout: float | None = None) -> int | None:
        return self.process.wait(timeout)

    def close(self) -> None:
        if self.process.stdin:
            with suppress(OSError):  # the pipe of a dead child cannot be flushed
                self.process.stdin.close()


class OneTraining(_Group):
    """A process for this training."""

    def __init__(self, instructions: Instructions, log: Path):
        super().__init__("workers.training.child", log)
        self.write(instructions.model_dump_json().encode())


class WarmProcess:
    """A process that has imported what fits need, and forks for each: so each begins in the same state.

    Args:
        log: file for what the process itself prints.
    """

    def __init__(self, log: Path):
        self._log = log
        self._group: _Group | None = None

    def fit(self, instructions: Instructions, log: Path) -> Process:
        """Begin one fit; the one before it must have ended."""
        if self._group is not None and self._group.process.poll() is not None:
            self._group.close()
            self._group = None
        if self._group is None:
            self._group = _Group("workers.training.warm_child", self._log)
        group = self._group
        with suppress(OSError):  # it has just died, and its lines end
            group.write(instructions.model_copy(update={"log": str(log)}).model_dump_json().encode())
        return _Fit(group)

    def beat(self) -> None:
        if self._group is not None:
            self._group.beat()

    def end(self) -> None:
        """Kill the process and the fit that it runs."""
        if self._group is not None:
            self._group.signal(signal.SIGKILL)
            self._group.wait()
            self._group.close()


class _Fit:
    """One fit of a warm process."""

    def __init__(self, group: _Group):
        self._group = group
        self._code: int | None = None
        self._has_ended = False

    def next_line(self, timeout: float) -> bytes | None:
        if self._has_ended:
            return None
        line = self._group.next_line(timeout)
        if line is None:
            self._has_ended = True
            return None
        if not line:
            return line
        return self._report(line)

    def _report(self, line: bytes) -> bytes | None:
        try:
            read = json.loads(line)
        except ValueError:
            return b""  # the fit was killed while it wrote this
        if read["kind"] != EXITED:
            return line
        self._has_ended, self._code = True, read["step"]
        return None

    def wait(self, timeout: float | None = None) -> int | None:
        if self._code is None and not self._has_ended:
            # until the warm process reports it, or ends
            while self.next_line(timeout or 1.0) is not None:
                if timeout is not None and not self._has_ended:
                    raise subprocess.TimeoutExpired("fit", timeout)
        return self._code if self._code is not None else self._group.wait(timeout)

    def beat(self) -> None:
        self._group.beat()

    def signal(self, number: signal.Signals) -> None:
        self._group.signal(number)

    def close(self) -> None:
        """The warm process goes on."""
