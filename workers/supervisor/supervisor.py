"""`glassbox up`: Redis, the API and both workers as children of one process in the foreground.

The supervisor has one thread, looks at its children several times a second, starts again what dies, and
ends everything in order when it is told to. A watchdog process ends the children should it be killed.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from backend.settings import settings
from workers.supervisor import embedded_redis, preflight, programs, watchdog
from workers.supervisor.console import Screen
from workers.supervisor.preflight import CannotStart
from workers.supervisor.programs import Program
from workers.supervisor.reload import SourceWatch
from workers.supervisor.service import Service

LOOK_SECONDS = 0.1
STOP_ORDER = (  # names, and the seconds they have
    # a worker may finish what it holds, a training write its checkpoint
    (("predict", "train"), 30.0),
    (("api", "frontend"), 8.0),
    (("redis",), 5.0),
)
MOST_RESTARTS_BEFORE_READY = 3
READY_SECONDS = 120.0
PAGES_SERVER = "http://localhost:5173"


def up(*, reload: bool) -> None:
    """Serve in the foreground until told to stop. Raises CannotStart."""
    folder = preflight.open_data_folder(settings().data_folder)
    host, port = settings().host, settings().port
    lock = preflight.lock_data_folder(folder, f"{host}:{port}")
    with lock, preflight.listen(host, port) as listener:
        listed = programs.application(listener.fileno(), with_pages_server=reload)
        Supervisor(folder, listener, listed, Screen(), SourceWatch() if reload else None).run(lock)


@dataclass
class Supervisor:
    data_folder: Path
    listener: socket.socket
    programs: Sequence[Program]
    screen: Screen
    sources: SourceWatch | None = None  # restart on changes in these
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
        """Serve until told to stop. Raises CannotStart."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # nohup ignores SIGHUP, and means it
            if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._on_signal)
        self._start_watchdog(lock)
        try:
            self._start_all()
            while not self.signals and not self.failure:
                time.sleep(LOOK_SECONDS)
                self._look()
        finally:
            self._stop_all()
        if self.failure:
            raise CannotStart(self.failure)

    def _on_signal(self, *_: Any) -> None:
        self.signals += 1

    def _start_watchdog(self, lock: IO[str]) -> None:
        # it holds the data folder's lock too: a new supervisor waits until the old one's children are gone
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
        self.screen.welcome(preflight.url(self.listener), self.data_folder, self._summary())
        if not settings().redis_url:
            environment["GLASSBOX_REDIS_URL"] = f"unix://{self._start_redis(environment)}"
        environment["BASE_URL"] = preflight.url(self.listener)  # read by the development server of the pages
        for program in self.programs:
            service = Service(
                program.name, program.command, self._log(program.name), environment, program.keeps
            )
            self.services.append(service)
            if not self.signals:
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
            shows_warnings=False,  # it warns of kernel settings that matter to servers of millions
        )
        self.services.append(service)
        self._start(service)
        if (
            not embedded_redis.answers(path, seconds=10)
            and service.exit_code() is not None
            and not self.signals
        ):
            aside = embedded_redis.set_aside(self.data_folder)
            self.screen.warning(
                f"Redis could not read what it had kept; that lies in {aside} now. No job is lost."
            )
            self._start(service)
            if not embedded_redis.answers(path, seconds=10):
                raise CannotStart(service.complaint())
        return path

    def _start(self, service: Service) -> None:
        group = service.start()
        self._tell_watchdog(f"+{group}")

    def _forget(self, service: Service) -> None:
        service.sweep_group()
        if service.process:
            self._tell_watchdog(f"-{service.process.pid}")

    def _tell_watchdog(self, line: str) -> None:
        if self._watchdog and self._watchdog.stdin:
            with contextlib.suppress(OSError):
                self._watchdog.stdin.write(f"{line}\n".encode())
                self._watchdog.stdin.flush()

    def _look(self) -> None:
        for service in self.services:
            for line in service.warnings():
                self.screen.log_line(service.name, line)
            if service.exit_code() is not None:
                self._mourn(service)
            elif service.is_due():
                self._start(service)
        if self.sources and self.sources.changed():
            self._restart_for_sources()
        if not self.ready and time.monotonic() >= self._next_probe:
            self._probe()

    def _restart_for_sources(self) -> None:
        self.screen.say("  sources changed: restarting")
        for service in self.services:
            if service.name not in ("redis", "frontend"):
                service.terminate()

    def _mourn(self, service: Service) -> None:
        code = service.exit_code()
        self._forget(service)
        gave_up = code is not None and code > 0  # by itself, not by a signal: a second try would end the same
        if (
            not self.ready
            and not self.sources
            and (gave_up or service.restarts >= MOST_RESTARTS_BEFORE_READY)
        ):
            self.failure = service.complaint()
            return
        pause = service.plan_restart()
        self.screen.warning(f"{service.name} ended (exit code {code}); starting it again in {pause:g} s.")

    def _probe(self) -> None:
        self._next_probe = time.monotonic() + 0.1
        missing = preflight.missing(self.listener)
        waited = time.monotonic() - self._began
        if not missing:
            self.ready = True
            self.screen.ready(waited, preflight.url(self.listener))
        elif waited > READY_SECONDS:
            self.screen.warning(f"Not ready after {waited:.0f} s: {missing}")
            self._next_probe += 10

    def _stop_all(self) -> None:
        self.screen.say("stopping ...")
        asked = self.signals
        for names, seconds in self.stop_order:
            group = [service for service in self.services if service.name in names and service.is_running()]
            for service in group:
                service.terminate()
            until = time.monotonic() + seconds
            while any(service.is_running() for service in group):
                time.sleep(0.02)
                if self.signals > asked or time.monotonic() > until:
                    self._kill(group)
            for service in group:
                self._forget(service)
        self._end_watchdog()
        if self._temporary:
            shutil.rmtree(self._temporary, ignore_errors=True)
        self.screen.say("stopped")

    def _kill(self, group: list[Service]) -> None:
        for service in group:
            if service.is_running():
                self.screen.warning(f"{service.name} did not end in time: killing it.")
                service.kill()

    def _end_watchdog(self) -> None:
        if self._watchdog and self._watchdog.stdin:
            with contextlib.suppress(OSError):
                self._watchdog.stdin.close()
            self._watchdog.wait()
