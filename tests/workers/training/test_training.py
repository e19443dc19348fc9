"""Trainings as real child processes: success, cancel, drain and resume, and all kinds of crashes."""

import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from backend.database import engine, reading, transaction
from backend.services.jobs import curves, leases, recovery
from backend.settings import settings
from backend.storage import storage
from backend.tables import jobs
from models.core.contract.trained import Trained
from tests.capabilities.tiny.card import HERE
from tests.workers.training.trainings import children, has_begun, has_ended, wait_for
from workers.training.child_protocol import EXIT_ORPHANED, Instructions
from workers.training.datasets import Dataset
from workers.training.register_model import register
from workers.training.supervision import INTERNAL_ERROR, Trainer

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def train(client: TestClient, trainer: Trainer) -> Callable[..., dict[str, Any]]:
    """Queue one training and start it beside the test."""

    def start(**params: Any) -> dict[str, Any]:
        answer = client.post("/v1/jobs", json={"capability": "tiny", "task": "train", "params": params})
        assert answer.status_code == 202, answer.text
        threading.Thread(target=trainer.train, args=[UUID(answer.json()["id"])], daemon=True).start()
        return answer.json()

    return start


def test_a_training_creates_a_usable_model(client: TestClient, train) -> None:
    job = wait_for(client, train(steps=30, pause=0.01), has_ended)

    assert job["status"] == "succeeded", job["error"]
    assert job["metrics"]["loss"] >= 0
    assert settings().device == "auto"
    assert job["environment"]["device"] in ("cpu", "cuda")  # the actual device, not the configured one
    name = job["result"]["model"]["name"]
    (model,) = client.get(f"/v1/models/{name}").json()["items"]
    assert (model["source"], model["is_installed"], model["job_id"]) == ("trained", True, job["id"])
    (stage,) = client.get(f"/v1/jobs/{job['id']}/inspection").json()["stages"]
    (series,) = client.get(stage["data_url"]).json()["series"]
    assert series["x"] == list(range(1, 31))
    assert [artifact["kind"] for artifact in job["artifacts"]] == ["weights"]
    assert children() == []
    events = client.get(f"/v1/jobs/{job['id']}/events").text
    reports = re.findall(r"event: progress\ndata: (.+)", events)
    assert len(reports) >= 30
    assert all(orjson.loads(report).keys() == job["progress"].keys() for report in reports)


def test_a_training_on_a_table_has_the_notes_and_intervals_of_an_evaluation(
    client: TestClient, trainer: Trainer
) -> None:
    rows = "".join(f"{n % 7},{n},{'ab'[n % 2]}\n" for n in range(40))
    upload = client.post("/v1/uploads", files={"file": ("few.csv", f"x,y,kind\n{rows}")}).json()
    params = {"method": "neural network", "epochs": 5, "folds": 2, "features": ["x"]}
    body = {"capability": "tabular", "task": "train", "upload_id": upload["id"], "params": params}
    queued = client.post("/v1/jobs", json=body).json()
    trainer.train(UUID(queued["id"]))
    job = client.get(f"/v1/jobs/{queued['id']}").json()
    result = job["result"]
    low, high = result["intervals"]["metrics"]["accuracy"]

    assert job["status"] == "succeeded", job["error"]
    assert result["measured_on"] == "test"
    assert low <= job["metrics"]["accuracy"] <= high
    assert result["cross_validation"]["folds"] == 2
    assert {row["class"] for row in result["by_class"]} == {"a", "b"}
    assert "only 8 test rows" in " ".join(result["notes"])
    # for pages in other languages
    assert result["messages"]["/notes/0"][0]["id"].startswith("tabular.")
    events = client.get(f"/v1/jobs/{job['id']}/events").text
    assert "Cross-validation: fold 2 of 2" in events
    assert "tabular.progress.fold" in events


def test_a_training_keeps_its_weights_after_a_lost_confirmation_of_the_database(
    client: TestClient, trainer: Trainer, lost_confirmation: list[str]
) -> None:
    queued = client.post("/v1/jobs", json={"capability": "tiny", "task": "train", "params": {"steps": 3}})
    trainer.train(UUID(queued.json()["id"]))

    assert len(lost_confirmation) == 1
    job = client.get(f"/v1/jobs/{queued.json()['id']}").json()
    assert job["status"] == "succeeded", job["error"]
    assert client.get(job["artifacts"][0]["url"]).status_code == 200
    assert len(client.get(f"/v1/models/{job['result']['model']['name']}").json()["items"]) == 1


