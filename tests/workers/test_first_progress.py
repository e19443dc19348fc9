"""What a job reports before its first step: data, processor, model."""

import json
from typing import Any
from uuid import UUID

from fastapi.testclient import TestClient

from backend.messaging import connection, events
from tests.capabilities.tiny.card import HERE
from workers.environment import environment
from workers.heartbeat import Heartbeat
from workers.inference.server import Inference
from workers.training.supervision import Trainer


def reported(job_id: str) -> list[str]:
    entries: Any = connection.redis().xrange(events.events_key(UUID(job_id)))
    progress = [json.loads(fields["data"]) for _, fields in entries if fields["event"] == "progress"]
    return [each["message_parts"][0]["id"] for each in progress if each.get("message_parts")]


def test_a_prediction_reports_that_its_model_is_loaded(client: TestClient, busy_worker: Heartbeat) -> None:
    headers = {"content-type": "image/jpeg", "prefer": "respond-async", "cache-control": "no-cache"}
    job = client.post("/v1/predict/tiny", content=(HERE / "sample.jpg").read_bytes(), headers=headers).json()
    Inference(busy_worker, "cpu", environment("cpu"), linger_seconds=0.0).serve(UUID(job["model"]["id"]))

    assert reported(job["id"])[0] == "core.progress.loading"


def test_a_training_reports_what_it_waits_for_before_its_first_step(
    client: TestClient, trainer: Trainer
) -> None:
    body = {"capability": "tiny", "task": "train", "params": {"steps": 3}}
    job = client.post("/v1/jobs", json=body).json()
    trainer.train(UUID(job["id"]))

    assert reported(job["id"]) == ["core.training.fetching", "core.training.waiting", "core.progress.loading"]
    assert client.get(f"/v1/jobs/{job['id']}").json()["progress"]["step"] == 3
