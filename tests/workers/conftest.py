"""A training worker in this process; its trainings are real children."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from backend.settings import settings
from backend.tables import Task
from tests.capabilities.tiny.card import HERE
from workers import node
from workers.heartbeat import Heartbeat
from workers.training import Trainer


@pytest.fixture
def trainer(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trainer]:
    monkeypatch.setenv("GLASSBOX_HEARTBEAT_SECONDS", "0.3")
    monkeypatch.setenv("GLASSBOX_CHECKPOINT_SECONDS", "0.2")
    monkeypatch.setenv("PYTHONPATH", str(HERE.parents[2]))
    settings.cache_clear()
    assert client.get("/healthz").status_code == 200
    where = node.take(Task.TRAIN)
    made = Trainer(Heartbeat(where, Task.TRAIN, "cpu"))
    made.heartbeat.start()
    yield made
    made.heartbeat.stop()
    where.lock.close()
