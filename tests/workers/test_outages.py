"""Workers meet a storage or a database that is away or full: jobs wait, none fails, none is charged."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from backend.database import engine, transaction
from backend.settings import settings
from backend.storage import storage
from backend.tables import Queue, jobs
from tests.capabilities.tiny.card import HERE
from tests.storages import URL, Switched, fill, small_disk
from workers import node
from workers.environment import environment
from workers.heartbeat import Heartbeat
from workers.inference.server import Inference
from workers.training.supervision import Trainer

PICTURE = (HERE / "sample.jpg").read_bytes() + b"not the one of the samples"
LEASE = 0.6  # seconds
pytestmark = pytest.mark.usefixtures("unswept")


@pytest.fixture
def unswept(application: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the start of the API: leases expire on a busy machine."""
    assert application is None
    monkeypatch.setenv("GLASSBOX_SWEEP_SECONDS", "1000")
    settings.cache_clear()


@pytest.fixture
def remote(client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a remote storage; the file `off` in it makes the storage unreachable."""
    assert client.get("/healthz").status_code == 200
    monkeypatch.setenv("GLASSBOX_STORAGE_URL", f"{URL}{tmp_path / 'remote'}")
    monkeypatch.setenv("GLASSBOX_LEASE_SECONDS", str(LEASE))
    settings.cache_clear()
    storage.cache_clear()
    (tmp_path / "remote").mkdir()
    yield tmp_path / "remote"
    storage.cache_clear()


@pytest.fixture
def worker(client: TestClient, busy_worker: Heartbeat) -> Inference:
    assert client.get("/healthz").status_code == 200
    return Inference(busy_worker, "cpu", environment("cpu"), linger_seconds=0.0)


def predict(client: TestClient, data: bytes = PICTURE, inspect: str = "false") -> dict[str, Any]:
    headers = {"content-type": "image/jpeg", "prefer": "respond-async", "cache-control": "no-cache"}
    answer = client.post("/v1/predict/tiny", content=data, params={"inspect": inspect}, headers=headers)
    assert answer.status_code == 202, answer.text
    return answer.json()


def serve(worker: Inference, job: dict[str, Any]) -> None:
    worker.serve(UUID(job["model"]["id"]))


def read(client: TestClient, job: dict[str, Any]) -> dict[str, Any]:
    return client.get(f"/v1/jobs/{job['id']}").json()


def charged(job: dict[str, Any]) -> int:
    """The attempts that count: those beyond the ones that were given back."""
    with transaction() as connection:
        row = connection.execute(jobs.select().where(jobs.c.id == UUID(job["id"]))).one()
    return row.attempt - (row.max_attempts - settings().max_attempts)


def once_more(worker: Inference, job: dict[str, Any]) -> None:
    """What the sweep does for a job that was put off: its turn ended with the outage."""
    with transaction() as connection:
        connection.execute(update(jobs).values(dispatched_at=None))
    serve(worker, job)


def test_predictions_wait_for_an_unreachable_storage_and_are_not_charged(
    client: TestClient, worker: Inference, remote: Path
) -> None:
    worker.serve(UUID(predict(client)["model"]["id"]))  # loaded
    waiting = [predict(client, PICTURE + bytes([number])) for number in range(3)]
    (remote / Switched.OFF).touch()
    for _ in range(5):  # more often than a job may be tried
        serve(worker, waiting[0])
        assert {read(client, job)["status"] for job in waiting} == {"queued"}
    assert [charged(job) for job in waiting] == [0, 0, 0]

    (remote / Switched.OFF).unlink()
    for _ in waiting:
        once_more(worker, waiting[0])
    assert {read(client, job)["status"] for job in waiting} == {"succeeded"}


def test_a_storage_that_returns_within_a_lease_delays_a_prediction_only(
    client: TestClient, worker: Inference, remote: Path
) -> None:
    job = predict(client)
    (remote / Switched.OFF).touch()
    threading.Timer(LEASE / 2, (remote / Switched.OFF).unlink).start()
    serve(worker, job)

    ended = read(client, job)
    assert ended["status"] == "succeeded"
    assert ended["attempt"] == 1


def test_a_prediction_can_be_canceled_while_the_storage_is_away(
    client: TestClient, worker: Inference, remote: Path
) -> None:
    job = predict(client)
    (remote / Switched.OFF).touch()
    threading.Timer(LEASE / 3, client.post, [f"/v1/jobs/{job['id']}/cancel"]).start()
    serve(worker, job)

    assert read(client, job)["status"] == "canceled"


def test_one_file_that_cannot_be_read_costs_attempts(
    client: TestClient, worker: Inference, remote: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The storage answers: it would be tried for ever otherwise."""
    monkeypatch.setenv("GLASSBOX_LEASE_SECONDS", "0.01")
    settings.cache_clear()
    job = predict(client)
    for path in (remote / "uploads").rglob("*"):
        if path.is_file():
            path.unlink()
            path.mkdir()
    for _ in range(settings().max_attempts):
        serve(worker, job)

    ended = read(client, job)
    assert ended["status"] == "failed"
    assert ended["error"].startswith("The job's files could not be read or written on any attempt")


def test_an_input_that_is_gone_fails_at_once(client: TestClient, worker: Inference, remote: Path) -> None:
    job = predict(client)
    for path in (remote / "uploads").rglob("*"):
        if path.is_file():
            path.unlink()
    serve(worker, job)

    ended = read(client, job)
    assert ended["status"] == "failed"
    assert "no longer stored" in ended["error"]


def test_a_full_disk_puts_answers_off(
    client: TestClient, worker: Inference, remote: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert remote.exists()
    with small_disk(tmp_path / "disk", "size=20m") as disk:
        monkeypatch.setenv("GLASSBOX_STORAGE_URL", str(disk))
        settings.cache_clear()
        storage.cache_clear()
        job = predict(client, inspect="true")  # stages are files
        filler = fill(disk)
        serve(worker, job)
        assert read(client, job)["status"] == "queued"
        assert charged(job) == 0

        filler.unlink()
        once_more(worker, job)
        assert read(client, job)["status"] == "succeeded"


def test_an_answer_waits_for_a_locked_database(
    client: TestClient, worker: Inference, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLASSBOX_LEASE_SECONDS", "0.5")
    monkeypatch.setenv("GLASSBOX_DATABASE_STATEMENT_SECONDS", "0.1")
    settings.cache_clear()
    engine().dispose()
    job = predict(client)
    with closing(
        sqlite3.connect(settings().data_folder / "glassbox.db", isolation_level=None, check_same_thread=False)
    ) as other:
        unlock = threading.Timer(3.0, other.execute, ["ROLLBACK"])
        claimed = worker._claim

        def lock_after(*given: Any) -> Any:
            claims = claimed(*given)
            if claims.claims:
                other.execute("BEGIN IMMEDIATE")
                unlock.start()
            return claims

        monkeypatch.setattr(worker, "_claim", lock_after)
        serve(worker, job)
        unlock.join()

    ended = read(client, job)
    assert ended["status"] == "succeeded"
    assert ended["attempt"] == 1


@pytest.fixture
def trainer(remote: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trainer]:
    assert remote.exists()
    monkeypatch.setenv("GLASSBOX_HEARTBEAT_SECONDS", "0.3")
    monkeypatch.setenv("GLASSBOX_CHECKPOINT_SECONDS", "0.2")
    monkeypatch.setenv("GLASSBOX_LEASE_SECONDS", "3")
    monkeypatch.setenv("PYTHONPATH", str(HERE.parents[2]))
    settings.cache_clear()
    where = node.acquire(Queue.TRAIN)
    made = Trainer(Heartbeat(where, Queue.TRAIN, "cpu"))
    made.heartbeat.start()
    yield made
    made.heartbeat.stop()
    where.lock.close()


def train(client: TestClient, **params: Any) -> dict[str, Any]:
    body = {"capability": "tiny", "task": "train", "params": params}
    answer = client.post("/v1/jobs", json=body)
    assert answer.status_code == 202, answer.text
    return answer.json()


@pytest.mark.slow
@pytest.mark.timeout(600)  # torch is loaded by each attempt
def test_a_training_whose_storage_goes_away_resumes_later_and_is_not_charged(
    client: TestClient, trainer: Trainer, remote: Path
) -> None:
    job = train(client, steps=40, pause=0.05)
    runs = threading.Thread(target=trainer.train, args=[UUID(job["id"])])
    runs.start()
    deadline = time.monotonic() + 60
    while not list(remote.rglob("*.safetensors")):  # its first checkpoint is stored
        assert time.monotonic() < deadline
        time.sleep(0.02)
    (remote / Switched.OFF).touch()
    runs.join(timeout=90)

    assert read(client, job)["status"] == "queued"
    assert charged(job) == 0
    (remote / Switched.OFF).unlink()
    trainer.train(UUID(job["id"]))
    ended = read(client, job)
    assert ended["status"] == "succeeded"
    assert ended["attempt"] == 2


@pytest.mark.slow
@pytest.mark.timeout(600)  # torch is loaded by each attempt
def test_a_training_whose_disk_is_full_waits_for_room(
    client: TestClient,
    trainer: Trainer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The disk of the training's own files, on which its checkpoints and weights are written."""
    folder = trainer.heartbeat.node.trainings_folder
    monkeypatch.setenv("GLASSBOX_MAX_ATTEMPTS", "1")
    settings.cache_clear()
    with small_disk(folder, "size=400k"):
        job = train(client, steps=3)
        filler = folder / "filler"
        filler.write_bytes(b"x" * 350_000)
        trainer.train(UUID(job["id"]))
        assert read(client, job)["status"] == "queued", read(client, job)["error"]
        assert charged(job) == 0
        assert "has no room:\nTraceback" in caplog.text

        filler.unlink()
        trainer.train(UUID(job["id"]))
        assert read(client, job)["status"] == "succeeded"
