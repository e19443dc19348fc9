"""What an operator reads: one record for each request, and one for each job's end."""

import io
import json
import logging
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from backend import logs
from backend.http.middleware import Observe
from backend.logs import Json, Line
from backend.main import create_app
from backend.messaging import connection
from backend.settings import settings
from tests.capabilities.tiny.card import HERE

PICTURE = (HERE / "sample.jpg").read_bytes()
MAX_MICROSECONDS = 30


class Records(logging.StreamHandler[io.StringIO]):
    """The JSON log of the application."""

    def __init__(self) -> None:
        super().__init__(io.StringIO())
        self.setFormatter(Json())

    def of(self, logger: str) -> list[dict[str, Any]]:
        records = [json.loads(line) for line in self.stream.getvalue().splitlines()]
        return [record for record in records if record["logger"] == logger]


@pytest.fixture
def records(client: TestClient) -> Iterator[Records]:
    assert client
    handler = Records()
    logging.getLogger().addHandler(handler)
    logging.getLogger("httpx2").disabled = True  # the test's client
    yield handler
    logging.getLogger("httpx2").disabled = False
    logging.getLogger().removeHandler(handler)


def test_each_request_has_one_line_without_secrets(client: TestClient, records: Records) -> None:
    client.get("/v1/jobs?limit=1&cursor=secret", headers={"x-request-id": "find-me", "x-api-key": "secret"})
    client.get("/v1/none%0aforged%1b")
    client.get("/assets/none.js")
    client.post("/v1/session", json={"key": "secret"})
    found = records.of("glassbox.requests")

    assert [(each["method"], each["path"]) for each in found] == [
        ("GET", "/v1/jobs"),
        ("GET", "/v1/none%0aforged%1b"),
        ("GET", "/assets/none.js"),
        ("POST", "/v1/session"),
    ]
    assert found[0]["request_id"] == "find-me"
    assert found[0]["status"] in (200, 422)
    assert found[0]["client"] == "testclient"
    assert found[0]["level"] == "INFO"
    assert 0 < found[0]["ms"] < 60_000
    assert "secret" not in records.stream.getvalue()


def test_probes_and_files_of_the_pages_are_logged_for_debugging_only(
    client: TestClient, records: Records
) -> None:
    for path in ("/healthz", "/readyz", "/metrics", "/", "/docs", "/openapi.json"):
        client.get(path)
    assert records.of("glassbox.requests") == []

    logging.getLogger("glassbox.requests").setLevel(logging.DEBUG)
    client.get("/healthz")
    logging.getLogger("glassbox.requests").setLevel(logging.NOTSET)
    assert records.of("glassbox.requests")[0]["level"] == "DEBUG"


@pytest.mark.usefixtures("inline_worker")
def test_a_jobs_end_has_one_line_with_the_id_of_the_request_that_made_it(
    client: TestClient, records: Records
) -> None:
    headers = {"content-type": "image/jpeg", "x-request-id": "find-me", "prefer": "wait=20"}
    answer = client.post("/v1/predict/tiny", content=PICTURE, headers=headers)
    job = json.loads(answer.text)
    (ended,) = records.of("glassbox.jobs")

    assert ended["job"] == job["id"]
    assert ended["request_id"] == "find-me" == answer.headers["x-request-id"]
    assert (ended["capability"], ended["task"], ended["status"]) == ("tiny", "predict", "succeeded")
    assert ended["model"] == job["model"]["name"]
    assert ended["ms"] > 0
    assert ended["level"] == "INFO"


@pytest.mark.usefixtures("busy_worker")
def test_a_job_that_is_canceled_while_it_waits_ends_once(client: TestClient, records: Records) -> None:
    headers = {"content-type": "image/jpeg", "prefer": "respond-async", "x-request-id": "made-it"}
    job_id = client.post("/v1/predict/tiny", content=PICTURE, headers=headers).json()["id"]
    for _ in range(2):
        client.post(f"/v1/jobs/{job_id}/cancel", headers={"x-request-id": "canceled-it"})
    (ended,) = records.of("glassbox.jobs")

    assert (ended["job"], ended["status"], ended["request_id"]) == (job_id, "canceled", "made-it")


@pytest.mark.parametrize("name", ["text", "json"])
def test_the_format_is_a_setting(
    application: None, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert application is None
    monkeypatch.setenv("GLASSBOX_LOG_FORMAT", name)
    settings.cache_clear()
    with TestClient(create_app(), base_url="http://127.0.0.1:8000") as client:
        client.get("/v1/none", headers={"x-request-id": "find-me"})
    connection.redis().close()
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "glassbox.requests" in line]

    if name == "json":
        assert json.loads(line)["status"] == 404
        assert json.loads(line)["time"].endswith("+00:00")
    else:
        assert " INFO glassbox.requests [find-me] GET /v1/none 404 " in line


def record_of(message: str, *values: object, error: bool = False) -> logging.LogRecord:
    info = sys.exc_info() if error else None
    return logging.LogRecord("a", logging.INFO, "", 0, message, values, info)


def test_user_text_cannot_forge_a_log_line() -> None:
    token = logs.request_id.set("r-1")
    text = Line("%(levelname)s [%(request_id)s] %(message)s")
    line = text.format(record_of("name: %s", "x\n2026 ERROR forged \x1b[2J\r\u2028\u202e"))
    logs.request_id.reset(token)

    assert line == "INFO [r-1] name: x\\n2026 ERROR forged \\x1b[2J\\r\\u2028\\u202e"


def test_a_traceback_is_one_readable_record_that_user_text_cannot_end() -> None:
    try:
        raise ValueError("first\n2026-01-01 00:00:00 ERROR forged\nlast")
    except ValueError:
        records = [record_of("it failed", error=True) for _ in range(2)]
    text = Line("%(levelname)s %(message)s").format(records[0])
    (structured,) = Json().format(records[1]).splitlines()

    first, *further = text.split("\n")
    assert first == "INFO it failed"
    assert all(line.startswith("    ") for line in further)
    assert any("raise ValueError" in line for line in further)
    assert "    2026-01-01 00:00:00 ERROR forged" in further
    assert "raise ValueError" in json.loads(structured)["traceback"]


async def _application(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def _send(message: Any) -> None:
    pass


def _microseconds(level: int) -> float:
    """Processor time of one request through the middleware alone."""
    requests, log = Observe(_application), logging.getLogger("glassbox.requests")
    scope = {"type": "http", "method": "GET", "path": "/v1/jobs", "raw_path": b"/v1/jobs"}
    scope |= {"query_string": b"", "headers": [], "client": ("127.0.0.1", 1)}
    log.setLevel(level)
    started = time.process_time()
    for _ in range(2_000):
        request = requests({**scope}, _send, _send)  # pyright: ignore[reportArgumentType]
        with pytest.raises(StopIteration):
            request.send(None)  # it waits for nothing  # pyright: ignore[reportAttributeAccessIssue]
    taken = time.process_time() - started
    log.setLevel(logging.NOTSET)
    return taken / 2_000 * 1e6


def test_a_line_for_each_request_costs_little(tmp_path: Any) -> None:
    handler = logging.FileHandler(tmp_path / "log")
    handler.setFormatter(Line("%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"))
    log = logging.getLogger("glassbox.requests")
    log.addHandler(handler)
    log.propagate = False
    # the best of a few: the machine may be busy
    costs = [_microseconds(logging.INFO) - _microseconds(logging.WARNING) for _ in range(5)]
    log.removeHandler(handler)
    handler.close()
    log.propagate = True

    assert min(costs) < MAX_MICROSECONDS
