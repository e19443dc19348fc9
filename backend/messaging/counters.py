"""Counters for operators, in Redis: hashes of a name and a number that only grows.

They are those of the whole installation, whichever process counts. If Redis loses them they begin again,
which Prometheus' `rate` and `increase` take for a restart.
"""

import logging
from collections.abc import Mapping

from redis.exceptions import RedisError

from backend.messaging.connection import redis

log = logging.getLogger(__name__)

REPAIRS = "counts"  # fenced, lost, resent
ENDINGS = "endings"  # of jobs, by services.jobs.endings


def count(what: str, number: int) -> None:
    """Increment one of REPAIRS. The increment is lost while Redis is unreachable."""
    add(REPAIRS, {what: number})


def add(counters: str, increments: Mapping[str, int]) -> None:
    """Increment several counters in one round trip. The increments are lost while Redis is unreachable."""
    try:
        pipe = redis().pipeline(transaction=False)
        for name, number in increments.items():
            pipe.hincrby(counters, name, number)
        pipe.execute()
    except (RedisError, OSError) as error:
        log.warning("%d %s were not counted: %s", sum(increments.values()), counters, error)


def read(counters: str) -> dict[str, int]:
    """All counters of a hash by name. Raises RedisError: Redis is unreachable."""
    found: dict[str, str] = redis().hgetall(counters)  # pyright: ignore[reportAssignmentType]
    return {name: int(number) for name, number in found.items()}
