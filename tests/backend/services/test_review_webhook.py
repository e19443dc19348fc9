"""Every decision is sent to the webhook, signed, and again until it is received."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select, update

from backend.database import reading, transaction
from backend.schemas.reviews import ReviewDecision
from backend.services.reviews import decisions, webhook
from backend.settings import Settings, settings
from backend.tables import ReviewStatus, Status, Task, jobs, models, reviews

SECRET = "shared with the receiver"
CONFIRMED = ReviewDecision.model_validate({"decision": "confirmed", "reviewer": "Ada"})


class Receiver(HTTPServer):
    """Answers with `status`, and keeps what it got."""

    status = 204
    received: list[tuple[Any, bytes]]


class _Handler(BaseHTTPRequestHandler):
    server: Receiver  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.received.append((self.headers, body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  as in the base class
        pass


@pytest.fixture
def receiver(database: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    assert database.exists()
    with Receiver(("127.0.0.1", 0), _Handler) as server:
        server.received = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("GLASSBOX_REVIEW_WEBHOOK", f"http://127.0.0.1:{server.server_port}/reviews")
        monkeypatch.setenv("GLASSBOX_REVIEW_WEBHOOK_SECRET", SECRET)
        settings.cache_clear()
        yield server
        server.shutdown()


def decided_review() -> UUID:
    model_id, job_id, review_id = uuid4(), uuid4(), uuid4()
    with transaction() as connection:
        connection.execute(
            insert(models).values(
                id=model_id, name=str(model_id), version=1, capability="tiny", title="", summary="",
                architecture="", source="shipped", license="", metrics={}, card="", created_at=0.0,
            )
        )  # fmt: skip
        connection.execute(
            insert(jobs).values(
                id=job_id, capability="tiny", task=Task.PREDICT, model_id=model_id, params={}, inspect=False,
                status=Status.SUCCEEDED, max_attempts=1, result={"objects": []}, created_at=0.0,
            )
        )  # fmt: skip
        row = {"id": review_id, "job_id": job_id, "model_id": model_id, "created_at": 0.0}
        connection.execute(insert(reviews).values(status=ReviewStatus.WAITING, **row))
    decisions.decide(review_id, CONFIRMED)
    return review_id


def plan_of(review_id: UUID) -> tuple[float | None, int]:
    with reading() as connection:
        columns = reviews.c.notify_at, reviews.c.notify_attempts
        return tuple(connection.execute(select(*columns).where(reviews.c.id == review_id)).one())


def test_a_decision_is_sent_once_with_a_signature(receiver: Receiver) -> None:
    review_id = decided_review()

    assert [webhook.deliver(), webhook.deliver()] == [1, 0]

    ((headers, body),) = receiver.received
    sent = json.loads(body)
    assert (sent["event"], sent["review"]["id"], sent["review"]["reviewer"]) == (
        "review",
        str(review_id),
        "Ada",
    )
    signed = webhook.signature(SECRET, headers["x-glassbox-timestamp"], body)
    assert headers["x-glassbox-signature"] == signed
    assert plan_of(review_id) == (None, 1)


def test_the_signature_is_the_hmac_that_other_programs_compute() -> None:
    # printf '1700000000.{}' | openssl dgst -sha256 -hmac key
    expected = "sha256=9d713ed406bb7076d4123f0dc2c39d2df5c654ed4b0cd56b52c8b4c940bd63ae"
    assert webhook.signature("key", "1700000000", b"{}") == expected


def test_a_refused_notification_is_sent_again_later(receiver: Receiver) -> None:
    review_id = decided_review()
    first = plan_of(review_id)[0]
    receiver.status = 302  # a redirect is not followed

    assert webhook.deliver() == 0
    later, attempts = plan_of(review_id)
    assert later is not None
    assert first is not None
    assert later > first + 4
    assert attempts == 1
    assert webhook.deliver() == 0  # it is not due yet
    assert len(receiver.received) == 1

    receiver.status = 200
    with transaction() as connection:
        connection.execute(update(reviews).values(notify_at=0.0))
    assert webhook.deliver() == 1
    assert plan_of(review_id) == (None, 2)


def test_a_notification_is_given_up_after_many_attempts(receiver: Receiver) -> None:
    review_id = decided_review()
    receiver.status = 500
    with transaction() as connection:
        connection.execute(update(reviews).values(notify_attempts=webhook.MAX_ATTEMPTS - 1))

    assert webhook.deliver() == 0
    assert plan_of(review_id) == (None, webhook.MAX_ATTEMPTS)


@pytest.mark.usefixtures("database")
def test_nothing_is_planned_without_a_webhook() -> None:
    assert plan_of(decided_review()) == (None, 0)


@pytest.mark.parametrize("address", ["ftp://a.example/x", "file:///etc/passwd", "https://", "a.example"])
def test_other_addresses_are_refused_at_the_start(address: str) -> None:
    with pytest.raises(webhook.WrongWebhook, match="http"):
        webhook.check(Settings.model_validate({"review_webhook": address, "review_webhook_secret": "x"}))


def test_a_webhook_without_a_secret_is_refused() -> None:
    with pytest.raises(webhook.WrongWebhook, match="SECRET"):
        webhook.check(Settings.model_validate({"review_webhook": "https://a.example/x"}))
