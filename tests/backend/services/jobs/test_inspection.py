"""Stages that are computed when they are first requested."""

from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update

from backend.database import db_now, reading, transaction
from backend.storage import storage
from backend.tables import artifacts, jobs, models
from models.core.contract import registry
from tests.capabilities.tiny.card import HERE
from workers.inference.server import Inference

PICTURE = (HERE / "sample.jpg").read_bytes()
NOW = {"prefer": "respond-async"}


def ask(client: TestClient, **fields: str) -> dict[str, Any]:
    answer = client.post("/v1/predict/tiny", files={"file": ("a.jpg", PICTURE)}, data=fields)
    assert answer.status_code == 200, answer.text
    return answer.json()


def open_box(client: TestClient, job: dict[str, Any], **headers: str) -> Any:
    return client.get(f"/v1/jobs/{job['id']}/inspection", headers=headers)


def contents(client: TestClient, inspection: dict[str, Any]) -> list[Any]:
    """The stages without their addresses, each with its data and pictures."""
    shown = []
    for stage in inspection["stages"]:
        about = {name: value for name, value in stage.items() if name not in ("data_url", "files")}
        pictures = {name: client.get(url).content for name, url in stage["files"].items()}
        shown.append((about, client.get(stage["data_url"]).json(), pictures))
    return shown


def stored_files() -> int:
    return sum(path.is_file() for path in (storage().local("") / "artifacts").rglob("*"))


@pytest.mark.usefixtures("inline_worker")
def test_stages_on_demand_equal_stages_stored_with_the_answer(client: TestClient) -> None:
    before = stored_files()
    plain = ask(client)
    assert stored_files() == before
    kept = ask(client, inspect="true")
    opened, at_once = open_box(client, plain), open_box(client, kept)

    assert (plain["inspect"], kept["inspect"]) == (False, True)
    assert client.get(f"/v1/jobs/{plain['id']}").json()["inspect"] is True
    assert opened.status_code == at_once.status_code == 200
    assert contents(client, opened.json()) == contents(client, at_once.json())


@pytest.mark.usefixtures("inline_worker")
def test_stages_are_computed_once_and_then_stored(client: TestClient) -> None:
    job = ask(client)
    first, again = open_box(client, job), open_box(client, job)

    assert first.json() == again.json()
    assert open_box(client, job, **{"if-none-match": again.headers["etag"]}).status_code == 304
    with reading() as connection:
        assert connection.scalar(select(func.count()).where(jobs.c.inspects == UUID(job["id"]))) == 1


@pytest.mark.usefixtures("busy_worker")
def test_respond_async_returns_the_place_in_the_queue(client: TestClient) -> None:
    job = _succeeded(client)
    first, again = open_box(client, job, **NOW), open_box(client, job, **NOW)

    assert first.status_code == again.status_code == 202
    assert first.headers["location"] == again.headers["location"] == f"/v1/jobs/{first.json()['id']}"
    assert (first.json()["task"], first.json()["inspects"]) == ("inspect", job["id"])
    assert first.json()["queue"]["position"] == 1
    assert first.json()["inputs"] == job["inputs"]
    assert [one["id"] for one in client.get("/v1/jobs").json()["items"]] == [job["id"]]
    assert len(client.get("/v1/jobs?task=inspect").json()["items"]) == 1


def _succeeded(client: TestClient) -> dict[str, Any]:
    """A finished prediction, without a worker for its queue."""
    upload = client.post("/v1/uploads", files={"file": ("a.jpg", PICTURE)}).json()["id"]
    made = client.post("/v1/jobs", json={"capability": "tiny", "upload_id": upload}).json()
    _change(made["id"], status="succeeded", finished_at=1.0, started_at=1.0, result={})
    return client.get(f"/v1/jobs/{made['id']}").json()


def _change(job_id: str, **values: Any) -> None:
    with transaction() as connection:
        connection.execute(update(jobs).where(jobs.c.id == UUID(job_id)).values(values))


