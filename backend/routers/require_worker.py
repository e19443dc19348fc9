"""The check for a worker, before a request waits for one."""

import time
from typing import Any

from redis.exceptions import RedisError

from backend.errors import Unavailable
from backend.messaging.waiters import Hub
from backend.services import health
from backend.settings import settings
from backend.tables import Queue


async def check_workers(hub: Hub[Any]) -> None:
    """Raises Unavailable, with instructions: no inference worker is alive, nor is one about to be."""
    try:
        alive = await hub.workers()
    except RedisError as error:
        raise Unavailable(f"The broker is unreachable: {error}", headers={"Retry-After": "5"}) from error
    if any(worker.get("queue") == Queue.PREDICT for worker in alive):
        return
    if time.monotonic() - hub.opened_at >= settings().worker_start_seconds:
        raise Unavailable(health.no_worker(Queue.PREDICT), headers={"Retry-After": "10"})
