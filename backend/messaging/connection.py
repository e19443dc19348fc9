"""Redis: addresses and clients.

Database 0 carries Celery's messages, database 1 events, tickets and presence. Nothing in it is the
truth: every key may be lost at any moment, and the sweep repairs what that costs.
"""

from functools import cache
from typing import Any
from urllib.parse import urlsplit

from redis import Redis

from backend.settings import settings

# of every client of the events' database: a connection that fell silent is found out
CONNECTION: dict[str, Any] = {
    "socket_timeout": 10,
    "socket_connect_timeout": 3,
    "health_check_interval": 25,
    "decode_responses": True,
}


def redis_url() -> str:
    """The configured server, or the embedded one's socket."""
    return settings().redis_url or f"unix://{settings().data_folder.resolve() / 'redis' / 'redis.sock'}"


def broker_url() -> str:
    """As Celery spells it."""
    url = urlsplit(redis_url())
    if url.scheme == "unix":
        return f"redis+socket://{url.path}?virtual_host=0"
    return url._replace(path="/0").geturl()


def events_url() -> str:
    """As redis-py spells it."""
    url = urlsplit(redis_url())
    if url.scheme == "unix":
        return f"unix://{url.path}?db=1"
    return url._replace(path="/1").geturl()


@cache
def redis() -> Redis:
    """Client of the events' database; safe to share between threads."""
    return Redis.from_url(events_url(), **CONNECTION)
