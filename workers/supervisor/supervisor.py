"""`glassbox up`: Redis, the API and both workers as children of one process in the foreground.

The supervisor has one thread, checks its children several times a second, restarts those that end, and stops
all of them in order on a signal. If the supervisor is killed, a watchdog process ends the children.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from backend.settings import settings
from workers.supervisor import embedded_redis, preflight, programs, watchdog
from workers.supervisor.console import Console
from workers.supervisor.preflight import CannotStart
from workers.supervisor.programs import Program
from workers.supervisor.reload import SourceMonitor
from workers.supervisor.service import Service

POLL_SECONDS = 0.1
STOP_ORDER = (  # names, and the seconds to stop
    # workers finish their jobs, trainings write checkpoints
    (("predict", "train"), 30.0),
    (("api", "frontend"), 8.0),
    (("redis",), 5.0),
)
MAX_RESTARTS_BEFORE_READY = 3
READY_SECONDS = 120.0
POSTPONED_SECONDS = 20.0
PAGES_SERVER = "http://localhost:5173"


def up(*, reload: bool) -> None:
    """Serve in the foreground until a signal. Raises CannotStart."""
    folder = preflight.open_data_folder(settings().data_folder)
    host, port = settings().host, settings().port
    lock = preflight.lock_data_folder(folder, f"{host}:{port}")
    with lock, preflight.listen(host, port) as listener:
        started = programs.application(listener.fileno(), with_pages_server=reload)
        Supervisor(folder, listener, started, Console(), SourceMonitor() if reload else None).run(lock)


@dataclass
class Supervisor:
    """Starts, restarts and stops the programs."""

    data_folder: Path
    listener: socket.socket
    programs: Sequence[Program]
    console: Console
    sources: SourceMonitor | None = None  # restart when these change
    stop_order: Sequence[tuple[Sequence[str], float]] = STOP_ORDER
    services: list[Service] = field(default_factory=list)
    signals: int = 0
    ready: bool = False
    failure: str = ""
    _watchdog: subprocess.Popen[bytes] | None = None
    _temporary: Path | None = None
    _began: float = field(default_factory=time.monotonic)
    _next_probe: float = 0.0

    def run(self, lock: IO[str]) -> None:
        """Serve until a signal. Raises CannotStart."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # nohup ignores SIGHUP; leave that unchanged
            if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._on_signal)
        self._start_watchdog(lock)
        try:
            self._start_all()
            while not self.signals and not self.failure:
                time.sleep(POLL_SECONDS)
                self._poll()
        finally:
            self._stop_all()
        if self.failure:
            raise CannotStart(self.failure)

    def _on_signal(self, *_: Any) -> None:
        self.signals += 1

    def _start_watchdog(self, lock: IO[str]) -> None:
        # it holds the data folder's lock too: a new supervisor waits until the old one's children have ended
        self._watchdog = subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", "-S", watchdog.__file__],
            stdin=subprocess.PIPE,
            pass_fds=[lock.fileno()],
            start_new_session=True,
        )

    def _start_all(self) -> None:
        environment = dict(os.environ)
        environment |= {
            "GLASSBOX_DATA_FOLDER": str(self.data_folder),
            "GLASSBOX_HOST": settings().host,
            "GLASSBOX_PORT": str(self.listener.getsockname()[1]),
            "PYTHONUNBUFFERED": "1",
        }
        self.console.welcome(preflight.url(self.listener), self.data_folder, self._summary())
        if not settings().redis_url:
            environment["GLASSBOX_REDIS_URL"] = f"unix://{self._start_redis(environment)}"
        environment["BASE_URL"] = preflight.url(self.listener)  # read by the development server of the pages
        for program in self.programs:
            service = Service(
                program.name, program.command, self._log(program.name), environment, program.keeps
            )
            self.services.append(service)
            if program.waits:
                service.postpone()
            elif not self.signals:
                self._start(service)

    def _summary(self) -> str:
        redis = "Redis at GLASSBOX_REDIS_URL" if settings().redis_url else "its own Redis"
        pages = f", the pages as they are written on {PAGES_SERVER}" if self.sources else ""
        return f"{redis}, the API, an inference worker, a training worker{pages}"

    def _log(self, name: str) -> Path:
        return self.data_folder / "logs" / f"{name}.log"

    def _start_redis(self, environment: dict[str, str]) -> Path:
        server = embedded_redis.find_server()
        (self.data_folder / "redis").mkdir(exist_ok=True)
        path = embedded_redis.socket_path(self.data_folder)
        if path.parent.parent != self.data_folder:
            self._temporary = path.parent
        service = Service(
            "redis",
            embedded_redis.command(server, path, self.data_folder),
            self._log("redis"),
            environment,
            shows_warnings=False,  # about kernel settings that matter to large servers only
        )
        self.services.append(service)
        self._start(service)
        if (
            not embedded_redis.answers(path, seconds=10)
            and service.exit_code() is not None
            and not self.signals
        ):
            aside = embedded_redis.set_aside(self.data_folder)
            self.console.warning(
                f"Redis could not read its files; they were moved to {aside}. No job is lost."
            )
            self._start(service)
            if not embedded_redis.answers(path, seconds=10):
                raise CannotStart(service.failure())
        return path

    def _start(self, service: Service) -> None:
        group = service.start()
        self._notify_watchdog(f"+{group}")

    def _forget(self, service: Service) -> None:
        service.sweep_group()
        if service.process:
            self._notify_watchdog(f"-{service.process.pid}")

    def _notify_watchdog(self, line: str) -> None:
        if self._watchdog and self._watchdog.stdin:
            with contextlib.suppress(OSError):
                self._watchdog.stdin.write(f"{line}\n".encode())
                self._watchdog.stdin.flush()

    def _poll(self) -> None:
        for service in self.services:
            for line in service.warnings():
                self.console.log_line(service.name, line)
            if service.exit_code() is not None:
                self._handle_exit(service)
            elif service.is_due():
                self._start(service)
        if self.sources and self.sources.changed():
            self._restart_for_sources()
        if not self.ready and time.monotonic() >= self._next_probe:
            self._probe()

    def _restart_for_sources(self) -> None:
        self.console.write("  sources changed: restarting")
        for service in self.services:
            if service.name not in ("redis", "frontend"):
                service.terminate()

    def _handle_exit(self, service: Service) -> None:
        code = service.exit_code()
        self._forget(service)
        gave_up = code is not None and code > 0  # not killed by a signal: another attempt would fail too
        if not self.ready and not self.sources and (gave_up or service.restarts >= MAX_RESTARTS_BEFORE_READY):
            self.failure = service.failure()
            return
        pause = service.plan_restart()
        self.console.warning(f"{service.name} ended (exit code {code}); restarting it in {pause:g} s.")

    def _probe(self) -> None:
        self._next_probe = time.monotonic() + 0.1
        missing = preflight.missing(self.listener)
        waited = time.monotonic() - self._began
        self._start_postponed(missing, waited)
        if not missing:
            self.ready = True
            self.console.ready(waited, preflight.url(self.listener))
        elif waited > READY_SECONDS:
            reasons = "; ".join(f"{name}: {detail}" for name, detail in missing.items())
            self.console.warning(f"Not ready after {waited:.0f} s: {reasons}")
            self._next_probe += 10

    def _start_postponed(self, missing: Mapping[str, str], waited: float) -> None:
        """Start what waits once nothing else is missing, or has been for too long."""
        postponed = [service for service in self.services if service.is_postponed]
        if waited > POSTPONED_SECONDS or set(missing) <= {f"worker:{service.name}" for service in postponed}:
            for service in postponed:
                self._start(service)

    def _stop_all(self) -> None:
        self.console.write("stopping ...")
        signals_before = self.signals
        for names, seconds in self.stop_order:
            group = [service for service in self.services if service.name in names and service.is_running()]
            for service in group:
                service.terminate()
            deadline = time.monotonic() + seconds
            while any(service.is_running() for service in group):
                time.sleep(0.02)
                if self.signals > signals_before or time.monotonic() > deadline:
                    self._kill(group)
            for service in group:
                self._forget(service)
        self._end_watchdog()
        if self._temporary:
            shutil.rmtree(self._temporary, ignore_errors=True)
        self.console.write("stopped")

    def _kill(self, group: list[Service]) -> None:
        for service in group:
            if service.is_running():
                self.console.warning(f"{service.name} did not stop in time; killing it.")
                service.kill()

    def _end_watchdog(self) -> None:
        if self._watchdog and self._watchdog.stdin:
            with contextlib.suppress(OSError):
                self._watchdog.stdin.close()
            self._watchdog.wait()
