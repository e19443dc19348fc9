"""The check for a worker, before a request waits for one."""

import time
from collections.abc import Callable
from typing import Any

from anyio.to_thread import run_sync
from redis.exceptions import RedisError

from backend import outages
from backend.errors import Unavailable
from backend.messaging.waiters import Hub
from backend.services import readiness
from backend.settings import settings
from backend.tables import Queue


async def check_workers(hub: Hub[Any], otherwise: Callable[[], None] | None = None) -> None:
    """Raises Unavailable, with instructions: no inference worker is alive, nor is one about to be.

    Args:
        otherwise: called in a thread in that case; its error has precedence.
    """
    try:
        await _check(hub)
    except Unavailable:
        if otherwise is not None:
            await run_sync(otherwise)
        raise


async def _check(hub: Hub[Any]) -> None:
    try:
        alive = await hub.workers()
    except RedisError as error:
        raise Unavailable(outages.REDIS(), headers={"Retry-After": "5"}) from error
    if any(worker.get("queue") == Queue.PREDICT for worker in alive):
        return
    if time.monotonic() - hub.opened_at >= settings().worker_start_seconds:
        raise Unavailable(readiness.no_worker(Queue.PREDICT), headers={"Retry-After": "10"})
