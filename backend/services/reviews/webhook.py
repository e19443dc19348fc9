"""Notifies another program of every decision by HTTP (docs/reviews.md).

What is to be sent stands in the rows of `reviews`: it survives a restart, and a receiver that is away delays
nothing but its own notifications. Each is sent at least once.
"""

import hashlib
import hmac
import logging
import threading
import time
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx2
from sqlalchemy import Row, select, update

from backend.database import db_now, reading, transaction
from backend.outages import outage_log, outage_of
from backend.schemas.reviews import ReviewRead
from backend.services.reviews import records
from backend.settings import Settings, settings
from backend.tables import reviews

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 20  # over about half a day
_TOGETHER = 20
_TIMEOUT_SECONDS = 5.0
_FIRST_PAUSE, _LONGEST_PAUSE = 5.0, 3_600.0  # seconds after a failed attempt, doubled by each
_INTERVAL = 1.0


class WrongWebhook(ValueError):
    """The settings of the webhook do not fit."""


def check(chosen: Settings) -> None:
    """Raises WrongWebhook: the address is not http(s), or no secret signs what is sent there."""
    if not chosen.review_webhook:
        return
    address = urlsplit(chosen.review_webhook)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise WrongWebhook("GLASSBOX_REVIEW_WEBHOOK must be an address that begins with http:// or https://.")
    if not chosen.review_webhook_secret.get_secret_value():
        raise WrongWebhook("GLASSBOX_REVIEW_WEBHOOK needs GLASSBOX_REVIEW_WEBHOOK_SECRET, which signs.")


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """`sha256=` and the HMAC of the timestamp, a dot and the body, in hexadecimal digits."""
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return f"sha256={digest.hexdigest()}"


def deliver() -> int:
    """Send the notifications that are due; returns the number of those that were received."""
    due = select(reviews.c.id, reviews.c.notify_at, reviews.c.notify_attempts)
    due = due.where(reviews.c.notify_at <= db_now()).order_by(reviews.c.notify_at).limit(_TOGETHER)
    with reading() as connection:
        rows = connection.execute(due).all()
    return sum(_deliver(row) for row in rows)


def _deliver(row: Row[Any, Any, Any]) -> bool:
    attempts = row.notify_attempts + 1
    pause = min(_FIRST_PAUSE * 2**row.notify_attempts, _LONGEST_PAUSE)
    # the next attempt is written before this one: a killed process repeats it, another process does not
    same = reviews.c.id == row.id, reviews.c.notify_at == row.notify_at
    with transaction() as connection:
        later = update(reviews).where(*same).values(notify_at=db_now() + pause, notify_attempts=attempts)
        if not connection.execute(later).rowcount:
            return False
        review = records.show(records.find(connection, row.id))
    problem = _send(review)
    if problem is not None and attempts < MAX_ATTEMPTS:
        log.warning("the webhook did not take review %s, attempt %d: %s", row.id, attempts, problem)
        return False
    if problem is not None:
        log.error("the webhook did not take review %s, which is given up: %s", row.id, problem)
    _settle(row.id)
    return problem is None


def _settle(review_id: UUID) -> None:
    with transaction() as connection:
        connection.execute(update(reviews).where(reviews.c.id == review_id).values(notify_at=None))


def _send(review: ReviewRead) -> str | None:
    """Why it was not received; None: it was."""
    body = b'{"event":"review","review":%b}' % review.model_dump_json().encode()
    timestamp = str(int(time.time()))
    secret = settings().review_webhook_secret.get_secret_value()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "glassbox",
        "X-Glassbox-Event": "review",
        "X-Glassbox-Delivery": str(review.id),
        "X-Glassbox-Timestamp": timestamp,
        "X-Glassbox-Signature": signature(secret, timestamp, body),
    }
    try:
        with (
            httpx2.Client(timeout=_TIMEOUT_SECONDS, follow_redirects=False) as client,
            client.stream("POST", settings().review_webhook, content=body, headers=headers) as answer,
        ):
            return None if answer.is_success else f"status {answer.status_code}"
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
        return repr(error)


class Notifier:
    """A thread that sends what is due until it is stopped; without a webhook it is never started."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="notifier", daemon=True)

    def start(self) -> None:
        if settings().review_webhook:
            self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stopping.wait(_INTERVAL):
            try:
                deliver()
            except Exception as error:
                outage = outage_of(error)
                if outage is None:
                    log.exception("notifications of reviews failed")
                else:
                    outage_log.warn(outage, "Notifications of reviews will be retried", error)
