"""Messages that are sent again, and which of them were lost."""

import logging
import time
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from backend.database import transaction
from backend.messaging import counters, presence, tickets
from backend.services.jobs import sweep
from backend.tables import Queue, jobs
from tests.capabilities.tiny.card import HERE
from workers.heartbeat import Heartbeat

PICTURE = (HERE / "sample.jpg").read_bytes()
AGES = 3_600.0  # above any grace


@pytest.fixture
def waiting(client: TestClient, busy_worker: Heartbeat) -> dict[str, UUID]:
    """A prediction that has waited for long; its message was sent, and is not queued."""
    assert busy_worker.queue == Queue.PREDICT
    headers = {"content-type": "image/jpeg", "prefer": "respond-async"}
    job = client.post("/v1/predict/tiny", content=PICTURE, headers=headers).json()
    _age(UUID(job["id"]))
    return {"job": UUID(job["id"]), "model": UUID(job["model"]["id"])}


def _age(job_id: UUID, dispatched_at: float | None = time.time() - AGES) -> None:
    with transaction() as connection:
        connection.execute(update(jobs).where(jobs.c.id == job_id).values(dispatched_at=dispatched_at))


def _warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_a_message_that_nobody_has_is_lost_and_sent_again(
    waiting: dict[str, UUID], caplog: pytest.LogCaptureFixture
) -> None:
    assert waiting
    assert sweep.resend_tickets() == 1
    assert _warnings(caplog) == ["1 lost messages were sent again"]
    assert counters.read() == {"resent": 1}
    assert sweep.resend_tickets() == 0


def test_a_message_that_a_worker_has_just_received_is_not_lost(
    waiting: dict[str, UUID], caplog: pytest.LogCaptureFixture
) -> None:
    tickets.note_received(waiting["model"])

    assert sweep.resend_tickets() == 1  # another worker may help
    assert _warnings(caplog) == []
    assert counters.read() == {}


def test_the_backlog_of_a_worker_that_is_alive_is_not_lost(
    waiting: dict[str, UUID], caplog: pytest.LogCaptureFixture
) -> None:
    presence.announce_worker("busy", {"queue": Queue.PREDICT, "messages": [str(waiting["model"])]})
    presence.announce_worker("other", {"queue": Queue.PREDICT, "messages": [str(uuid4())]})
    sweep.resend_tickets()

    assert _warnings(caplog) == []


def test_a_message_that_was_never_sent_is_not_lost(
    waiting: dict[str, UUID], caplog: pytest.LogCaptureFixture
) -> None:
    _age(waiting["job"], None)  # as after a crash of its worker, or while Redis was away

    assert sweep.resend_tickets() == 1
    assert _warnings(caplog) == []


def test_the_message_of_a_training_is_lost_if_no_worker_has_it(
    client: TestClient, busy_worker: Heartbeat, caplog: pytest.LogCaptureFixture
) -> None:
    assert busy_worker
    made = [client.post("/v1/jobs", json={"capability": "tiny", "task": "train"}).json() for _ in range(2)]
    for job in made:
        _age(UUID(job["id"]))
    tickets.note_received(UUID(made[0]["id"]))

    assert sweep.resend_jobs() == 2
    assert _warnings(caplog) == ["1 lost messages were sent again"]
