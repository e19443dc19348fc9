"""Predictions in one request."""

import gzip
import json
import threading
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from backend.settings import settings
from tests.capabilities.tiny.card import HERE

PICTURE = (HERE / "sample.jpg").read_bytes()
JPEG = {"content-type": "image/jpeg"}


def predict(client: TestClient, headers: dict[str, str] | None = None, **query: Any) -> Response:
    return client.post("/v1/predict/tiny", content=PICTURE, params=query, headers=JPEG | (headers or {}))


@pytest.mark.usefixtures("inline_worker")
def test_a_picture_in_the_body_is_answered_with_its_finished_job(client: TestClient) -> None:
    answer = predict(client)

    job = answer.json()
    assert answer.status_code == 200
    assert job["status"] == "succeeded"
    assert len(job["result"]["objects"]) == 20
    assert job["result"]["image"] == {"width": 640, "height": 480}
    assert answer.headers["location"] == f"/v1/jobs/{job['id']}"
    assert [part.split(";")[0] for part in answer.headers["server-timing"].split(", ")] == [
        "queue", "decode", "forward", "encode", "store",
    ]  # fmt: skip
    assert client.get(f"/v1/jobs/{job['id']}").json() == job


@pytest.mark.usefixtures("inline_worker")
@pytest.mark.parametrize("query", ["score=0.5", "Params=%7B%7D", "inspect=false&x=1"])
def test_an_unknown_query_parameter_is_refused(client: TestClient, query: str) -> None:
    answer = client.post(f"/v1/predict/tiny?{query}", content=PICTURE, headers=JPEG)

    assert answer.status_code == 422
    assert "unknown query parameter" in answer.json()["detail"]
    assert client.get("/v1/jobs").json()["items"] == []


def test_a_param_beside_the_params_is_shown_its_place(client: TestClient) -> None:
    in_query = predict(client, score="0.5")
    in_form = client.post("/v1/predict/tiny", files={"file": ("a.jpg", PICTURE)}, data={"score": "0.5"})

    for answer in (in_query, in_form):
        assert answer.json()["detail"].endswith('send it as params={"score": ...}.')


@pytest.mark.usefixtures("inline_worker")
def test_a_form_has_all_options_in_its_fields(client: TestClient) -> None:
    answer = client.post("/v1/predict/tiny?inspect=false", files={"file": ("a.jpg", PICTURE)})

    assert answer.status_code == 422
    assert [(each["pointer"], each["detail"]) for each in answer.json()["errors"]] == [
        ("/inspect", "is unknown")
    ]


@pytest.mark.usefixtures("inline_worker")
def test_an_idempotency_key_is_remembered_beside_a_stored_answer(client: TestClient) -> None:
    key = {"idempotency-key": "once"}
    before = predict(client).json()
    first, again = predict(client, key), predict(client, key)
    other = predict(client, key, params=json.dumps({"score": 0.5}))

    assert first.json()["id"] == again.json()["id"] != before["id"]
    assert other.status_code == 422
    assert other.json()["type"] == "urn:glassbox:idempotency-key-reused"


@pytest.mark.usefixtures("inline_worker")
def test_a_stored_answer_reports_no_times_of_its_own(client: TestClient) -> None:
    fresh, stored = predict(client), predict(client)

    assert stored.headers["x-glassbox-answer"] == "stored"
    assert "server-timing" in fresh.headers
    assert "server-timing" not in stored.headers


@pytest.mark.usefixtures("inline_worker")
def test_a_form_is_equivalent_to_body_and_query(client: TestClient) -> None:
    form = {"params": json.dumps({"score": 0.5}), "model": "tiny@1", "inspect": "false"}
    by_form = client.post("/v1/predict/tiny", files={"file": ("a.jpg", PICTURE)}, data=form).json()
    by_query = predict(client, {"cache-control": "no-cache"}, name="a.jpg", **form).json()

    assert by_form["params"]["score"] == 0.5
    assert by_form["inspect"] is False
    assert by_form["upload_id"] == by_query["upload_id"]
    assert by_form["result"] == by_query["result"]