def test_missing_initial_weights_are_named(client: TestClient, train) -> None:
    job = wait_for(client, train(fail=True), has_ended)

    assert job["status"] == "failed"
    assert job["error"] == "no weights at start.safetensors"
    assert job["attempt"] == 1


def test_a_cancel_ends_the_child_at_once(client: TestClient, train) -> None:
    job = train(steps=100_000, pause=0.001)
    wait_for(client, job, has_begun)
    assert len(children()) == 1
    client.post(f"/v1/jobs/{job['id']}/cancel")

    assert wait_for(client, job, has_ended)["status"] == "canceled"
    assert children() == []
    assert client.get("/v1/models?capability=tiny").json()["items"][-1]["source"] != "trained"


@pytest.mark.slow
def test_a_stopping_worker_leaves_a_checkpoint_for_the_next_attempt(
    client: TestClient, trainer: Trainer, train
) -> None:
    job = train(steps=400, pause=0.01)
    wait_for(client, job, has_begun)
    trainer.stopping.set()
    released = wait_for(client, job, lambda seen: seen["status"] == "queued")
    assert released["progress"]["step"] > 0

    trainer.stopping.clear()
    trainer.train(UUID(job["id"]))

    resumed = client.get(f"/v1/jobs/{job['id']}").json()
    assert resumed["status"] == "succeeded", resumed["error"]
    assert resumed["attempt"] == 2
    (stage,) = client.get(f"/v1/jobs/{job['id']}/inspection").json()["stages"]
    (series,) = client.get(stage["data_url"]).json()["series"]
    assert series["x"] == list(range(1, 401))  # no gap, nothing twice


