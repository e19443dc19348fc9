"""Redis: addresses and clients.

Database 0 carries Celery's messages, database 1 events, tickets and presence. Every key may be lost at any
moment without losing a job: the sweep repairs the effects.
"""

from functools import cache
from typing import Any
from urllib.parse import urlsplit

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from backend.settings import settings

# of every client of the events' database; the health check detects silent connections
CONNECTION: dict[str, Any] = {
    "socket_timeout": 5,
    "socket_connect_timeout": 3,
    "health_check_interval": 25,
    "decode_responses": True,
}


def redis_url() -> str:
    """The configured server, or the socket of the embedded one."""
    return settings().redis_url or f"unix://{settings().data_folder.resolve() / 'redis' / 'redis.sock'}"


def broker_url() -> str:
    """In Celery's notation."""
    url = urlsplit(redis_url())
    if url.scheme == "unix":
        return f"redis+socket://{url.path}?virtual_host=0"
    return url._replace(path="/0").geturl()


def events_url() -> str:
    """In redis-py's notation."""
    url = urlsplit(redis_url())
    if url.scheme == "unix":
        return f"unix://{url.path}?db=1"
    return url._replace(path="/1").geturl()


@cache
def redis() -> Redis:
    """Client of the events' database; safe to share between threads."""
    # one more try, for a connection that broke while it was idle: every caller has a way without Redis
    return Redis.from_url(events_url(), retry=Retry(NoBackoff(), 1), **CONNECTION)
