"""Counters for operators."""

import logging

from redis.exceptions import RedisError

from backend.messaging.connection import redis

log = logging.getLogger(__name__)


def count(what: str, number: int) -> None:
    """Increment a counter (fenced, lost, resent). The increment is lost while Redis is unreachable."""
    try:
        redis().hincrby("counts", what, number)
    except (RedisError, OSError) as error:
        log.warning("%d %s were not counted: %s", number, what, error)


def counts() -> dict[str, int]:
    """All counters by name. Raises RedisError: Redis is unreachable."""
    found: dict[str, str] = redis().hgetall("counts")  # pyright: ignore[reportAssignmentType]
    return {what: int(number) for what, number in found.items()}
