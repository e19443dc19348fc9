"""Parts that are away, full or locked: they are named, and nobody has to repair anything afterwards."""

import logging
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import fsspec
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from backend import outages
from backend.database import engine, reading, transaction
from backend.outages import OutageLog, Part, outage_of
from backend.settings import settings
from backend.storage import storage
from tests.capabilities.tiny.card import HERE
from tests.storages import URL, Switched, fill, small_disk

PICTURE = (HERE / "sample.jpg").read_bytes() + b"not the one of the samples"
pytestmark = pytest.mark.usefixtures("busy_worker")


@pytest.fixture(autouse=True)
def fresh_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """Warnings of other tests are not those of a moment ago."""
    monkeypatch.setattr(outages.outage_log, "_warned", {})


def parts(client: TestClient) -> dict[str, dict[str, Any]]:
    started = time.monotonic()
    answer = client.get("/readyz")
    assert time.monotonic() - started < 2.0
    body = answer.json()
    assert answer.status_code == (200 if body["ready"] else 503)
    return {part["name"]: part for part in body["parts"]}


def send(client: TestClient, data: bytes = PICTURE) -> Any:
    return client.post("/v1/uploads", files={"file": ("waves.jpg", data)})


def assert_try_again(answer: Any, status: int, reason: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) > 0
    assert reason in answer.json()["detail"]
    assert answer.json()["detail_message"], "a reason is translatable"


