"""The warm process of a sweep: it imports once what all fits need, and forks for each of them.

A fit begins in the state that the imports left, as in a process of its own, and its exit frees all its
memory. Libraries import much when they first compute: a fit reports what it has imported further, and this
process imports that for the next. It computes nothing itself, as threads do not survive a fork.

stdin carries the instructions of one fit after another, and an empty line with every heartbeat of the
supervisor; stdout carries the fits' reports, and after each a report of its exit. It kills the fit and itself
when stdin ends or is silent for a lease.
"""

import ctypes
import json
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from typing import NamedTuple

from models.core.contract import registry
from workers.training import child
from workers.training.child_protocol import EXIT_ORPHANED, EXITED, Instructions, Report

_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)
_DEFAULT_LEASE = 30.0  # seconds, until the first instructions name it


def main() -> int:
    # a separate channel for reports: libraries may print to stdout
    reports = os.dup(1)
    os.dup2(2, 1)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it is for the fit, which ends at a checkpoint
    wake, woken = os.pipe()
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(woken)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    lines, running, lease, heard = b"", _Running(0, -1), _DEFAULT_LEASE, time.monotonic()
    while True:
        ready, _, _ = select.select([0, wake], [], [], max(0.0, heard + lease - time.monotonic()))
        if not ready:
            _end()  # the supervisor is frozen
        if 0 in ready:
            piece = os.read(0, 65_536)
            if not piece:
                _end()  # the supervisor has died
            heard = time.monotonic()
            *complete, lines = (lines + piece).split(b"\n")
            for line in filter(bytes.strip, complete):
                instructions = Instructions.model_validate_json(line)
                lease, running = instructions.lease_seconds, _fork(instructions, reports, (wake, woken))
        if wake in ready:
            os.read(wake, 4_096)
            for code in _ended(running.process):
                # the fit may have been killed within a line
                report = Report(kind=EXITED, step=code).model_dump_json()
                os.write(reports, f"\n{report}\n".encode())
                _import_further(running.imported)
                running = _Running(0, -1)


class _Running(NamedTuple):
    """The fit that runs: its process id, and a file with the names of the modules that it has imported."""

    process: int
    imported: int


def _fork(instructions: Instructions, reports: int, own: tuple[int, int]) -> _Running:
    """Start the fit."""
    _import(instructions)
    parent, known, imported = os.getpid(), set(sys.modules), os.memfd_create("imported")
    process = os.fork()
    if process:
        return _Running(process, imported)
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for each in own:
            os.close(each)
        with suppress(OSError, AttributeError):  # only Linux has it
            ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(EXIT_ORPHANED)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        log = os.open(instructions.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        os.dup2(log, 1)
        os.dup2(log, 2)
        with os.fdopen(os.dup(reports), "w") as stream:
            code = child.run(instructions, stream)
        further = [name for name in sys.modules if name not in known]  # in the order of their imports
        os.write(imported, json.dumps(further).encode())
    except BaseException:  # noqa: BLE001  whatever it is, this process must not go on as the warm one
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)  # without the exit handlers of this process' libraries


def _import(instructions: Instructions) -> None:
    """Load the capability's code, once. Its errors are those of the fit, which imports it again."""
    for package in instructions.capability_packages:
        registry.include(package)
    with suppress(Exception):
        registry.code(instructions.capability, instructions.task)


def _import_further(imported: int) -> None:
    """Import what the fit has imported; nothing if it was killed."""
    with os.fdopen(imported, "rb") as file:
        file.seek(0)
        names = json.loads(file.read() or b"[]")
    for name in names:
        with suppress(Exception):
            import_module(name)


def _ended(process: int) -> Iterator[int]:
    """The exit code of the fit, negative for a signal, if it has ended."""
    with suppress(ChildProcessError):
        while process:
            ended, status = os.waitpid(-1, os.WNOHANG)
            if not ended:
                return
            if ended == process:
                yield os.waitstatus_to_exitcode(status)
                return


def _end() -> None:
    """Kill the fit, all that it has started, and this process."""
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
