"""The report of a table before it is used."""

import datetime
import io
import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from kombu.exceptions import OperationalError
from openpyxl import Workbook
from redis.exceptions import RedisError

from backend.messaging import celery_app
from backend.services.uploads import files, table_reports
from backend.settings import settings
from backend.storage import storage
from models.core.tables.read_options import DEFAULT_OPTIONS
from tests.workers.training.trainings import PICTURE
from workers.inference.table_reports import write_report

TABLE = b'"size, in cm",kind,born\n1,a,2020-01-02\n4,a,2020-01-03\nx,b,\n7,a,2020-01-04\n'


def _upload(client: TestClient, data: bytes) -> str:
    return client.post("/v1/uploads", files={"file": ("own.csv", data)}).json()["id"]


@pytest.mark.usefixtures("inline_worker")
def test_every_column_is_reported_with_type_missing_values_and_range(client: TestClient) -> None:
    answer = client.get(f"/v1/uploads/{_upload(client, TABLE)}/table")
    found = answer.json()
    size, kind, born = found["columns"]

    assert answer.status_code == 200
    assert (found["rows"], found["delimiter"], found["has_header"]) == (4, ",", True)
    assert [column["name"] for column in found["columns"]] == ["size, in cm", "kind", "born"]
    assert (size["type"], size["wrong"], size["smallest"], size["largest"], size["mean"]) == (
        "number", 1, 1.0, 7.0, 4.0,
    )  # fmt: skip
    assert sum(size["histogram"]["counts"]) == 3
    assert (kind["type"], kind["histogram"]["words"], kind["histogram"]["counts"]) == (
        "category", ["a", "b"], [3, 1],
    )  # fmt: skip
    assert (born["type"], born["missing"], born["distinct"]) == ("date", 1, 3)
    (problem,) = found["problems"]
    assert (problem["what"], problem["column"], problem["row"]) == ("'x' is not a number", "size, in cm", 4)
    assert problem["what_message"][0]["id"] == "core.tables.problem.mismatch"


@pytest.mark.usefixtures("inline_worker")
def test_a_report_is_computed_once_and_has_an_etag(client: TestClient) -> None:
    upload_id = _upload(client, TABLE)
    address = f"/v1/uploads/{upload_id}/table"
    first = client.get(address)
    storage().delete(files.read_row(UUID(upload_id)).key)  # it could not be read again

    assert client.get(address).json() == first.json()
    assert client.get(address, headers={"if-none-match": first.headers["etag"]}).status_code == 304


@pytest.mark.usefixtures("inline_worker")
def test_a_file_that_was_deleted_before_its_report_gets_none(client: TestClient) -> None:
    upload_id = UUID(_upload(client, TABLE))
    storage().delete(files.read_row(upload_id).key)
    write_report(upload_id, DEFAULT_OPTIONS.model_dump_json())

    assert table_reports.read(table_reports.check(upload_id, DEFAULT_OPTIONS)) is None


