"""Names: of uploads as they were sent, and of jobs and models as people want them."""

import threading
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import insert, select

from backend.database import db_now, transaction
from backend.services.models import naming
from backend.settings import settings
from backend.tables import jobs as job_rows
from backend.tables import models

TABLE = b"height,weight\n" + b"".join(b"%d,%d\n" % (n, 3 * n % 7) for n in range(1, 40))


def send(client: TestClient, name: str, data: bytes = TABLE) -> dict[str, Any]:
    return client.post("/v1/uploads", files={"file": (name, data)}).json()


def files() -> int:
    folder = settings().data_folder / "files" / "uploads"
    return sum(path.is_file() for path in folder.rglob("*"))


def test_the_same_bytes_under_another_name_have_that_name_and_share_the_file(client: TestClient) -> None:
    shipped = files()
    first, own = send(client, "secret-of-alice.csv"), send(client, "mine.csv")

    assert (first["name"], own["name"]) == ("secret-of-alice.csv", "mine.csv")
    assert first["sha256"] == own["sha256"]
    assert files() == shipped + 1
    assert [upload["name"] for upload in client.get("/v1/uploads").json()["items"]] == [
        "mine.csv", "secret-of-alice.csv",
    ]  # fmt: skip
    assert "mine.csv" in client.get(own["url"]).headers["content-disposition"]


def test_the_same_bytes_under_the_same_name_are_the_same_upload(client: TestClient) -> None:
    first, again = (client.post("/v1/uploads", files={"file": ("a.csv", TABLE)}) for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


def test_deleting_one_sending_leaves_the_bytes_to_the_others(client: TestClient) -> None:
    shipped = files()
    first, own = send(client, "a.csv"), send(client, "b.csv")

    assert client.delete(f"/v1/uploads/{first['id']}").status_code == 204
    assert client.get(first["url"]).status_code == 404
    assert client.get(own["url"]).content == TABLE
    assert client.delete(f"/v1/uploads/{own['id']}").status_code == 204
    assert files() == shipped
    assert client.get(send(client, "c.csv")["url"]).content == TABLE


def test_sendings_and_deletions_at_once_never_lose_the_bytes_of_an_upload(client: TestClient) -> None:
    kept: list[dict[str, Any]] = []

    def work(number: int) -> None:
        for turn in range(8):
            sent = send(client, f"{number}-{turn}.csv")
            if turn % 4:
                client.delete(f"/v1/uploads/{sent['id']}")
            else:
                kept.append(sent)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(kept) == 8
    assert [client.get(upload["url"]).content == TABLE for upload in kept] == [True] * 8


def test_the_file_of_a_sample_sent_under_another_name_can_be_deleted(client: TestClient) -> None:
    (sample,) = client.get("/v1/capabilities/tiny").json()["samples"]
    data = client.get(sample["url"]).content
    own = send(client, "mine.jpg", data)

    assert own["id"] != sample["upload_id"]
    assert client.delete(f"/v1/uploads/{own['id']}").status_code == 204
    assert client.get(sample["url"]).content == data


@pytest.mark.usefixtures("inline_worker")
def test_an_answer_never_comes_back_under_the_name_of_another_sender(client: TestClient) -> None:
    (sample,) = client.get("/v1/capabilities/tiny").json()["samples"]
    data = client.get(sample["url"]).content
    names = ["secret-of-alice.jpg", "mine.jpg", "mine.jpg"]
    answers = [client.post("/v1/predict/tiny", files={"file": (name, data)}) for name in names]

    assert [answer.json()["name"] for answer in answers] == names
    uploads = [client.get(f"/v1/uploads/{answer.json()['upload_id']}").json() for answer in answers]
    assert [upload["name"] for upload in uploads] == names
    assert [answer.headers.get("x-glassbox-answer") for answer in answers] == [None, None, "stored"]


@pytest.mark.usefixtures("busy_worker")
def test_a_job_has_the_name_of_its_first_file_until_it_is_renamed(client: TestClient) -> None:
    (sample,) = client.get("/v1/capabilities/tiny").json()["samples"]
    data = client.get(sample["url"]).content
    upload = send(client, "waves.jpg", data)
    job = client.post("/v1/jobs", json={"capability": "tiny", "upload_id": upload["id"]}).json()
    renamed = client.patch(f"/v1/jobs/{job['id']}", json={"name": "  Wellen, zweiter Versuch\u202e "})

    assert job["name"] == "waves.jpg"
    assert renamed.status_code == 200
    assert renamed.json() == {**job, "name": "Wellen, zweiter Versuch"}
    assert client.get(f"/v1/jobs/{job['id']}").json()["name"] == "Wellen, zweiter Versuch"
    assert client.get("/v1/jobs?name=wellen").json()["items"][0]["id"] == job["id"]


@pytest.mark.usefixtures("inline_worker")
def test_a_repeated_job_keeps_its_name(client: TestClient) -> None:
    (sample,) = client.get("/v1/capabilities/tiny").json()["samples"]
    body = {"capability": "tiny", "upload_id": sample["upload_id"]}
    job = client.post("/v1/jobs", json=body).json()
    client.patch(f"/v1/jobs/{job['id']}", json={"name": "kept"})

    assert client.post(f"/v1/jobs/{job['id']}/retry").json()["name"] == "kept"


@pytest.mark.parametrize("name", ["", "   ", "\u202e", "x" * 121, None, 3, ["a"]])
def test_a_name_that_cannot_be_shown_is_refused(client: TestClient, name: Any) -> None:
    (sample,) = client.get("/v1/capabilities/tiny").json()["samples"]
    answer = client.patch(f"/v1/jobs/{sample['job_id'] or UUID(int=1)}", json={"name": name})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/name"


def test_only_what_exists_can_be_renamed(client: TestClient) -> None:
    assert client.patch(f"/v1/jobs/{UUID(int=1)}", json={"name": "x"}).status_code == 404
    assert client.patch("/v1/models/none", json={"title": "x"}).status_code == 404
    assert client.patch("/v1/models/tiny", json={"title": "x"}).status_code == 409
    assert client.patch("/v1/models/tiny", json={"name": "x"}).status_code == 409
    assert client.patch("/v1/models/tiny", json={"name": "X y"}).status_code == 422


def test_a_trained_model_has_the_name_of_its_training_until_it_is_renamed(client: TestClient) -> None:
    job_id = UUID(int=7)
    row = {
        "id": job_id, "name": "flowers.csv", "capability": "tiny", "task": "train", "params": {},
        "inspect": False, "status": "succeeded", "max_attempts": 3, "created_at": db_now(),
    }  # fmt: skip
    weights = {"architecture": "tiny", "location": "k", "digest": "d", "bytes": 1, "metrics": {}}
    with transaction() as connection:
        connection.execute(insert(job_rows).values(row))
        named = naming.Named("tiny-7", 1)
        naming.register_trained(connection, named, capability="tiny", job_id=job_id, **weights)
    before = client.get("/v1/models?name=flowers").json()["items"]
    renamed = client.patch("/v1/models/tiny-7", json={"title": "Blumen"})

    assert [model["title"] for model in before] == ["flowers.csv"]
    assert renamed.json()["title"] == "Blumen"
    assert [model["name"] for model in client.get("/v1/models?name=blumen").json()["items"]] == ["tiny-7"]
    with transaction() as connection:
        assert connection.scalar(select(models.c.title).where(models.c.name == "tiny-7")) == "Blumen"
