"""Small jobs beside a picture of 63 million pixels: their times, the worker's memory, progress, the cancel.

Run as `python -m tests.bench.large`. Everything is a ratio or a bound, measured in one run.
"""

import argparse
import io
import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import psutil
from PIL import Image

from models.core.contract import registry
from tests.application import Application
from tests.bench.__main__ import MEGABYTES, SETTINGS, name, predictions
from tests.bench.load import Measured

WIDTH, HEIGHT = 9_000, 7_000
QUERY = "inspect=false&model=psnr-x2"
BODY = {"content-type": "image/jpeg", "prefer": "respond-async"}
AT_ONCE = 8
Row = tuple[str, str, str]  # what, measured, target


class Memory:
    """The most memory of the inference worker since the last call of `peak`, in megabytes."""

    def __init__(self, application: Application):
        processes = application.processes()
        self._process: psutil.Process = next(each for each in processes if name(each) == "inference")
        self._peak = 0
        threading.Thread(target=self._monitor, daemon=True).start()

    def peak(self) -> float:
        peak, self._peak = self._peak, 0
        return peak / MEGABYTES

    def _monitor(self) -> None:
        while self._process.is_running():
            self._peak = max(self._peak, self._process.memory_info().rss)
            time.sleep(0.02)


def photo(number: int) -> bytes:
    """A picture of 63 million pixels in about a megabyte; each `number` gives another one."""
    across = np.linspace(number, 255, WIDTH, dtype=np.float32)
    gray = (across[None] + np.linspace(0, 255, HEIGHT, dtype=np.float32)[:, None]) / 2
    file = io.BytesIO()
    Image.fromarray(gray.astype(np.uint8)).convert("RGB").save(file, "JPEG", quality=60)
    return file.getvalue()


def measure(seconds: float) -> Iterator[Row]:
    with Application(**SETTINGS) as application:
        memory = Memory(application)
        predictions(application, "detection", 2, 3.0)  # loads the detector
        alone = predictions(application, "detection", 2, seconds)
        loaded = memory.peak()
        yield from one(application, memory, alone, loaded, seconds)
        yield from many(application, memory, loaded)
        yield from refused(application)


def one(
    application: Application, memory: Memory, alone: Measured, loaded: float, seconds: float
) -> Iterator[Row]:
    job = submit(application, 0)
    sent = time.perf_counter()
    first = seconds_until(application, job, lambda found: found["progress"]["message"] != "", 120)
    tiles = seconds_until(application, job, lambda found: found["progress"]["step"] > 0, 300)
    beside = predictions(application, "detection", 2, seconds)
    found = application.job(job)
    yield "small jobs alone", f"p50 {alone.percentile(0.5):.0f} ms, p99 {alone.percentile(0.99):.0f} ms", ""
    ratio = beside.percentile(0.99) / alone.percentile(0.99)
    p99 = f"p50 {beside.percentile(0.5):.0f} ms, p99 {beside.percentile(0.99):.0f} ms"
    yield "small jobs beside a large one", f"{ratio:.1f} times ({p99})", "2 times"
    yield "first progress", f"{first:.1f} s: {found['progress']['message']!r} now", ""
    yield "first tile", f"{tiles + first:.1f} s, {time.perf_counter() - sent:.0f} s after sending", ""
    yield "cancel of the large one", f"{cancel(application, [job]):.1f} s", "2 s"
    yield "worker's memory", f"{loaded:.0f} MB, with the large one {memory.peak():.0f} MB", ""


def many(application: Application, memory: Memory, loaded: float) -> Iterator[Row]:
    jobs = [submit(application, 1 + number) for number in range(AT_ONCE)]
    seconds_until(application, jobs[0], lambda found: found["progress"]["step"] > 1, 300)
    yield f"{AT_ONCE} large ones at once", f"+{memory.peak() - loaded:.0f} MB", "as one"
    yield "cancel of the one that runs", f"{cancel(application, jobs[1:] + jobs[:1]):.1f} s", "2 s"


def refused(application: Application) -> Iterator[Row]:
    """Enlarged four times, the answer would be too large."""
    started = time.perf_counter()
    answer = application.ask("POST", "/v1/predict/super_resolution", photo(0), {"content-type": "image/jpeg"})
    yield "refusal of what cannot fit", f"{time.perf_counter() - started:.1f} s: {answer.json['detail']}", ""


def submit(application: Application, number: int) -> str:
    answer = application.ask("POST", f"/v1/predict/super_resolution?{QUERY}", photo(number), BODY)
    assert answer.status == 202, answer.json
    return answer.json["id"]


def seconds_until(application: Application, job: str, condition: Any, limit: float) -> float:
    started = time.perf_counter()
    application.wait_for(lambda: condition(application.job(job)), limit, f"job {job}")
    return time.perf_counter() - started


def cancel(application: Application, jobs: list[str]) -> float:
    """Seconds from the cancel of the last of the jobs to its end."""
    started = 0.0
    for job in jobs:
        started = time.perf_counter()
        application.post(f"/v1/jobs/{job}/cancel")
        while application.job(job)["status"] not in ("canceled", "succeeded", "failed"):
            time.sleep(0.02)
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.large", description=__doc__)
    parser.add_argument("--seconds", type=float, default=15.0, help="length of each measurement")
    options = parser.parse_args()
    registry.include("tests.capabilities")
    for what, measured, target in measure(options.seconds):
        print(f"{what:32} {measured:70} {target}", flush=True)


if __name__ == "__main__":
    main()