@pytest.fixture
def locked(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[sqlite3.Connection]:
    """Another process' connection that holds the lock of the database."""
    upload = send(client)
    assert upload.status_code == 201
    monkeypatch.setenv("GLASSBOX_DATABASE_STATEMENT_SECONDS", "0.2")
    settings.cache_clear()
    engine().dispose()
    with closing(sqlite3.connect(settings().data_folder / "glassbox.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other


def test_a_locked_database_is_named_and_recovers(
    client: TestClient, locked: sqlite3.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    body = {"capability": "tiny", "task": "train"}
    with caplog.at_level(logging.WARNING):
        answers = [client.post("/v1/jobs", json=body) for _ in range(3)]
    for answer in answers:
        assert_try_again(answer, 503, "locked by another process")
    assert len([record for record in caplog.records if "was refused" in record.message]) == 1
    assert not any(record.exc_info for record in caplog.records)
    database = parts(client)["database"]
    assert not database["ready"]
    assert "locked" in database["detail"]

    locked.execute("ROLLBACK")
    assert client.post("/v1/jobs", json=body).status_code == 202
    assert parts(client)["database"]["ready"]


def test_a_database_without_tables_is_named_with_instructions(client: TestClient) -> None:
    with transaction() as connection:
        connection.execute(text("ALTER TABLE jobs RENAME TO others"))

    assert "start the API" in parts(client)["database"]["detail"]
    # a bug, or the wrong database: no outage that passes
    assert client.get("/v1/jobs").status_code == 500


@pytest.mark.parametrize(
    ("code", "status", "reason"),
    [
        (sqlite3.SQLITE_FULL, 507, "full"),
        (sqlite3.SQLITE_READONLY, 503, "read-only"),
        (sqlite3.SQLITE_IOERR_WRITE, 503, "errors"),
        (sqlite3.SQLITE_CANTOPEN, 503, "errors"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, 503, "locked"),
    ],
)
def test_what_sqlite_lacks_is_named(code: int, status: int, reason: str) -> None:
    error = sqlite3.OperationalError("it failed")
    error.sqlite_errorcode = code
    outage = outage_of(OperationalError("UPDATE jobs", {}, error))

    assert outage is not None
    assert outage.part is Part.DATABASE
    assert outage.problem().status == status
    assert reason in outage.reason


def test_a_wrong_statement_is_a_bug_and_no_outage(client: TestClient) -> None:
    assert client.get("/healthz").status_code == 200
    with pytest.raises(OperationalError) as wrong, reading() as connection:
        connection.execute(text("SELECT nothing FROM nowhere"))

    assert outage_of(wrong.value) is None
    assert outage_of(FileNotFoundError(2, "no such file")) is None
    assert outage_of(KeyError("upload")) is None


def test_an_outage_is_logged_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    now = 1000.0
    log = OutageLog(seconds=60, clock=lambda: now)
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    outage = outage_of(error)
    assert outage is not None
    for _ in range(100):
        log.warn(outage, "A request was refused", error)
    now = 1061.0
    log.warn(outage, "A request was refused", error)

    assert len(caplog.records) == 2
    assert "99 more" in caplog.records[1].message


@pytest.fixture
def disk(client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A disk of 40 MB with 60 inodes, which holds the files and nothing else."""
    assert client.get("/healthz").status_code == 200
    with small_disk(tmp_path / "disk", "size=40m,nr_inodes=60") as mounted:
        monkeypatch.setenv("GLASSBOX_STORAGE_URL", str(mounted))
        settings.cache_clear()
        storage.cache_clear()
        yield mounted
        storage.cache_clear()


def test_a_full_disk_is_507_and_recovers(client: TestClient, disk: Path) -> None:
    first = send(client).json()
    assert parts(client)["storage"]["ready"]
    filler = fill(disk)

    assert_try_again(send(client, PICTURE + b"1"), 507, "full")
    assert "full" in parts(client)["storage"]["detail"]
    assert client.get(first["url"]).content == PICTURE  # reading needs no room
    assert list((disk / ".partial").glob("*")) == [], "a file that did not fit takes no room"

    filler.unlink()
    assert send(client, PICTURE + b"1").status_code == 201
    assert parts(client)["storage"]["ready"]


def test_a_disk_without_inodes_is_507_and_recovers(client: TestClient, disk: Path) -> None:
    send(client)
    files = [disk / f"{number}" for number in range(100)]
    with pytest.raises(OSError, match="No space left"):
        [file.touch() for file in files]

    assert_try_again(send(client, PICTURE + b"1"), 507, "inodes")
    assert not parts(client)["storage"]["ready"]

    for file in files:
        file.unlink(missing_ok=True)
    assert send(client, PICTURE + b"1").status_code == 201


def test_a_disk_that_is_not_mounted_loses_nothing(client: TestClient, disk: Path) -> None:
    """The folder that a disk leaves behind when it is unmounted is empty, and is not written to."""
    first = send(client).json()
    stored = [(path, path.read_bytes()) for path in disk.rglob("*") if path.is_file()]
    with small_disk(disk, "size=1m"):  # mounted over it
        assert_try_again(client.get(first["url"]), 503, "unreachable")
        assert_try_again(send(client, PICTURE + b"1"), 503, "unreachable")
        assert "not mounted" in parts(client)["storage"]["detail"]
        assert list(disk.iterdir()) == []

    assert all(path.read_bytes() == data for path, data in stored)
    assert client.get(first["url"]).content == PICTURE


def test_a_deleted_file_differs_from_a_storage_that_is_away(client: TestClient, disk: Path) -> None:
    first = send(client).json()
    for path in (disk / "uploads").rglob("*"):
        if path.is_file():
            path.unlink()

    assert client.get(first["url"]).status_code == 404


@pytest.fixture
def remote(client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a remote storage; the file `off` in it makes the storage unreachable."""
    assert client.get("/healthz").status_code == 200
    monkeypatch.setenv("GLASSBOX_STORAGE_URL", f"{URL}{tmp_path / 'remote'}")
    settings.cache_clear()
    storage.cache_clear()
    (tmp_path / "remote").mkdir()
    yield tmp_path / "remote"
    storage.cache_clear()


def test_errors_of_a_remote_storages_own_kind_are_an_outage(client: TestClient, remote: Path) -> None:
    first = send(client).json()
    (remote / Switched.OFF).touch()

    assert_try_again(client.get(first["url"]), 503, "unreachable")
    assert_try_again(send(client, PICTURE + b"1"), 503, "unreachable")
    assert not parts(client)["storage"]["ready"]

    (remote / Switched.OFF).unlink()
    assert client.get(first["url"]).content == PICTURE
    assert parts(client)["storage"]["ready"]


def test_a_hanging_part_does_not_hold_readiness_and_its_checks_do_not_pile_up(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/healthz").status_code == 200
    released = threading.Event()

    class Hanging(Switched):
        protocol = "hanging"

        def pipe_file(self, path: str, *_: Any, **__: Any) -> None:
            released.wait(30)
            raise FileNotFoundError(path)

    fsspec.register_implementation("hanging", Hanging, clobber=True)
    monkeypatch.setenv("GLASSBOX_STORAGE_URL", f"hanging://{tmp_path}")
    settings.cache_clear()
    storage.cache_clear()
    try:
        for _ in range(3):
            part = parts(client)["storage"]
            assert not part["ready"]
            assert "no answer within" in part["detail"]
        assert "glassbox_storage_up 0.0" in client.get("/metrics").text
        assert sum(thread.name == "probe-storage" for thread in threading.enumerate()) == 1
    finally:
        released.set()
        storage.cache_clear()
