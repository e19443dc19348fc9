"""From labeled pictures to a served detector: imported, trained in a process of its own, opened and asked."""

from pathlib import Path
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from tests.backend.services.datasets.requests import create, upload
from tests.models import labeled_pictures
from workers.training.supervision import Trainer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.mark.usefixtures("inline_worker")
@pytest.mark.parametrize("capability", ["detection", "segmentation"])
def test_labels_train_a_model_that_answers(
    client: TestClient, trainer: Trainer, tmp_path: Path, capability: str
) -> None:
    packed = labeled_pictures.write(tmp_path / "squares.zip").read_bytes()
    dataset = create(client, upload_id=upload(client, packed, "squares.zip"))
    params = {"steps": 3, "batch_size": 2, "image_size": 64, "start": "scratch"}
    body = {"capability": capability, "task": "train", "dataset_id": dataset["id"], "params": params}
    requested = client.post("/v1/jobs", json=body | {"model_name": "squares"}).json()

    trainer.train(UUID(requested["id"]))

    job = client.get(f"/v1/jobs/{requested['id']}").json()
    assert job["status"] == "succeeded", job["error"]
    assert {"blue", "red"} <= {row["class"] for row in job["result"]["by_class"]}
    assert job["result"]["model"] == {"name": "squares", "version": 1}
    stages = client.get(f"/v1/jobs/{job['id']}/inspection").json()["stages"]
    assert ("by_threshold" in {stage["id"] for stage in stages}) == (capability == "detection")
    picture = upload(client, labeled_pictures.picture(), "square.png")
    question = {"capability": capability, "task": "predict", "model": "squares", "upload_id": picture}
    answered = client.get(f"/v1/jobs/{client.post('/v1/jobs', json=question).json()['id']}").json()
    assert answered["status"] == "succeeded", answered["error"]
    assert answered["result"]["labels"] == ["blue", "red"]


@pytest.mark.usefixtures("inline_worker")
@pytest.mark.parametrize("capability", ["detection", "segmentation"])
def test_a_model_that_nothing_could_measure_has_a_note(
    client: TestClient, trainer: Trainer, tmp_path: Path, capability: str
) -> None:
    packed = labeled_pictures.write(tmp_path / "one.zip", counts=(1, 0, 0)).read_bytes()
    dataset = create(client, upload_id=upload(client, packed, "one.zip"))
    params = {"steps": 2, "batch_size": 1, "image_size": 64, "start": "scratch"}
    body = {"capability": capability, "task": "train", "dataset_id": dataset["id"], "params": params}
    requested = client.post("/v1/jobs", json=body).json()

    trainer.train(UUID(requested["id"]))

    job = client.get(f"/v1/jobs/{requested['id']}").json()
    assert job["status"] == "succeeded", job["error"]
    assert not job["metrics"]
    assert any("nothing was measured" in note for note in job["result"]["notes"])
