"""Lists of jobs, models and uploads: one shape, filters, and cursors that stand changes."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from backend.database import transaction
from backend.tables import jobs, models, uploads
from tests.capabilities.tiny.card import HERE

PICTURE = (HERE / "sample.jpg").read_bytes()
LISTS = ("/v1/jobs", "/v1/models", "/v1/uploads")


def send(client: TestClient, name: str, number: int = 0) -> str:
    files = {"file": (name, PICTURE + bytes([number]))}
    return client.post("/v1/uploads", files=files).json()["id"]


def queue(client: TestClient, name: str, **values: Any) -> str:
    body = {"capability": "tiny", "upload_id": send(client, name), **values}
    return client.post("/v1/jobs", json=body).json()["id"]


def pages(client: TestClient, address: str, **query: Any) -> Iterator[list[Any]]:
    cursor: dict[str, str] = {}
    while True:
        page = client.get(f"{address}?{urlencode({**query, **cursor})}").json()
        yield [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            return
        cursor = {"cursor": page["next_cursor"]}


def ids(client: TestClient, address: str, **query: Any) -> list[Any]:
    return [item["id"] for item in client.get(f"{address}?{urlencode(query)}").json()["items"]]


def operations(client: TestClient) -> list[tuple[str, str, list[str]]]:
    found = []
    for path, methods in client.get("/openapi.json").json()["paths"].items():
        for method, operation in methods.items():
            names = [each["name"] for each in operation.get("parameters", []) if each["in"] == "query"]
            found.append((method, path, names))
    return found


def test_every_operation_refuses_unknown_query_parameters_and_names_its_own(client: TestClient) -> None:
    for method, path, names in operations(client):
        address = path.replace("_id}", "_id}").format_map(Anything())
        answer = client.request(method, f"{address}?stauts=failed")

        where = f"{method} {path}: {answer.text}"
        assert answer.status_code == 422, where
        assert "'stauts' is an unknown query parameter" in answer.json()["detail"], where
        assert [(each["pointer"], each["detail"]) for each in answer.json()["errors"]] == [
            ("/stauts", "is unknown")
        ], where
        assert all(name in answer.json()["detail"] for name in names), where


KNOWN = {"capability": "tiny"}


class Anything(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "00000000-0000-4000-8000-000000000000" if name.endswith("_id") else KNOWN.get(name, "de")


def test_a_query_parameter_that_is_sent_twice_is_refused(client: TestClient) -> None:
    answer = client.get("/v1/jobs?status=failed&status=queued")

    assert answer.status_code == 422
    assert [(each["pointer"], each["detail"]) for each in answer.json()["errors"]] == [
        ("/status", "was sent twice")
    ]


@pytest.mark.parametrize("address", LISTS)
def test_every_list_has_the_same_shape(client: TestClient, address: str) -> None:
    page = client.get(address, params={"limit": 1}).json()

    assert set(page) == {"items", "next_cursor", "limit"}
    assert page["limit"] == 1
    assert client.get(address).json()["limit"] == 50


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize("limit", ["0", "201", "many", "-1", "1.5"])
def test_a_limit_out_of_range_is_refused(client: TestClient, address: str, limit: str) -> None:
    answer = client.get(address, params={"limit": limit})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/limit"


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize(
    "cursor", ["x", "AAAA", "bm90", "WzEsICJ4Il0=", "é", "WzFlOTk5LCJ4Il0=", "W10", "bnVsbA"]
)
def test_a_cursor_that_no_list_gave_is_refused(client: TestClient, address: str, cursor: str) -> None:
    answer = client.get(address, params={"cursor": cursor})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/cursor"


def test_a_cursor_of_another_list_is_refused(client: TestClient) -> None:
    for number in range(2):
        send(client, f"{number}.jpg")
    cursor = client.get("/v1/uploads?limit=1").json()["next_cursor"]

    assert client.get(f"/v1/uploads?limit=1&cursor={cursor}").status_code == 200
    assert client.get(f"/v1/jobs?cursor={cursor}").status_code == 422
    assert client.get(f"/v1/models?cursor={cursor}").status_code == 422


def test_pages_neither_repeat_nor_skip_while_uploads_arrive_and_go(client: TestClient) -> None:
    sent = [send(client, f"{number}.jpg", number) for number in range(7)]
    seen: list[Any] = []
    for number, page in enumerate(pages(client, "/v1/uploads", limit=2)):
        seen += page
        send(client, f"new {number}.jpg", 100 + number)
        client.delete(f"/v1/uploads/{seen[-1]}")

    assert seen == sent[::-1]


@pytest.mark.usefixtures("busy_worker")
def test_pages_neither_repeat_nor_skip_while_jobs_arrive(client: TestClient) -> None:
    made = [queue(client, "a.jpg", params={"score": number / 10}) for number in range(5)]
    seen: list[Any] = []
    for number, page in enumerate(pages(client, "/v1/jobs", limit=2)):
        seen += page
        queue(client, "a.jpg", params={"score": 0.9 - number / 100})

    assert seen == made[::-1]


def test_the_pages_of_models_are_the_whole_list_in_its_order(client: TestClient) -> None:
    whole = ids(client, "/v1/models", limit=200)
    paged = [name for page in pages(client, "/v1/models", limit=3) for name in page]

    assert len(whole) > 3
    assert paged == whole


def test_uploads_are_listed_without_those_of_samples(client: TestClient) -> None:
    picture = send(client, "Über den Wolken.jpg")
    table = client.post("/v1/uploads", files={"file": ("a.csv", b"a,b\n1,2\n")}).json()["id"]

    assert ids(client, "/v1/uploads") == [table, picture]
    assert ids(client, "/v1/uploads", kind="image") == [picture]
    assert ids(client, "/v1/uploads", name="über DEN") == [picture]
    assert ids(client, "/v1/uploads", name="100%") == []
    assert len(ids(client, "/v1/uploads", samples="true")) > 2


@pytest.mark.usefixtures("busy_worker")
def test_jobs_are_found_by_name_model_and_status(client: TestClient) -> None:
    waves, valley = queue(client, "Waves at sea.jpg"), queue(client, "valley.jpg", model="tiny@1")
    client.post(f"/v1/jobs/{valley}/cancel")

    assert ids(client, "/v1/jobs", name="WAVES") == [waves]
    assert ids(client, "/v1/jobs", name="_") == []
    assert ids(client, "/v1/jobs", model="tiny") == [valley, waves]
    assert ids(client, "/v1/jobs", model="tiny@1", status="canceled") == [valley]
    assert ids(client, "/v1/jobs", model="tiny@2") == []
    assert client.get("/v1/jobs?model=tiny@x").status_code == 422


def grow_old(table: Any, row_id: str, created_at: float) -> None:
    with transaction() as connection:
        connection.execute(update(table).where(table.c.id == UUID(row_id)).values(created_at=created_at))


@pytest.mark.usefixtures("busy_worker")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("created_after=2001-09-09T01:46:40Z", "old new"),
        ("created_after=2001-09-09T01:46:41Z", "new"),
        ("created_after=2001-09-09T03:46:41%2B02:00", "new"),
        ("created_after=2001-09-09T03:46:41+02:00", "new"),
        ("created_before=2001-09-09T01:46:40Z", ""),
        ("created_before=2001-09-10", "old"),
        ("created_before=0001-01-01", ""),
        ("created_after=0001-01-01T00:00:00%2B14:00&created_before=9999-12-31T23:59:59-12:00", "old new"),
    ],
)
def test_lists_are_filtered_by_time(client: TestClient, query: str, found: str) -> None:
    names = {}
    for name, number in (("old", 1), ("new", 2)):
        names[send(client, f"{name}.jpg", number)] = name
    for upload_id in [key for key, name in names.items() if name == "old"]:
        grow_old(uploads, upload_id, 1_000_000_000.0)
    answer = client.get(f"/v1/uploads?{query}")

    assert answer.status_code == 200, answer.text
    assert {names[item["id"]] for item in answer.json()["items"]} == set(found.split())


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize("moment", ["yesterday", "2026-13-01", "1e400", "NaN"])
def test_a_time_that_is_none_is_refused(client: TestClient, address: str, moment: str) -> None:
    answer = client.get(address, params={"created_after": moment})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/created_after"


def test_models_are_filtered(client: TestClient) -> None:
    of_tiny = client.get("/v1/models?capability=tiny").json()["items"]
    shipped = client.get("/v1/models?capability=tiny&source=shipped").json()["items"]
    grow_old(models, of_tiny[0]["id"], 1_000_000_000.0)

    assert {model["capability"] for model in of_tiny} == {"tiny"}
    assert {model["source"] for model in shipped} == {"shipped"}
    assert len(ids(client, "/v1/models", name=of_tiny[0]["title"].upper())) >= 1
    assert ids(client, "/v1/models", created_before="2002-01-01") == [of_tiny[0]["id"]]
    assert client.get("/v1/models?source=found").status_code == 422


@pytest.mark.usefixtures("busy_worker")
def test_jobs_are_filtered_by_time(client: TestClient) -> None:
    old, new = queue(client, "a.jpg"), queue(client, "b.jpg")
    grow_old(jobs, old, 1_000_000_000.0)

    assert ids(client, "/v1/jobs", created_before="2002-01-01") == [old]
    assert ids(client, "/v1/jobs", created_after="2002-01-01") == [new]
