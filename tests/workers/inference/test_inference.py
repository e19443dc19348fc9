"""The inference worker: single jobs, batches, and failures."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from backend.database import transaction
from backend.services.models import catalog
from backend.settings import settings
from backend.tables import jobs
from models.core.contract import registry
from models.core.contract.card import Card
from models.core.contract.errors import InputError
from tests.capabilities.tiny.card import CARD, HERE
from workers.environment import environment
from workers.heartbeat import Heartbeat
from workers.inference.paces import measure
from workers.inference.pipeline import INTERNAL_ERROR
from workers.inference.predictors import Predictors
from workers.inference.server import Inference

PICTURE = (HERE / "sample.jpg").read_bytes()


@pytest.fixture
def worker(client: TestClient, busy_worker: Heartbeat) -> Inference:
    assert client.get("/healthz").status_code == 200
    return Inference(busy_worker, "cpu", environment("cpu"), linger_seconds=0.0)


@pytest.fixture
def submit(client: TestClient) -> Callable[..., dict[str, Any]]:
    """Queue one prediction; the test runs the worker."""

    def queue(data: bytes = PICTURE, **params: Any) -> dict[str, Any]:
        headers = {"content-type": "image/jpeg", "prefer": "respond-async", "cache-control": "no-cache"}
        answer = client.post(
            "/v1/predict/tiny", content=data, params={"params": json.dumps(params)}, headers=headers
        )
        assert answer.status_code == 202, answer.text
        return answer.json()

    return queue


def serve(worker: Inference, job: dict[str, Any]) -> None:
    worker.serve(UUID(job["model"]["id"]))


def test_all_queued_jobs_are_answered(worker: Inference, submit, client: TestClient) -> None:
    queued = [submit(PICTURE + bytes([number])) for number in range(20)]
    while client.get("/v1/jobs?status=queued").json()["items"]:
        serve(worker, queued[0])  # its turn may end before all are answered

    ended = [client.get(f"/v1/jobs/{job['id']}").json() for job in queued]
    assert {job["status"] for job in ended} == {"succeeded"}
    assert {job["attempt"] for job in ended} == {1}
    assert all(job["environment"]["device"] == "cpu" for job in ended)


def test_an_answer_keeps_its_files_after_a_lost_confirmation_of_the_database(
    worker: Inference, client: TestClient, lost_confirmation: list[str]
) -> None:
    query = {"params": "{}", "inspect": "true"}
    headers = {"content-type": "image/jpeg", "prefer": "respond-async"}
    queued = client.post("/v1/predict/tiny", content=PICTURE, params=query, headers=headers).json()
    serve(worker, queued)

    assert len(lost_confirmation) == 1
    assert client.get(f"/v1/jobs/{queued['id']}").json()["status"] == "succeeded"
    stages = client.get(f"/v1/jobs/{queued['id']}/inspection").json()["stages"]
    assert stages
    assert {client.get(stage["data_url"]).status_code for stage in stages} == {200}


def test_a_bug_in_one_job_of_a_batch_fails_only_that_job(
    worker: Inference, submit, client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    queued = [submit(fail=number == 1) for number in range(3)]
    serve(worker, queued[0])

    ended = [client.get(f"/v1/jobs/{job['id']}").json() for job in queued]
    assert [job["status"] for job in ended] == ["succeeded", "failed", "succeeded"]
    assert ended[1]["error"] == INTERNAL_ERROR
    assert "a bug, as requested" in caplog.text
    assert "requested" not in ended[1]["error"]


def test_an_input_error_of_the_forward_pass_is_reported(
    worker: Inference, submit, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs_ = [submit(PICTURE + bytes([number])) for number in range(2)]
    warm = worker.warm(UUID(jobs_[0]["model"]["id"]))

    def refuse(_: Any) -> Any:
        raise InputError("The fit would take too long.")

    monkeypatch.setattr(warm.predictor, "forward", refuse)
    serve(worker, jobs_[0])
    ended = [client.get(f"/v1/jobs/{job['id']}").json() for job in jobs_]

    assert [job["status"] for job in ended] == ["failed", "failed"]
    assert all("The fit would take too long." in json.dumps(job["error"]) for job in ended)


def test_a_damaged_picture_fails_with_a_message_for_the_user(
    worker: Inference, submit, client: TestClient
) -> None:
    torn, whole = submit(PICTURE[:4000]), submit()
    serve(worker, torn)

    failed = client.get(f"/v1/jobs/{torn['id']}").json()
    assert failed["status"] == "failed"
    assert "image" in failed["error"]
    assert client.get(f"/v1/jobs/{whole['id']}").json()["status"] == "succeeded"


def test_a_job_canceled_while_running_leaves_no_files(
    worker: Inference, submit, client: TestClient, data_folder: Path
) -> None:
    job = submit()
    with transaction() as connection:
        connection.execute(update(jobs).values(cancel_requested=True))
    serve(worker, job)

    assert client.get(f"/v1/jobs/{job['id']}").json()["status"] == "canceled"
    left = (data_folder / "files" / "artifacts" / job["id"]).rglob("*")
    assert [path for path in left if path.is_file()] == []


def test_missing_weights_fail_the_job_with_a_message(
    worker: Inference, submit, client: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    job = submit()
    monkeypatch.setattr(catalog, "weights_path", lambda _: tmp_path / "gone.safetensors")
    serve(worker, job)

    failed = client.get(f"/v1/jobs/{job['id']}").json()
    assert failed["status"] == "failed"
    assert "cannot be loaded" in failed["error"]


@pytest.mark.parametrize("broken", ["the module", "the predictor"])
def test_code_that_cannot_be_loaded_fails_the_job_with_the_reason(
    worker: Inference, submit, client: TestClient, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """As with a capability of one's own, or an installation that is half replaced."""

    class Predictor:
        def __init__(self, *_: object):
            raise AttributeError("'Config' has no attribute 'widths'")

    def code(capability: str, part: str) -> Any:
        if broken == "the module":
            raise ImportError(f"no module {capability}.{part}")
        return SimpleNamespace(Predictor=Predictor)

    monkeypatch.setattr(registry, "code", code)
    job = submit()
    serve(worker, job)

    ended = client.get(f"/v1/jobs/{job['id']}").json()
    assert ended["status"] == "failed"
    reason = "ImportError: no module tiny.predict" if broken == "the module" else "AttributeError: 'Config'"
    assert reason in ended["error"]


