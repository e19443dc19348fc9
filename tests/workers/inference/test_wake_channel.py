"""Notifications of workers: by messages, and by a model's wake channel while a worker is subscribed."""

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


def wait_for_subscriber(model: UUID) -> None:
    ends = time.monotonic() + 20
    while not connection.redis().pubsub_numsub(f"work:{model}")[0][1]:
        assert time.monotonic() < ends
        time.sleep(0.01)


def subscribe(model: UUID) -> tickets.WakeChannel:
    """A subscribed channel."""
    channel = tickets.WakeChannel(model)
    wait_for_subscriber(model)
    assert not channel.wait(0.05)
    return channel


def test_one_message_is_outstanding_at_a_time(messages: list[str]) -> None:
    assert tickets.publish_ticket(MODEL)
    assert tickets.publish_ticket(MODEL)
    assert messages == [str(MODEL)]

    tickets.clear_ticket(MODEL)
    assert tickets.publish_ticket(MODEL)
    assert messages == [str(MODEL)] * 2


def test_a_subscribed_worker_needs_no_message(messages: list[str]) -> None:
    channel = subscribe(MODEL)
    assert tickets.publish_ticket(MODEL)
    assert tickets.publish_ticket(uuid4())
    assert channel.wait(20)
    assert not channel.wait(0.1)
    assert str(MODEL) not in messages
    assert len(messages) == 1

    channel.close()
    channel.close()
    tickets.clear_ticket(MODEL)
    assert tickets.publish_ticket(MODEL)
    assert messages[1:] == [str(MODEL)]


def test_a_request_for_another_worker_bypasses_the_channel(messages: list[str]) -> None:
    channel = subscribe(MODEL)
    assert tickets.request_another_worker(MODEL)
    assert messages == [str(MODEL)]
    channel.close()


def test_jobs_that_arrive_while_the_worker_lingers_need_no_message(
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

    # one for the first job and one after each turn; without the channel it would be one for each job
    assert set(taken) == {str(model)}
    assert len(taken) < 10


def test_one_thread_waits_at_a_models_channel_and_the_others_leave(
    busy_worker: Heartbeat, messages: list[str]
) -> None:
    model = next(model.id for model in catalog.defaults() if model.capability == "tiny")
    worker = Inference(busy_worker, "cpu", environment("cpu"), linger_seconds=60.0)
    first = threading.Thread(target=worker.serve, args=[model], daemon=True)
    first.start()
    wait_for_subscriber(model)

    started = time.monotonic()
    worker.serve(model)
    assert time.monotonic() - started < 30
    assert first.is_alive()

    worker.stopping.set()
    assert tickets.publish_ticket(model)  # wakes it, and it stops
    first.join(30)
    assert not first.is_alive()
    assert messages == [str(model)]  # queued jobs are for the next worker
