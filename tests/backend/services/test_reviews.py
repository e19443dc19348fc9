"""Uncertain answers wait for a person, of whom one decides once."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import insert, select

from backend.database import reading, transaction
from backend.errors import Conflict
from backend.schemas.reviews import ReviewDecision
from backend.services.reviews import decisions, records
from backend.services.reviews import waiting as waiting_answers
from backend.tables import ReviewStatus, Status, Task, job_inputs, jobs, log_entries, reviews
from tests.backend.services.datasets.requests import add, create, picture, read, upload
from tests.capabilities.tiny.card import HERE

PICTURE = (HERE / "sample.jpg").read_bytes()
CLASSES = {"label": "cat", "classes": [{"label": "cat", "score": 0.5}]}
BOXES = {"objects": [{"label": "cow", "score": 0.5, "box": {"xmin": 1, "ymin": 2, "xmax": 9, "ymax": 9}}]}
ROWS = {"predictions": ["a", "b"]}
CORRECTED = {"decision": "corrected", "reviewer": "Ada", "reason": "Look closer."}


@pytest.fixture
def model_id(client: TestClient) -> UUID:
    return UUID(client.get("/v1/models/tiny").json()["items"][0]["id"])


def add_job(model_id: UUID, result: Any, **values: Any) -> UUID:
    job_id = uuid4()
    job: dict[str, Any] = {
        "id": job_id, "capability": "tiny", "task": Task.PREDICT, "model_id": model_id, "params": {},
        "inspect": False, "status": Status.SUCCEEDED, "max_attempts": 1, "result": result, "created_at": 0.0,
    }  # fmt: skip
    with transaction() as connection:
        connection.execute(insert(jobs).values({**job, **values}))
    return job_id


def wait_for_review(model_id: UUID, result: Any, upload_id: str | None = None) -> UUID:
    """A review of a new answer."""
    job_id, review_id = add_job(model_id, result), uuid4()
    review = {"id": review_id, "job_id": job_id, "model_id": model_id, "confidence": 0.5, "created_at": 0.0}
    with transaction() as connection:
        if upload_id is not None:
            row = {"job_id": job_id, "name": "image", "upload_id": UUID(upload_id)}
            connection.execute(insert(job_inputs).values(row))
        connection.execute(insert(reviews).values(status=ReviewStatus.WAITING, **review))
    return review_id


def decide(client: TestClient, review_id: UUID, **body: Any) -> Any:
    return client.post(f"/v1/reviews/{review_id}/decision", json=body)


def set_band(client: TestClient, low: float | None, high: float | None) -> Any:
    return client.patch("/v1/models/tiny", json={"review_from": low, "review_to": high})


def predict(client: TestClient, name: str = "waves.jpg") -> dict[str, Any]:
    answer = client.post("/v1/predict/tiny", files={"image": (name, PICTURE)})
    return client.get(answer.headers["location"]).json()


def waiting(client: TestClient) -> list[str]:
    return [each["job_id"] for each in client.get("/v1/reviews?status=waiting").json()["items"]]


@pytest.mark.usefixtures("inline_worker")
def test_an_answer_within_the_band_waits_until_a_person_decides(client: TestClient) -> None:
    before = predict(client)
    least = min(each["score"] for each in before["result"]["objects"])
    assert before["review"] is None

    set_band(client, least, least)
    waits = predict(client, "again.jpg")
    review = waits["review"]
    assert (review["status"], review["confidence"]) == ("waiting", pytest.approx(least))
    again = predict(client, "again.jpg")
    assert again["id"] == waits["id"]
    assert waiting(client) == [waits["id"]]

    set_band(client, None, None)
    assert predict(client, "other.jpg")["review"] is None
    assert waiting(client) == [waits["id"]]

    decided = decide(client, UUID(review["id"]), decision="rejected", reviewer="Ada", reason="A cow.")
    assert decided.status_code == 200
    events = client.get(f"/v1/jobs/{waits['id']}/events?review=true").text
    (event,) = [part for part in events.split("\n\n") if "event: review" in part]
    assert json.loads(event.partition("data: ")[2])["reviewer"] == "Ada"
    after = client.get(f"/v1/jobs/{waits['id']}").json()
    assert (after["review"]["status"], after["review"]["reason"]) == ("rejected", "A cow.")
    assert after["result"] == waits["result"]

    assert client.delete(f"/v1/jobs/{waits['id']}").status_code == 204
    assert client.get(f"/v1/reviews/{review['id']}").status_code == 404


def test_the_fits_of_a_sweep_wait_for_nobody(client: TestClient, model_id: UUID) -> None:
    set_band(client, 0, 1)
    first = UUID(client.get(f"/v1/reviews/{wait_for_review(model_id, BOXES)}").json()["job_id"])
    fit, plain = add_job(model_id, BOXES, parent_id=first), add_job(model_id, BOXES)

    with transaction() as connection:
        answers = [waiting_answers.Answer(each, model_id, "tiny", BOXES) for each in (fit, plain)]
        waiting_answers.enqueue(connection, answers)

    assert sorted(waiting(client)) == sorted([str(first), str(plain)])


def test_of_two_reviewers_at_once_one_decides(client: TestClient, model_id: UUID) -> None:
    assert client
    bodies = [
        ReviewDecision.model_validate({"decision": "confirmed", "reviewer": name})
        for name in ("Ada", "Bob", "Cem", "Dan")
    ]
    with ThreadPoolExecutor(len(bodies)) as threads:
        for _ in range(5):
            review_id = wait_for_review(model_id, BOXES)
            futures = [threads.submit(decisions.decide, review_id, body) for body in bodies]
            errors = [future.exception() for future in futures]
            (winner,) = [future.result() for future in futures if not future.exception()]
            refused = [error for error in errors if isinstance(error, Conflict)]

            assert len(refused) == len(bodies) - 1
            assert records.read(review_id).reviewer == winner.reviewer
            assert {error.extra["current"]["reviewer"] for error in refused} == {winner.reviewer}  # pyright: ignore[reportIndexIssue]


def test_a_thousand_waiting_answers_are_paged_while_others_are_decided(
    client: TestClient, model_id: UUID
) -> None:
    ids = [uuid4() for _ in range(1_000)]
    job = {
        "capability": "tiny", "task": Task.PREDICT, "model_id": model_id, "params": {}, "inspect": False,
        "status": Status.SUCCEEDED, "max_attempts": 1, "created_at": 0.0,
    }  # fmt: skip
    with transaction() as connection:
        connection.execute(insert(jobs), [{"id": each, **job} for each in ids])
        rows = [
            {"id": each, "job_id": each, "model_id": model_id, "created_at": float(number // 7)}
            for number, each in enumerate(ids)
        ]
        connection.execute(insert(reviews).values(status=ReviewStatus.WAITING), rows)

    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        page = client.get(
            "/v1/reviews", params={"status": "waiting", "limit": 90, **cursor_of(cursor)}
        ).json()
        seen += [each["id"] for each in page["items"]]
        for done in (page["items"][0], page["items"][-1]):
            assert decide(client, done["id"], decision="confirmed", reviewer="Ada").status_code == 200
        cursor = page["next_cursor"]

    assert sorted(seen) == sorted(map(str, ids))
    assert client.get("/v1/reviews?status=waiting").json()["waiting"] == 1_000 - 2 * 12
    newest = client.get("/v1/reviews?decided=true&order=newest&limit=1").json()["items"]
    assert [each["status"] for each in newest] == ["confirmed"]


def cursor_of(cursor: str) -> dict[str, str]:
    return {"cursor": cursor} if cursor else {}


@pytest.mark.parametrize(
    ("result", "kind", "correction", "annotation"),
    [
        (CLASSES, "classes", {"label": "dog"}, {"label": "dog", "objects": []}),
        (
            BOXES,
            "boxes",
            {"objects": [{"label": "horse", "box": [1, 2, 11, 12]}]},
            {"label": None, "objects": [{"label": "horse", "box": [1.0, 2.0, 11.0, 12.0]}]},
        ),
    ],
)
def test_a_correction_joins_a_dataset_of_its_kind(
    client: TestClient, model_id: UUID, result: Any, kind: str, correction: Any, annotation: Any
) -> None:
    sent = upload(client, picture(1))
    fitting, other = create(client, kind=kind), create(client, kind="masks")
    body = {**CORRECTED, "correction": correction}
    first = wait_for_review(model_id, result, sent)

    refused = decide(client, first, **body, dataset_id=other["id"])
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/dataset_id")
    assert client.get(f"/v1/reviews/{first}").json()["status"] == "waiting"

    decided = decide(client, first, **body, dataset_id=fitting["id"]).json()
    (joined,) = read(client, fitting, "/pictures")["items"]
    assert decided["correction"].items() >= correction.items()
    assert (decided["dataset_id"], decided["picture_id"]) == (fitting["id"], joined["id"])
    shown = joined["annotation"]
    assert shown["label"] == annotation["label"]
    assert [{key: each[key] for key in ("label", "box")} for each in shown["objects"]] == annotation[
        "objects"
    ]
    assert client.get(f"/v1/jobs/{decided['job_id']}").json()["result"] == result


def test_a_picture_that_a_dataset_has_gets_the_corrected_labels(client: TestClient, model_id: UUID) -> None:
    dataset, sent = create(client, kind="classes"), upload(client, picture(2))
    (known,) = add(client, dataset, {"upload_id": sent, "annotation": {"label": "cat"}})
    body = {**CORRECTED, "correction": {"label": "dog"}, "dataset_id": dataset["id"]}

    decide(client, wait_for_review(model_id, CLASSES, sent), **body)

    (shown,) = read(client, dataset, "/pictures")["items"]
    assert (shown["id"], shown["annotation"]["label"]) == (known["id"], "dog")
    assert shown["revision"] == known["revision"] + 1


def test_a_decision_that_does_not_fit_leaves_the_answer_waiting(client: TestClient, model_id: UUID) -> None:
    sent = upload(client, picture(3))
    outside = {"objects": [{"label": "a", "box": [0, 0, 900, 9]}]}
    cases: list[tuple[Any, dict[str, Any], str]] = [
        (BOXES, {"decision": "confirmed"}, "/reviewer"),
        (BOXES, {"decision": "rejected", "reviewer": "Ada"}, ""),
        (BOXES, {**CORRECTED}, ""),
        (BOXES, {**CORRECTED, "correction": {"label": "dog"}}, "/correction"),
        (BOXES, {**CORRECTED, "correction": {"label": "dog", "objects": []}}, "/correction"),
        (BOXES, {**CORRECTED, "correction": outside}, "/correction/objects/0/box"),
        (ROWS, {**CORRECTED, "correction": {"predictions": ["a"]}}, "/correction/predictions"),
        ({"throw": [1]}, {**CORRECTED, "correction": {"label": "dog"}}, "/correction"),
    ]
    for result, body, pointer in cases:
        review_id = wait_for_review(model_id, result, sent)

        refused = decide(client, review_id, **body)

        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
        assert client.get(f"/v1/reviews/{review_id}").json()["status"] == "waiting"


def test_the_prediction_of_each_row_can_be_corrected(client: TestClient, model_id: UUID) -> None:
    review_id = wait_for_review(model_id, ROWS)

    decided = decide(client, review_id, **CORRECTED, correction={"predictions": ["a", None]}).json()

    assert decided["correction"] == {"predictions": ["a", None]}


def test_a_band_needs_both_ends_and_answers_with_a_confidence(client: TestClient) -> None:
    half = client.patch("/v1/models/tiny", json={"review_from": 0.5})
    swapped = set_band(client, 0.8, 0.2)
    dice = client.patch("/v1/models/fair-dice", json={"review_from": 0.1, "review_to": 0.5})
    assert [half.status_code, swapped.status_code, dice.status_code] == [422, 422, 422]

    changed = set_band(client, 0.2, 0.8).json()
    assert (changed["review_from"], changed["review_to"], changed["is_reviewable"]) == (0.2, 0.8, True)
    kept = client.patch("/v1/models/tiny", json={"description": "x"}).json()
    assert (kept["review_from"], kept["review_to"]) == (0.2, 0.8)


def test_the_last_confidences_of_a_model(client: TestClient, model_id: UUID) -> None:
    for number, scores in enumerate(([0.2], [], [0.95, 0.9])):
        result = {"objects": [{"score": score} for score in scores]}
        add_job(model_id, result, created_at=float(number), request_id="any")

    found = client.get("/v1/models/tiny/confidences").json()
    newest = client.get("/v1/models/tiny/confidences?limit=1").json()

    assert found == {"items": [0.9, 0.2], "without": 1}
    assert newest == {"items": [0.9], "without": 0}


def test_a_decision_is_recorded_without_the_answer(client: TestClient, model_id: UUID) -> None:
    review_id = wait_for_review(model_id, BOXES)
    decided = decide(client, review_id, decision="rejected", reviewer="Ada", reason="Too dark.").json()
    decide(client, review_id, decision="confirmed", reviewer="Bob")

    with reading() as connection:
        rows = connection.execute(select(log_entries.c.content, log_entries.c.details)).all()
    (row,) = [row for row in rows if row.content["action"] == "review"]

    assert (row.content["job_id"], row.content["status"]) == (decided["job_id"], "rejected")
    assert {field: value for field, (_, value) in row.details.items()} == {
        "reviewer": "Ada",
        "reason": "Too dark.",
    }