@pytest.mark.usefixtures("busy_worker")
def test_a_canceled_computation_is_repeated_on_the_next_request(client: TestClient) -> None:
    job = _succeeded(client)
    first = open_box(client, job, **NOW).json()
    client.post(f"/v1/jobs/{first['id']}/cancel")
    second = open_box(client, job, **NOW).json()

    assert first["id"] != second["id"]
    assert second["status"] == "queued"


@pytest.mark.usefixtures("busy_worker")
def test_a_failure_is_reported_for_a_while_and_then_repeated(client: TestClient) -> None:
    job = _succeeded(client)
    first = open_box(client, job, **NOW).json()
    change = {"status": "failed", "error": "no", "error_is_input": True}
    _change(first["id"], finished_at=db_now(), **change)
    reported, again = open_box(client, job, **NOW), open_box(client, job, **NOW)
    _change(first["id"], finished_at=db_now() - 60)
    later = open_box(client, job, **NOW)

    assert reported.status_code == again.status_code == 422
    assert reported.json()["job_id"] == first["id"]
    assert client.get(f"/v1/jobs/{job['id']}").json()["inspect"] is False
    assert later.status_code == 202
    assert later.json()["id"] != first["id"]


@pytest.mark.usefixtures("busy_worker")
def test_an_upload_stays_while_stages_are_computed_from_it(client: TestClient) -> None:
    upload = client.post("/v1/uploads", files={"file": ("a.jpg", PICTURE + b"9")}).json()["id"]
    made = client.post("/v1/jobs", json={"capability": "tiny", "upload_id": upload}).json()
    _change(made["id"], status="succeeded", finished_at=1.0, started_at=1.0, result={})
    computation = open_box(client, made, **NOW).json()
    refused = client.delete(f"/v1/uploads/{upload}")
    client.post(f"/v1/jobs/{computation['id']}/cancel")

    assert refused.status_code == 409
    assert client.delete(f"/v1/uploads/{upload}").status_code == 204


@pytest.mark.usefixtures("inline_worker")
def test_stages_of_an_earlier_version_get_their_roles_by_place_and_kind(client: TestClient) -> None:
    job = ask(client, inspect="true")
    with transaction() as connection:
        rows = connection.execute(select(artifacts).where(artifacts.c.role == "stage")).all()
        for row in rows:
            keys = ("role", "title_message", "explanation_message")
            old = {name: value for name, value in row.stage.items() if name not in keys}
            connection.execute(update(artifacts).where(artifacts.c.id == row.id).values(stage=old))
    stages = open_box(client, job).json()["stages"]

    assert [(stage["id"], stage["role"]) for stage in stages] == [("input", "input"), ("boxes", "answer")]
    assert stages[0]["title_message"] == []


