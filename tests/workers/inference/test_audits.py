"""Audits of models as jobs: measures as fairlearn computes them, tables of every kind, and failures."""

import csv
import io
import os
import sys
import threading
from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest
from fairlearn import metrics as reference
from fastapi.testclient import TestClient
from sqlalchemy import update

from backend.database import transaction
from backend.services.jobs import leases
from backend.tables import models
from models.core.contract.progress import Progress
from models.tabular.card import PredictParams
from models.tabular.data import table_of
from models.tabular.fit import fit
from tests.backend.services.datasets.requests import create, fill
from workers.inference.server import Inference

pytestmark = pytest.mark.usefixtures("inline_worker")


def table(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue().encode()


def applicants(seed: int, rows: int, groups: int, *, skew: float = 0.0) -> bytes:
    """Two scores by which an outcome is decided; in group 0 they mean less by `skew`."""
    random = np.random.default_rng(seed)
    group = random.integers(groups, size=rows)
    one, two = random.normal(size=(2, rows))
    is_good = one + two + random.normal(size=rows) - skew * (group == 0) > 0
    names = np.array(["no", "yes"])[is_good.astype(int)]
    cells = zip(one.round(3), two.round(3), (f"größe {each}" for each in group), names, strict=True)
    return table(("one", "two", "Gruppe ä", "outcome"), cells)


def sent(client: TestClient, data: bytes, name: str = "table.csv") -> str:
    response = client.post("/v1/uploads", files={"file": (name, data)})
    assert response.status_code in (200, 201), response.text
    return response.json()["id"]


def requested(client: TestClient, data: bytes, **params: Any) -> dict[str, Any]:
    body = {"task": "audit", "capability": "tabular", "inputs": {"table": sent(client, data)}}
    response = client.post("/v1/jobs", json={**body, "params": params})
    assert response.status_code == 202, response.text
    return client.get(f"/v1/jobs/{response.json()['id']}").json()


def stages(client: TestClient, job: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = client.get(f"/v1/jobs/{job['id']}/inspection").json()["stages"]
    assert [stage["id"] for stage in found if stage["role"] == "answer"] == ["groups"]
    return {stage["id"]: client.get(stage["data_url"]).json() for stage in found}


@pytest.mark.parametrize(("seed", "rows", "groups"), [(1, 300, 2), (2, 900, 3), (3, 2_000, 5)])
def test_the_measures_of_a_model_are_those_of_fairlearn(
    client: TestClient, seed: int, rows: int, groups: int
) -> None:
    data = applicants(seed, rows, groups, skew=0.5)
    job = requested(client, data, group="Gruppe ä", least=1)
    assert job["status"] == "succeeded", job["error"]

    fitted = fit(
        table_of(data, PredictParams()), PredictParams(), device="cpu", progress=Progress(), is_bounded=True
    )
    test = fitted.split.test
    actual, predicted = fitted.table.actual[test], fitted.predicted[test].argmax(axis=1)
    group = fitted.table.frame.data["Gruppe ä"].to_numpy()[fitted.table.rows[test]]
    for name, value in job["result"]["fairness"].items():
        expected = getattr(reference, name)(actual, predicted, sensitive_features=group)
        assert value == pytest.approx(expected, abs=1e-9)
    assert len(job["result"]["fairness"]) == 4
    by_group = reference.MetricFrame(
        metrics={"recall": reference.true_positive_rate, "selection_rate": reference.selection_rate},
        y_true=actual,
        y_pred=predicted,
        sensitive_features=group,
    ).by_group
    for each in job["result"]["groups"]:
        for measure in ("recall", "selection_rate"):
            assert each[measure]["value"] == pytest.approx(by_group.loc[each["group"], measure], abs=1e-9)


def test_the_rows_behind_a_bar_are_those_of_the_file(client: TestClient) -> None:
    data = applicants(4, 400, 2)
    job = requested(client, data, group="Gruppe ä", second_group="one", part="all")
    shown = stages(client, job)

    assert set(shown) == {
        "calibration", "bias", "groups-1", "groups-2", "fairness", "equal-recall", "groups"
    }  # fmt: skip
    lines = data.decode().splitlines()
    first = shown["groups"]["groups"][0]
    assert shown["groups"]["outcome_names"]["false_negative"] == "wrongly negative"
    for example in first["outcomes"]["false_negative"]["examples"]:
        cells = lines[example["row"] - 1].split(",")
        assert cells[2] == first["name"]
        assert (cells[3], example["actual"], example["predicted"]) == ("yes", "yes", "no")
    assert sum(each["rows"] for each in shown["groups"]["groups"]) == 400
    assert job["result"]["examples"]["used"] == 400


def test_numbers_have_errors_with_a_sign(client: TestClient) -> None:
    random = np.random.default_rng(0)
    x, is_old = random.normal(size=600), np.arange(600) % 2 == 0
    y = 3 * x + np.where(is_old, 2.0, -2.0)
    cells = zip(x.round(4), y.round(4), np.where(is_old, "old", "young"), strict=True)
    job = requested(
        client, table(("x", "y", "age"), cells), target="y", group="age", part="all", types={"age": "text"}
    )

    groups = {each["group"]: each for each in job["result"]["groups"]}
    assert groups["old"]["mean_error"]["value"] == pytest.approx(-2, abs=0.3)
    assert groups["young"]["mean_error"]["value"] == pytest.approx(2, abs=0.3)
    assert job["result"]["differs"]
    assert stages(client, job)["groups"]["measures"][0]["unit"] == "y"
    shown = client.get(f"/v1/jobs/{job['id']}/inspection").json()["stages"]
    assert "share" not in shown[-1]["explanation"]  # the bars are errors


def test_several_classes_are_compared_class_by_class(client: TestClient) -> None:
    random = np.random.default_rng(1)
    kinds = np.array(["a", "b", "c"])[random.integers(3, size=300)]
    x = np.where(kinds == "a", 5.0, 0.0) + random.normal(size=300)
    job = requested(
        client, table(("x", "kind"), zip(x.round(3), kinds, strict=True)), group="kind", part="all"
    )

    recalls = {each["group"]: each["recall"]["value"] for each in job["result"]["groups"]}
    assert recalls["a"] > 0.9 > 0.6 > min(recalls["b"], recalls["c"])
    assert job["result"]["distinct"]
    assert job["result"]["overall"]["accuracy"]["rows"] == 300


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"group": "id"}, "10,000 different values"),
        ({"group": "same"}, "nothing to compare"),
        ({"group": "nowhere"}, "no column 'nowhere'"),
        ({"group": "one", "second_group": "one"}, "choose two different"),
        ({"group": "one", "part": "validation"}, "no rows with an actual value"),
        ({"group": "one", "positive": "maybe"}, "No value of 'outcome' is 'maybe'"),
        ({"target": "empty", "group": "one"}, "All values of the target column"),
    ],
)
def test_groups_that_cannot_be_compared_are_refused(
    client: TestClient, params: dict[str, Any], error: str
) -> None:
    rows = 10_000 if params["group"] == "id" else 60
    cells = ((f"n{n}", "x", n % 7, "", "yes" if n % 3 else "no") for n in range(rows))
    data = table(("id", "same", "one", "empty", "outcome"), cells)
    job = requested(client, data, **{"part": "all", **params, "types": {"id": "category"}})

    assert job["status"] == "failed"
    assert error in job["error"]


