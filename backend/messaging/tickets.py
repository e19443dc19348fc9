"""Messages to the workers.

For predictions a message is a ticket, "model M has work"; for trainings it names one job. Decisions 8 and 17.
"""

import base64
import json
import logging
import time
from collections.abc import Collection
from contextlib import closing
from uuid import UUID

from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from backend.messaging import presence
from backend.messaging.celery_app import celery
from backend.messaging.connection import redis
from backend.settings import settings
from backend.tables import Queue, Task

log = logging.getLogger(__name__)

_CLOSE_SECONDS = 1.0
_REPORT_SECONDS = 20  # after which a message counts as lost
_EXPORT_SECONDS = 300  # the same, for files of models
# One round trip: set the ticket if none is outstanding, and publish to the subscribers.
_PUBLISH = """
if redis.call("SET", KEYS[1], 1, "NX", "EX", ARGV[1]) then return redis.call("PUBLISH", KEYS[2], 1) end
return -1
"""


def publish_ticket(model_id: UUID) -> bool:
    """Notify the inference workers that the model has work, unless a ticket is outstanding.

    A worker that has just served the model is subscribed to its wake channel; a message is sent only without
    subscribers. False: Redis is unreachable; the sweep will send the ticket.
    """
    try:
        subscribers = redis().eval(_PUBLISH, 2, _ticket(model_id), _channel(model_id), _ticket_seconds())
        if subscribers == 0:
            _send_ticket(model_id)
    except (OperationalError, RedisError, OSError) as error:
        log.warning("the ticket of model %s was not sent: %s", model_id, error)
        return False
    return True


def request_another_worker(model_id: UUID) -> bool:
    """Send a message that the model has work, bypassing the wake channel, so that another worker receives it.

    False: Redis is unreachable.
    """
    try:
        if redis().set(_ticket(model_id), 1, nx=True, ex=_ticket_seconds()):
            _send_ticket(model_id)
    except (OperationalError, RedisError, OSError) as error:
        log.warning("no other worker was notified of model %s: %s", model_id, error)
        return False
    return True


def _send_ticket(model_id: UUID) -> None:
    celery().send_task("predict", args=[str(model_id)], queue=Queue.PREDICT)


def _ticket(model_id: UUID) -> str:
    return f"ticket:{model_id}"


def _ticket_seconds() -> int:
    return int(settings().grace_seconds) + 1


def _channel(model_id: UUID) -> str:
    return f"work:{model_id}"


class WakeChannel:
    """A worker's subscription to a model's wake-ups, at a tenth of the cost of receiving a message."""

    def __init__(self, model_id: UUID):
        self._channel = redis().pubsub()
        self._channel.subscribe(_channel(model_id))

    def wait(self, seconds: float) -> bool:
        """Whether a wake-up arrives within `seconds`, or has arrived since the last call."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            message = self._channel.get_message(timeout=left)
            if message is not None and message["type"] == "message":
                return True
        return False

    def close(self) -> None:
        """Unsubscribe: later work is announced by a message. Wake-ups not yet received need another query."""
        deadline = time.monotonic() + _CLOSE_SECONDS
        with closing(self._channel):
            if self._channel.subscribed:
                self._channel.unsubscribe()
            # until Redis confirms it, this worker may still count as a subscriber
            while self._channel.subscribed and (left := deadline - time.monotonic()) > 0:
                self._channel.get_message(timeout=left)


def clear_ticket(model_id: UUID) -> None:
    """Clear the model's ticket before querying its jobs: a job written from now on sends a new one."""
    redis().delete(_ticket(model_id))


def publish_job(job_id: UUID, task: Task, queue: Queue) -> bool:
    """Send one job to the workers of its queue. False: Redis is unreachable; the sweep will send it."""
    try:
        celery().send_task(task, args=[str(job_id)], queue=queue)
    except (OperationalError, RedisError, OSError) as error:
        log.warning("the message of job %s was not sent: %s", job_id, error)
        return False
    return True


