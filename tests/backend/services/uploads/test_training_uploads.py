"""The upload of a training: one of its own kind, or none; all else is refused before it is queued."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from backend.database import transaction
from backend.tables import uploads
from models.core.contract import registry
from tests.workers.training.trainings import PICTURE, ask, photos, table, upload


@pytest.mark.parametrize(
    ("capability", "data", "details"),
    [
        ("clustering", PICTURE, ("takes tables", "is an image")),
        ("clustering", photos(1), ("takes tables", "is a ZIP archive")),
        ("denoising", table(5), ("takes ZIP archives", "is a table")),
        ("colorization", PICTURE, ("takes ZIP archives", "is an image")),
        ("super_resolution", table(5), ("takes ZIP archives", "is a table")),
    ],
)
def test_an_upload_of_another_kind_is_refused(
    client: TestClient, capability: str, data: bytes, details: tuple[str, str]
) -> None:
    refused = ask(client, capability=capability, params={}, upload_id=upload(client, data, "own")["id"])

    assert refused.status_code == 415
    assert all(detail in refused.json()["detail"] for detail in details)
    assert client.get("/v1/jobs?task=train").json()["items"] == []


def test_a_training_without_uploads_refuses_one(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    card = registry.cards()["detection"]
    monkeypatch.setitem(registry.cards(), "detection", replace(card, trains_on=None))
    refused = ask(client, capability="detection", params={}, upload_id=upload(client, photos(1))["id"])

    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert (error["pointer"], error["detail"]) == ("/upload_id", "does not name an input")
    assert "trains only on the data that it ships with" in refused.json()["detail"]


def test_an_unknown_upload_is_not_found(client: TestClient) -> None:
    refused = ask(client, upload_id=str(uuid4()))

    assert refused.status_code == 404
    assert "does not exist" in refused.json()["detail"]


def test_the_cards_declare_the_data_of_trainings(client: TestClient) -> None:
    items = client.get("/v1/capabilities").json()["items"]
    takes = {item["name"]: item["trains_on"] for item in items}

    assert (takes["clustering"]["name"], takes["clustering"]["kind"]) == ("dataset", "table")
    assert {takes[name]["kind"] for name in ("denoising", "detection", "segmentation")} == {"archive"}


def test_an_idempotency_key_identifies_one_training(client: TestClient) -> None:
    one, other = upload(client, table(20)), upload(client, table(21))
    first, again = (ask(client, {"idempotency-key": "k"}, upload_id=one["id"]) for _ in range(2))

    assert first.json()["id"] == again.json()["id"]
    assert ask(client, {"idempotency-key": "k"}, upload_id=other["id"]).status_code == 422
    assert ask(client, {"idempotency-key": "k"}).status_code == 422


def test_an_upload_is_kept_while_jobs_need_it(client: TestClient) -> None:
    needed = upload(client, table(20))
    assert ask(client, upload_id=needed["id"]).status_code == 202

    with pytest.raises(IntegrityError), transaction() as connection:
        connection.execute(delete(uploads).where(uploads.c.id == UUID(needed["id"])))
