"""Audits of datasets, and of a model under changed inputs, as jobs."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.backend.services.datasets.requests import create, fill
from tests.workers.inference.test_audits import applicants, requested, sent, stages

pytestmark = pytest.mark.usefixtures("inline_worker")


def ended(client: TestClient, **body: Any) -> dict[str, Any]:
    response = client.post("/v1/jobs", json={"task": "audit", "capability": "audit", **body})
    assert response.status_code == 202, response.text
    return client.get(f"/v1/jobs/{response.json()['id']}").json()


def test_a_table_is_audited_by_one_of_its_columns(client: TestClient) -> None:
    data = applicants(3, 300, 2, skew=2.0)
    job = ended(client, inputs={"table": sent(client, data)}, params={"group": "Gruppe ä"})
    assert job["status"] == "succeeded", job["error"]

    assert (job["result"]["unit"], job["result"]["total"], job["model"]) == ("rows", 300, None)
    gap = next(each for each in job["result"]["gaps"] if each["measure"] == "class-1")
    assert (gap["lowest"], gap["is_distinct"]) == ("größe 0", True)
    assert {"counts", "proxies", "determination", "groups"} <= set(stages(client, job))


def test_a_version_of_a_dataset_is_audited_with_its_uploads(client: TestClient) -> None:
    dataset = create(client, kind="classes")
    shown = fill(client, dataset, ["fish", "tool", "fish", None])
    assert client.post(f"/v1/datasets/{dataset['id']}/versions", json={}).status_code == 202
    job = ended(client, dataset_id=dataset["id"], params={"group": "split"})
    assert job["status"] == "succeeded", job["error"]

    assert job["result"]["total"] == 4
    assert any("1 of 4 pictures has no labels" in each for each in job["result"]["notes"])
    groups = stages(client, job)["groups"]["groups"]
    behind = [each for group in groups for each in group["outcomes"]["missing"]["examples"]]
    assert [each["upload_id"] for each in behind] == [shown[3]["upload_id"]]


def test_a_model_is_audited_under_changed_rows(client: TestClient) -> None:
    job = requested(client, applicants(1, 300, 2), group="Gruppe ä", robustness=True)
    assert job["status"] == "succeeded", job["error"]

    found = job["result"]["robustness"]
    assert {(each["change"], each["column"]) for each in found["changes"]} == {
        ("shift", "one"), ("shift", "two"), ("number-noise", None), ("missing", None),
    }  # fmt: skip
    strongest = next(each for each in found["changes"] if each["column"] == "one")["levels"][-1]
    assert strongest["value"] < found["unchanged"]["interval"][0]
    assert {"robustness", "robustness-0", "robustness-table", "neighbors", "groups"} <= set(
        stages(client, job)
    )
