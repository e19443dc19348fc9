"""What a training takes: an upload of its own kind, or none; all else is refused before it is queued."""

from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from backend.database import transaction
from backend.tables import uploads
from tests.workers.training.trainings import PICTURE, ask, photos, table, upload


@pytest.mark.parametrize(
    ("capability", "data", "words"),
    [
        ("clustering", PICTURE, ("trains on tables", "read as an image")),
        ("clustering", photos(1), ("trains on tables", "read as a ZIP archive")),
        ("denoising", table(5), ("trains on ZIP archives", "read as a table")),
        ("colorization", PICTURE, ("trains on ZIP archives", "read as an image")),
        ("super_resolution", table(5), ("trains on ZIP archives", "read as a table")),
    ],
)
def test_an_upload_of_another_kind_is_refused(
    client: TestClient, capability: str, data: bytes, words: tuple[str, str]
) -> None:
    refused = ask(client, capability=capability, params={}, upload_id=upload(client, data, "mine")["id"])

    assert refused.status_code == 415
    assert all(word in refused.json()["detail"] for word in words)
    assert client.get("/v1/jobs?task=train").json()["items"] == []


def test_what_takes_no_upload_says_so(client: TestClient) -> None:
    refused = ask(client, capability="detection", params={}, upload_id=upload(client, photos(1))["id"])

    assert refused.status_code == 422
    assert refused.json()["errors"] == [{"pointer": "/upload_id", "detail": "must be left out"}]
    assert "trains on no upload" in refused.json()["detail"]


def test_an_upload_that_is_not_there_is_not_found(client: TestClient) -> None:
    refused = ask(client, upload_id=str(uuid4()))

    assert refused.status_code == 404
    assert "no upload" in refused.json()["detail"]


def test_the_cards_say_what_a_training_takes(client: TestClient) -> None:
    items = client.get("/v1/capabilities").json()["items"]
    takes = {item["name"]: item["trains_on"] for item in items}

    assert takes["clustering"] == "table"
    assert takes["denoising"] == takes["colorization"] == takes["super_resolution"] == "archive"
    assert takes["detection"] is takes["segmentation"] is None


def test_the_same_key_is_the_same_training_and_no_other(client: TestClient) -> None:
    mine, other = upload(client, table(20)), upload(client, table(21))
    first, again = (ask(client, {"idempotency-key": "k"}, upload_id=mine["id"]) for _ in range(2))

    assert first.json()["id"] == again.json()["id"]
    assert ask(client, {"idempotency-key": "k"}, upload_id=other["id"]).status_code == 409
    assert ask(client, {"idempotency-key": "k"}).status_code == 409


def test_an_upload_is_held_by_the_jobs_that_need_it(client: TestClient) -> None:
    mine = upload(client, table(20))
    assert ask(client, upload_id=mine["id"]).status_code == 202

    with pytest.raises(IntegrityError), transaction() as connection:
        connection.execute(delete(uploads).where(uploads.c.id == UUID(mine["id"])))
