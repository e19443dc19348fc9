"""Whether there is anybody who could answer."""

from typing import Any

from redis.exceptions import RedisError

from backend.errors import Unavailable
from backend.messaging.waiters import Hub
from backend.services import health
from backend.tables import Task


async def check_workers(hub: Hub[Any]) -> None:
    """Raises Unavailable: no inference worker is alive, and what to do about it."""
    try:
        living = await hub.workers()
    except RedisError as error:
        raise Unavailable(f"The broker is away: {error}", headers={"Retry-After": "5"}) from error
    if not any(worker.get("queue") == Task.PREDICT for worker in living):
        raise Unavailable(health.no_worker(Task.PREDICT), headers={"Retry-After": "10"})