def test_a_stopping_worker_claims_nothing_more(worker: Inference, submit, client: TestClient) -> None:
    job = submit()
    worker.stopping.set()
    serve(worker, job)

    assert client.get(f"/v1/jobs/{job['id']}").json()["status"] == "queued"


def test_the_least_recently_used_predictor_is_evicted_first(
    worker: Inference, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLASSBOX_PREDICTOR_CACHE_BYTES", "1")
    settings.cache_clear()
    listed = client.get("/v1/models").json()["items"]
    ids = [UUID(item["id"]) for item in listed if item["is_installed"]][:3]
    predictors: Predictors = worker.predictors
    for model_id in ids:
        predictors.load(model_id)

    assert predictors.find(ids[-1]) is not None
    assert all(predictors.find(model_id) is None for model_id in ids[:-1])


class Paced:
    """A predictor with a given speed."""

    max_batch = 8

    def __init__(self, seconds: Callable[[int], float], clock: list[float]):
        self.seconds, self.clock = seconds, clock

    def decode(self, data: bytes, params: Any) -> Any:
        return len(data), params

    def forward(self, inputs: list[Any]) -> list[Any]:
        self.clock[0] += self.seconds(len(inputs))
        return inputs


@pytest.mark.parametrize(
    ("seconds", "batch"),
    [
        (lambda size: 0.010 * size, 1),  # a CPU: a batch costs what its inputs cost
        (lambda _: 0.010, 8),  # a GPU with room: the batch is free
        (lambda size: 0.010 * max(1, size / 4), 4),  # full at four
    ],
)
def test_the_batch_size_is_the_smallest_with_the_best_throughput(
    monkeypatch: pytest.MonkeyPatch, data_folder: Path, seconds: Callable[[int], float], batch: int
) -> None:
    assert data_folder
    clock = [0.0]
    monkeypatch.setattr("workers.inference.paces.time.perf_counter", lambda: clock[0])
    card: Card = CARD

    assert measure(Paced(seconds, clock), card.name).batch == batch  # pyright: ignore[reportArgumentType]
