"""A worker's start and its leases: files of previous processes are deleted, current leases are renewed."""

import logging
import os
import threading
from contextlib import ExitStack, suppress
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text, update

from backend.database import engine, transaction
from backend.messaging import celery_app, tickets
from backend.migrations import revisions, upgrade
from backend.migrations.revisions import UnfitDatabase
from backend.services.jobs import leases, sweep
from backend.settings import settings
from backend.tables import Task, jobs, metadata
from models.core.images.canvas import Canvas
from tests.capabilities.tiny.card import HERE
from workers import node
from workers.bootstrap import prepare, wait_for_tables
from workers.heartbeat import Heartbeat

PICTURE = (HERE / "sample.jpg").read_bytes()


def queue(client: TestClient) -> dict[str, dict[str, str]]:
    upload = client.post("/v1/uploads", files={"file": ("waves.jpg", PICTURE)}).json()
    return client.post("/v1/jobs", json={"capability": "tiny", "upload_id": upload["id"]}).json()


def test_a_job_claimed_again_by_its_worker_is_held_until_its_second_hold_ends(client: TestClient) -> None:
    job = queue(client)
    where = node.acquire(Task.PREDICT)
    heartbeat = Heartbeat(where, Task.PREDICT, "cpu")
    heartbeat.start()
    claims = leases.claim_batch(UUID(job["model"]["id"]), where.owner, 1).claims
    first, second = ExitStack(), ExitStack()
    first.enter_context(heartbeat.holding(claims))
    holds = second.enter_context(heartbeat.holding(claims))
    first.close()
    client.post(f"/v1/jobs/{job['id']}/cancel")

    assert holds[claims[0].job_id].canceled.wait(3 * settings().heartbeat_seconds)
    second.close()
    heartbeat.stop()
    where.lock.close()


def a_file(path: Path, days_old: int = 2) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    written = path.stat().st_mtime - days_old * 86_400
    os.utime(path, (written, written))
    return path


@pytest.mark.usefixtures("client")
def test_a_start_deletes_files_of_killed_processes_only() -> None:
    work, stored = settings().work_folder(), settings().data_folder / "files"
    where = node.acquire(Task.TRAIN)
    stale = [
        a_file(work / "trainings" / where.name / "job-1" / "checkpoint.safetensors", days_old=0),
        a_file(work / "incoming" / "tmp1"),
        a_file(work / "fetched" / ".1.partial"),
        a_file(stored / ".partial" / "1"),
    ]
    kept = [
        a_file(work / "trainings" / "another-train-1" / "job-2" / "checkpoint.safetensors"),
        a_file(work / "incoming" / "tmp2", days_old=0),
        a_file(work / "fetched" / "weights"),
        a_file(stored / ".partial" / "2", days_old=0),
    ]
    heartbeat = Heartbeat(where, Task.TRAIN, "cpu")
    prepare(heartbeat)
    heartbeat.stop()
    where.lock.close()

    assert [path.exists() for path in stale] == [False] * 4
    assert [path.exists() for path in kept] == [True] * 4


@pytest.fixture
def unswept(application: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert application is None
    monkeypatch.setenv("GLASSBOX_SWEEP_SECONDS", "1000")
    settings.cache_clear()


def grow_late() -> None:
    with transaction() as connection:
        connection.execute(update(jobs).values(dispatched_at=1.0))


def lose_messages() -> None:
    with celery_app.celery().connection_for_write() as connection:
        connection.default_channel.client.delete(Task.PREDICT, Task.TRAIN)  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.usefixtures("unswept")
def test_a_lost_ticket_is_sent_again_even_behind_other_messages(client: TestClient) -> None:
    queue(client)
    lose_messages()
    tickets.request_table_report(uuid4(), "{}")
    grow_late()

    assert sweep.resend_tickets() == 1
    grow_late()
    assert sweep.resend_tickets() == 0  # now one is queued


@pytest.mark.usefixtures("unswept")
def test_only_the_lost_message_of_a_training_is_sent_again(client: TestClient) -> None:
    lost, _ = (
        client.post("/v1/jobs", json={"capability": "tiny", "task": "train"}) for _ in range(2)
    )  # fmt: skip
    lose_messages()
    queued = client.post("/v1/jobs", json={"capability": "tiny", "task": "train"}).json()
    client.post(f"/v1/jobs/{lost.json()['id']}/cancel")
    grow_late()

    assert sweep.resend_jobs() == 1
    assert len(tickets.queued_ids(Task.TRAIN)) == 2
    assert UUID(queued["id"]) in tickets.queued_ids(Task.TRAIN)


def test_a_worker_waits_until_the_tables_are_those_of_its_version(
    data_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert not data_folder.exists()
    with caplog.at_level(logging.WARNING):
        api = threading.Timer(1.0, upgrade.upgrade)
        api.start()
        wait_for_tables()
        api.join()

    assert revisions.is_current()
    assert f"from revision none to {revisions.expected()}" in caplog.text


def test_a_database_of_a_newer_version_is_refused_in_a_sentence(data_folder: Path) -> None:
    assert not data_folder.exists()
    metadata.create_all(engine())
    with transaction() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('9999')"))

    for refusing in (wait_for_tables, upgrade.upgrade):
        with pytest.raises(UnfitDatabase, match=r"tables of a newer Glassbox \(revision 9999.*backup"):
            refusing()


def test_large_pictures_of_a_worker_are_kept_on_the_disk_of_its_data(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/healthz").status_code == 200
    monkeypatch.setattr(Canvas, "folder", None)
    where = node.acquire(Task.PREDICT)
    heartbeat = Heartbeat(where, Task.PREDICT, "cpu")
    prepare(heartbeat)
    try:
        before = open_files()
        canvas = Canvas(8, in_memory=100)
        canvas.append(np.zeros((8, 8, 3), np.uint8))
        (made,) = open_files() - before

        # without a name, so that nothing is left over, whatever happens
        assert Path(made).is_relative_to(settings().work_folder())
        assert made.endswith("(deleted)")
    finally:
        heartbeat.stop()
        where.lock.close()


def open_files() -> set[str]:
    """The paths behind this process' file descriptors on the disk of its data."""
    paths = set()
    for descriptor in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            paths.add(str(descriptor.readlink()))
    return {path for path in paths if path.endswith("(deleted)")}
