"""Files: sent, stored and returned."""

import io
import zipfile
from pathlib import Path
from urllib.parse import unquote
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from PIL import Image

from backend.settings import settings
from tests.capabilities.tiny.card import HERE

PICTURE = (HERE / "sample.jpg").read_bytes()


def send(client: TestClient, data: bytes = PICTURE, name: str = "waves.jpg") -> Response:
    return client.post("/v1/uploads", files={"file": (name, data)})


def png(width: int = 3, height: int = 2) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(buffer, "PNG")
    return buffer.getvalue()


def test_an_upload_is_described(client: TestClient) -> None:
    picture = send(client, png()).json()
    table = send(client, "größe;gewicht\n1;2\n3;4\n".encode(), "maße.csv").json()

    assert (picture["kind"], picture["media_type"]) == ("image", "image/png")
    assert (picture["width"], picture["height"], picture["rows"]) == (3, 2, None)
    assert (table["kind"], table["rows"], table["columns"]) == ("table", 3, 2)
    assert client.get(f"/v1/uploads/{table['id']}").json() == table


def test_a_file_that_is_sent_again_is_the_same_upload(client: TestClient) -> None:
    first, again = send(client, png()), send(client, png())

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


def test_a_raw_body_is_an_upload_too(client: TestClient) -> None:
    answer = client.post("/v1/uploads?name=a.png", content=png(), headers={"content-type": "image/png"})

    assert answer.status_code == 201
    assert answer.json()["name"] == "a.png"


def test_a_large_file_is_written_to_disk_and_returned_complete(client: TestClient, data_folder: Path) -> None:
    data = png() + bytes(3_000_000)
    upload = send(client, data).json()

    assert client.get(upload["url"]).content == data
    assert list((data_folder / "work" / "incoming").iterdir()) == []


@pytest.mark.parametrize("as_form", [True, False])
def test_a_file_that_is_too_large_is_refused_and_leaves_nothing(
    client: TestClient, data_folder: Path, monkeypatch: pytest.MonkeyPatch, as_form: bool
) -> None:
    monkeypatch.setenv("GLASSBOX_MAX_UPLOAD_BYTES", "2000000")
    settings.cache_clear()
    data = png() + bytes(2_500_000)
    if as_form:
        answer = send(client, data)
    else:
        answer = client.post("/v1/uploads", content=data, headers={"content-type": "image/png"})

    assert answer.status_code == 413
    assert "2,000,000 bytes" in answer.json()["detail"]
    assert not list((data_folder / "work" / "incoming").glob("*"))


def test_an_archive_may_be_larger_than_other_files(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "max_upload_bytes", 1_000)
    monkeypatch.setattr(settings(), "max_archive_bytes", 5_000)

    def archive(size: int, inside: str = "a.png") -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as file:
            file.writestr(inside, bytes(size))
        return buffer.getvalue()

    def raw(data: bytes) -> Response:
        return client.post(
            "/v1/uploads?name=a.zip", content=data, headers={"content-type": "application/zip"}
        )

    assert [send(client, archive(3_000)).status_code, raw(archive(4_000)).status_code] == [201, 201]
    assert [send(client, archive(6_000)).status_code, raw(archive(6_000)).status_code] == [413, 413]
    assert send(client, archive(3_000, "xl/workbook.xml"), "a.xlsx").status_code == 413
    assert send(client, png() + bytes(2_000)).status_code == 413
    predicted = client.post("/v1/predict/tiny", files={"file": ("a.zip", archive(3_000))})
    assert predicted.status_code == 413  # no prediction takes one


