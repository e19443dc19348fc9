"""Jobs through the API: created, listed, awaited, canceled, repeated, deleted."""

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import insert, select

from backend.database import transaction
from backend.storage import storage
from backend.tables import jobs as rows
from tests.capabilities.tiny.card import HERE

PICTURE = (HERE / "sample.jpg").read_bytes()


def upload(client: TestClient) -> str:
    return client.post("/v1/uploads", files={"file": ("waves.jpg", PICTURE)}).json()["id"]


def create(client: TestClient, headers: dict[str, str] | None = None, **values: Any) -> Any:
    body = {"capability": "tiny", "upload_id": upload(client), **values}
    return client.post("/v1/jobs", json=body, headers=headers)


@pytest.mark.usefixtures("inline_worker")
def test_a_job_is_queued_and_found_at_its_address(client: TestClient) -> None:
    made = create(client, headers={"x-request-id": "mine-1"})
    job = client.get(made.headers["location"]).json()

    assert made.status_code == 202
    assert made.headers["x-request-id"] == "mine-1"
    assert job["status"] == "succeeded"
    assert job["environment"]["device"] == "cpu"
    assert job["model"]["digest"]
    assert job["timings_ms"]["forward"] > 0


@pytest.mark.usefixtures("inline_worker")
def test_prefer_wait_returns_the_finished_job(client: TestClient) -> None:
    made = create(client, headers={"prefer": "wait=30"})

    assert made.status_code == 200
    assert made.json()["status"] == "succeeded"
    assert made.headers["preference-applied"] == "wait=30"


def test_prefer_wait_ends_in_time(client: TestClient) -> None:
    made = create(client, headers={"prefer": "wait=1"})

    assert made.status_code == 202
    assert made.json()["status"] == "queued"


@pytest.mark.parametrize(
    ("values", "status", "pointer"),
    [
        ({"capability": "no-such"}, 404, None),
        ({"upload_id": str(uuid4())}, 404, None),
        ({"upload_id": None}, 422, "/upload_id"),
        ({"upload_id": "x"}, 422, "/upload_id"),
        ({"task": "dance"}, 422, "/task"),
        ({"params": {"score": "much"}}, 422, "/params/score"),
        ({"params": {"a/b~": 1}}, 422, "/params/a~1b~0"),
        ({"surprise": 1}, 422, "/surprise"),
        ({"model": "tiny@99"}, 404, None),
        ({"task": "train", "params": {"steps": 10**30}}, 422, "/params/steps"),
        ({"task": "sweep"}, 422, "/task"),
    ],
)
def test_an_impossible_request_is_a_problem(
    client: TestClient, values: dict[str, Any], status: int, pointer: str | None
) -> None:
    answer = create(client, **values)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert pointer in [error["pointer"] for error in answer.json()["errors"]] or pointer is None


@pytest.mark.parametrize(
    ("values", "detail"),
    [
        ({"params": {"scor": 1}}, r"Invalid params: scor: Unknown; possible are: .*\bscore\b"),
        ({"paramz": {}}, r"paramz: Unknown; possible are: .*\bparams\b"),
        ({"task": "sweep"}, "created by POST /v1/sweeps"),
        ({"task": "check"}, "created by POST /v1/datasets"),
    ],
)
def test_the_error_of_a_misnamed_thing_names_the_right_one(
    client: TestClient, values: dict[str, Any], detail: str
) -> None:
    assert re.search(detail, create(client, **values).json()["detail"])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b'{"capability": NaN}', 400),
        (b'{"capability": "\\ud800"}', 400),
        (b'{"capability": "tiny\\u0000"}', 422),
        (b'"text"', 422),
        (b"[" * 100_000, 400),
        (b'{"params": {"score": 1' + b"0" * 5_000 + b"}}", 400),
    ],
)
def test_a_body_that_is_not_a_job_is_refused(client: TestClient, body: bytes, status: int) -> None:
    answer = client.post("/v1/jobs", content=body, headers={"content-type": "application/json"})

    assert answer.status_code == status
    assert answer.json()["title"]


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "The body is empty; it must be JSON."),
        (b"[]", "the body: must be a JSON object"),
        (b'{"capability": "' + b"x" * 1_000_000 + b'"}', "The body exceeds the limit of 1,000,000 bytes"),
    ],
)
def test_the_error_of_a_body_is_clear(client: TestClient, body: bytes, detail: str) -> None:
    answer = client.post("/v1/jobs", content=body, headers={"content-type": "application/json"})

    assert answer.json()["detail"].startswith(detail)


def test_a_body_of_another_type_or_encoding_is_refused(client: TestClient) -> None:
    for headers in (
        {"content-type": "text/plain"},
        {"content-type": "application/json", "content-encoding": "br"},
    ):
        answer = client.post("/v1/jobs", content=b"{}", headers=headers)
        assert answer.status_code == 415
    assert "br" in answer.json()["detail"]


def test_the_list_continues_where_the_page_ended(client: TestClient) -> None:
    made = [create(client).json()["id"] for _ in range(5)]
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        page = client.get("/v1/jobs", params={"limit": 2, "status": "queued", "cursor": cursor}).json()
        seen += [job["id"] for job in page["items"]]
        cursor = page["next_cursor"]

    assert seen == made[::-1]


@pytest.mark.parametrize("cursor", ["x", "AAAA", "bm90", "WzEsICJ4Il0=", "é", "WzFlOTk5LCJ4Il0="])
def test_a_cursor_that_was_tampered_with_is_refused(client: TestClient, cursor: str) -> None:
    answer = client.get("/v1/jobs", params={"cursor": cursor})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/cursor"


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=201", "limit=99999999999999999999", "status=done", "task=x", f"capability={'x' * 65}"],
)
def test_a_wrong_filter_is_refused(client: TestClient, query: str) -> None:
    assert client.get(f"/v1/jobs?{query}").status_code == 422


