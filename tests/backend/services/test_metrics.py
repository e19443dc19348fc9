"""The metrics of the installation: quick with any number of jobs, and never falling when rows are deleted."""

import threading
import time
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import func, select

from backend.database import engine, reading, transaction
from backend.main import create_app
from backend.messaging import connection, presence
from backend.services.jobs import endings, forward_passes, leases, recovery
from backend.services.jobs.endings import Ended
from backend.services.jobs.leases import Claim, Ending
from backend.settings import settings
from backend.tables import Queue, Status
from backend.tables import endings as counts
from tests.capabilities.tiny.card import HERE
from workers.heartbeat import Heartbeat
from workers.inference.server import Inference

PICTURE = (HERE / "sample.jpg").read_bytes()
MAX_RATIO = 4  # counting 300,000 rows takes 30 times as long as a scrape without any
_INSERT_MANY = """
    WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < 299999)
    INSERT INTO jobs (
        id, capability, task, status, params, inspect, max_attempts, created_at, started_at, finished_at
    )
    SELECT printf('%032x', n + 1), 'tiny', iif(n % 10, 'predict', 'train'),
        iif(n < 500, 'queued', iif(n % 2, 'succeeded', 'failed')), '{}', 0, 3,
        (julianday('now') - 2440587.5) * 86400.0 - n, 1.0, 2.0
    FROM numbers
"""


def families(client: TestClient) -> dict[str, Metric]:
    text = client.get("/metrics").text
    return {family.name: family for family in text_string_to_metric_families(text)}


def value(found: dict[str, Metric], sample: str, **labels: str) -> float:
    """The only value of the samples with these labels."""
    (number,) = {
        each.value
        for family in found.values()
        for each in family.samples
        if each.name == sample and labels.items() <= each.labels.items()
    }
    return number


def predict(client: TestClient) -> dict[str, Any]:
    headers = {"content-type": "image/jpeg", "prefer": "wait=20"}
    return client.post("/v1/predict/tiny", content=PICTURE, headers=headers).json()


