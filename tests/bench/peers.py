"""The first minute and the throughput beside other servers of the same model, in one run.

    python -m tests.bench.peers [--site FOLDER]

FOLDER holds LitServe (`pip install --target FOLDER --no-deps litserve pyzmq`); without it, that is left out.
A server is steady from the last answer on that took several times as long as its usual one.
"""

import argparse
import base64
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from models.core.contract import registry
from tests.application import ROOT
from tests.bench.__main__ import raw, sample
from tests.bench.load import load, request

GIVE_UP = 180.0  # seconds
WATCHED = 20.0  # seconds after the first answer, in which a server becomes steady
PAUSE = 0.05  # between two requests
UNSTEADY, MIN_UNSTEADY = 4.0, 0.06  # times the usual answer; seconds
CONNECTIONS = (1, 8, 32)


@dataclass(frozen=True)
class Server:
    """How to start a server, and how to ask it."""

    name: str
    command: list[str]
    path: str
    environment: Mapping[str, str] = field(default_factory=dict)
    takes_json: bool = False

    def body(self, number: int) -> tuple[bytes, str]:
        """A request of its own, and its type."""
        picture = sample("tiny") + number.to_bytes(8, "big")
        if self.takes_json:
            return json.dumps({"image": base64.b64encode(picture).decode()}).encode(), "application/json"
        return picture, "image/jpeg"


@dataclass(frozen=True)
class Start:
    """Seconds since the start of a server's process."""

    first: float
    steady: float


def servers(port: int, site: str, folder: str) -> Iterator[Server]:
    uvicorn = [sys.executable, "-m", "uvicorn", "tests.bench.peer_servers.fastapi_app:app"]
    quiet = ["--log-level", "warning", "--no-access-log"]
    yield Server("FastAPI in process", [*uvicorn, "--port", str(port), *quiet], "/predict")
    if site:
        command = [sys.executable, "-m", "tests.bench.peer_servers.litserve_app", str(port)]
        yield Server("LitServe", command, "/predict", {"PYTHONPATH": f"{ROOT}:{site}"}, takes_json=True)
    settings = {
        "GLASSBOX_PORT": str(port),
        "GLASSBOX_DATA_FOLDER": folder,
        "GLASSBOX_CAPABILITY_PACKAGES": '["tests.capabilities"]',
        "GLASSBOX_MAX_QUEUED": "100000",
        "GLASSBOX_LOG_LEVEL": "WARNING",
    }
    command = [sys.executable, "-m", "workers.cli.main", "up"]
    yield Server("Glassbox", command, "/v1/predict/tiny?inspect=false", settings)


def start(server: Server, port: int) -> tuple[subprocess.Popen[bytes], Start]:
    """The server's process once it is steady."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), **server.environment}
    began = time.monotonic()
    process = subprocess.Popen(
        server.command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    number = 0
    while not _answers(server, port, number):
        number += 1
        if process.poll() is not None or time.monotonic() - began > GIVE_UP:
            raise RuntimeError(f"{server.name} does not answer")
        time.sleep(PAUSE)
    first = time.monotonic() - began
    times: list[tuple[float, float]] = []  # when an answer came, and its seconds
    while time.monotonic() - began < first + WATCHED:
        number += 1
        sent = time.monotonic()
        _answers(server, port, number)
        times.append((time.monotonic() - began, time.monotonic() - sent))
        time.sleep(PAUSE)
    usual = statistics.median(seconds for _, seconds in times[len(times) // 2 :])
    slow = [at for at, seconds in times if seconds > max(UNSTEADY * usual, MIN_UNSTEADY)]
    return process, Start(first, max([first, *slow]))


def _answers(server: Server, port: int, number: int) -> bool:
    body, kind = server.body(number)
    url = f"http://127.0.0.1:{port}{server.path}"
    try:
        message = urllib.request.Request(url, body, {"content-type": kind})
        with urllib.request.urlopen(message, timeout=60) as answer:  # noqa: S310
            return answer.status == 200
    except OSError:
        return False


def throughput(server: Server, port: int, connections: int, seconds: float, best: float) -> str:
    offset = connections << 32

    def make(number: int) -> bytes:
        body, kind = server.body(offset + number)
        return request("POST", server.path, body, content_type=kind)

    found = load(port, make, connections=connections, seconds=seconds)
    failed = sum(number for status, number in found.statuses.items() if status != 200)
    p50, p99 = found.percentile(0.5), found.percentile(0.99)
    times = f"{found.rate / best:.2f} of raw, p50 {p50:.1f} ms, p99 {p99:.1f} ms"
    return f"c={connections}: {times}" + (f", {failed} failed" if failed else "")


def stop(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.peers", description=__doc__)
    parser.add_argument("--site", default="", help="folder with LitServe")
    parser.add_argument("--seconds", type=float, default=4.0, help="length of each measurement")
    options = parser.parse_args()
    registry.include("tests.capabilities")
    best = raw("tiny", options.seconds)["batched_rate"]
    print(f"raw loop: {best:.0f}/s", flush=True)
    port, earlier = free_port(), None
    with tempfile.TemporaryDirectory(prefix="glassbox-bench-") as folder:
        for server in servers(port, options.site, folder):
            process, started = start(server, port)
            try:
                rows = [throughput(server, port, each, options.seconds, best) for each in CONNECTIONS]
            finally:
                stop(process)
            earlier = earlier or started.first
            ratio = f"{started.first / earlier:.2f} times the first server's"
            print(
                f"{server.name}: first answer {started.first:.1f} s ({ratio}), steady {started.steady:.1f} s"
            )
            for row in rows:
                print(f"  {row}", flush=True)


if __name__ == "__main__":
    main()
