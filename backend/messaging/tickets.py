"""Messages to the workers.

For predictions a message is a ticket, "model M has work"; for trainings it names one job. Decisions 8 and 17.
"""

import base64
import json
import logging
import time
from contextlib import closing
from uuid import UUID

from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from backend.messaging.celery_app import celery
from backend.messaging.connection import redis
from backend.settings import settings
from backend.tables import Task

log = logging.getLogger(__name__)

_LEAVE_SECONDS = 1.0
_LOOK_SECONDS = 20  # after so long a message counts as lost
# One round trip: the ticket if none is out, and the bell for those who sit by it.
_RING = """
if redis.call("SET", KEYS[1], 1, "NX", "EX", ARGV[1]) then return redis.call("PUBLISH", KEYS[2], 1) end
return -1
"""


def publish_ticket(model_id: UUID) -> bool:
    """Tell the inference workers that the model has work, unless they have been told already.

    A worker that has just served the model hears its bell; a message is sent only where none does.
    False: Redis is not there; the sweep will send it.
    """
    try:
        heard = redis().eval(_RING, 2, _ticket(model_id), _bell(model_id), _ticket_seconds())
        if heard == 0:
            _send_ticket(model_id)
    except (OperationalError, RedisError, OSError) as error:
        log.warning("the ticket of model %s was not sent: %s", model_id, error)
        return False
    return True


def call_help(model_id: UUID) -> bool:
    """Tell a further worker that the model has work: one that does not sit by its bell.

    False: Redis is not there.
    """
    try:
        if redis().set(_ticket(model_id), 1, nx=True, ex=_ticket_seconds()):
            _send_ticket(model_id)
    except (OperationalError, RedisError, OSError) as error:
        log.warning("no help was called for model %s: %s", model_id, error)
        return False
    return True


def _send_ticket(model_id: UUID) -> None:
    celery().send_task("predict", args=[str(model_id)], queue=Task.PREDICT)


def _ticket(model_id: UUID) -> str:
    return f"ticket:{model_id}"


def _ticket_seconds() -> int:
    return int(settings().grace_seconds) + 1


def _bell(model_id: UUID) -> str:
    return f"bell:{model_id}"


class Bell:
    """What a worker sits by after it has served a model: to hear it costs a tenth of taking a message."""

    def __init__(self, model_id: UUID):
        self._channel = redis().pubsub()
        self._channel.subscribe(_bell(model_id))

    def heard(self, seconds: float) -> bool:
        """Whether it rings within so many seconds, or has rung since it was last asked."""
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            message = self._channel.get_message(timeout=left)
            if message is not None and message["type"] == "message":
                return True
        return False

    def leave(self) -> None:
        """Sit by it no longer: who has work from now on sends a message. What rang unheard needs a look."""
        ends = time.monotonic() + _LEAVE_SECONDS
        with closing(self._channel):
            if self._channel.subscribed:
                self._channel.unsubscribe()
            # until Redis says so it may still count us among those who hear
            while self._channel.subscribed and (left := ends - time.monotonic()) > 0:
                self._channel.get_message(timeout=left)


def take_ticket(model_id: UUID) -> None:
    """Work on the model begins: a job written from now on needs a ticket of its own."""
    redis().delete(_ticket(model_id))


def publish_training(job_id: UUID) -> bool:
    """Tell the training workers of one job. False: Redis is not there; the sweep will send it."""
    try:
        celery().send_task("train", args=[str(job_id)], queue=Task.TRAIN)
    except (OperationalError, RedisError, OSError) as error:
        log.warning("the message of job %s was not sent: %s", job_id, error)
        return False
    return True


def publish_look(upload_id: UUID, reading: str) -> None:
    """Ask an inference worker to read the table as told (JSON), unless one was asked so in the last seconds.

    Raises:
        OperationalError, RedisError, OSError: Redis is not there.
    """
    if redis().set(f"look:{upload_id}:{reading}", 1, nx=True, ex=_LOOK_SECONDS):
        celery().send_task("look", args=[str(upload_id), reading], queue=Task.PREDICT)


def waiting_messages(queue: str) -> int:
    """How many messages no worker has taken yet."""
    with celery().connection_for_read() as connection:
        return int(connection.default_channel.client.llen(queue))  # pyright: ignore[reportAttributeAccessIssue]


def in_line(queue: str) -> set[UUID]:
    """What the messages are about that no worker has taken yet."""
    with celery().connection_for_read() as connection:
        messages = connection.default_channel.client.lrange(queue, 0, -1)  # pyright: ignore[reportAttributeAccessIssue]
    # Celery's message protocol 2: [args, kwargs, ...] as JSON, which the transport writes in base64
    bodies = (json.loads(base64.b64decode(json.loads(message)["body"])) for message in messages)
    return {UUID(args[0]) for args, *_ in bodies}
