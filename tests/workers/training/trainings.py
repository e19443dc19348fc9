"""Trainings through the API: their data, their jobs, and their processes."""

import io
import time
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import psutil
from fastapi.testclient import TestClient
from PIL import Image

CENTERS = ((0.0, 0.0), (100.0, 0.0), (0.0, 100.0))
PARAMS = {"n_clusters": 3, "n_init": 2, "scaling": "none"}


def picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), (90, 120, 200)).save(buffer, "PNG")
    return buffer.getvalue()


PICTURE = picture()


def table(rows: int, seed: int = 0, names: tuple[str, ...] = ("width", "height")) -> bytes:
    """Points around `CENTERS` in turn, so that the group of each row is known."""
    random = np.random.RandomState(seed)
    points = [np.array(CENTERS[row % 3]) + random.normal(size=2) for row in range(rows)]
    lines = [",".join(names), *(f"{x:.4f},{y:.4f}" for x, y in points)]
    return "\n".join(lines).encode()


def photos(count: int) -> bytes:
    random = np.random.RandomState(0)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for number in range(count):
            file = io.BytesIO()
            Image.fromarray(random.randint(0, 256, (80, 96, 3), np.uint8)).save(file, "PNG")
            packed.writestr(f"trip/{number}.png", file.getvalue())
    return buffer.getvalue()


def upload(client: TestClient, data: bytes, name: str = "own.csv") -> dict[str, Any]:
    return client.post("/v1/uploads", files={"file": (name, data)}).json()


def ask(client: TestClient, headers: dict[str, str] | None = None, **body: Any) -> Any:
    job = {"capability": "clustering", "task": "train", "params": PARAMS, **body}
    return client.post("/v1/jobs", json=job, headers=headers)


def wait_for(
    client: TestClient, job: dict[str, Any], condition: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    deadline = time.monotonic() + 90
    while not condition(seen := client.get(f"/v1/jobs/{job['id']}").json()):
        assert time.monotonic() < deadline, seen
        time.sleep(0.05)  # the child needs the processor
    return seen


def has_ended(job: dict[str, Any]) -> bool:
    return job["status"] in ("succeeded", "failed", "canceled")


def has_begun(job: dict[str, Any]) -> bool:
    return job["progress"]["step"] > 0


def children() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "workers.training.child" in _command(child)]


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:  # it has just ended
        return []
