"""`glassbox serve`: the API's process."""

import signal
import socket
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from backend.http import server
from backend.http.authentication import Exposed
from backend.migrations.revisions import UnfitDatabase, is_current
from backend.outages import first_line, outage_of, retry_while_away
from workers.cli import entry
from workers.supervisor.preflight import CannotStart

app = entry.command_line("serve")
_DATABASE_SECONDS = 60.0  # its machine may start later


@app.command()
def run(
    fd: Annotated[
        int | None,
        typer.Option(help="Serve on this inherited socket instead of the configured host and port."),
    ] = None,
) -> None:
    """Serve the API and the pages; Redis and the workers run elsewhere."""
    check_database()
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


def check_database() -> None:
    """Wait for the database. Raises CannotStart: it stays away, or this version cannot use it."""
    try:
        retry_while_away(is_current, _DATABASE_SECONDS)
    except UnfitDatabase as error:
        raise CannotStart(str(error)) from error
    except SQLAlchemyError as error:
        if (outage := outage_of(error)) is None:
            raise
        raise CannotStart(f"{outage.reason} ({first_line(error)})") from error


if __name__ == "__main__":
    entry.run(app)
