"""Two revisions side by side: both run, and are measured in turns, so that the machine's moods meet both.

    python -m tests.bench.alternate REVISION [--rounds N] [--seconds S]

Only the one whose turn it is has work. The figures are medians over the rounds. `make bench` measures more,
and with `--beside` another revision before this one.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from models.core.contract import registry
from tests.application import ROOT
from tests.bench.__main__ import SETTINGS, checkout, sample
from tests.bench.load import load, request

LOADS = (("tiny", 1), ("tiny", 8), ("tiny", 32), ("detection", 8))  # capability, connections
# run by the revision's own code: its `Application`, until standard input ends
SERVER = f"""
import json, sys
from tests.application import Application
with Application(**{SETTINGS!r}) as application:
    print(json.dumps([application.port, application.process.pid]), flush=True)
    sys.stdin.read()
"""


@dataclass(frozen=True)
class Server:
    """A running application of one revision."""

    name: str
    port: int
    process: psutil.Process  # that of `glassbox up`

    def processor_seconds(self) -> float:
        times = [child.cpu_times() for child in self.process.children(recursive=True)]
        return sum(each.user + each.system for each in times)


@dataclass(frozen=True)
class Round:
    """Requests a second; milliseconds."""

    rate: float
    p50: float
    p99: float
    processor: float  # of all processes of the application, a request


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.alternate", description=__doc__)
    parser.add_argument("revision")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=4.0, help="length of each measurement")
    options = parser.parse_args()
    registry.include("tests.capabilities")
    with ExitStack() as stack:
        folder = stack.enter_context(checkout(options.revision))
        servers = [
            stack.enter_context(serve(options.revision, folder)),
            stack.enter_context(serve("the working tree", ROOT)),
        ]
        for server in servers:
            measure(server, "detection", 1, 3.0)
            measure(server, "tiny", 8, 8.0)  # the first thousands of requests fill caches and create folders
        for capability, connections in LOADS:
            rounds = [
                [measure(server, capability, connections, options.seconds) for server in servers]
                for _ in range(options.rounds)
            ]
            show(f"{capability}, c={connections}", servers, list(zip(*rounds, strict=True)))


@contextmanager
def serve(name: str, folder: Path) -> Iterator[Server]:
    child = subprocess.Popen(
        [sys.executable, "-c", SERVER],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert child.stdin
    assert child.stdout
    try:
        port, pid = json.loads(child.stdout.readline())
        yield Server(name, port, psutil.Process(pid))
    finally:
        child.stdin.close()
        child.wait(timeout=90)


def measure(server: Server, capability: str, connections: int, seconds: float) -> Round:
    picture, salt = sample(capability), os.urandom(8)
    path = f"/v1/predict/{capability}"

    def make(number: int) -> bytes:
        body = picture + salt + number.to_bytes(4, "big")  # no answer is there already
        return request("POST", path, body, content_type="image/jpeg")

    used = server.processor_seconds()
    measured = load(server.port, make, connections=connections, seconds=seconds)
    used = server.processor_seconds() - used
    assert set(measured.statuses) == {200}, measured.statuses
    each = used / len(measured.times) * 1000
    return Round(measured.rate, measured.percentile(0.5), measured.percentile(0.99), each)


def show(what: str, servers: list[Server], rounds: list[tuple[Round, ...]]) -> None:
    print(what)
    for server, own in zip(servers, rounds, strict=True):
        rate, p50, p99, processor = (
            statistics.median(getattr(each, field) for each in own)
            for field in ("rate", "p50", "p99", "processor")
        )
        print(
            f"  {server.name:20} {rate:6.1f}/s  p50 {p50:6.1f} ms  p99 {p99:6.1f} ms"
            f"  processor {processor:5.2f} ms a request"
        )
    before, after = rounds
    ratios = [new.rate / old.rate for old, new in zip(before, after, strict=True)]
    print(f"  rate, after / before: {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main()
