"""A job's event stream, and the channels that wake waiting requests and cancel running jobs."""

import json
import logging
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from redis.exceptions import RedisError

from backend.messaging.connection import redis

log = logging.getLogger(__name__)

WAKE = "wake"  # channel: comma-joined ids of jobs with news
CONTROL = "control"  # channel: id of a job to cancel
EVENTS_KEPT = 2_000
EVENTS_SECONDS = 3_600


def events_key(job_id: UUID) -> str:
    return f"events:{job_id}"


def add_event(job_id: UUID, event: str, data: Mapping[str, Any]) -> None:
    """Append to the job's event stream and wake its readers. Lost while Redis is unreachable."""
    try:
        pipe = redis().pipeline(transaction=False)
        pipe.xadd(
            events_key(job_id),
            {"event": event, "data": json.dumps(data)},
            maxlen=EVENTS_KEPT,
            approximate=True,
        )
        pipe.expire(events_key(job_id), EVENTS_SECONDS)
        pipe.publish(WAKE, str(job_id))
        pipe.execute()
    except (RedisError, OSError) as error:
        log.warning("an event of job %s was lost: %s", job_id, error)


def wake(job_ids: Iterable[UUID]) -> None:
    """Wake the requests that wait for these jobs; a lost wake-up delays them by a second."""
    _publish(WAKE, ",".join(str(job_id) for job_id in job_ids))


def request_cancel(job_id: UUID) -> None:
    """Notify the worker at once; its heartbeat would see the cancel later."""
    _publish(CONTROL, str(job_id))


def _publish(channel: str, message: str) -> None:
    try:
        redis().publish(channel, message)
    except (RedisError, OSError) as error:
        log.warning("a message on %s was lost: %s", channel, error)
