"""Answers in the formats of other programs: at once where the result suffices, else by a worker."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from backend.services import exports


@pytest.fixture
def job(client: TestClient) -> dict[str, Any]:
    """The finished job of a sample of detection."""
    sample = client.get("/v1/capabilities/detection").json()["samples"][0]
    return client.get(f"/v1/jobs/{sample['job_id']}").json()


def test_a_card_lists_what_its_answers_can_be_exported_as(client: TestClient) -> None:
    shown = client.get("/v1/capabilities/detection").json()["exports"]

    assert [each["name"] for each in shown] == ["coco", "yolo", "csv", "crops"]
    assert client.get("/v1/capabilities/clustering").json()["exports"] == []


def test_an_answer_is_exported_at_once(client: TestClient, job: dict[str, Any]) -> None:
    answer = client.get(f"/v1/jobs/{job['id']}/exports/coco")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert f"{Path(job['name']).stem}-coco.json" in answer.headers["content-disposition"]
    document = json.loads(answer.content)
    names = {each["id"]: each["name"] for each in document["categories"]}
    found = [names[each["category_id"]] for each in document["annotations"]]
    assert found == [each["label"] for each in job["result"]["objects"]]
    again = {"If-None-Match": answer.headers["etag"]}
    assert client.get(f"/v1/jobs/{job['id']}/exports/coco", headers=again).status_code == 304


def test_crops_are_written_by_a_worker_and_kept_until_the_job_is_deleted(
    client: TestClient, job: dict[str, Any], data_folder: Path
) -> None:
    address = f"/v1/jobs/{job['id']}/exports/crops"
    assert client.get(address).status_code == 503  # no worker is alive

    folder = data_folder / "files" / "artifacts" / job["id"]
    before = set(folder.iterdir())
    exports.write(UUID(job["id"]), "crops")
    exports.write(UUID(job["id"]), "crops")  # a message that is delivered twice

    answer = client.get(address)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert len(archive.namelist()) == len(job["result"]["objects"]) > 0
        first, box = archive.namelist()[0], job["result"]["objects"][0]["box"]
        width, _ = Image.open(io.BytesIO(archive.read(first))).size
    assert abs(width - (box["xmax"] - box["xmin"])) <= 2
    assert client.get(f"/v1/jobs/{job['id']}").json()["artifacts"] == job["artifacts"]
    (stored,) = set(folder.iterdir()) - before
    assert client.delete(f"/v1/jobs/{job['id']}").status_code == 204
    assert not stored.exists()


def test_what_cannot_be_exported_has_a_reason(client: TestClient, job: dict[str, Any]) -> None:
    unknown = client.get(f"/v1/jobs/{job['id']}/exports/voc")
    assert unknown.status_code == 404
    assert "coco, yolo, csv, crops" in unknown.json()["detail"]
    assert client.get(f"/v1/jobs/{UUID(int=1)}/exports/coco").status_code == 404
    queued = {"capability": "detection", "inputs": job["inputs"], "params": {"score": 0.111}}
    created = client.post("/v1/jobs", json=queued, headers={"Prefer": "respond-async"}).json()
    assert client.get(f"/v1/jobs/{created['id']}/exports/csv").status_code == 409
    exports.write(UUID(int=1), "crops")  # of a job that was deleted meanwhile: nothing happens