@pytest.mark.usefixtures("inline_worker")
def test_the_stages_of_a_capability_that_was_removed_cannot_be_computed(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = ask(client)
    monkeypatch.delitem(registry.cards(), "tiny")

    assert open_box(client, job).status_code == 409
    assert client.post(f"/v1/jobs/{job['id']}/retry").status_code == 409


def test_a_failed_computation_has_its_error(client: TestClient, inline_worker: Inference) -> None:
    job = ask(client)
    for file in (storage().local("") / "uploads").rglob("*"):
        if file.is_file():
            file.unlink()
    answer = open_box(client, job)

    assert inline_worker is not None
    assert answer.status_code == 422
    assert "no longer stored" in answer.json()["detail"]


@pytest.mark.usefixtures("inline_worker")
def test_a_deleted_upload_is_a_conflict(client: TestClient) -> None:
    job = ask(client)
    assert client.delete(f"/v1/uploads/{job['upload_id']}").status_code == 204
    answer = open_box(client, job)

    assert answer.status_code == 409
    assert "has been deleted" in answer.json()["detail"]
    assert answer.json()["detail_message"][0]["id"] == "core.inspection.input_gone"


@pytest.mark.usefixtures("inline_worker")
@pytest.mark.parametrize("gone", [{"deleted_at": 1.0}, {"location": None}])
def test_a_deleted_or_replaced_model_is_a_conflict(client: TestClient, gone: dict[str, Any]) -> None:
    job = ask(client)
    with transaction() as connection:
        connection.execute(update(models).where(models.c.id == UUID(job["model"]["id"])).values(gone))
    answer = open_box(client, job)

    assert answer.status_code == 409
    assert "deleted or replaced" in answer.json()["detail"]


@pytest.mark.usefixtures("inline_worker")
def test_stored_stages_outlive_upload_and_model(client: TestClient) -> None:
    job = client.post("/v1/predict/tiny", files={"file": ("a.jpg", PICTURE + b"1")}).json()
    opened = open_box(client, job).json()
    assert client.delete(f"/v1/uploads/{job['upload_id']}").status_code == 204

    assert open_box(client, job).json() == opened


@pytest.mark.usefixtures("busy_worker")
@pytest.mark.parametrize(
    ("change", "status"),
    [({}, 409), ({"status": "running"}, 409), ({"status": "failed", "finished_at": 1.0}, 404)],
)
def test_a_job_without_an_answer_cannot_be_opened(
    client: TestClient, change: dict[str, Any], status: int
) -> None:
    upload = client.post("/v1/uploads", files={"file": ("a.jpg", PICTURE)}).json()["id"]
    job = client.post("/v1/jobs", json={"capability": "tiny", "upload_id": upload}).json()
    if change:
        _change(job["id"], **change)

    assert open_box(client, job).status_code == status


def test_an_unknown_job_is_not_found(client: TestClient) -> None:
    assert client.get(f"/v1/jobs/{UUID(int=5)}/inspection").status_code == 404


@pytest.mark.usefixtures("inline_worker")
def test_deleting_a_job_deletes_its_stages_and_their_computation(client: TestClient) -> None:
    before = stored_files()
    job = ask(client)
    open_box(client, job)
    assert stored_files() > before
    assert client.delete(f"/v1/jobs/{job['id']}").status_code == 204

    assert stored_files() == before
    with reading() as connection:
        assert connection.scalar(select(func.count()).where(jobs.c.inspects == UUID(job["id"]))) == 0
        assert connection.scalar(select(func.count()).where(artifacts.c.job_id == UUID(job["id"]))) == 0


@pytest.mark.usefixtures("inline_worker")
def test_an_inspecting_job_can_neither_be_requested_nor_repeated(client: TestClient) -> None:
    refused = client.post("/v1/jobs", json={"capability": "tiny", "task": "inspect"})
    job = ask(client)
    open_box(client, job)
    (computation,) = client.get("/v1/jobs?task=inspect").json()["items"]

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/task"
    assert client.post(f"/v1/jobs/{computation['id']}/retry").status_code == 409


def test_without_a_worker_the_response_is_503(client: TestClient, busy_worker: Any) -> None:
    job = _succeeded(client)
    busy_worker.stop()
    client.app.state.hub._workers = (float("-inf"), [])  # pyright: ignore[reportFunctionMemberAccess, reportAttributeAccessIssue]

    assert open_box(client, job).status_code == 503


@pytest.mark.parametrize("capability", ["clustering", "tabular"])
def test_records_such_as_iterations_are_stored_with_the_answer(
    client: TestClient, inline_worker: Inference, capability: str
) -> None:
    assert inline_worker is not None
    rows = "\n".join(f"{number},{number % 7},{number * 2}" for number in range(60))
    job = client.post(
        f"/v1/predict/{capability}", files={"file": ("t.csv", f"a,b,c\n{rows}\n".encode())}
    ).json()

    assert job["inspect"] is True
    assert open_box(client, job).json()["stages"]
    assert client.get("/v1/jobs?task=inspect").json()["items"] == []
