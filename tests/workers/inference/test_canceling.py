"""A long prediction stops when it is canceled or claimed by another worker."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from backend.database import transaction
from backend.settings import settings
from backend.tables import jobs
from tests.capabilities.tiny.card import HERE
from workers.environment import environment
from workers.heartbeat import Heartbeat
from workers.inference.server import Inference

PICTURE = (HERE / "sample.jpg").read_bytes()
LONG = 60.0  # seconds, if nothing stops it
SOON = 30.0


@pytest.fixture
def beating(
    client: TestClient, busy_worker: Heartbeat, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Inference]:
    """A worker with a running heartbeat."""
    assert client.get("/healthz").status_code == 200
    monkeypatch.setenv("GLASSBOX_HEARTBEAT_SECONDS", "1")
    settings.cache_clear()
    busy_worker.start()
    yield Inference(busy_worker, "cpu", environment("cpu"))
    settings.cache_clear()


@contextmanager
def running(worker: Inference, client: TestClient) -> Iterator[str]:
    """The id of a long job that this worker runs; at the end of the block it must release it soon."""
    headers = {"content-type": "image/jpeg", "prefer": "respond-async", "cache-control": "no-cache"}
    params = {"params": json.dumps({"seconds": LONG})}
    job: dict[str, Any] = client.post(
        "/v1/predict/tiny", content=PICTURE, params=params, headers=headers
    ).json()
    worker.warm(UUID(job["model"]["id"]))
    thread = threading.Thread(target=worker.serve, args=[UUID(job["model"]["id"])], daemon=True)
    thread.start()
    give_up = time.monotonic() + SOON
    while client.get(f"/v1/jobs/{job['id']}").json()["status"] != "running":
        assert time.monotonic() < give_up
        time.sleep(0.05)
    yield job["id"]
    thread.join(SOON)
    assert not thread.is_alive()


def test_a_canceled_prediction_stops_in_the_middle(beating: Inference, client: TestClient) -> None:
    with running(beating, client) as job_id:
        assert client.post(f"/v1/jobs/{job_id}/cancel").status_code < 300

    assert client.get(f"/v1/jobs/{job_id}").json()["status"] == "canceled"


def test_a_prediction_claimed_by_another_worker_stops_and_writes_nothing(
    beating: Inference, client: TestClient
) -> None:
    with running(beating, client) as job_id, transaction() as connection:
        connection.execute(update(jobs).values(lease_owner="another", attempt=2))

    job = client.get(f"/v1/jobs/{job_id}").json()
    assert (job["status"], job["attempt"]) == ("running", 2)
