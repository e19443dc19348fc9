"""`glassbox serve`: the API's process."""

import signal
import socket
from types import FrameType
from typing import Annotated

import typer
import uvicorn

from backend.http.authentication import Exposed
from backend.messaging import waiters
from backend.settings import settings
from workers.cli import entry
from workers.supervisor.preflight import CannotStart

app = entry.command_line("serve")


class Server(uvicorn.Server):
    """Ends the event streams first: shutdown waits for requests, and those wait for their jobs."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        waiters.release_all()
        super().handle_exit(sig, frame)


@app.command()
def run(
    fd: Annotated[
        int | None,
        typer.Option(help="Serve on this inherited socket instead of the configured host and port."),
    ] = None,
) -> None:
    """Serve the API and the pages; Redis and the workers run elsewhere."""
    config = uvicorn.Config(
        "backend.main:create_app",
        factory=True,
        host=settings().host,
        port=settings().port,
        loop="uvloop",
        http="httptools",
        timeout_graceful_shutdown=5,
        access_log=False,
        log_config=None,  # create_app sets the logs up
        server_header=False,
    )
    server = Server(config)
    # uvicorn raises the signal again after its shutdown, when nothing is left to stop
    signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        server.run(sockets=None if fd is None else [socket.socket(fileno=fd)])
    except Exposed as error:
        raise CannotStart(str(error)) from error
    if not server.started:
        raise CannotStart("the API failed to start; see the lines above.")


if __name__ == "__main__":
    entry.run(app)
