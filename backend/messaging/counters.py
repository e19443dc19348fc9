"""Counts that operators watch."""

import logging

from redis.exceptions import RedisError

from backend.messaging.connection import redis

log = logging.getLogger(__name__)


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
