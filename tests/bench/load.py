"""A load generator: raw HTTP/1.1 over kept connections, one process, a few dozen microseconds a request.

The usual Python clients cost more than the server under test, and invent tails of their own; streams and
coroutines cost as much as the rest together. So each connection is a protocol that writes the next request as
soon as the answer before it is complete.
"""

import asyncio
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

import uvloop

Request = Callable[[int], bytes]  # number of the request -> its bytes


@dataclass(frozen=True)
class Measured:
    """The measurements of one load. Times in milliseconds."""

    seconds: float
    times: list[float]  # sorted
    statuses: dict[int, int]

    @property
    def rate(self) -> float:
        return len(self.times) / self.seconds

    def percentile(self, share: float) -> float:
        return self.times[min(len(self.times) - 1, int(share * len(self.times)))]


def request(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """One request's bytes; `content_type` becomes Content-Type."""
    lines = [f"{method} {path} HTTP/1.1", "host: 127.0.0.1", f"content-length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def load(port: int, make: Request, *, connections: int, seconds: float) -> Measured:
    """Send requests over several connections, each as soon as the previous one is answered."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_load(port, make, connections, seconds))


@dataclass
class _Run:
    """The shared state of the connections of one load."""

    make: Request
    ends: float
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)
    times: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)


async def _load(port: int, make: Request, connections: int, seconds: float) -> Measured:
    started = time.perf_counter()
    run = _Run(make, started + seconds)
    loop = asyncio.get_running_loop()
    clients = [_Client(run, loop.create_future()) for _ in range(connections)]
    for client in clients:
        await loop.create_connection(lambda client=client: client, "127.0.0.1", port)
    await asyncio.gather(*(client.done for client in clients))
    return Measured(time.perf_counter() - started, sorted(run.times), run.statuses)


class _Client(asyncio.Protocol):
    """One connection."""

    def __init__(self, run: _Run, done: "asyncio.Future[None]"):
        self.run, self.done = run, done
        self._read = b""
        self._expected = 0  # bytes of the current response; 0: its head is not complete

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        self._read += data
        if not self._expected:
            self._expected = _length(self._read)
        if self._expected and len(self._read) >= self._expected:
            self.run.times.append((time.perf_counter() - self._sent) * 1000)
            status = int(self._read[9:12])
            self.run.statuses[status] = self.run.statuses.get(status, 0) + 1
            self._read, self._expected = b"", 0
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the server closed a connection"))

    def _send(self) -> None:
        if time.perf_counter() >= self.run.ends:
            self.done.set_result(None)
            self.transport.close()
            return
        message = self.run.make(next(self.run.numbers))
        self._sent = time.perf_counter()
        self.transport.write(message)


def _length(answer: bytes) -> int:
    """Bytes of the whole response, from its head; 0 while that is incomplete."""
    end = answer.find(b"\r\n\r\n")
    if end < 0:
        return 0
    head = answer[:end].lower()
    at = head.find(b"content-length:")
    if at < 0:
        raise ValueError(f"an answer without a length: {head!r}")
    return end + 4 + int(head[at + 15 :].split(b"\r\n", 1)[0])