@pytest.mark.usefixtures("busy_worker")
@pytest.mark.parametrize("error", [RedisError("no answer"), OperationalError("no answer")])
def test_a_report_cannot_be_requested_without_redis(
    client: TestClient, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"/v1/uploads/{_upload(client, TABLE)}/table"

    def refuse(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(celery_app.celery(), "send_task", refuse)
    answer = client.get(address)

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert "Redis is unreachable" in answer.json()["detail"]


@pytest.mark.usefixtures("inline_worker")
def test_many_problems_are_counted_and_the_first_are_listed(client: TestClient) -> None:
    wide = ",".join(f"c{number}" for number in range(250))
    rows = "\n".join(",".join(["1"] * 250) for _ in range(3))
    upload_id = _upload(client, f"{wide}\n{rows}\n".encode())
    found = client.get(f"/v1/uploads/{upload_id}/table").json()

    assert found["problems_total"] == 250
    assert len(found["problems"]) == 200


@pytest.mark.usefixtures("inline_worker")
def test_the_error_for_an_unreadable_table_names_the_place(client: TestClient) -> None:
    upload_id = _upload(client, b"a,b\n1,2\n3,4,5\n")
    answer = client.get(f"/v1/uploads/{upload_id}/table")

    assert answer.status_code == 422
    assert "Row 3" in answer.json()["detail"]
    assert answer.json()["errors"][0]["pointer"] == "/file"


@pytest.mark.usefixtures("inline_worker")
def test_a_report_follows_the_read_options(client: TestClient) -> None:
    address = f"/v1/uploads/{_upload(client, TABLE)}/table"

    def report(**params: object) -> dict[str, Any]:
        return client.get(address, params={"params": json.dumps(params)}).json()

    assert [column["name"] for column in report(delimiter="tab")["columns"]] == ["size, in cm,kind,born"]
    unnamed = report(header="none")
    assert (unnamed["rows"], unnamed["columns"][1]["name"]) == (5, "column 2")
    numbers = report(types={"kind": "number", "gone": "date"})  # a column of another delimiter
    assert [column["type"] for column in numbers["columns"]] == ["number", "number", "date"]
    assert numbers["columns"][1]["missing"] == 4
    assert ("'a' is not a number; it counts as missing", "kind", 2) in [
        (problem["what"], problem["column"], problem["row"]) for problem in numbers["problems"]
    ]
    assert (
        client.get(address).json()["columns"][1]["type"] == "category"
    )  # the detected type is stored beside the others


@pytest.mark.usefixtures("inline_worker")
def test_invalid_read_options_are_refused(client: TestClient) -> None:
    address = f"/v1/uploads/{_upload(client, TABLE)}/table"
    wrong = client.get(address, params={"params": '{"delimiter": "dot"}'})
    strange = client.get(address, params={"params": '{"n_clusters": 3}'})
    broken = client.get(address, params={"params": "delimiter=tab"})
    encoded = client.get(address, params={"params": '{"encoding": "utf-16"}'})

    assert [one.status_code for one in (wrong, strange, broken, encoded)] == [422] * 4
    assert wrong.json()["errors"][0]["pointer"] == "/params/delimiter"
    assert strange.json()["errors"][0]["pointer"] == "/params/n_clusters"
    assert "cannot be read as UTF-16" in encoded.json()["detail"]


def test_only_a_table_has_columns(client: TestClient) -> None:
    answer = client.get(f"/v1/uploads/{_upload(client, PICTURE)}/table")

    assert answer.status_code == 415
    assert "is not a table" in answer.json()["detail"]
    assert client.get(f"/v1/uploads/{uuid4()}/table").status_code == 404


def test_the_error_without_a_worker_has_instructions(client: TestClient) -> None:
    answer = client.get(f"/v1/uploads/{_upload(client, TABLE)}/table")

    assert answer.status_code == 503
    assert "glassbox worker predict" in answer.json()["detail"]


@pytest.mark.usefixtures("busy_worker")
def test_the_wait_for_a_busy_worker_is_limited(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLASSBOX_WAIT_SECONDS", "0.3")
    settings.cache_clear()
    answer = client.get(f"/v1/uploads/{_upload(client, TABLE)}/table")

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "2"


@pytest.mark.usefixtures("inline_worker")
def test_a_workbook_is_reported_by_sheets(client: TestClient) -> None:
    book = Workbook()
    first, second = book.active, book.create_sheet("Zweites")
    assert first is not None
    first.append(["x", "day", "is_open"])
    first.append([1.5, datetime.date(2024, 1, 31), True])
    for day in (1, 2, 3):
        first.append([2, datetime.date(2024, 2, day), day == 1])
    second.append(["y"])
    second.append([2**40])
    buffer = io.BytesIO()
    book.save(buffer)
    upload = client.post("/v1/uploads", files={"file": ("own.xlsx", buffer.getvalue())}).json()
    address = f"/v1/uploads/{upload['id']}/table"
    found = client.get(address).json()
    other = client.get(address, params={"params": '{"sheet": "Zweites"}'}).json()
    absent = client.get(address, params={"params": '{"sheet": "Drittes"}'})

    assert upload["kind"] == "table"
    assert (found["sheets"], found["sheet"], found["rows"]) == (["Sheet", "Zweites"], "Sheet", 4)
    assert [column["type"] for column in found["columns"]] == ["number", "date", "category"]
    assert found["columns"][1]["largest"] == "2024-02-03T00:00:00"
    assert (other["sheet"], other["columns"][0]["mean"]) == ("Zweites", 2**40)
    assert absent.status_code == 422
    assert "no sheet 'Drittes'" in absent.json()["detail"]


@pytest.mark.usefixtures("inline_worker")
def test_a_sheet_that_reserves_too_many_cells_is_refused(client: TestClient) -> None:
    book = Workbook()
    assert book.active is not None
    book.active["A1"], book.active["XFD1048576"] = 1, 1
    buffer = io.BytesIO()
    book.save(buffer)
    upload = client.post("/v1/uploads", files={"file": ("own.xlsx", buffer.getvalue())}).json()
    answer = client.get(f"/v1/uploads/{upload['id']}/table")

    assert answer.status_code == 422
    assert len(buffer.getvalue()) < 10_000
