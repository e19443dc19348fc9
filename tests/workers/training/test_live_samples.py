"""Samples of trainings that still run, from real child processes."""

import io
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import orjson
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from backend.errors import StorageAway
from backend.services.jobs import leases, sheets
from backend.storage import storage
from models.core.generative.sample_history import SampleHistory
from tests.workers.training.trainings import children, has_ended, wait_for
from workers.training.live_samples import LiveSamples
from workers.training.supervision import Trainer

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def train(client: TestClient, trainer: Trainer) -> Callable[..., dict[str, Any]]:
    """Queue one training that draws samples, and start it beside the test."""

    def start(steps: int) -> dict[str, Any]:
        body = {
            "capability": "tiny",
            "task": "train",
            "params": {"steps": steps, "pause": 0.01, "samples": True},
        }
        job = client.post("/v1/jobs", json=body).json()
        threading.Thread(target=trainer.train, args=[UUID(job["id"])], daemon=True).start()
        return job

    return start


def _due(steps: int) -> list[int]:
    return [step for step in range(1, steps + 1) if SampleHistory((2, 2), 3).due(step, steps)]


def _drawn(job: dict[str, Any]) -> list[int]:
    return [sheet["step"] for sheet in sheets.read(UUID(job["id"]))]


def _level(client: TestClient, url: str) -> int:
    """The gray level of a sheet, which is the step that drew it."""
    pixels = np.asarray(Image.open(io.BytesIO(client.get(url).content)))
    assert pixels.shape == (2, 6)
    return int(pixels[0, 0])


def test_samples_are_shown_while_the_training_runs_and_kept_beside_its_curve(
    client: TestClient, train
) -> None:
    job = train(steps=100)
    running = wait_for(client, job, lambda _: len(_drawn(job)) > 2)
    first = sheets.read(UUID(job["id"]))[0]
    assert running["status"] == "running"
    assert _level(client, first["url"]) == 1
    assert first["captions"][1:] == ["", ""]

    ended = wait_for(client, job, has_ended)
    assert ended["status"] == "succeeded", ended["error"]
    reports = re.findall(r"event: samples\ndata: (.+)", client.get(f"/v1/jobs/{job['id']}/events").text)
    shown = [orjson.loads(report) for report in reports]
    assert [sheet["step"] for sheet in shown] == _due(100)
    curve, stage = client.get(f"/v1/jobs/{job['id']}/inspection").json()["stages"]
    data = client.get(stage["data_url"]).json()
    assert (curve["role"], stage["kind"], stage["count"]) == ("answer", "samples", len(_due(100)))
    assert data["tile"] == {"width": 2, "height": 2}
    assert (data["columns"], data["count"], data["column_names"]) == (3, 3, ["red", "green", "blue"])
    assert [_level(client, stage["files"][step["file"]]) for step in data["steps"]] == _due(100)
    assert [one["name"] for one in data["series"]] == ["loss"]


@pytest.mark.slow
def test_a_training_resumed_after_kill_9_loses_no_sheet_and_doubles_none(
    client: TestClient, trainer: Trainer, train
) -> None:
    job = train(steps=200)
    wait_for(client, job, lambda _: len(_drawn(job)) > 12)
    (child,) = children()
    child.kill()
    wait_for(client, job, lambda seen: seen["status"] == "queued")
    before = sheets.read(UUID(job["id"]))
    trainer.train(UUID(job["id"]))

    resumed = client.get(f"/v1/jobs/{job['id']}").json()
    assert (resumed["status"], resumed["attempt"]) == ("succeeded", 2), resumed["error"]
    assert _drawn(job) == _due(200)
    assert sheets.read(UUID(job["id"]))[: len(before)] == before  # equal ones keep their addresses


def test_sheets_wait_in_order_while_the_storage_is_away(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = client.post("/v1/jobs", json={"capability": "tiny", "task": "train"}).json()
    claim = leases.claim_job(UUID(job["id"]), "node/boot")
    assert claim is not None
    put, is_away = storage().put, [True]

    def put_if_there(key: str, data: bytes) -> None:
        if is_away:
            raise StorageAway("the storage is away")
        put(key, data)

    monkeypatch.setattr(storage(), "put", put_if_there)
    samples = LiveSamples(claim, tmp_path)
    for step in (1, 2):
        (tmp_path / f"samples-{step}.png").write_bytes(b"png")
        samples.add({"step": step, "file": f"samples-{step}.png"})
    assert _drawn(job) == []

    is_away.clear()
    samples.store_rest(1.0, lambda: False)
    assert _drawn(job) == [1, 2]
    assert list(tmp_path.glob("*.png")) == []
