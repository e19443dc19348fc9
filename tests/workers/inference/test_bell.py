"""How a worker hears of work: by a message, and while it sits by a model's bell, by that."""

import threading
import time
from collections.abc import Iterator
from queue import Queue
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient

from backend.messaging import celery_app, connection, tickets
from backend.services.models import catalog
from tests.capabilities.tiny.card import HERE
from workers.environment import environment
from workers.heartbeat import Heartbeat
from workers.inference.server import Inference

PICTURE = (HERE / "sample.jpg").read_bytes()
MODEL = uuid4()


@pytest.fixture
def messages(application: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:  # noqa: ARG001
    """The models that a message was sent for."""
    sent: list[str] = []

    def send_task(_: str, args: list[Any], **__: Any) -> None:
        sent.append(args[0])

    monkeypatch.setattr(celery_app.celery(), "send_task", send_task)
    yield sent
    connection.redis().close()


def wait_for_a_listener(model: UUID) -> None:
    ends = time.monotonic() + 20
    while not connection.redis().pubsub_numsub(f"bell:{model}")[0][1]:
        assert time.monotonic() < ends
        time.sleep(0.01)


def sit_by(model: UUID) -> tickets.Bell:
    """A bell that Redis rings from now on."""
    bell = tickets.Bell(model)
    wait_for_a_listener(model)
    assert not bell.heard(0.05)
    return bell


def test_one_message_is_out_at_a_time(messages: list[str]) -> None:
    assert tickets.publish_ticket(MODEL)
    assert tickets.publish_ticket(MODEL)
    assert messages == [str(MODEL)]

    tickets.take_ticket(MODEL)
    assert tickets.publish_ticket(MODEL)
    assert messages == [str(MODEL)] * 2


def test_who_sits_by_the_bell_needs_no_message(messages: list[str]) -> None:
    bell = sit_by(MODEL)
    assert tickets.publish_ticket(MODEL)
    assert tickets.publish_ticket(uuid4())
    assert bell.heard(20)
    assert not bell.heard(0.1)
    assert str(MODEL) not in messages
    assert len(messages) == 1

    bell.leave()
    bell.leave()
    tickets.take_ticket(MODEL)
    assert tickets.publish_ticket(MODEL)
    assert messages[1:] == [str(MODEL)]


def test_help_is_called_past_the_bell(messages: list[str]) -> None:
    bell = sit_by(MODEL)
    assert tickets.call_help(MODEL)
    assert messages == [str(MODEL)]
    bell.leave()


def test_jobs_that_come_while_the_worker_lingers_need_no_message(
    client: TestClient, busy_worker: Heartbeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = Inference(busy_worker, "cpu", environment("cpu"), linger_seconds=5.0)
    model = next(model.id for model in catalog.defaults() if model.capability == "tiny")
    worker.warm(model)
    messages: Queue[str] = Queue()
    taken = []

    def serve() -> None:
        while message := messages.get():
            taken.append(message)
            worker.serve(UUID(message))

    monkeypatch.setattr(celery_app.celery(), "send_task", lambda _, args, **__: messages.put(args[0]))
    serving = threading.Thread(target=serve, daemon=True)
    serving.start()
    for number in range(10):
        headers = {"content-type": "image/jpeg", "prefer": "wait=20"}
        answer = client.post("/v1/predict/tiny", content=PICTURE + bytes([number]), headers=headers)
        assert answer.status_code == 200, answer.text
        assert answer.json()["attempt"] == 1
    worker.stopping.set()
    messages.put("")
    serving.join(20)

    # one for the first job, one whenever a turn was over; without the bell it would be one for each
    assert set(taken) == {str(model)}
    assert len(taken) < 10


def test_one_thread_sits_by_a_models_bell_the_others_leave_when_nothing_waits(
    busy_worker: Heartbeat, messages: list[str]
) -> None:
    model = next(model.id for model in catalog.defaults() if model.capability == "tiny")
    worker = Inference(busy_worker, "cpu", environment("cpu"), linger_seconds=60.0)
    sitting = threading.Thread(target=worker.serve, args=[model], daemon=True)
    sitting.start()
    wait_for_a_listener(model)

    started = time.monotonic()
    worker.serve(model)
    assert time.monotonic() - started < 30
    assert sitting.is_alive()

    worker.stopping.set()
    assert tickets.publish_ticket(model)  # rings: it looks up, and sees that it is to stop
    sitting.join(30)
    assert not sitting.is_alive()
    assert messages == [str(model)]  # what may be waiting is for the next worker