def test_a_nul_character_is_refused_at_once(client: TestClient) -> None:
    assert client.get("/v1/jobs?capability=%00").status_code == 400
    assert client.get("/v1/models/a%00b").status_code == 400
    assert client.get("/v1/jobs?capability=%ED%A0%80").status_code == 200


def test_a_queued_job_is_canceled_at_once(client: TestClient) -> None:
    job = create(client).json()
    canceled = client.post(f"/v1/jobs/{job['id']}/cancel")
    again = client.post(f"/v1/jobs/{job['id']}/cancel")

    assert canceled.json()["status"] == "canceled"
    assert canceled.json()["finished_at"]
    assert again.status_code == 200


@pytest.mark.usefixtures("inline_worker")
def test_a_finished_job_can_be_repeated_and_deleted_but_not_canceled(client: TestClient) -> None:
    job = create(client).json()
    assert client.post(f"/v1/jobs/{job['id']}/cancel").status_code == 409
    again = client.post(f"/v1/jobs/{job['id']}/retry")
    stages = client.get(f"/v1/jobs/{job['id']}/inspection").json()["stages"]

    assert again.status_code == 202
    assert again.json()["id"] != job["id"]
    assert again.json()["params"] == job["params"]
    assert client.delete(f"/v1/jobs/{job['id']}").status_code == 204
    assert client.get(f"/v1/jobs/{job['id']}").status_code == 404
    assert client.get(stages[0]["data_url"]).status_code == 404
    assert client.get(again.headers["location"]).json()["status"] == "succeeded"


def test_a_queued_job_can_be_neither_repeated_nor_deleted(client: TestClient) -> None:
    job = create(client).json()

    assert client.post(f"/v1/jobs/{job['id']}/retry").status_code == 409
    assert client.delete(f"/v1/jobs/{job['id']}").status_code == 409


@pytest.mark.parametrize("method_path", ["GET /", "DELETE /", "POST /cancel", "POST /retry", "GET /events"])
def test_an_unknown_job_is_404(client: TestClient, method_path: str) -> None:
    method, path = method_path.split()
    answer = client.request(method, f"/v1/jobs/{uuid4()}{path.rstrip('/')}")

    assert answer.status_code == 404
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


@pytest.mark.usefixtures("inline_worker")
def test_a_finished_job_is_not_sent_twice(client: TestClient) -> None:
    path = create(client).headers["location"]
    first = client.get(path)
    second = client.get(path, headers={"if-none-match": first.headers["etag"]})

    assert second.status_code == 304
    assert second.content == b""


def test_an_idempotency_key_finds_its_job(client: TestClient) -> None:
    key = {"idempotency-key": "k"}
    first, again = create(client, key), create(client, key)
    other = create(client, key, params={"score": 0.3})

    assert first.json()["id"] == again.json()["id"]
    assert other.status_code == 422
    assert other.json()["type"].endswith("idempotency-key-reused")


@pytest.mark.usefixtures("inline_worker")
def test_a_finished_prediction_can_answer_an_equal_request(client: TestClient) -> None:
    first = create(client, reuse=True, inspect=True)
    again = create(client, reuse=True, inspect=True)
    others = [
        create(client, inspect=True),
        create(client, {"idempotency-key": "own"}, reuse=True, inspect=True),
        create(client, reuse=True, inspect=True, params={"score": 0.3}),
    ]

    assert (first.status_code, again.status_code) == (202, 200)
    assert again.headers["location"] == first.headers["location"]
    assert again.json()["status"] == "succeeded"
    assert len({first.json()["id"], *(other.json()["id"] for other in others)}) == 4


@pytest.mark.usefixtures("inline_worker")
def test_the_stages_open_the_answer(client: TestClient) -> None:
    job = create(client).json()
    first, second = client.get(f"/v1/jobs/{job['id']}/inspection").json()["stages"]
    picture = client.get(first["files"]["input.png"])

    assert (first["id"], second["id"]) == ("input", "boxes")
    assert second["count"] == 20
    assert len(client.get(second["data_url"]).json()["boxes"]) == 20
    assert client.get(second["data_url"]).headers["content-type"] == "application/json"
    assert picture.content.startswith(b"\x89PNG")
    assert first["code"]["file"].endswith("tests/capabilities/tiny/predict.py")
    assert first["code"]["source"].startswith("def decode(self")


@pytest.mark.usefixtures("inline_worker")
def test_a_file_missing_from_storage_is_404(client: TestClient) -> None:
    job = create(client).json()
    stage = client.get(f"/v1/jobs/{job['id']}/inspection").json()["stages"][0]
    for file in (storage().local("") / "artifacts").rglob("*"):
        if file.is_file():
            file.unlink()

    assert client.get(stage["data_url"]).status_code == 404


@pytest.mark.usefixtures("inline_worker")
def test_an_answer_shipped_with_an_earlier_version_is_not_listed(client: TestClient) -> None:
    (shipped, *_) = client.get("/v1/jobs?samples=true").json()["items"]
    with transaction() as connection:
        row = dict(connection.execute(select(rows).where(rows.c.id == UUID(shipped["id"]))).one()._mapping)
        connection.execute(insert(rows).values({**row, "id": uuid4()}))
    requested = create(client).json()["id"]
    again = client.post(f"/v1/jobs/{shipped['id']}/retry").json()["id"]

    assert [job["id"] for job in client.get("/v1/jobs").json()["items"]] == [again, requested]
