"""What the API and its workers record in the log of decisions."""

import hashlib
from typing import Any

import orjson
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from backend.database import reading
from backend.services.log import sealing
from backend.services.log.verification import verify
from backend.settings import settings
from backend.tables import log_entries
from tests.capabilities.tiny.card import HERE

ANNA, BEN = {"x-api-key": "the-key-of-anna"}, {"authorization": "Bearer the-key-of-ben"}
PICTURE = (HERE / "sample.jpg").read_bytes()


@pytest.fixture
def keys(application: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    monkeypatch.setenv("GLASSBOX_API_KEYS", '{"anna": "the-key-of-anna", "ben": "the-key-of-ben"}')
    settings.cache_clear()


pytestmark = pytest.mark.usefixtures("keys", "inline_worker")


def entries() -> list[Any]:
    with reading() as connection:
        return list(connection.execute(select(log_entries).order_by(log_entries.c.id)).all())


def values(entry: Any) -> dict[str, Any]:
    return {field: value for field, (_, value) in entry.details.items()}


def test_a_prediction_is_recorded_with_its_key_its_input_and_its_answer(client: TestClient) -> None:
    files = {"file": ("my face.jpg", PICTURE)}
    job = client.post("/v1/predict/tiny", files=files, headers=ANNA).json()

    assert (job["status"], job["requested_by"]) == ("succeeded", "anna")
    [entry] = entries()
    assert entry.content == {
        "action": "predict",
        "job_id": job["id"],
        "capability": "tiny",
        "status": "succeeded",
        "model": {name: job["model"][name] for name in ("name", "version", "digest")},
    }
    stored = [client.get(file["url"], headers=ANNA).content for file in job["artifacts"]]
    answer = {"files": [hashlib.sha256(data).hexdigest() for data in stored], "result": job["result"]}
    assert values(entry) == {
        "by": "anna",
        "inputs": [{"name": "image", "file": "my face.jpg", "sha256": hashlib.sha256(PICTURE).hexdigest()}],
        "answer": hashlib.sha256(orjson.dumps(answer, option=orjson.OPT_SORT_KEYS)).hexdigest(),
    }
    assert "face" not in str(entry.content)


def test_a_repeated_job_belongs_to_whoever_repeated_it(client: TestClient) -> None:
    job = client.post("/v1/predict/dice", headers=ANNA).json()
    client.post(f"/v1/jobs/{job['id']}/retry", headers=BEN)

    assert [values(entry)["by"] for entry in entries()] == ["anna", "ben"]
    assert values(entries()[0])["answer"] == values(entries()[1])["answer"]


def test_a_failure_is_recorded_by_the_id_of_its_error(client: TestClient) -> None:
    files = {"file": ("my face.jpg", PICTURE), "params": (None, '{"fail": true}')}
    client.post("/v1/predict/tiny", files=files, headers=ANNA)

    [job] = client.get("/v1/jobs", headers=BEN).json()["items"]
    [entry] = entries()
    assert (job["status"], entry.content["status"]) == ("failed", "failed")
    assert entry.content["error"] == job["error_message"][0]["id"]
    assert "answer" not in entry.details


def test_deletions_leave_the_entries_and_a_valid_chain(client: TestClient) -> None:
    files = {"file": ("my face.jpg", PICTURE)}
    job = client.post("/v1/predict/tiny", files=files, headers=ANNA).json()
    sealing.seal()

    assert client.delete(f"/v1/jobs/{job['id']}", headers=ANNA).status_code == 204
    assert client.delete(f"/v1/uploads/{job['upload_id']}", headers=ANNA).status_code == 204

    assert [entry.content["job_id"] for entry in entries()] == [job["id"]]
    assert verify().problems == []
