"""The server: uvicorn with the limits of `connection`, and an end for event streams."""

import asyncio
import resource
from types import FrameType
from typing import Any

import uvicorn

from backend.http.connection import Connection
from backend.messaging import waiters
from backend.settings import settings

_CHECK_TICKS = 5  # of uvicorn, a tenth of a second each
_OTHER_FILES = 1_024  # beside connections: the database's, Redis', uploads


class Server(uvicorn.Server):
    """Checks its connections twice a second."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # event streams first: shutdown waits for requests, and those wait for their jobs
        waiters.release_all()
        super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        if counter % _CHECK_TICKS == 0:
            now = asyncio.get_running_loop().time()
            for connection in tuple(self.server_state.connections):
                if isinstance(connection, Connection):
                    connection.check(now)
        return await super().on_tick(counter)


def configure(app: Any, **options: Any) -> uvicorn.Config:
    """uvicorn's configuration for the API; `options` are further ones of uvicorn."""
    return uvicorn.Config(
        app,
        host=settings().host,
        port=settings().port,
        loop="uvloop",
        http=Connection,
        ws="none",
        timeout_graceful_shutdown=5,
        access_log=False,  # middleware.Observe writes it
        log_config=None,  # create_app sets the logs up
        server_header=False,
        **options,
    )


def allow_connections() -> None:
    """Raise the process' limit of open files to what the limit of connections needs, as far as it may."""
    needed = settings().max_connections + _OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < needed:
        most = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
