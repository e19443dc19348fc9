"""Deletion of files and models, on request or because of their age."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, event, func, insert, select, update

from backend.database import engine, reading, transaction
from backend.errors import StorageAway
from backend.services import retention
from backend.settings import settings
from backend.storage import LocalStorage, storage
from backend.tables import jobs, models, uploads
from tests.capabilities.tiny.card import HERE

PICTURE = (HERE / "sample.jpg").read_bytes()
YEARS_AGO = 1.0


@pytest.fixture
def keep_days(application: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert application is None
    monkeypatch.setenv("GLASSBOX_KEEP_DAYS", "1")
    monkeypatch.setenv("GLASSBOX_SWEEP_SECONDS", "1000")
    settings.cache_clear()


@pytest.fixture
def keeping(keep_days: None, client: TestClient) -> TestClient:
    """The API with a retention of one day; the test triggers the deletion."""
    assert keep_days is None
    return client


def send(client: TestClient, number: int = 1) -> str:
    return client.post("/v1/uploads", files={"file": ("waves.jpg", PICTURE + bytes([number]))}).json()["id"]


def predict(client: TestClient, upload_id: str, **values: Any) -> Any:
    return client.post("/v1/jobs", json={"capability": "tiny", "upload_id": upload_id, **values})


def grow_old(table: Any = uploads, **values: Any) -> None:
    with transaction() as connection:
        connection.execute(update(table).values(values or {"created_at": YEARS_AGO}))


def files() -> int:
    folder = settings().data_folder / "files" / "uploads"
    return sum(path.is_file() for path in folder.rglob("*"))


def count(table: Any) -> int:
    with reading() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.usefixtures("inline_worker")
def test_old_jobs_are_deleted_even_if_another_process_deletes_them_too(keeping: TestClient) -> None:
    job_ids = [predict(keeping, send(keeping, number)).json()["id"] for number in range(3)]
    grow_old(jobs, finished_at=YEARS_AGO)
    raced: list[str] = []

    def race(*happening: Any) -> None:
        if happening[2].startswith("BEGIN") and not raced:
            raced.append("once")
            with engine().connect() as rival:
                rival.execute(delete(jobs).where(jobs.c.id == UUID(job_ids[0])))
                rival.commit()

    event.listen(engine(), "before_cursor_execute", race)
    retention.delete_old()
    event.remove(engine(), "before_cursor_execute", race)

    assert [keeping.get(f"/v1/jobs/{job_id}").status_code for job_id in job_ids] == [404] * 3


@pytest.mark.usefixtures("keeping")
def test_samples_never_expire() -> None:
    grow_old()
    grow_old(jobs, created_at=YEARS_AGO, finished_at=YEARS_AGO)
    before = count(jobs), count(uploads), files()
    assert min(before) > 1
    retention.delete_old()

    assert (count(jobs), count(uploads), files()) == before


def test_old_unused_uploads_are_deleted_with_their_files(keeping: TestClient) -> None:
    shipped = files()
    unused, used = send(keeping, 1), send(keeping, 2)
    predict(keeping, used)
    grow_old()
    young = send(keeping, 3)
    assert files() == shipped + 3
    retention.delete_old()

    found = [keeping.get(f"/v1/uploads/{one}").status_code for one in (unused, used, young)]
    assert found == [404, 200, 200]
    assert files() == shipped + 2
    again = send(keeping, 1)
    assert again != unused
    assert keeping.get(f"/v1/uploads/{again}/content").content == PICTURE + bytes([1])


@pytest.fixture
def undeletable(monkeypatch: pytest.MonkeyPatch) -> None:
    """From then on the storage deletes nothing: it went away after the rows were read."""

    def refuse(*_: Any) -> None:
        raise StorageAway(5, "no answer")

    for name in ("delete", "delete_all"):
        monkeypatch.setattr(LocalStorage, name, refuse)


@pytest.mark.usefixtures("undeletable", "inline_worker")
def test_a_file_that_cannot_be_deleted_is_left_over_and_logged(
    keeping: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    job = predict(keeping, send(keeping, 1)).json()
    name = train()

    assert keeping.delete(f"/v1/jobs/{job['id']}").status_code == 204
    assert keeping.delete(f"/v1/uploads/{job['upload_id']}").status_code == 204
    assert keeping.delete(f"/v1/models/{name}").status_code == 204
    old = [send(keeping, number) for number in (2, 3)]
    grow_old()
    retention.delete_old()
    assert [keeping.get(f"/v1/uploads/{one}").status_code for one in old] == [404, 404]
    for key in ("uploads/", "models/tiny/own.safetensors", "reports/"):
        assert f"the file {key}" in caplog.text


def test_an_old_upload_that_is_sent_again_counts_as_new(keeping: TestClient) -> None:
    before = send(keeping)
    grow_old()
    assert send(keeping) == before
    retention.delete_old()

    assert keeping.get(f"/v1/uploads/{before}").status_code == 200


@pytest.mark.usefixtures("inline_worker")
def test_an_upload_is_deleted_and_its_answers_are_kept(client: TestClient) -> None:
    shipped = files()
    upload_id = send(client)
    job = predict(client, upload_id, inspect=True).json()

    assert client.delete(f"/v1/uploads/{upload_id}").status_code == 204
    assert client.get(f"/v1/uploads/{upload_id}/content").status_code == 404
    assert files() == shipped
    kept = client.get(f"/v1/jobs/{job['id']}").json()
    assert (kept["status"], kept["upload_id"], kept["upload_deleted"]) == ("succeeded", None, True)
    assert client.get(f"/v1/jobs/{job['id']}/inspection").status_code == 200
    retried = client.post(f"/v1/jobs/{job['id']}/retry")
    assert retried.status_code == 409
    assert "upload" in retried.json()["detail"]
    assert client.delete(f"/v1/uploads/{upload_id}").status_code == 404


@pytest.mark.usefixtures("inline_worker")
def test_the_report_of_a_table_is_deleted_with_it(client: TestClient) -> None:
    table = client.post("/v1/uploads", files={"file": ("a.csv", b"a;b\n1;2\n")}).json()
    for query in ("", "?params=%7B%22delimiter%22%3A%22semicolon%22%7D"):
        assert client.get(f"/v1/uploads/{table['id']}/table{query}").status_code == 200
    folder = settings().data_folder / "files" / "reports"
    assert len(list(folder.rglob("*.json"))) == 2
    client.delete(f"/v1/uploads/{table['id']}")

    assert list(folder.rglob("*.json")) == []


def test_an_upload_that_a_job_needs_is_kept(client: TestClient) -> None:
    upload_id = send(client)
    job = predict(client, upload_id).json()
    refused = client.delete(f"/v1/uploads/{upload_id}")

    assert refused.status_code == 409
    assert job["id"] in refused.json()["detail"]
    client.post(f"/v1/jobs/{job['id']}/cancel")
    assert client.delete(f"/v1/uploads/{upload_id}").status_code == 204


def test_the_upload_of_a_sample_is_kept(client: TestClient) -> None:
    (sample,) = client.get("/v1/capabilities/tiny").json()["samples"]
    refused = client.delete(f"/v1/uploads/{sample['upload_id']}")

    assert refused.status_code == 409
    assert "sample" in refused.json()["detail"]


def train(name: str = "tiny-own") -> str:
    """Register a model as a training does."""
    storage().put("models/tiny/own.safetensors", (HERE / "tiny.safetensors").read_bytes())
    with transaction() as connection:
        connection.execute(
            insert(models).values(
                id=uuid4(), name=name, version=1, capability="tiny", title="Own", summary="", license="",
                architecture="tiny", source="trained", location="models/tiny/own.safetensors", metrics={},
                card="", created_at=YEARS_AGO,
            )
        )  # fmt: skip
    return name


@pytest.mark.usefixtures("inline_worker")
def test_a_trained_model_is_deleted_and_its_answers_are_kept(client: TestClient) -> None:
    name = train()
    client.put(f"/v1/models/{name}/default", json={})
    job = predict(client, send(client), model=name).json()
    assert job["model"]["name"] == name

    assert client.delete(f"/v1/models/{name}").status_code == 204
    assert not (settings().data_folder / "files" / "models" / "tiny" / "own.safetensors").exists()
    for path in (f"/v1/models/{name}", f"/v1/models/{name}/card"):
        assert client.get(path).status_code == 404
    names = [model["name"] for model in client.get("/v1/models").json()["items"]]
    assert name not in names
    assert predict(client, send(client), model=name).status_code == 404
    assert predict(client, send(client)).json()["model"]["name"] == "tiny"  # answers by default again
    kept = client.get(f"/v1/jobs/{job['id']}").json()
    assert (kept["status"], kept["model"]["name"]) == ("succeeded", name)
    retried = client.post(f"/v1/jobs/{job['id']}/retry")
    assert retried.status_code == 409
    assert name in retried.json()["detail"]
    assert client.delete(f"/v1/models/{name}").status_code == 404


def test_a_model_that_a_job_needs_is_kept(client: TestClient) -> None:
    name = train()
    job = predict(client, send(client), model=name).json()
    refused = client.delete(f"/v1/models/{name}")

    assert refused.status_code == 409
    assert job["id"] in refused.json()["detail"]
    assert client.get(f"/v1/models/{name}").status_code == 200


def test_a_shipped_model_is_kept(client: TestClient) -> None:
    refused = client.delete("/v1/models/tiny")

    assert refused.status_code == 409
    assert "is part of Glassbox" in refused.json()["detail"]
    assert client.get("/v1/models/tiny").status_code == 200