@pytest.mark.usefixtures("inline_worker")
def test_endings_are_counted_as_they_happen_and_outlast_the_jobs(client: TestClient) -> None:
    of_tiny = {"capability": "tiny", "task": "predict"}
    made = predict(client)
    headers = {"content-type": "image/jpeg", "prefer": "wait=20"}
    broken = client.post("/v1/predict/tiny", content=PICTURE[: len(PICTURE) // 2], headers=headers)
    before = families(client)
    assert client.delete(f"/v1/jobs/{made['id']}").status_code == 204
    after = families(client)

    assert broken.status_code == 422
    for found in (before, after):
        assert value(found, "glassbox_jobs_ended_total", **of_tiny, status="succeeded") == 1
        assert value(found, "glassbox_jobs_ended_total", **of_tiny, status="failed") == 1
        assert value(found, "glassbox_job_run_seconds_count", **of_tiny) == 2
        assert value(found, "glassbox_job_wait_seconds_bucket", **of_tiny, le="3600.0") == 2
        assert value(found, "glassbox_job_run_seconds_sum", **of_tiny) > 0
    # no job is open
    assert before["glassbox_jobs"].samples == []


def test_jobs_that_end_without_a_worker_are_counted_too(client: TestClient, busy_worker: Heartbeat) -> None:
    headers = {"content-type": "image/jpeg", "prefer": "respond-async"}
    made = [client.post("/v1/predict/tiny", content=PICTURE, headers=headers).json() for _ in range(2)]
    assert value(families(client), "glassbox_queue_depth", task="predict") == 2
    client.post(f"/v1/jobs/{made[0]['id']}/cancel")
    model_id = UUID(made[1]["model"]["id"])
    for _ in range(settings().max_attempts):
        (claim,) = leases.claim_batch(model_id, busy_worker.node.owner, 1).claims
        recovery.abandon(claim)
    found = families(client)

    assert value(found, "glassbox_jobs_ended_total", task="predict", status="canceled") == 1
    assert value(found, "glassbox_jobs_ended_total", task="predict", status="failed") == 1
    assert value(found, "glassbox_queue_depth", task="predict") == 0


def test_an_ending_that_was_refused_is_not_counted(client: TestClient, busy_worker: Heartbeat) -> None:
    headers = {"content-type": "image/jpeg", "prefer": "respond-async"}
    made = client.post("/v1/predict/tiny", content=PICTURE, headers=headers).json()
    (claim,) = leases.claim_batch(UUID(made["model"]["id"]), busy_worker.node.owner, 1).claims
    recovery.abandon(claim)
    assert leases.finish([Ending(claim, Status.SUCCEEDED)], {}) == set()
    found = families(client)

    assert found["glassbox_jobs_ended"].samples == []
    assert value(found, "glassbox_fenced_total") == 1


def cut_off_redis(monkeypatch: pytest.MonkeyPatch, url: str = "unix:///nowhere/redis.sock") -> None:
    monkeypatch.setenv("GLASSBOX_REDIS_URL", url)
    settings.cache_clear()
    connection.redis().close()
    connection.redis.cache_clear()


def claim_one(client: TestClient, worker: Heartbeat) -> Claim:
    headers = {"content-type": "image/jpeg", "prefer": "respond-async"}
    made = client.post("/v1/predict/tiny", content=PICTURE, headers=headers).json()
    (claim,) = leases.claim_batch(UUID(made["model"]["id"]), worker.node.owner, 1).claims
    return claim


def test_jobs_that_end_while_redis_is_away_are_counted(
    client: TestClient, busy_worker: Heartbeat, redis_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims = [claim_one(client, busy_worker) for _ in range(2)]
    cut_off_redis(monkeypatch)
    leases.finish([Ending(claims[0], Status.SUCCEEDED)], {})
    leases.cancel_claimed(claims[1])
    cut_off_redis(monkeypatch, redis_server)
    found = families(client)

    assert value(found, "glassbox_jobs_ended_total", task="predict", status="succeeded") == 1
    assert value(found, "glassbox_jobs_ended_total", task="predict", status="canceled") == 1
    assert value(found, "glassbox_job_run_seconds_count", task="predict") == 1


def test_an_ending_that_is_written_again_is_counted_once(client: TestClient, busy_worker: Heartbeat) -> None:
    ending = Ending(claim_one(client, busy_worker), Status.SUCCEEDED)
    # the first confirmation was lost
    assert leases.finish([ending], {}) == leases.finish([ending], {}) == {ending.claim.job_id}

    assert value(families(client), "glassbox_jobs_ended_total", task="predict", status="succeeded") == 1


def test_a_job_canceled_while_its_worker_stops_is_counted(client: TestClient, busy_worker: Heartbeat) -> None:
    claim = claim_one(client, busy_worker)
    client.post(f"/v1/jobs/{claim.job_id}/cancel")
    leases.release(claim)

    assert value(families(client), "glassbox_jobs_ended_total", task="predict", status="canceled") == 1


def test_counts_stay_the_same_when_they_are_added_up(client: TestClient, busy_worker: Heartbeat) -> None:
    leases.finish([Ending(claim_one(client, busy_worker), Status.SUCCEEDED)], {})
    job = Ended(uuid4(), "tiny", "train", None, Status.SUCCEEDED, None, queued=0.2, running=3.0)
    for _ in range(250):
        with transaction() as database:
            endings.count(database, [job])
    with reading() as database:
        before = endings.counted(database)
    at_once = [threading.Thread(target=endings.add_up) for _ in range(4)]
    for thread in at_once:
        thread.start()
    for thread in at_once:
        thread.join()
    with reading() as database:
        after = endings.counted(database)
        rows = database.scalar(select(func.count()).select_from(counts))

    assert before["ended|tiny|train|succeeded"] == 250
    assert before["run|tiny|train|microseconds"] == 250 * 3_000_000
    assert after == before
    assert rows == len(after)


@pytest.mark.parametrize("backend_name", ["sqlite"], indirect=True)  # whose SQL makes the rows
def test_a_scrape_takes_no_longer_with_many_jobs(client: TestClient) -> None:
    client.get("/metrics")
    with_none = _scrape_seconds(client)
    with transaction() as connection:
        connection.exec_driver_sql(_INSERT_MANY)
    with_many = _scrape_seconds(client)
    found = families(client)

    assert value(found, "glassbox_queue_depth", task="predict") == 450
    assert value(found, "glassbox_queue_oldest_seconds", task="train") > 400
    assert with_many < MAX_RATIO * with_none


def _scrape_seconds(client: TestClient) -> float:
    """Processor time of the cheapest of a few, since the machine may be busy."""
    times = []
    for _ in range(5):
        started = time.process_time()
        client.get("/metrics")
        times.append(time.process_time() - started)
    return min(times)


def test_every_process_reports_the_same_of_the_installation(client: TestClient) -> None:
    predict(client)
    with TestClient(create_app(), base_url="http://127.0.0.1:8000") as replica:
        both = [families(client), families(replica)]
    shared = [
        {name: family.samples for name, family in found.items() if name.startswith("glassbox_")}
        for found in both
    ]
    own = {name for name in shared[0] if name.startswith("glassbox_http_")}

    assert own
    assert {n: s for n, s in shared[0].items() if n not in own} == {
        n: s for n, s in shared[1].items() if n not in own
    }
    # documented as such
    documented = (Path(__file__).parents[3] / "docs" / "deployment.md").read_text("utf-8")
    assert [name for name in shared[0] if name not in documented] == []


def test_each_worker_has_its_own_series(client: TestClient) -> None:
    model = str(uuid4())  # that is not in the database
    about = {
        "owner": "node-1", "queue": Queue.PREDICT, "device": "cuda:0", "memory_bytes": 5e8,
        "gpu_memory_bytes": 2e9, "started_at": 1.0, "models": [model],
        "forwards": {"tiny": {"batches": 10, "inputs": 40, "forward_seconds": 2.5}},
    }  # fmt: skip
    presence.announce_worker("node-1", about)
    presence.announce_worker("node-2", {"owner": "node-2", "queue": Queue.TRAIN, "memory_bytes": 1e8})
    found = families(client)

    assert value(found, "glassbox_worker_memory_bytes", worker="node-2", queue="train") == 1e8
    assert value(found, "glassbox_worker_gpu_memory_bytes", worker="node-1", device="cuda:0") == 2e9
    assert value(found, "glassbox_worker_inputs_total", worker="node-1", capability="tiny") == 40
    assert value(found, "glassbox_worker_batches_total", worker="node-1", capability="tiny") == 10
    assert value(found, "glassbox_worker_forward_seconds_total", worker="node-1", capability="tiny") == 2.5
    assert value(found, "glassbox_worker_model_loaded", worker="node-1", model=model) == 1
    assert value(found, "glassbox_workers", queue="predict") == 1


def test_a_worker_announces_its_forward_passes(client: TestClient, inline_worker: Inference) -> None:
    before = forward_passes.read().get("tiny", {"batches": 0, "inputs": 0})
    predict(client)
    inline_worker.heartbeat.announce()
    found = families(client)
    (worker,) = presence.workers()

    for name in ("batches", "inputs"):
        assert value(found, f"glassbox_worker_{name}_total", capability="tiny") == before[name] + 1
    assert value(found, "glassbox_worker_memory_bytes", worker=worker["owner"]) > 1e6


@pytest.mark.parametrize("backend_name", ["sqlite"], indirect=True)  # whose file can be moved away
def test_what_is_missing_is_reported_as_such(
    client: TestClient, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = families(client)
    assert all(value(found, f"glassbox_{part}_up") == 1 for part in ("database", "redis", "storage"))
    cut_off_redis(monkeypatch)
    without_redis = families(client)
    engine().dispose()
    (data_folder / "glassbox.db").rename(data_folder / "away.db")
    without_both = families(client)

    assert value(without_redis, "glassbox_redis_up") == 0
    assert "glassbox_lost" not in without_redis
    assert value(without_redis, "glassbox_database_up") == 1
    assert "glassbox_jobs_ended" in without_redis
    assert value(without_both, "glassbox_database_up") == 0
    assert "glassbox_jobs_ended" not in without_both
    assert (
        value(without_both, "glassbox_http_requests_total", route="/metrics", method="GET", status="200") >= 1
    )


def test_client_text_makes_no_series(client: TestClient) -> None:
    client.get("/v1/no/such/route/" + "x" * 50)

    assert "xxxxxxxx" not in client.get("/metrics").text
