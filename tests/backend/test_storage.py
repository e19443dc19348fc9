"""Files: written through where asked for, and copies of remote ones within their limit."""

import errno
import os
import time
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from fsspec.implementations.local import LocalFileSystem
from sqlalchemy import text

from backend.database import engine, reading
from backend.errors import StorageAway
from backend.remote_storage import Cache, RemoteStorage
from backend.settings import settings
from backend.storage import LocalStorage
from workers.heartbeat import Heartbeat

MEGABYTE = 1_000_000


@pytest.mark.parametrize("is_durable", [True, False])
def test_a_durable_file_and_its_folders_are_written_through(
    is_durable: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: set[str] = set()
    fsync = os.fsync

    def note(descriptor: int) -> None:
        synced.add(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    LocalStorage(tmp_path / "files", is_durable=is_durable).put("uploads/ab/1", b"data")

    folders = {str(tmp_path / "files" / folder) for folder in ("", "uploads", "uploads/ab")}
    assert (folders <= synced) is is_durable
    assert any(".partial" in path for path in synced) is is_durable  # the file, before it gets its name
    assert (tmp_path / "files/uploads/ab/1").read_bytes() == b"data"


@pytest.mark.parametrize("is_on_another_disk", [True, False])
def test_a_file_that_cannot_be_stored_is_still_there_for_another_try(
    is_on_another_disk: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_on_another_disk:

        def refuse(*_: Any, **__: Any) -> None:
            raise OSError(errno.EXDEV, "Invalid cross-device link")

        for name in ("link", "rename"):
            monkeypatch.setattr(os, name, refuse)
    files, weights = LocalStorage(tmp_path / "files"), tmp_path / "weights"
    weights.write_bytes(b"trained for hours")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(StorageAway):
            files.put_file("models/1", weights)
    assert files.partials() == []
    assert weights.read_bytes() == b"trained for hours"

    files.put_file("models/1", weights)
    assert files.get("models/1") == b"trained for hours"
    assert not weights.exists()


@pytest.mark.parametrize(("durable", "level"), [("true", 2), ("false", 1)])  # FULL, NORMAL
def test_a_durable_database_writes_every_transaction_through(
    database: Path, durable: str, level: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert database.name == "data"
    monkeypatch.setenv("GLASSBOX_DURABLE", durable)
    settings.cache_clear()
    engine().dispose()
    with reading() as connection:
        assert connection.scalar(text("PRAGMA synchronous")) == level


def test_the_least_recently_used_copies_of_remote_files_are_deleted(tmp_path: Path) -> None:
    remote = RemoteStorage(
        LocalFileSystem(auto_mkdir=True), str(tmp_path / "remote"), Cache(tmp_path / "copies", 3 * MEGABYTE)
    )
    copies = []
    for number in range(5):
        remote.put(f"models/{number}", bytes([number]) * MEGABYTE)
        copies.append(remote.local(f"models/{number}"))
    assert all(copy.exists() for copy in copies), "each was requested a moment ago"
    hour_ago = time.time() - 3_600
    for number, copy in enumerate(copies):
        os.utime(copy, (hour_ago + number, hour_ago + number))

    assert remote.local("models/0") == copies[0]  # the oldest is used again
    remote.put("models/5", bytes(MEGABYTE))
    remote.local("models/5")

    assert [copy.exists() for copy in copies] == [True, False, False, False, True]
    assert remote.local("models/1").read_bytes() == bytes([1]) * MEGABYTE


class _ReadOnly(LocalFileSystem):
    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **options: Any) -> None:  # noqa: ARG002  fsspec's
        raise PermissionError(errno.EACCES, "Access Denied")


class _WithoutBucket(LocalFileSystem):
    """As S3's client answers for a bucket that was deleted, or misspelled in the settings."""

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise FileNotFoundError("The specified bucket does not exist")

    info = pipe_file = rm_file = open = _refuse


@pytest.mark.parametrize("files", [_ReadOnly, _WithoutBucket])
def test_a_remote_storage_that_takes_no_files_is_not_ready(
    files: type[LocalFileSystem], tmp_path: Path
) -> None:
    remote = RemoteStorage(files(), str(tmp_path), Cache(tmp_path / "copies", MEGABYTE))

    with pytest.raises(StorageAway):
        remote.check()


def test_a_missing_bucket_differs_from_a_missing_file(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "copies", MEGABYTE)
    RemoteStorage(LocalFileSystem(), str(tmp_path), cache).delete("models/1")

    with pytest.raises(StorageAway, match="bucket"):
        RemoteStorage(_WithoutBucket(), str(tmp_path), cache).delete("models/1")


def test_the_check_of_a_remote_storage_leaves_nothing(tmp_path: Path) -> None:
    remote = RemoteStorage(LocalFileSystem(auto_mkdir=True), str(tmp_path), Cache(tmp_path, MEGABYTE))
    remote.check()

    assert list(tmp_path.rglob("*")) == []


def test_a_worker_of_another_version_is_named(
    client: TestClient, busy_worker: Heartbeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    def detail() -> str:
        parts = client.get("/readyz").json()["parts"]
        return next(part["detail"] for part in parts if part["name"] == "worker:predict")

    assert "runs version" not in detail()
    monkeypatch.setattr(busy_worker, "details", lambda: {"version": "0.0.9", "tables": "0002"})
    busy_worker.announce()

    assert f"{busy_worker.node.owner} runs version 0.0.9 with tables 0002, not version" in detail()
