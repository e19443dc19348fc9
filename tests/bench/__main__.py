"""`make bench`: the application against the raw loop in the same run, as ratios. Never fails on a time.

Every request carries a picture of its own (the sample with a few bytes behind its end, which JPEG readers
pass over), so no answer comes from those already stored, except where that is measured.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from models.core.contract import registry
from tests.application import ROOT, Application
from tests.bench.load import Measured, load, request

LAST_RUN = ROOT / "bench-last.json"
MEGABYTES = 1_000_000
SETTINGS = {"GLASSBOX_MAX_QUEUED": "1000000", "GLASSBOX_LOG_LEVEL": "WARNING"}
Row = tuple[str, str, str, str]  # what, measured, target, aim


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=6.0, help="length of each measurement")
    parser.add_argument("--beside", metavar="REVISION", help="measure this revision in the same run, first")
    options = parser.parse_args()
    if options.beside:
        print(f"--- {options.beside}", flush=True)
        earlier(options.beside, options.seconds)
        print("--- the working tree", flush=True)
    registry.include("tests.capabilities")
    rows = list(measure(options.seconds))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    LAST_RUN.write_text(json.dumps({"seconds": options.seconds, "rows": rows}, indent=1) + "\n")


@contextmanager
def checkout(revision: str) -> Iterator[Path]:
    """A folder with another revision's files, to be run with the same libraries."""
    with tempfile.TemporaryDirectory(prefix="glassbox-bench-") as folder:
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run(
            [*git, "add", "--detach", "--force", folder, revision], check=True, capture_output=True
        )
        try:
            yield Path(folder)
        finally:
            subprocess.run([*git, "remove", "--force", folder], check=True, capture_output=True)


def earlier(revision: str, seconds: float) -> None:
    """Measure another revision by its own benchmark."""
    with checkout(revision) as folder:
        command = [sys.executable, "-m", "tests.bench", "--seconds", str(seconds)]
        subprocess.run(command, cwd=folder, env={**os.environ, "PYTHONPATH": str(folder)}, check=True)


def measure(seconds: float) -> Iterator[Row]:
    """Each row as it is found."""
    yield "what", "measured", "target", "aim"
    tiny, detection = raw("tiny", seconds), raw("detection", seconds)
    yield "raw loop, tiny, batch 1", f"{tiny['rate']:.0f}/s", "", ""
    yield "raw loop, tiny, batch 8", f"{tiny['batched_rate']:.0f}/s", "", ""
    yield "raw loop, detection, batch 1", f"{detection['rate']:.1f}/s", "", ""
    with Application(**SETTINGS) as application:
        yield "start to ready", f"{application.seconds_to_ready:.1f} s", "6 s", ""
        yield "idle memory", idle_memory(application), "", ""
        warm(application)
        yield from plumbing(application, tiny, seconds)
        yield from detector(application, detection, seconds)
        yield from opening(application)
        yield from submitting(application, seconds)
        yield from stored_answers(application, seconds)
        yield from large_upload(application)
        yield from canceling(application)


def raw(capability: str, seconds: float) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.raw", capability, str(seconds)]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)


def warm(application: Application) -> None:
    """Send one request to each capability: a worker loads its models one by one after it is ready."""
    for card in registry.cards().values():
        if card.samples:
            address = f"/v1/predict/{card.name}?inspect=false"
            application.ask("POST", address, sample(card.name), {"content-type": "application/octet-stream"})
    # the first thousands of requests fill caches and create folders; the measurements come after
    predictions(application, "tiny", 8, 10.0)


def predictions(
    application: Application, capability: str, connections: int, seconds: float, query: str = ""
) -> Measured:
    picture = sample(capability)
    salt = str(time.time()).encode()

    def make(number: int) -> bytes:
        body = picture + salt + number.to_bytes(4, "big")
        return request("POST", f"/v1/predict/{capability}?{query}", body, content_type="image/jpeg")

    measured = load(application.port, make, connections=connections, seconds=seconds)
    if set(measured.statuses) != {200}:
        print(f"  statuses at {connections} connections: {measured.statuses}", file=sys.stderr)
    return measured


def sample(capability: str) -> bytes:
    (file,) = registry.cards()[capability].samples[0].inputs.values()
    return file.read_bytes()


def plumbing(application: Application, limit: dict[str, float], seconds: float) -> Iterator[Row]:
    one = predictions(application, "tiny", 1, seconds)
    added = one.percentile(0.5) - 1000 / limit["rate"]
    yield "tiny, c=1: p50 over raw", f"+{added:.1f} ms (p50 {one.percentile(0.5):.1f})", "+6 ms", "+4 ms"
    for connections in (8, 32):
        used = processor_seconds(application)
        many = predictions(application, "tiny", connections, seconds)
        share = many.rate / limit["batched_rate"]
        p99 = f"p99 {many.percentile(0.99):.0f} ms"
        yield (
            f"tiny, c={connections}: share of raw",
            f"{share:.2f} ({many.rate:.0f}/s, {p99})",
            "0.50",
            "0.75",
        )
        each = (processor_seconds(application) - used) / len(many.times) * 1000
        if connections == 32:
            yield (
                "tiny, c=32: processor time over raw",
                f"+{each - limit['processor_ms']:.1f} ms",
                "+3 ms",
                "+1.5 ms",
            )


