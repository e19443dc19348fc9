"""Jobs of capabilities with no input, one, or two."""

import io
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from backend.storage import storage
from tests.capabilities.tiny.card import HERE

PICTURE = (HERE / "sample.jpg").read_bytes()
TABLE = b"a,b\n1,2\n3,4\n5,6\n"

pytestmark = pytest.mark.usefixtures("inline_worker")


def picture(color: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 6), (color, color, color)).save(buffer, "PNG")
    return buffer.getvalue()


def upload(client: TestClient, data: bytes) -> str:
    return client.post("/v1/uploads", files={"file": ("a.png", data)}).json()["id"]


def errors(answer: Any) -> list[str]:
    return [error["pointer"] for error in answer.json()["errors"]]


def test_the_cards_list_their_inputs(client: TestClient) -> None:
    shown = {item["name"]: item for item in client.get("/v1/capabilities").json()["items"]}

    assert shown["dice"]["inputs"] == []
    assert [
        (each["name"], each["kind"], each["required"], each["title"]) for each in shown["pair"]["inputs"]
    ] == [
        ("before", "image", True, "Before"),
        ("after", "image", True, "After"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"json": {}},
        {"json": {"params": {"count": 3, "seed": 7}}},
        {"files": {"params": (None, '{"count": 3}')}},
    ],
)
def test_a_capability_without_inputs_needs_no_body(client: TestClient, body: dict[str, Any]) -> None:
    answer = client.post("/v1/predict/dice", **body)

    assert answer.status_code == 200, answer.text
    job = answer.json()
    assert (job["inputs"], job["upload_id"], job["upload_deleted"]) == ({}, None, False)
    throw = np.random.default_rng(job["params"]["seed"]).integers(1, 7, job["params"]["count"])
    assert job["result"]["throw"] == throw.tolist()
    assert job["seed"] == job["params"]["seed"]


def test_without_inputs_equal_requests_have_equal_answers(client: TestClient) -> None:
    one, same, other = (
        client.post("/v1/predict/dice", json={"params": {"seed": seed}}).json() for seed in (1, 1, 2)
    )

    assert one["id"] == same["id"] != other["id"]


def test_a_job_without_inputs_is_queued_opened_and_repeated(client: TestClient) -> None:
    job = client.post("/v1/jobs", json={"capability": "dice"}, headers={"prefer": "wait=20"}).json()
    (stage,) = client.get(f"/v1/jobs/{job['id']}/inspection").json()["stages"]
    again = client.post(f"/v1/jobs/{job['id']}/retry").json()

    assert job["model"]["digest"] is None
    assert stage["role"] == "answer"
    assert client.get(f"/v1/jobs/{again['id']}").json()["result"] == job["result"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"files": {"file": ("a.jpg", PICTURE)}}, 422),
        ({"content": PICTURE, "headers": {"content-type": "image/jpeg"}}, 422),
        ({"json": {"parms": {}}}, 422),
        ({"json": {"params": {"count": 0}}}, 422),
        ({"content": b"{", "headers": {"content-type": "application/json"}}, 400),
        ({"content": b"x", "headers": {"content-type": "text/html"}}, 415),
    ],
)
def test_a_capability_without_inputs_refuses_inputs(
    client: TestClient, body: dict[str, Any], status: int
) -> None:
    assert client.post("/v1/predict/dice", **body).status_code == status
    assert client.get("/v1/jobs").json()["items"] == []


def test_two_inputs_are_two_fields_of_a_form(client: TestClient) -> None:
    files = {"before": ("b.png", picture(10)), "after": ("a.png", picture(250))}
    job = client.post("/v1/predict/pair", files=files).json()
    stages = client.get(f"/v1/jobs/{job['id']}/inspection").json()["stages"]

    assert job["result"]["largest"] == 240
    assert job["name"] == "b.png, a.png"
    assert set(job["inputs"]) == {"before", "after"}
    assert (job["upload_id"], job["upload_deleted"]) == (None, False)
    assert [(stage["id"], stage["role"]) for stage in stages] == [
        ("before", "input"),
        ("after", None),
        ("difference", "answer"),
    ]


def test_stored_answers_depend_on_the_names_of_inputs(client: TestClient) -> None:
    one, two = ("b.png", picture(0)), ("a.png", picture(9))
    first = client.post("/v1/predict/pair", files={"before": one, "after": two}).json()
    same = client.post("/v1/predict/pair", files={"after": two, "before": one}).json()
    turned = client.post("/v1/predict/pair", files={"before": two, "after": one}).json()

    assert first["id"] == same["id"] != turned["id"]


def test_two_inputs_are_two_uploads_of_a_job(client: TestClient) -> None:
    inputs = {"before": upload(client, picture(1)), "after": upload(client, picture(4))}
    body = {"capability": "pair", "inputs": inputs}
    job = client.post("/v1/jobs", json=body, headers={"prefer": "wait=20"}).json()
    again = client.get(client.post(f"/v1/jobs/{job['id']}/retry").headers["location"]).json()

    assert job["inputs"] == again["inputs"] == inputs
    assert job["result"]["largest"] == again["result"]["largest"] == 3


def test_one_upload_can_be_both_inputs(client: TestClient) -> None:
    same = upload(client, picture(7))
    body = {"capability": "pair", "inputs": {"before": same, "after": same}}
    job = client.post("/v1/jobs", json=body, headers={"prefer": "wait=20"}).json()

    assert job["result"]["largest"] == 0