def test_missing_groups_are_a_group(client: TestClient) -> None:
    cells = ((n % 5, ["", "ä", "日本"][n % 3], "yes" if n % 2 else "no") for n in range(150))
    job = requested(client, table(("x", "place", "outcome"), cells), group="place", part="all")

    assert [each["group"] for each in job["result"]["groups"]] == ["ä", "日本", "(missing)"]


def test_a_request_names_what_it_lacks(client: TestClient) -> None:
    def refused(**body: Any) -> dict[str, Any]:
        response = client.post("/v1/jobs", json={"task": "audit", **body})
        assert response.status_code == 422, response.text
        return response.json()["errors"][0]

    assert refused(capability="tabular")["pointer"] == "/upload_id"
    assert refused(capability="detection")["pointer"] == "/dataset_id"
    assert refused(capability="clustering")["detail"] == "audit is not available"
    assert refused(capability="detection", params={"group": "age"})["pointer"] == "/params/group"


def test_an_audit_of_a_model_that_was_deleted_meanwhile_fails_with_the_reason(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim_job = leases.claim_job

    def deleted(job_id: Any, owner: str) -> Any:
        with transaction() as connection:
            connection.execute(update(models).where(models.c.name == "tabular").values(deleted_at=1.0))
        return claim_job(job_id, owner)

    monkeypatch.setattr(leases, "claim_job", deleted)
    job = requested(client, applicants(6, 100, 2), group="Gruppe ä")

    assert (job["status"], job["error"]) == ("failed", "tabular was deleted.")


def test_an_audit_that_was_interrupted_is_made_by_the_next_worker(
    client: TestClient, inline_worker: Inference
) -> None:
    inline_worker.stopping.set()
    job = requested(client, applicants(7, 200, 2), group="Gruppe ä")
    assert job["status"] == "queued"

    inline_worker.stopping.clear()
    inline_worker.audits.run(UUID(job["id"]))
    job = client.get(f"/v1/jobs/{job['id']}").json()
    assert job["status"] == "succeeded"
    assert len(stages(client, job)) == len(client.get(f"/v1/jobs/{job['id']}/inspection").json()["stages"])


def test_two_audits_run_at_the_same_time_behind_predictions(
    inline_worker: Inference, monkeypatch: pytest.MonkeyPatch
) -> None:
    together, priorities = threading.Barrier(3), []  # two audits and this test

    def meeting(job_id: UUID, owner: str) -> None:  # noqa: ARG001
        priorities.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        together.wait(30)

    monkeypatch.setattr(leases, "claim_job", meeting)
    for _ in range(4):
        inline_worker.audits.queue.add(uuid4())
    for _ in range(2):
        together.wait(30)

    assert len(priorities) == 4
    if sys.platform == "linux":  # elsewhere threads have no priority of their own
        assert min(priorities) > os.getpriority(os.PRIO_PROCESS, 0)


def test_a_canceled_audit_writes_nothing(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    claim_job = leases.claim_job

    def canceled(job_id: Any, owner: str) -> Any:
        claim = claim_job(job_id, owner)
        assert client.post(f"/v1/jobs/{job_id}/cancel").status_code == 200
        return claim

    monkeypatch.setattr(leases, "claim_job", canceled)
    job = requested(client, applicants(5, 100, 2), group="Gruppe ä")

    assert job["status"] == "canceled"
    assert client.get(f"/v1/jobs/{job['id']}/inspection").status_code == 404


def test_pictures_behind_a_bar_are_uploads(client: TestClient) -> None:
    dataset = create(client, kind="classes")
    shown = fill(client, dataset, ["fish", "tool", "fish", "tool", "castle", None])
    assert client.post(f"/v1/datasets/{dataset['id']}/versions", json={}).status_code == 202
    body = {"task": "audit", "capability": "classification", "dataset_id": dataset["id"]}
    job = client.post("/v1/jobs", json={**body, "params": {"part": "all", "least": 1}}).json()
    job = client.get(f"/v1/jobs/{job['id']}").json()
    assert job["status"] == "succeeded", job["error"]

    assert job["model"]["name"] == "kinds"
    assert job["result"]["examples"] == {"used": 4, "left_out": 2}
    fish = stages(client, job)["groups"]["groups"][0]
    behind = [each for name in ("right", "wrong") for each in fish["outcomes"][name]["examples"]]
    assert {each["upload_id"] for each in behind} == {shown[0]["upload_id"], shown[2]["upload_id"]}
    assert {each["actual"] for each in behind} == {"fish"}

    unlabeled = create(client, kind="classes")
    fill(client, unlabeled, [None, None])
    assert client.post(f"/v1/datasets/{unlabeled['id']}/versions", json={}).status_code == 202
    failed = client.post("/v1/jobs", json={**body, "dataset_id": unlabeled["id"]}).json()
    assert "has no labels" in client.get(f"/v1/jobs/{failed['id']}").json()["error"]
