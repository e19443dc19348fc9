"""Waiting for what a worker computes beside an upload, such as the report of a table."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar
from uuid import UUID

from anyio.to_thread import run_sync

from backend.errors import Unavailable
from backend.messaging.waiters import POLL_SECONDS, Hub
from backend.routers.require_worker import check_workers
from backend.settings import settings

Computed = TypeVar("Computed")


async def computed(
    hub: Hub[Any],
    upload_id: UUID,
    read: Callable[[], Computed | None],
    request: Callable[[], None],
    unfinished: str,
) -> Computed:
    """What `read` finds, after `request` where it finds nothing.

    Raises:
        Unavailable: no worker is alive, or it takes longer than a request waits; the detail is `unfinished`.
    """
    found = await run_sync(read)
    if found is not None:
        return found
    await check_workers(hub)
    ends = time.monotonic() + settings().wait_seconds
    with hub.waiting(upload_id) as event:
        while not hub.is_closing and time.monotonic() < ends:
            event.clear()
            found = await run_sync(read)
            if found is not None:
                return found
            await run_sync(request)  # again, in case a message was lost
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await event.wait()
    raise Unavailable(unfinished, headers={"Retry-After": "2"})