def test_a_missing_or_unknown_input_is_named(client: TestClient) -> None:
    only = {"before": ("b.png", picture(1))}
    form = client.post("/v1/predict/pair", files=only)
    other = client.post("/v1/predict/pair", files={**only, "behind": ("x.png", picture(2))})
    single = client.post("/v1/predict/pair", files={"file": ("b.png", picture(1))})
    body = {"capability": "pair", "inputs": {"before": upload(client, picture(1))}}
    job = client.post("/v1/jobs", json=body)
    short = client.post("/v1/jobs", json={"capability": "pair", "upload_id": upload(client, picture(1))})
    unknown = client.post("/v1/jobs", json={"capability": "tiny", "inputs": {"picture": str(uuid4())}})

    assert [answer.status_code for answer in (form, other, single, job, short, unknown)] == [422] * 6
    assert [errors(answer) for answer in (form, other, single, job, short, unknown)] == [
        ["/after"],
        ["/behind"],
        ["/file"],
        ["/inputs/after"],
        ["/upload_id"],
        ["/inputs/picture"],
    ]
    assert "before, after" in single.json()["detail"]


def test_a_single_input_needs_no_name(client: TestClient) -> None:
    given = upload(client, PICTURE)
    named = client.post("/v1/jobs", json={"capability": "tiny", "inputs": {"image": given}})
    short = client.post("/v1/jobs", json={"capability": "tiny", "upload_id": given})
    twice = client.post(
        "/v1/jobs", json={"capability": "tiny", "inputs": {"image": given}, "upload_id": given}
    )
    field = client.post("/v1/predict/tiny", files={"image": ("a.jpg", PICTURE)})
    both = client.post("/v1/predict/tiny", files={"image": ("a.jpg", PICTURE), "file": ("a.jpg", PICTURE)})

    assert named.json()["inputs"] == short.json()["inputs"] == {"image": given}
    assert named.json()["upload_id"] == short.json()["upload_id"] == given
    assert field.status_code == 200
    assert (twice.status_code, both.status_code) == (422, 422)


def test_an_input_of_another_kind_is_a_clear_error(client: TestClient) -> None:
    files = {"before": ("b.png", picture(1)), "after": ("t.csv", TABLE)}
    answer = client.post("/v1/predict/pair", files=files)

    assert answer.status_code == 415
    assert errors(answer) == ["/inputs/after"]
    assert "'t.csv' is a table" in answer.json()["detail"]
    assert answer.json()["detail_message"][0]["values"]["kind"]["parts"][0]["id"] == "core.kinds.table"


def test_a_refused_input_leaves_no_file_of_the_others_behind(client: TestClient) -> None:
    def count() -> int:
        return sum(path.is_file() for path in (storage().local("") / "uploads").rglob("*"))

    before = count()
    files = {"before": ("b.png", picture(77)), "after": ("a.bin", bytes(range(256)) * 9)}
    answer = client.post("/v1/predict/pair", files=files)

    assert answer.status_code == 415
    assert count() == before


def test_a_form_holds_no_more_files_than_there_are_inputs(client: TestClient) -> None:
    two = {"image": ("a.jpg", PICTURE), "file": ("b.jpg", PICTURE)}
    answers = [
        client.post("/v1/predict/tiny", files=two),
        client.post("/v1/predict/dice", files={"file": ("a.jpg", PICTURE)}),
    ]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert all("too many files" in answer.json()["detail"] for answer in answers)


def test_a_deleted_input_of_two_is_null_and_the_job_cannot_be_repeated(client: TestClient) -> None:
    inputs = {"before": upload(client, picture(1)), "after": upload(client, picture(4))}
    job = client.post(
        "/v1/jobs", json={"capability": "pair", "inputs": inputs}, headers={"prefer": "wait=20"}
    ).json()
    assert client.delete(f"/v1/uploads/{inputs['after']}").status_code == 204
    shown = client.get(f"/v1/jobs/{job['id']}").json()

    assert shown["inputs"] == {"before": inputs["before"], "after": None}
    assert shown["upload_deleted"] is True
    assert client.post(f"/v1/jobs/{job['id']}/retry").status_code == 409


def test_models_without_weights_are_installed_and_have_a_card(client: TestClient) -> None:
    (model,) = [item for item in client.get("/v1/models").json()["items"] if item["name"] == "fair-dice"]

    assert (model["source"], model["is_installed"], model["digest"], model["bytes"]) == (
        "built-in",
        True,
        None,
        None,
    )
    assert "Fair dice" in client.get("/v1/models/fair-dice/card").text
    assert client.put("/v1/models/fair-dice/default", json={}).status_code == 200


def test_an_idempotency_key_depends_on_the_inputs(client: TestClient) -> None:
    one, two = upload(client, picture(1)), upload(client, picture(2))
    bodies = [{"capability": "pair", "inputs": {"before": one, "after": after}} for after in (two, two, one)]
    answers = [client.post("/v1/jobs", json=body, headers={"idempotency-key": "k"}) for body in bodies]

    assert [answer.status_code for answer in answers] == [202, 202, 422]
    assert answers[0].json()["id"] == answers[1].json()["id"]
