"""Jobs with large inputs run beside the others."""

import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from backend.settings import settings
from backend.tables import FINAL
from tests.capabilities.tiny.card import HERE
from workers.environment import environment
from workers.heartbeat import Heartbeat
from workers.inference.server import Inference

SMALL = (HERE / "sample.jpg").read_bytes()
LONG = 60.0  # seconds, if nothing stops it
SOON = 20.0


@pytest.fixture
def worker(
    client: TestClient, busy_worker: Heartbeat, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Inference]:
    """A worker with a running heartbeat, which reports progress."""
    assert client.get("/healthz").status_code == 200
    monkeypatch.setenv("GLASSBOX_HEARTBEAT_SECONDS", "1")
    monkeypatch.setenv("GLASSBOX_MAX_PIXELS", "1600000")
    settings.cache_clear()
    busy_worker.start()
    made = Inference(busy_worker, "cpu", environment("cpu"), linger_seconds=0.0)
    made.reports.start()
    yield made
    made.stopping.set()
    made.large.stop(SOON)
    settings.cache_clear()


@pytest.fixture
def submit(client: TestClient) -> Callable[..., dict[str, Any]]:
    """Queue one prediction."""

    def queue(data: bytes, **params: Any) -> dict[str, Any]:
        headers = {"content-type": "image/jpeg", "prefer": "respond-async"}
        query = {"params": json.dumps(params)}
        return client.post("/v1/predict/tiny", content=data, params=query, headers=headers).json()

    return queue


def picture(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(file, "JPEG")
    return file.getvalue()


def serve(worker: Inference, job: dict[str, Any]) -> None:
    worker.serve(UUID(job["model"]["id"]))


def state(client: TestClient, job: dict[str, Any]) -> dict[str, Any]:
    return client.get(f"/v1/jobs/{job['id']}").json()


def wait_for(
    client: TestClient, job: dict[str, Any], condition: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    ends = time.monotonic() + SOON
    while not condition(found := state(client, job)):
        assert time.monotonic() < ends, found
        time.sleep(0.02)
    return found


def cancel(client: TestClient, *jobs: dict[str, Any]) -> None:
    for job in jobs:
        assert client.post(f"/v1/jobs/{job['id']}/cancel").status_code < 300
        wait_for(client, job, lambda found: found["status"] in FINAL)


def test_small_jobs_of_the_same_model_are_answered_while_a_large_one_runs(
    worker: Inference, client: TestClient, submit: Callable[..., Any]
) -> None:
    large = submit(picture(1200, 1000), seconds=LONG)
    serve(worker, large)
    wait_for(client, large, lambda found: found["status"] == "running")

    small = submit(SMALL)
    serve(worker, small)

    assert state(client, small)["status"] == "succeeded"
    assert state(client, large)["status"] == "running"
    cancel(client, large)


def test_a_running_job_reports_its_tiles_from_the_beginning(
    worker: Inference, client: TestClient, submit: Callable[..., Any]
) -> None:
    job = submit(picture(1200, 1000), seconds=LONG)
    serve(worker, job)

    progress = wait_for(client, job, lambda found: found["progress"]["step"] > 1)["progress"]
    cancel(client, job)

    assert progress["total"] == LONG / 0.02
    assert progress["message"] == f"Tile {progress['step'] + 1} of 3,000"
    assert progress["message_parts"][0]["id"] == "core.progress.tile"
    assert progress["fraction"] == pytest.approx(progress["step"] / 3000)


def test_a_large_job_stops_soon_after_its_cancel(
    worker: Inference, client: TestClient, submit: Callable[..., Any]
) -> None:
    job = submit(picture(1200, 1000), seconds=LONG)
    serve(worker, job)
    wait_for(client, job, lambda found: found["status"] == "running")

    started = time.monotonic()
    cancel(client, job)

    assert time.monotonic() - started < SOON / 2
    assert state(client, job)["status"] == "canceled"


def test_what_does_not_fit_beside_a_large_job_stays_queued_until_its_end(
    worker: Inference, client: TestClient, submit: Callable[..., Any]
) -> None:
    first = submit(picture(1250, 1200), seconds=LONG)
    serve(worker, first)
    wait_for(client, first, lambda found: found["status"] == "running")
    second = submit(picture(1200, 1100), seconds=LONG)  # 2,820,000 pixels together; 2,400,000 may run
    third = submit(picture(1250, 1210))
    serve(worker, second)
    small = submit(SMALL)
    serve(worker, small)

    assert state(client, small)["status"] == "succeeded"
    assert state(client, second)["status"] == "queued"
    cancel(client, first)
    wait_for(client, second, lambda found: found["status"] == "running")
    assert state(client, third)["status"] == "queued"
    cancel(client, second)
    wait_for(client, third, lambda found: found["status"] == "succeeded")


def test_a_worker_that_stops_gives_a_large_job_back(
    worker: Inference, client: TestClient, submit: Callable[..., Any]
) -> None:
    job = submit(picture(1200, 1000), seconds=LONG)
    serve(worker, job)
    wait_for(client, job, lambda found: found["status"] == "running")

    worker.stopping.set()
    worker.large.stop(SOON)

    assert state(client, job)["status"] == "queued"


def test_a_damaged_large_file_fails_with_a_message_for_the_user(
    worker: Inference, client: TestClient, submit: Callable[..., Any]
) -> None:
    data = picture(1200, 1000)
    job = submit(data[: len(data) // 2])
    serve(worker, job)

    assert "image" in wait_for(client, job, lambda found: found["status"] == "failed")["error"]


def test_two_threads_can_wake_the_same_model(
    worker: Inference, client: TestClient, submit: Callable[..., Any]
) -> None:
    jobs = [submit(picture(1010 + number, 1000)) for number in range(4)]
    threads = [threading.Thread(target=serve, args=[worker, job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SOON)

    for job in jobs:
        ended = wait_for(client, job, lambda found: found["status"] in FINAL)
        assert (ended["status"], ended["attempt"]) == ("succeeded", 1)