def note_received(message_id: UUID) -> None:
    """A worker has the message that names this model or job; its announcements will list it."""
    try:
        redis().set(f"received:{message_id}", 1, px=int(settings().heartbeat_seconds * 3_000))
    except (RedisError, OSError) as error:
        log.warning("the message %s may count as lost: %s", message_id, error)


def held_ids(message_ids: Collection[UUID]) -> set[UUID]:
    """Those of these messages that a live worker has received. Raises RedisError: Redis is unreachable."""
    if not message_ids:
        return set()
    ids = list(message_ids)
    noted = redis().mget([f"received:{message_id}" for message_id in ids])
    announced = {name for worker in presence.workers() for name in worker.get("messages", ())}
    pairs = zip(ids, noted, strict=True)  # pyright: ignore[reportArgumentType]
    return {message_id for message_id, is_noted in pairs if is_noted or str(message_id) in announced}


def request_table_report(upload_id: UUID, reading: str) -> None:
    """Request a table report with these read options (JSON), unless it was requested a few seconds ago.

    Raises:
        OperationalError, RedisError, OSError: Redis is unreachable.
    """
    if redis().set(f"look:{upload_id}:{reading}", 1, nx=True, ex=_REPORT_SECONDS):
        celery().send_task("look", args=[str(upload_id), reading], queue=Queue.PREDICT)


def request_rendition(upload_id: UUID, rendition: str) -> None:
    """Request a rendition of a picture, unless it was requested a few seconds ago. Raises as above."""
    if redis().set(f"render:{upload_id}:{rendition}", 1, nx=True, ex=_REPORT_SECONDS):
        celery().send_task("render", args=[str(upload_id), rendition], queue=Queue.PREDICT)


def request_export(job_id: UUID, name: str) -> None:
    """Request an export that needs the inputs, unless it was requested a few seconds ago. Raises as above."""
    if redis().set(f"export:{job_id}:{name}", 1, nx=True, ex=_REPORT_SECONDS):
        celery().send_task("export", args=[str(job_id), name], queue=Queue.PREDICT)


def request_model_file(model_id: UUID, form: str) -> None:
    """Request a model as a file of this form, unless it was requested a few minutes ago. Raises as above."""
    if redis().set(f"model-file:{model_id}:{form}", 1, nx=True, ex=_EXPORT_SECONDS):
        celery().send_task("export_model", args=[str(model_id), form], queue=Queue.PREDICT)


def release_model_file(model_id: UUID, form: str) -> None:
    """The worker has ended: the next request is a new one."""
    redis().delete(f"model-file:{model_id}:{form}")


def request_import(upload_id: UUID) -> None:
    """Request that an uploaded model is checked and registered, unless it was requested. Raises as above."""
    if redis().set(f"import:{upload_id}", 1, nx=True, ex=_EXPORT_SECONDS):
        celery().send_task("import_model", args=[str(upload_id)], queue=Queue.PREDICT)


def release_import(upload_id: UUID) -> None:
    """The worker has ended: the next request is a new one."""
    redis().delete(f"import:{upload_id}")


def queue_length(queue: str) -> int:
    """Number of messages that no worker has received yet."""
    with celery().connection_for_read() as connection:
        return int(connection.default_channel.client.llen(queue))  # pyright: ignore[reportAttributeAccessIssue]


def queued_ids(queue: str) -> set[UUID]:
    """The ids in the messages that no worker has received yet."""
    with celery().connection_for_read() as connection:
        messages = connection.default_channel.client.lrange(queue, 0, -1)  # pyright: ignore[reportAttributeAccessIssue]
    # Celery's message protocol 2: [args, kwargs, ...] as JSON, encoded in base64 by the transport
    bodies = (json.loads(base64.b64decode(json.loads(message)["body"])) for message in messages)
    return {UUID(args[0]) for args, *_ in bodies}
