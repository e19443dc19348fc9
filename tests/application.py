"""The whole application as real processes on their own port, for tests without stand-ins."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from email.message import Message
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil

from workers.supervisor import programs

ROOT = Path(__file__).resolve().parent.parent


class Answer:
    """One HTTP response of any status; never an exception."""

    def __init__(self, status: int, headers: Message, body: bytes):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Application:
    """`glassbox up` with its own data folder. A context manager: started, ready, stopped."""

    def __init__(self, **environment: str):
        self.folder = Path(tempfile.mkdtemp(prefix="glassbox-"))
        self.port, self.url = 0, ""  # set once it listens
        self.environment = {
            **os.environ,
            "GLASSBOX_PORT": "0",
            "GLASSBOX_DATA_FOLDER": str(self.folder / "data"),
            "GLASSBOX_CAPABILITY_PACKAGES": '["tests.capabilities"]',
            "PYTHONPATH": str(ROOT),
            **environment,
        }
        self.process: subprocess.Popen[bytes] | None = None
        self.seconds_to_ready = 0.0

    def __enter__(self) -> Self:
        started = time.monotonic()
        with (self.folder / "up.log").open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "workers.cli.main", "up"],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            self.wait_for(self._prints_its_url, 60, "the application does not print its address")
            self.wait_until_ready(60)
        except BaseException:
            self.stop()
            raise
        self.seconds_to_ready = time.monotonic() - started
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if error is None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _prints_its_url(self) -> bool:
        found = re.search(
            r"^  Open +(http://\S+:(\d+))\n", (self.folder / "up.log").read_text("utf-8"), re.MULTILINE
        )
        if found:
            self.url, self.port = found[1], int(found[2])
        return bool(found)

    def wait_until_ready(self, seconds: float) -> None:
        self.wait_for(lambda: self.get("/readyz").status == 200, seconds, "the application is not ready")

    def wait_for(self, condition: Any, seconds: float, message: str) -> None:
        deadline = time.monotonic() + seconds
        while not self._try(condition):
            if self.process and self.process.poll() is not None:
                raise AssertionError(f"glassbox up ended with {self.process.returncode}:\n{self.log()}")
            assert time.monotonic() < deadline, f"{message} after {seconds} s:\n{self.log()}"
            time.sleep(0.05)

    @staticmethod
    def _try(condition: Any) -> bool:
        try:
            return bool(condition())
        except OSError:
            return False

    def log(self) -> str:
        files = [self.folder / "up.log", *sorted((self.folder / "data" / "logs").glob("*.log"))]
        return "\n".join(
            f"--- {file.name}\n{file.read_text(errors='replace')[-3000:]}" for file in files if file.exists()
        )

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    def processes(self) -> list[psutil.Process]:
        assert self.process is not None
        return psutil.Process(self.process.pid).children(recursive=True)

    def workers(self, queue: str) -> list[int]:
        """Process ids of the running workers of a queue."""
        return [
            process.pid
            for process in self.processes()
            if "celery" in " ".join(_command(process))
            and programs.APPS[programs.Queue(queue)] in _command(process)
        ]

    def redis(self) -> list[int]:
        return [process.pid for process in self.processes() if "redis-server" in " ".join(_command(process))]

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers=headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        """Bytes are sent unchanged, anything else as JSON."""
        if not isinstance(body, bytes):
            body, headers = json.dumps(body).encode(), {"content-type": "application/json", **headers}
        return self.ask("POST", path, body, headers)

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        named = {name.replace("_", "-"): value for name, value in (headers or {}).items()}
        request = urllib.request.Request(self.url + path, body, named, method=method)  # noqa: S310  a local server
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310  a local server
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read())

    def job(self, job_id: str) -> dict[str, Any]:
        return self.get(f"/v1/jobs/{job_id}").json

    def jobs(self) -> Iterator[dict[str, Any]]:
        cursor = ""
        while True:
            page = self.get(f"/v1/jobs?limit=100{cursor}").json
            yield from page["items"]
            if not page["next_cursor"]:
                return
            cursor = f"&cursor={page['next_cursor']}"


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
