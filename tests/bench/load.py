"""A load generator: raw HTTP/1.1 over kept connections, one process, a few dozen microseconds a request.

The usual Python clients cost more than the server under test, and invent tails of their own.
"""

import asyncio
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass

Request = Callable[[int], bytes]  # number of the request -> its bytes


@dataclass(frozen=True)
class Measured:
    """What one load found. Times in milliseconds."""

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
    """Send requests over so many connections for so long, each as soon as its predecessor is answered."""
    return asyncio.run(_load(port, make, connections, seconds))


async def _load(port: int, make: Request, connections: int, seconds: float) -> Measured:
    numbers = itertools.count()
    times: list[float] = []
    statuses: dict[int, int] = {}
    started = time.perf_counter()

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() - started < seconds:
            message = make(next(numbers))
            sent = time.perf_counter()
            writer.write(message)
            status = await _answer(reader)
            times.append((time.perf_counter() - sent) * 1000)
            statuses[status] = statuses.get(status, 0) + 1
        writer.close()

    await asyncio.gather(*(client() for _ in range(connections)))
    return Measured(time.perf_counter() - started, sorted(times), statuses)


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    lower = head.lower()
    at = lower.find(b"content-length:")
    if at < 0:
        raise ValueError(f"an answer without a length: {head!r}")
    await reader.readexactly(int(lower[at + 15 : lower.index(b"\r\n", at)]))
    return int(head[9:12])