def test_pixels_rows_and_columns_are_limited(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLASSBOX_MAX_PIXELS", "5")
    monkeypatch.setenv("GLASSBOX_MAX_ROWS", "2")
    monkeypatch.setenv("GLASSBOX_MAX_COLUMNS", "3")
    settings.cache_clear()
    refused = [send(client, data).json() for data in (png(), b"a,b\n1,2\n3,4\n5,6\n", b"a,b,c,d\n1,2,3,4\n")]

    assert [problem["status"] for problem in refused] == [413, 413, 413]
    assert "pixels" in refused[0]["detail"]
    assert "rows" in refused[1]["detail"]
    assert "columns" in refused[2]["detail"]


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "C:\\dir\\a.png",
        'a"; filename=b.html',
        "a\r\nset-cookie: x=1.png",
        "名前 😀.png",
        "\u202egnp.a",
    ],
)
def test_a_hostile_name_has_no_effect(client: TestClient, name: str) -> None:
    upload = client.post(
        "/v1/uploads", params={"name": name}, content=png(), headers={"content-type": "image/png"}
    )
    answer = client.get(upload.json()["url"])
    disposition = answer.headers["content-disposition"]

    assert upload.status_code == 201
    assert not set("/\\\r\n\u202e") & set(upload.json()["name"])
    assert unquote(disposition.partition("UTF-8''")[2]) == upload.json()["name"]
    assert "set-cookie" not in answer.headers
    assert disposition.count('"') == 2


def test_content_is_served_with_safe_headers(client: TestClient) -> None:
    table = client.get(send(client, b"<script>alert(1)</script>,b\n1,2\n", "a.html").json()["url"])
    picture = client.get(send(client, png()).json()["url"])

    assert table.headers["content-type"].startswith("text/csv")
    assert table.headers["content-disposition"].startswith("attachment")
    assert picture.headers["content-disposition"].startswith("inline")
    for answer in (table, picture):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("requested", "status", "part"),
    [
        ("bytes=0-3", 206, slice(0, 4)),
        ("bytes=10-", 206, slice(10, None)),
        ("bytes=-5", 206, slice(-5, None)),
        ("bytes=0-999999999", 206, slice(0, None)),
        ("bytes=999999999-", 416, None),
        ("bytes=-0", 416, None),
        ("bytes=5-2", 200, slice(0, None)),
        ("bytes=0-1,3-4", 200, slice(0, None)),
        ("lines=1-2", 200, slice(0, None)),
        ("bytes=-", 200, slice(0, None)),
    ],
)
def test_a_range_can_be_requested(
    client: TestClient, requested: str, status: int, part: slice | None
) -> None:
    answer = client.get(send(client).json()["url"], headers={"range": requested})

    assert answer.status_code == status
    if part is None:
        assert answer.headers["content-range"] == f"bytes */{len(PICTURE)}"
        assert answer.headers["content-type"] == "application/problem+json"
    else:
        assert answer.content == PICTURE[part]


def test_a_range_of_a_large_file_is_streamed(client: TestClient) -> None:
    data = png() + bytes(range(256)) * 12_000
    url = send(client, data).json()["url"]
    answer = client.get(url, headers={"range": "bytes=100-2500000"})

    assert answer.content == data[100:2_500_001]
    assert answer.headers["content-range"] == f"bytes 100-2500000/{len(data)}"


def test_content_is_not_sent_again(client: TestClient) -> None:
    url = send(client).json()["url"]
    etag = client.get(url).headers["etag"]

    assert client.get(url, headers={"if-none-match": etag}).status_code == 304
    assert client.get(url, headers={"if-none-match": f'W/{etag}, "x"'}).status_code == 304
    assert client.get(url, headers={"if-none-match": '"x"'}).status_code == 200
    assert client.get(url, headers={"range": "bytes=0-1", "if-range": etag}).status_code == 206
    assert client.get(url, headers={"range": "bytes=0-1", "if-range": '"x"'}).status_code == 200


def test_head_is_get_without_the_body(client: TestClient) -> None:
    url = send(client).json()["url"]
    answer = client.head(url)

    assert answer.status_code == 200
    assert answer.content == b""
    assert answer.headers["content-length"] == str(len(PICTURE))


@pytest.mark.parametrize("path", ["/v1/uploads/{}", "/v1/uploads/{}/content", "/v1/artifacts/{}/content"])
def test_a_missing_upload_is_404(client: TestClient, path: str) -> None:
    assert client.get(path.format(uuid4())).status_code == 404
    assert client.get(path.format("not-an-id")).status_code == 422
