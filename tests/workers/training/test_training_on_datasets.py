"""A training on a version of a dataset, in its own process."""

import io
import zipfile
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from backend.storage import storage
from tests.backend.services.datasets.requests import create, picture, read, upload
from workers.training.supervision import Trainer

pytestmark = pytest.mark.timeout(180)


@pytest.mark.usefixtures("inline_worker")
def test_a_model_knows_the_version_that_it_was_trained_on(client: TestClient, trainer: Trainer) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for number in range(10):
            packed.writestr(f"{'apple' if number % 2 else 'pear'}/{number}.png", picture(number))
    dataset = create(client, upload_id=upload(client, buffer.getvalue(), "fruit.zip"))
    body = {"capability": "tiny", "task": "train", "dataset_id": dataset["id"], "params": {"steps": 2}}
    requested = client.post("/v1/jobs", json=body).json()

    trainer.train(UUID(requested["id"]))

    job = client.get(f"/v1/jobs/{requested['id']}").json()
    assert job["status"] == "succeeded", job["error"]
    version = read(client, dataset, "/versions/1")
    splits = version["report"]["splits"]
    assert {split: job["metrics"][split] for split in splits} == splits
    assert splits["validation"] > 0
    data = job["result"]["data"]
    assert (data["dataset_id"], data["version"], data["sha256"]) == (dataset["id"], 1, version["sha256"])
    of_it, of_others = (client.get(f"/v1/jobs?dataset={each}").json() for each in (dataset["id"], job["id"]))
    assert [each["id"] for each in of_it["items"]] == [job["id"]]
    assert of_others["items"] == []
    card = client.get(f"/v1/models/{job['result']['model']['name']}/card").text
    assert "Version 1 of the dataset `Meadow`, 10 pictures" in card
    assert client.delete(f"/v1/datasets/{dataset['id']}").status_code == 204
    kept = client.get(f"/v1/jobs/{job['id']}").json()
    assert (kept["dataset_id"], kept["result"]["data"]["name"]) == (None, "Meadow")
    repeated = client.post(f"/v1/jobs/{job['id']}/retry")
    assert (repeated.status_code, "dataset" in repeated.json()["detail"]) == (409, True)


@pytest.mark.usefixtures("inline_worker")
def test_a_damaged_picture_fails_the_training_with_its_name(client: TestClient, trainer: Trainer) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for number in range(4):
            packed.writestr(f"{'apple' if number % 2 else 'pear'}/{number}.png", picture(number))
    dataset = create(client, upload_id=upload(client, buffer.getvalue(), "fruit.zip"))
    body = {"capability": "tiny", "task": "train", "dataset_id": dataset["id"], "params": {"steps": 2}}
    requested = client.post("/v1/jobs", json=body).json()
    own = read(client, dataset, "/pictures")["items"][0]
    stored = storage().local("uploads").glob(f"*/{dataset['id']}-*")
    content = client.get(own["url"]).content
    (path,) = (path for path in stored if path.read_bytes() == content)
    path.write_bytes(path.read_bytes() + b"?")

    trainer.train(UUID(requested["id"]))

    job = client.get(f"/v1/jobs/{requested['id']}").json()
    assert job["status"] == "failed"
    assert own["name"] in job["error"]