@pytest.mark.slow
def test_a_training_survives_a_database_unreachable_for_longer_than_its_lease(
    client: TestClient, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLASSBOX_LEASE_SECONDS", "1")
    settings.cache_clear()
    params = {"steps": 500, "pause": 0.01}
    queued = client.post("/v1/jobs", json={"capability": "tiny", "task": "train", "params": params})
    job_id = UUID(queued.json()["id"])
    attempt = threading.Thread(target=trainer.train, args=[job_id], daemon=True)
    attempt.start()
    checkpoint = _wait_for_checkpoint(job_id)
    with _database_away():
        attempt.join(timeout=4)  # several leases
        assert attempt.is_alive()
        assert len(children()) == 1
    monkeypatch.setenv("GLASSBOX_LEASE_SECONDS", "30")
    settings.cache_clear()
    attempt.join(timeout=60)

    ended = client.get(f"/v1/jobs/{job_id}").json()
    assert (ended["status"], ended["attempt"]) == ("succeeded", 1)
    assert _checkpoint(job_id) >= checkpoint
    (stage,) = client.get(f"/v1/jobs/{job_id}/inspection").json()["stages"]
    (series,) = client.get(stage["data_url"]).json()["series"]
    assert series["x"] == list(range(1, 501))  # nothing of the time without a database is missing


def _checkpoint(job_id: UUID) -> str:
    with reading() as connection:
        return connection.scalar(select(jobs.c.checkpoint).where(jobs.c.id == job_id)) or ""


def _wait_for_checkpoint(job_id: UUID) -> str:
    give_up = time.monotonic() + 60
    while not (checkpoint := _checkpoint(job_id)):
        assert time.monotonic() < give_up
        time.sleep(0.05)
    return checkpoint


@contextmanager
def _database_away() -> Iterator[None]:
    def refuse(*_: Any) -> None:
        raise OperationalError("", {}, ConnectionError("connection refused"))

    event.listen(engine(), "before_cursor_execute", refuse)
    try:
        yield
    finally:
        event.remove(engine(), "before_cursor_execute", refuse)


@pytest.mark.slow
def test_a_checkpoint_that_cannot_be_stored_does_not_end_the_training(
    client: TestClient, train, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_file = storage().put_file

    def put_no_checkpoint(key: str, path: Path) -> None:
        if key.startswith("checkpoints/"):
            raise OSError("the storage is away")
        put_file(key, path)

    monkeypatch.setattr(storage(), "put_file", put_no_checkpoint)
    job = wait_for(client, train(steps=60, pause=0.01), has_ended)

    assert (job["status"], job["attempt"]) == ("succeeded", 1), job["error"]


@pytest.mark.slow
def test_checkpoints_written_faster_than_they_are_stored(
    client: TestClient, train, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLASSBOX_CHECKPOINT_SECONDS", "0.0001")
    settings.cache_clear()
    job = wait_for(client, train(steps=200), has_ended)

    assert job["status"] == "succeeded", job["error"]


@pytest.mark.slow
def test_a_training_that_crashes_on_every_attempt_fails_with_a_message(
    client: TestClient, trainer: Trainer, train
) -> None:
    job = train(steps=100_000, pause=0.001)
    for attempt in range(1, settings().max_attempts + 1):
        # the progress of a dead attempt is kept, so the next one has begun only once its process exists
        wait_for(
            client,
            job,
            lambda seen, attempt=attempt: seen["attempt"] == attempt and has_begun(seen) and bool(children()),
        )
        for child in children():
            child.kill()
        wait_for(client, job, lambda seen: seen["status"] != "running")
        if attempt < settings().max_attempts:
            threading.Thread(target=trainer.train, args=[UUID(job["id"])], daemon=True).start()

    failed = wait_for(client, job, has_ended)
    assert failed["status"] == "failed"
    assert "crashed on every attempt" in failed["error"]


@pytest.mark.slow
def test_a_lost_lease_ends_the_child_and_writes_nothing(client: TestClient, train) -> None:
    job = train(steps=100_000, pause=0.001)
    wait_for(client, job, has_begun)
    with transaction() as connection:
        connection.exec_driver_sql("UPDATE jobs SET lease_until = 0, max_attempts = 99")
    assert recovery.expire()

    deadline = time.monotonic() + 30
    while children():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert client.get(f"/v1/jobs/{job['id']}").json()["status"] == "queued"


@pytest.mark.slow
def test_a_bug_in_a_training_fails_it_without_a_traceback(
    client: TestClient, train, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLASSBOX_DEVICE", "nonsense")
    settings.cache_clear()
    job = wait_for(client, train(steps=3), has_ended)

    assert (job["status"], job["error"]) == ("failed", INTERNAL_ERROR)


def test_a_model_whose_curve_cannot_be_read_leaves_no_weights(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = client.post("/v1/jobs", json={"capability": "tiny", "task": "train"}).json()
    claim = leases.claim_job(UUID(job["id"]), "node/boot")
    assert claim is not None
    weights = tmp_path / "weights.safetensors"
    weights.write_bytes((HERE / "tiny.safetensors").read_bytes())

    def refuse(_: UUID) -> None:
        raise ValueError("a bug")

    monkeypatch.setattr(curves, "points", refuse)
    with pytest.raises(ValueError, match="a bug"):
        register(claim, Dataset(HERE, "own"), weights, Trained({}), 1.0, {}, lambda: False)

    assert not list((settings().data_folder / "files" / "models").rglob("*.safetensors"))
    assert weights.exists()


@contextmanager
def _child(lease_seconds: float) -> Iterator[subprocess.Popen[bytes]]:
    """A running child whose supervisor sends no heartbeats."""
    instructions = Instructions(
        capability="tiny",
        capability_packages=["tests.capabilities"],
        params={"steps": 100_000, "pause": 0.001},
        dataset=str(HERE),
        weights="/nonexistent/weights",
        checkpoint="/nonexistent/checkpoint",
        samples="/nonexistent/samples",
        device="cpu",
        torch_threads=1,
        checkpoint_seconds=1e9,
        lease_seconds=lease_seconds,
    )
    with subprocess.Popen(
        [sys.executable, "-m", "workers.training.child"],
        cwd=HERE.parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(instructions.model_dump_json().encode() + b"\n")
        child.stdin.flush()
        child.stdout.readline()  # the first report: it trains
        drain = threading.Thread(target=child.stdout.read)
        drain.start()
        yield child
        child.kill()
        drain.join()


@pytest.mark.slow
def test_a_child_exits_when_its_supervisor_dies() -> None:
    with _child(lease_seconds=60) as child:
        assert child.stdin is not None
        child.stdin.close()

        assert child.wait(timeout=15) == EXIT_ORPHANED


@pytest.mark.slow
def test_a_child_exits_a_lease_after_its_supervisor_froze() -> None:
    with _child(lease_seconds=2) as child:
        assert child.wait(timeout=15) == EXIT_ORPHANED


@pytest.mark.slow
def test_a_child_that_cannot_write_its_checkpoint_fails() -> None:
    with _child(lease_seconds=60) as child:
        child.send_signal(signal.SIGTERM)

        assert child.wait(timeout=30) == 1


def test_a_heartbeat_before_the_instructions_is_passed_over() -> None:
    """The first one may fall between the start of the child and the instructions."""
    read = "from workers.training.child import _read_line; print(_read_line())"
    done = subprocess.run(
        [sys.executable, "-c", read], input=b'\n\n{"a": 1}\n\n', capture_output=True, check=True
    )

    assert done.stdout.strip().endswith(b'{"a": 1}\\n\'')
