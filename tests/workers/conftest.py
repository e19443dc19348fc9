"""A training worker in this process; its trainings are real child processes."""

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event

from backend.database import engine
from backend.settings import settings
from backend.tables import Task
from tests.capabilities.tiny.card import HERE
from workers import node
from workers.heartbeat import Heartbeat
from workers.training.supervision import Trainer


@pytest.fixture
def trainer(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trainer]:
    monkeypatch.setenv("GLASSBOX_HEARTBEAT_SECONDS", "0.3")
    monkeypatch.setenv("GLASSBOX_CHECKPOINT_SECONDS", "0.2")
    monkeypatch.setenv("PYTHONPATH", str(HERE.parents[2]))
    settings.cache_clear()
    assert client.get("/healthz").status_code == 200
    where = node.acquire(Task.TRAIN)
    made = Trainer(Heartbeat(where, Task.TRAIN, "cpu"))
    made.heartbeat.start()
    yield made
    made.heartbeat.stop()
    where.lock.close()


@pytest.fixture
def lost_confirmation(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The first job to succeed is committed, and the connection breaks before the confirmation."""
    assert client.get("/healthz").status_code == 200
    dialect = engine().dialect
    commit = dialect.do_commit
    succeeding: list[str] = []
    lost: list[str] = []

    def note(*happening: Any) -> None:
        if happening[2].startswith("UPDATE jobs") and "succeeded" in happening[3]:
            succeeding.append(happening[2])

    def commit_unconfirmed(connection: Any) -> None:
        commit(connection)
        if succeeding and not lost:
            lost.append(succeeding[0])
            broken = sqlite3.OperationalError("the connection broke")
            broken.sqlite_errorcode = sqlite3.SQLITE_IOERR
            raise broken

    event.listen(engine(), "before_cursor_execute", note)
    monkeypatch.setattr(dialect, "do_commit", commit_unconfirmed)
    yield lost
    event.remove(engine(), "before_cursor_execute", note)
