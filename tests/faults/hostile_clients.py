"""What hostile clients cost the others: memory of the API's process and latency, before and during each load.

`python -m tests.faults.hostile_clients [part of a load's name ...]`, against the whole application as real
processes. Latency is that of `GET /v1/jobs?limit=1` on one kept connection, a request every 20 ms.
"""

import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field

import psutil

from tests.application import Application
from tests.faults.hostile_files import FILES
from tests.raw_http import connect, head, read_answer, status_of

BEFORE_SECONDS = 3.0
LIMITS = {"GLASSBOX_HEADER_SECONDS": "5", "GLASSBOX_SILENT_SECONDS": "8"}  # so that a load shows them


@dataclass
class Load:
    """One load: `run` returns how often each outcome occurred."""

    name: str
    run: Callable[[Application], Counter[str]]


@dataclass
class Samples:
    """Samples of the API's memory and of the latency of others, until it is stopped."""

    application: Application
    memory: list[int] = field(default_factory=list)  # bytes
    latencies: list[float] = field(default_factory=list)  # seconds
    failures: int = 0

    @contextmanager
    def running(self) -> Iterator["Samples"]:
        stopping = threading.Event()
        threads = [
            threading.Thread(target=self._sample_memory, args=[stopping], daemon=True),
            threading.Thread(target=self._measure_latency, args=[stopping], daemon=True),
        ]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            stopping.set()
            for thread in threads:
                thread.join()

    def _sample_memory(self, stopping: threading.Event) -> None:
        process = api_process(self.application)
        while not stopping.wait(0.02):
            self.memory.append(process.memory_info().rss)

    def _measure_latency(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            with suppress(OSError), connect(self.application.port) as connection:
                while not stopping.wait(0.02):
                    started = time.perf_counter()
                    connection.sendall(head("/v1/jobs?limit=1", method="GET"))
                    if not read_answer(connection).startswith(b"HTTP/1.1 200"):
                        self.failures += 1
                        break
                    self.latencies.append(time.perf_counter() - started)

    def percentile(self, share: float) -> float:
        """In milliseconds; NaN: nothing was answered."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000 if ordered else float("nan")


@dataclass(frozen=True)
class Result:
    name: str
    outcomes: Counter[str]
    before: Samples
    during: Samples

    @property
    def growth(self) -> int:
        """Bytes by which the API's memory exceeded that before the load."""
        return max(self.during.memory) - max(self.before.memory)

    def __str__(self) -> str:
        memory = f"{max(self.before.memory) / 1e6:5.0f} -> {max(self.during.memory) / 1e6:5.0f} MB"
        p50, p99 = (
            f"{self.before.percentile(share):6.1f} -> {self.during.percentile(share):6.1f} ms"
            for share in (0.5, 0.99)
        )
        outcomes = ", ".join(f"{number} {what}" for what, number in self.outcomes.most_common(4))
        failed = f"; {self.during.failures} of others failed" if self.during.failures else ""
        return f"{self.name:44s} {memory}   p50 {p50}   p99 {p99}   {outcomes}{failed}"


def measure(application: Application, load: Load) -> Result:
    with Samples(application).running() as before:
        time.sleep(BEFORE_SECONDS)
    with Samples(application).running() as during:
        outcomes = load.run(application)
        time.sleep(0.2)
    return Result(load.name, outcomes, before, during)


def api_process(application: Application) -> psutil.Process:
    return next(each for each in application.processes() if "workers.cli.serve" in each.cmdline())


def outcome(response: bytes) -> str:
    return str(status_of(response) or "closed")


def finish(connection: socket.socket) -> str:
    """The status of the connection's answer, once it has ended."""
    response = b""
    with suppress(OSError):
        while got := connection.recv(65_536):
            response = response or got
            if not response.startswith(b"HTTP/1.1 4") and not response.startswith(b"HTTP/1.1 5"):
                break
    return outcome(response)


def endless_headers(megabytes: int) -> Callable[[Application], Counter[str]]:
    def run(application: Application) -> Counter[str]:
        outcomes: Counter[str] = Counter()
        piece, left = b"x-a: " + b"a" * 8_000 + b"\r\n", megabytes * 1_000_000
        while left > 0:
            with connect(application.port) as connection:
                connection.sendall(b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n")
                with suppress(OSError):
                    while left > 0:
                        connection.sendall(piece)
                        left -= len(piece)
                outcomes[finish(connection)] += 1
        return outcomes

    return run


def half_requests(number: int) -> Callable[[Application], Counter[str]]:
    return _held(number, b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx-a: ", b"", 0.0)


def slow_bodies(number: int) -> Callable[[Application], Counter[str]]:
    lines = ("content-type: image/png", "content-length: 1000000")
    return _held(number, head("/v1/uploads", *lines), b"a", 0.5)


def _held(number: int, start: bytes, further: bytes, pause: float) -> Callable[[Application], Counter[str]]:
    """Connections that send the start of a request, and a byte from time to time, until they are closed."""

    def run(application: Application) -> Counter[str]:
        with ExitStack() as stack:
            connections = [stack.enter_context(connect(application.port)) for _ in range(number)]
            for connection in connections:
                connection.sendall(start)
            ends = time.monotonic() + 12.0
            while further and time.monotonic() < ends:
                for connection in connections:
                    with suppress(OSError):
                        connection.sendall(further)
                time.sleep(pause)
            return Counter(finish(connection) for connection in connections)

    return run


def event_streams(number: int) -> Callable[[Application], Counter[str]]:
    def run(application: Application) -> Counter[str]:
        body = {"capability": "tiny", "task": "train", "params": {"steps": 1_000, "pause": 0.01}}
        job_id = application.post("/v1/jobs", body).json["id"]
        outcomes: Counter[str] = Counter()
        with ExitStack() as stack:
            connections = [stack.enter_context(connect(application.port)) for _ in range(number)]
            for connection in connections:
                connection.sendall(head(f"/v1/jobs/{job_id}/events", method="GET"))
            outcomes += Counter(outcome(connection.recv(4_096)) for connection in connections)
            outcomes[f"threads of the API: {api_process(application).num_threads()}"] = 1
            time.sleep(5.0)
        application.post(f"/v1/jobs/{job_id}/cancel")
        return outcomes

    return run


def uploads(data: Callable[[], bytes], times: int) -> Callable[[Application], Counter[str]]:
    def run(application: Application) -> Counter[str]:
        outcomes: Counter[str] = Counter()
        for number in range(times):
            body = data() + str(number).encode()  # another file each time
            answer = application.ask(
                "POST", "/v1/uploads", body, {"content-type": "application/octet-stream"}
            )
            outcomes[str(answer.status)] += 1
        return outcomes

    return run


def deep_json(times: int) -> Callable[[Application], Counter[str]]:
    bodies = (
        b"[" * 900_000,
        b'{"a":' * 150_000,
        b"{" + b",".join(b'"k%d":1' % n for n in range(60_000)) + b"}",
    )

    def run(application: Application) -> Counter[str]:
        kind = {"content-type": "application/json"}
        return Counter(str(application.ask("POST", "/v1/jobs", body, kind).status) for body in bodies * times)

    return run


def loads(scale: float) -> list[Load]:
    """All loads; with `scale` 1 as large as they are named."""
    return [
        Load(f"{500 * scale:.0f} MB of headers", endless_headers(round(500 * scale))),
        Load(f"{200 * scale:.0f} half requests", half_requests(round(200 * scale))),
        Load(f"{50 * scale:.0f} slow bodies", slow_bodies(round(50 * scale))),
        Load(f"{300 * scale:.0f} event streams", event_streams(round(300 * scale))),
        Load("deep and wide JSON", deep_json(1)),
        *(Load(name, uploads(make, max(1, round(3 * scale)))) for name, make in FILES.items()),
    ]


def main(requested: list[str]) -> None:
    with Application(**LIMITS) as application:
        for load in loads(1.0):
            if not requested or any(part in load.name for part in requested):
                print(measure(application, load), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
