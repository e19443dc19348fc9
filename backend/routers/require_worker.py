"""The check for a worker, before a request waits for one."""

from typing import Any

from redis.exceptions import RedisError

from backend.errors import Unavailable
from backend.messaging.waiters import Hub
from backend.services import health
from backend.tables import Queue


async def check_workers(hub: Hub[Any]) -> None:
    """Raises Unavailable, with instructions: no inference worker is alive."""
    try:
        alive = await hub.workers()
    except RedisError as error:
        raise Unavailable(f"The broker is unreachable: {error}", headers={"Retry-After": "5"}) from error
    if not any(worker.get("queue") == Queue.PREDICT for worker in alive):
        raise Unavailable(health.no_worker(Queue.PREDICT), headers={"Retry-After": "10"})
