"""The workers that are alive: each announces itself with every heartbeat."""

import json
import logging
from collections.abc import Mapping
from typing import Any

from redis.exceptions import RedisError

from backend.messaging.connection import redis
from backend.settings import settings

log = logging.getLogger(__name__)


def announce_worker(owner: str, about: Mapping[str, Any]) -> None:
    """Announce a worker; the announcement expires after three heartbeats."""
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
    """The announcements of all workers that are alive. Raises RedisError: Redis is unreachable."""
    found = redis().mget(list(redis().scan_iter("worker:*", count=1000)) or ["worker:"])
    return [json.loads(about) for about in found if about]  # pyright: ignore[reportGeneralTypeIssues]