@pytest.mark.usefixtures("inline_worker")
def test_a_repeated_prediction_is_answered_from_storage(client: TestClient) -> None:
    first = predict(client)
    again = predict(client)
    fresh = predict(client, {"cache-control": "no-cache"})
    other = predict(client, params='{"score": 0.9}')

    assert again.json()["id"] == first.json()["id"]
    assert again.headers["x-glassbox-answer"] == "stored"
    assert len({first.json()["id"], fresh.json()["id"], other.json()["id"]}) == 3
    assert "x-glassbox-answer" not in fresh.headers


@pytest.mark.usefixtures("inline_worker")
@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("image/png", "image/png"),
        ("image/*", "image/png"),
        ("image/png, */*", "image/png"),
        ("image/png;q=0.5, application/json", "application/json"),
        ("*/*", "application/json"),
        ("application/json;q=0.5, image/png", "image/png"),
        ("application/*", "application/json"),
    ],
)
def test_accept_chooses_between_picture_and_json(client: TestClient, accept: str, media_type: str) -> None:
    answer = predict(client, {"accept": accept})

    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type
    assert answer.content.startswith(b"\x89PNG" if media_type == "image/png" else b"{")


@pytest.mark.usefixtures("inline_worker")
def test_a_damaged_picture_is_a_client_error_that_names_the_job(client: TestClient) -> None:
    answer = client.post("/v1/predict/tiny", content=PICTURE[:20_000], headers=JPEG)

    problem = answer.json()
    assert answer.status_code == 422
    assert "truncated" in problem["detail"]
    assert client.get(f"/v1/jobs/{problem['job_id']}").json()["status"] == "failed"


@pytest.mark.usefixtures("inline_worker")
def test_a_bug_is_a_500_that_reveals_no_code(client: TestClient) -> None:
    answer = predict(client, params='{"fail": true}')

    problem = answer.json()
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "bug, as requested" not in answer.text
    assert client.get(f"/v1/jobs/{problem['job_id']}").json()["status"] == "failed"


def test_without_a_worker_the_response_is_503_at_once(client: TestClient) -> None:
    answer = predict(client)

    assert answer.status_code == 503
    assert "glassbox worker predict" in answer.json()["detail"]
    assert client.get("/v1/jobs?status=queued").json()["items"] == []


def test_respond_async_queues_without_a_worker(client: TestClient) -> None:
    answer = predict(client, {"prefer": "respond-async"})

    assert answer.status_code == 202
    assert answer.json()["status"] == "queued"
    assert answer.json()["queue"]["position"] == 1
    assert client.get(answer.headers["location"]).json()["id"] == answer.json()["id"]


@pytest.mark.usefixtures("busy_worker")
def test_a_wait_that_is_too_short_ends_with_202(client: TestClient) -> None:
    answer = predict(client, {"prefer": "wait=0"})

    assert answer.status_code == 202
    assert answer.json()["status"] == "queued"


@pytest.mark.usefixtures("inline_worker")
@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"params": '{"score": 3}'}, "/params/score"),
        ({"params": '{"unknown": 3}'}, "/params/unknown"),
        ({"params": '{"score": NaN}'}, "/params"),
        ({"params": '{"score": 1e999}'}, "/params"),
        ({"params": '{"score": 100000000000000000000000000000}'}, "/params/score"),
        ({"params": '{"score": "\\ud800"}'}, "/params"),
        ({"params": '{"score\\u0000": 1}'}, ""),
        ({"params": "[1]"}, "/params"),
        ({"params": "not json"}, "/params"),
        ({"inspect": "perhaps"}, "/inspect"),
        ({"model": "tiny@none"}, "/model"),
        ({"model": "x" * 161}, "/model"),
    ],
)
def test_an_invalid_option_has_a_pointer(client: TestClient, query: dict[str, str], pointer: str) -> None:
    answer = predict(client, None, **query)

    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]


@pytest.mark.usefixtures("inline_worker")
def test_the_error_for_a_missing_model_has_instructions(client: TestClient) -> None:
    answer = predict(client, model="tiny-large")

    assert answer.status_code == 409
    assert "glassbox models pull tiny-large" in answer.json()["detail"]
    assert predict(client, model="no-such").status_code == 404


@pytest.mark.usefixtures("inline_worker")
def test_a_table_is_not_a_picture(client: TestClient) -> None:
    answer = client.post("/v1/predict/tiny", files={"file": ("a.csv", b"a,b\n1,2\n")})

    assert answer.status_code == 415
    assert answer.json()["detail"] == "Tiny takes images, but 'a.csv' is a table. Choose another file."


