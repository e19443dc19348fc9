"""The state of a hub, for tests that act while a request waits."""

from typing import Any
from uuid import UUID

from backend.messaging.waiters import Hub


def is_waiting(hub: Hub[Any], job_id: UUID) -> bool:
    """Whether a request has looked at the job and now waits for a change."""
    events = hub._waiters.get(str(job_id), ())
    return any(event._waiters for event in tuple(events))  # of asyncio.Event: tasks that wait for it
