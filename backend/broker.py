"""Redis: the wake-up bus to the workers (Celery, database 0), and events, tickets and presence (database 1).

Nothing here is the truth: every key may be lost at any moment, and the sweep makes good what that costs.
Celery carries ids only. For predictions a message means "model M has work" (a ticket), for trainings "job J".
"""

import base64
import json
import logging
import time
from collections.abc import Iterable, Mapping
from contextlib import closing
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from celery import Celery
from kombu.exceptions import OperationalError
from redis import Redis
from redis.exceptions import RedisError

from backend.settings import settings
from backend.tables import Task

log = logging.getLogger(__name__)

WAKE = "wake"  # channel: comma-joined ids of jobs with news
CONTROL = "control"  # channel: id of a job whose cancel was asked for
EVENTS_KEPT = 2_000
EVENTS_SECONDS = 3_600
# of every client of the events' database: a connection that fell silent is found out
CONNECTION: dict[str, Any] = {
    "socket_timeout": 10,
    "socket_connect_timeout": 3,
    "health_check_interval": 25,
    "decode_responses": True,
}
_LEAVE_SECONDS = 1.0
_LOOK_SECONDS = 20  # after so long a message counts as lost


def redis_url() -> str:
    """The configured server, or the embedded one's socket."""
    return settings().redis_url or f"unix://{settings().data_folder.resolve() / 'redis' / 'redis.sock'}"


def broker_url() -> str:
    """As Celery spells it."""
    url = urlsplit(redis_url())
    if url.scheme == "unix":
        return f"redis+socket://{url.path}?virtual_host=0"
    return url._replace(path="/0").geturl()


def events_url() -> str:
    """As redis-py spells it."""
    url = urlsplit(redis_url())
    if url.scheme == "unix":
        return f"unix://{url.path}?db=1"
    return url._replace(path="/1").geturl()


@cache
def redis() -> Redis:
    """Client of the events' database; safe to share between threads."""
    return Redis.from_url(events_url(), **CONNECTION)


@cache
def celery() -> Celery:
    """The Celery application; the reasons for each setting stand in docs/decisions."""
    app = Celery("glassbox", broker=broker_url())
    app.conf.update(
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        task_acks_late=False,
        task_publish_retry=False,  # the sweep is the retry
        task_default_queue=Task.PREDICT,
        worker_prefetch_multiplier=1,
        worker_send_task_events=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "socket_timeout": 10,
            "socket_connect_timeout": 3,
            "socket_keepalive": urlsplit(redis_url()).scheme != "unix",
            "health_check_interval": 25,
        },
    )
    return app


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


def events_key(job_id: UUID) -> str:
    return f"events:{job_id}"


def add_event(job_id: UUID, event: str, data: Mapping[str, Any]) -> None:
    """Append to the job's event stream and wake whoever reads it. Lost when Redis is not there."""
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
    """Wake whoever waits for these jobs; a lost wake-up costs the waiter a second."""
    _publish(WAKE, ",".join(str(job_id) for job_id in job_ids))


def request_cancel(job_id: UUID) -> None:
    """Hurry the worker; its heartbeat would learn of the cancel too, but later."""
    _publish(CONTROL, str(job_id))


def _publish(channel: str, message: str) -> None:
    try:
        redis().publish(channel, message)
    except (RedisError, OSError) as error:
        log.warning("a message on %s was lost: %s", channel, error)


def count(what: str, number: int) -> None:
    """Count what operators watch: fenced, lost, resent. Lost when Redis is."""
    try:
        redis().hincrby("counts", what, number)
    except (RedisError, OSError) as error:
        log.warning("%d %s not counted: %s", number, what, error)


def counts() -> dict[str, int]:
    """Raises RedisError when Redis is not there."""
    found: dict[str, str] = redis().hgetall("counts")  # pyright: ignore[reportAssignmentType]
    return {what: int(number) for what, number in found.items()}


def announce_worker(owner: str, about: Mapping[str, Any]) -> None:
    """Say that a worker lives; the word holds for three heartbeats."""
    try:
        redis().set(f"worker:{owner}", json.dumps(dict(about)), px=int(settings().heartbeat_seconds * 3_000))
    except (RedisError, OSError) as error:
        log.warning("the worker's presence was not announced: %s", error)


def retire_worker(owner: str) -> None:
    try:
        redis().delete(f"worker:{owner}")
    except (RedisError, OSError) as error:
        log.warning("the worker's presence was not withdrawn: %s", error)


def workers() -> list[dict[str, Any]]:
    """What each living worker said of itself. Raises RedisError when Redis is not there."""
    found = redis().mget(list(redis().scan_iter("worker:*", count=1000)) or ["worker:"])
    return [json.loads(about) for about in found if about]  # pyright: ignore[reportGeneralTypeIssues]