def detector(application: Application, limit: dict[str, float], seconds: float) -> Iterator[Row]:
    predictions(application, "detection", 1, 2.0)
    for name, query in (("", ""), (", stages at once", "inspect=true")):
        stored = stored_bytes(application)
        many = predictions(application, "detection", 8, 2 * seconds, query)
        share = many.rate / limit["rate"]
        yield f"detection, c=8: share of raw{name}", f"{share:.2f} ({many.rate:.1f}/s)", "0.95", ""
        each = (stored_bytes(application) - stored) / len(many.times) / 1000 - len(sample("detection")) / 1000
        yield f"detection: stored a job besides its upload{name}", f"{each:.1f} kB", "", ""


def stored_bytes(application: Application) -> int:
    """Of all files in the storage."""
    files = (application.folder / "data" / "files").rglob("*")
    return sum(path.stat().st_size for path in files if path.is_file())


def opening(application: Application) -> Iterator[Row]:
    """From the request for the stages of an ordinary answer to their list: computed, then kept."""
    first, again = [], []
    for number in range(20):
        body = sample("detection") + b"open" + number.to_bytes(4, "big")
        kind = {"content-type": "image/jpeg"}
        job = application.ask("POST", "/v1/predict/detection", body, kind).json
        for taken in (first, again):
            started = time.perf_counter()
            assert application.get(f"/v1/jobs/{job['id']}/inspection").json["stages"]
            taken.append((time.perf_counter() - started) * 1000)
    for name, taken in (("computed", first), ("kept", again)):
        yield f"detection: open a box, {name}, c=1: p50", f"{sorted(taken)[len(taken) // 2]:.0f} ms", "", ""


def submitting(application: Application, seconds: float) -> Iterator[Row]:
    upload = application.ask("POST", "/v1/uploads", sample("tiny"), {"content-type": "image/jpeg"}).json["id"]
    body = json.dumps({"capability": "tiny", "upload_id": upload}).encode()
    message = request("POST", "/v1/jobs", body, content_type="application/json")
    measured = load(application.port, lambda _: message, connections=32, seconds=seconds)
    yield "submit only", f"{measured.rate:.0f}/s", "500/s", "700/s"
    application.wait_for(lambda: not waiting(application), 300, "the submitted jobs have not ended")


def waiting(application: Application) -> bool:
    return any(
        application.get(f"/v1/jobs?status={status}&limit=1").json["items"] for status in ("queued", "running")
    )


def stored_answers(application: Application, seconds: float) -> Iterator[Row]:
    message = request("POST", "/v1/predict/tiny", sample("tiny"), content_type="image/jpeg")
    measured = load(application.port, lambda _: message, connections=1, seconds=seconds / 2)
    yield "the same answer again, c=1: p50", f"{measured.percentile(0.5):.1f} ms", "5 ms", ""


def large_upload(application: Application) -> Iterator[Row]:
    server = api(application)
    before = most = server.memory_info().rss
    # a picture of 20 MB: the sample, and bytes behind its end
    body = sample("tiny") + bytes(20 * MEGABYTES)
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.upload", application.url], cwd=ROOT, stdin=subprocess.PIPE
    )
    assert child.stdin is not None
    child.stdin.write(body)
    child.stdin.close()
    while child.poll() is None:
        most = max(most, server.memory_info().rss)
        time.sleep(0.002)
    yield "upload of 20 MB: memory of the server", f"+{(most - before) / MEGABYTES:.1f} MB", "+10 MB", ""


def canceling(application: Application) -> Iterator[Row]:
    taken = []
    for _ in range(5):
        body = {"capability": "tiny", "task": "train", "params": {"steps": 100000, "pause": 0.001}}
        job = application.post("/v1/jobs", body).json["id"]
        application.wait_for(lambda job=job: application.job(job)["progress"]["step"] > 0, 60, "no training")
        started = time.perf_counter()
        application.post(f"/v1/jobs/{job}/cancel")
        while application.job(job)["status"] != "canceled":
            time.sleep(0.002)
        taken.append((time.perf_counter() - started) * 1000)
    yield "cancel of a training: accepted to ended, p50", f"{sorted(taken)[2]:.0f} ms", "100 ms", ""


def api(application: Application) -> psutil.Process:
    return next(
        process
        for process in application.processes()
        if any("serve" in word.split(".") for word in process.cmdline())
    )


def processor_seconds(application: Application) -> float:
    times = [process.cpu_times() for process in application.processes()]
    return sum(one.user + one.system for one in times)


def idle_memory(application: Application) -> str:
    sizes = {name(process): process.memory_info().rss / MEGABYTES for process in application.processes()}
    return ", ".join(f"{what} {size:.0f} MB" for what, size in sorted(sizes.items()))


def name(process: psutil.Process) -> str:
    arguments = process.cmdline()
    for word, what in (
        ("serve", "api"),
        ("redis-server", "redis"),
        ("predict", "inference"),
        ("train", "training"),
    ):
        if any(word in part for part in arguments):
            return what
    return Path(arguments[-1]).stem


if __name__ == "__main__":
    main()
