"""Counters of repairs for operators, in Redis: numbers that only grow.

They are those of the whole installation, whichever process counts. If Redis loses them they begin again,
which Prometheus' `rate` and `increase` take for a restart.
"""

import logging

from redis.exceptions import RedisError

from backend.messaging.connection import redis

log = logging.getLogger(__name__)

_KEY = "counts"


def count(what: str, number: int) -> None:
    """Increment `fenced`, `lost` or `resent`. The increment is lost while Redis is unreachable."""
    try:
        redis().hincrby(_KEY, what, number)
    except (RedisError, OSError) as error:
        log.warning("%d %s were not counted: %s", number, what, error)


def read() -> dict[str, int]:
    """All counters by name. Raises RedisError: Redis is unreachable."""
    found: dict[str, str] = redis().hgetall(_KEY)  # pyright: ignore[reportAssignmentType]
    return {name: int(number) for name, number in found.items()}