@pytest.mark.usefixtures("inline_worker")
def test_an_idempotency_key_makes_a_retry_safe(client: TestClient) -> None:
    key = {"idempotency-key": "once", "cache-control": "no-cache"}
    first, again = predict(client, key).json(), predict(client, key).json()
    other = predict(client, key, params='{"score": 0.7}')

    assert first["id"] == again["id"]
    assert other.status_code == 422
    assert other.json()["type"] == "urn:glassbox:idempotency-key-reused"
    assert predict(client, {"idempotency-key": "k" * 201}).status_code == 422


@pytest.mark.usefixtures("busy_worker")
def test_a_full_queue_reports_when_to_retry(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLASSBOX_MAX_QUEUED", "1")
    settings.cache_clear()
    first = predict(client, {"prefer": "respond-async"})
    second = predict(client, {"prefer": "respond-async"})

    assert first.status_code == 202
    assert second.status_code == 429
    assert int(second.headers["retry-after"]) >= 1


@pytest.mark.usefixtures("inline_worker")
@pytest.mark.parametrize(
    "accept", ["image/jpeg", "image/webp", "text/plain", "application/json;q=0, image/png;q=0"]
)
def test_what_no_answer_can_be_is_not_acceptable(client: TestClient, accept: str) -> None:
    answer = predict(client, {"accept": accept})

    assert answer.status_code == 406
    assert "image/png" in answer.json()["detail"]


@pytest.mark.usefixtures("inline_worker")
def test_the_picture_is_an_operation_of_its_own(client: TestClient) -> None:
    files = {"file": ("a.jpg", PICTURE)}
    answer = client.post("/v1/predict/tiny/picture", files=files, data={"params": '{"score": 0.5}'})
    refused = client.post("/v1/predict/dice/picture", json={})

    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert answer.content.startswith(b"\x89PNG")
    assert client.get(answer.headers["location"]).json()["params"]["score"] == 0.5
    assert refused.status_code == 406
    assert "POST /v1/predict/dice" in refused.json()["detail"]


@pytest.mark.usefixtures("inline_worker")
def test_a_body_without_a_type_is_what_its_content_is(client: TestClient) -> None:
    answer = client.post("/v1/predict/tiny", content=PICTURE)

    assert "content-type" not in answer.request.headers
    assert answer.json()["status"] == "succeeded"
    assert client.post("/v1/uploads", content=PICTURE).json()["media_type"] == "image/jpeg"


@pytest.mark.usefixtures("inline_worker")
@pytest.mark.parametrize("level", [1, 9])
def test_a_compressed_body_is_read(client: TestClient, level: int) -> None:
    headers = {"content-encoding": "gzip"}
    packed = gzip.compress(PICTURE[:30_000], level) + gzip.compress(PICTURE[30_000:], level)
    raw = client.post("/v1/predict/tiny", content=packed, headers=JPEG | headers)
    body = gzip.compress(json.dumps({"capability": "dice", "params": {"count": 3}}).encode())
    job = client.post("/v1/jobs", content=body, headers={**headers, "content-type": "application/json"})
    form = client.build_request("POST", "/v1/uploads", files={"file": ("a.jpg", PICTURE)})
    sent = client.post(
        "/v1/uploads",
        content=gzip.compress(form.read()),
        headers={**headers, "content-type": form.headers["content-type"]},
    )

    assert raw.json()["status"] == "succeeded"
    assert client.get(f"/v1/uploads/{raw.json()['upload_id']}/content").content == PICTURE
    assert job.json()["params"]["count"] == 3
    assert sent.json()["bytes"] == len(PICTURE)


def test_a_body_that_grows_beyond_the_limit_is_refused(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLASSBOX_MAX_UPLOAD_BYTES", "1000000")
    settings.cache_clear()
    bomb = gzip.compress(bytes(30_000_000))
    headers = {"content-encoding": "gzip"}
    raw = client.post("/v1/uploads", content=bomb, headers=headers)
    as_json = client.post("/v1/jobs", content=bomb, headers={**headers, "content-type": "application/json"})

    assert len(bomb) < 50_000
    assert (raw.status_code, as_json.status_code) == (413, 413)


@pytest.mark.parametrize(
    ("encoding", "body", "status"),
    [
        ("gzip", b"not gzip", 400),
        ("gzip", gzip.compress(PICTURE)[:-20], 400),
        ("gzip", gzip.compress(b"") * 200, 400),
        ("br", PICTURE, 415),
        ("gzip, gzip", PICTURE, 415),
    ],
)
def test_a_body_that_cannot_be_decompressed_is_refused(
    client: TestClient, encoding: str, body: bytes, status: int
) -> None:
    answer = client.post("/v1/uploads", content=body, headers={"content-encoding": encoding})

    assert answer.status_code == status
    assert answer.headers.get("accept-encoding") == ("gzip" if status == 415 else None)


@pytest.mark.parametrize(
    ("files", "data", "status"),
    [
        (None, None, 422),
        ({"file": ("a.csv", b"a,b\n1,2\n")}, None, 415),
        ({"file": ("a.bin", b"\x00\x01\x02\xff" * 99)}, None, 415),
        ({"file": ("a.jpg", PICTURE)}, {"params": '{"score": 3}'}, 422),
        ({"file": ("a.jpg", PICTURE)}, {"model": "none"}, 404),
        ({"other": ("a.jpg", PICTURE)}, None, 422),
        ({"file": ("a.jpg", PICTURE)}, None, 503),
    ],
)
def test_without_a_worker_a_wrong_request_gets_its_own_error(
    client: TestClient, files: Any, data: Any, status: int
) -> None:
    empty = {"content": b"--b--\r\n", "headers": {"content-type": "multipart/form-data; boundary=b"}}
    answer = client.post("/v1/predict/tiny", **({"files": files, "data": data} if files else empty))

    assert answer.status_code == status, answer.text
    assert (answer.headers.get("retry-after") is not None) == (status == 503)


@pytest.mark.usefixtures("busy_worker")
def test_an_unfinished_job_has_the_time_to_ask_again(client: TestClient) -> None:
    waited = predict(client, {"prefer": "wait=0"})
    not_waited = predict(client, {"prefer": "respond-async"})
    body = {"capability": "dice"}
    made = [
        client.post("/v1/jobs", json=body, headers={"prefer": wish})
        for wish in ("respond-async", "wait=0", "return=minimal")
    ]

    for answer in (waited, not_waited, *made):
        assert answer.status_code == 202
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        assert answer.headers["location"] == f"/v1/jobs/{answer.json()['id']}"
    applied = [answer.headers.get("preference-applied") for answer in (waited, not_waited, *made)]
    assert applied == ["wait=0", "respond-async", "respond-async", "wait=0", None]


@pytest.mark.usefixtures("inline_worker")
@pytest.mark.parametrize("params", ['{"score": true}', '{"score": [false]}'])
def test_a_boolean_is_no_number(client: TestClient, params: str) -> None:
    answer = predict(client, params=params)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/params/score"


@pytest.mark.usefixtures("inline_worker")
@pytest.mark.parametrize(
    "params",
    ['{"score": 0.2, "score": 0.9}', '{"\\u0073core": 0.2, "score": 0.9}', '{"a": {"b": 1, "b": 1}}'],
)
def test_a_key_that_is_there_twice_is_refused(client: TestClient, params: str) -> None:
    by_query = predict(client, params=params)
    body = b'{"capability": "tiny", "params": %b}' % params.encode()
    by_body = client.post("/v1/jobs", content=body, headers={"content-type": "application/json"})

    for answer in (by_query, by_body):
        assert answer.status_code == 422
        assert "twice" in answer.json()["detail"]


@pytest.mark.usefixtures("busy_worker")
def test_retries_at_once_with_one_idempotency_key_are_one_job(client: TestClient) -> None:
    answers: list[Response] = []
    headers = {"idempotency-key": "at-once", "prefer": "respond-async"}

    def send(number: int) -> None:
        answers.append(predict(client, headers, params=json.dumps({"score": 0.5 + (number % 8 == 7) / 4})))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    statuses = sorted(answer.status_code for answer in answers)
    made = {answer.json()["id"] for answer in answers if answer.status_code == 202}
    assert len(made) == 1
    assert set(statuses) == {202, 422}
    assert len(client.get("/v1/jobs").json()["items"]) == 1
