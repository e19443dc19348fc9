"""What the API and its workers record in the log of decisions."""

import hashlib
from typing import Any

import orjson
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, select

from backend.database import reading, transaction
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


def test_the_list_is_paged_and_filtered(client: TestClient) -> None:
    jobs = [
        client.post("/v1/predict/dice", json={"params": {"seed": seed}}, headers=who).json()
        for seed, who in enumerate((ANNA, BEN, ANNA))
    ]
    assert client.put("/v1/models/fair-dice/default", json={}, headers=BEN).status_code == 200

    first = client.get("/v1/log", params={"limit": 3}, headers=ANNA).json()
    rest = client.get("/v1/log", params={"cursor": first["next_cursor"]}, headers=ANNA).json()
    listed = first["items"] + rest["items"]
    assert [item["action"] for item in listed] == ["default_model", "predict", "predict", "predict"]
    assert [item["content"].get("job_id") for item in listed[1:]] == [job["id"] for job in jobs[::-1]]
    assert [item["details"]["by"] for item in listed] == ["ben", "anna", "ben", "anna"]

    def number(**chosen: str) -> int:
        return len(client.get("/v1/log", params=chosen, headers=ANNA).json()["items"])

    assert (number(action="default_model"), number(by="anna"), number(job_id=jobs[1]["id"])) == (1, 2, 1)
    assert (number(model="fair-dice"), number(model="fair-dice", by="ben"), number(by="nobody")) == (4, 2, 0)
    for cursor in ("x", first["next_cursor"][:-2], "WyJsb2ciLDEuMCwxODQ0Njc0NDA3MzcwOTU1MTYxNV0"):
        assert client.get("/v1/log", params={"cursor": cursor}, headers=ANNA).status_code == 422


def test_the_verification_shows_where_the_log_was_changed(client: TestClient) -> None:
    for seed in range(3):
        client.post("/v1/predict/dice", json={"params": {"seed": seed}}, headers=ANNA)
    sealing.seal()
    valid = client.get("/v1/log/verification", headers=ANNA).json()
    assert (valid["is_valid"], valid["entries"], valid["last"], valid["problems"]) == (True, 3, 3, [])
    noted = {"position": valid["last"], "hash": valid["head"]}
    assert client.get("/v1/log/verification", params=noted, headers=ANNA).json()["is_valid"]

    with transaction() as connection:
        connection.execute(delete(log_entries).where(log_entries.c.position == 2))
    found = client.get("/v1/log/verification", headers=ANNA).json()
    assert not found["is_valid"]
    assert [problem["position"] for problem in found["problems"]] == [2]
    assert found["problems"][0]["text_parts"][0]["id"] == "core.log.missing"
    assert client.get("/v1/log/verification", params={"position": 1}, headers=ANNA).status_code == 422
    assert client.get("/v1/log").status_code == 401


def test_deletions_of_datasets_and_models_are_recorded(client: TestClient) -> None:
    body = {"name": "Faces of my friends", "kind": "classes", "classes": ["a", "b"]}
    dataset = client.post("/v1/datasets", json=body, headers=ANNA).json()
    assert client.delete(f"/v1/datasets/{dataset['id']}", headers=BEN).status_code == 204

    [entry] = entries()
    assert entry.content["action"] == "delete_dataset"
    assert entry.content["dataset"] == {"id": dataset["id"]}
    assert values(entry) == {"by": "ben", "name": "Faces of my friends"}


def test_a_sweep_is_recorded_once_with_whoever_began_it(client: TestClient) -> None:
    body = {
        "capability": "dice",
        "of": "predict",
        "axes": [{"param": "count", "values": [1, 2]}],
        "seeds": [0],
    }
    sweep = client.post("/v1/sweeps", json=body, headers=BEN).json()
    assert client.post(f"/v1/jobs/{sweep['id']}/cancel", headers=ANNA).status_code == 200

    [entry] = entries()
    assert (sweep["requested_by"], values(entry)["by"]) == ("ben", "ben")
    assert (entry.content["action"], entry.content["status"]) == ("sweep", "canceled")
