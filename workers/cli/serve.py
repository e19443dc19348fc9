"""`glassbox serve`: the API's process."""

import signal
import socket
from typing import Annotated

import typer

from backend.http import server
from backend.http.authentication import Exposed
from workers.cli import entry
from workers.supervisor.preflight import CannotStart

app = entry.command_line("serve")


@app.command()
def run(
    fd: Annotated[
        int | None,
        typer.Option(help="Serve on this inherited socket instead of the configured host and port."),
    ] = None,
) -> None:
    """Serve the API and the pages; Redis and the workers run elsewhere."""
    server.allow_connections()
    api = server.Server(server.configure("backend.main:create_app", factory=True))
    # uvicorn raises the signal again after its shutdown, when nothing is left to stop
    signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        api.run(sockets=None if fd is None else [socket.socket(fileno=fd)])
    except Exposed as error:
        raise CannotStart(str(error)) from error
    if not api.started:
        raise CannotStart("the API failed to start; see the lines above.")


if __name__ == "__main__":
    entry.run(app)
