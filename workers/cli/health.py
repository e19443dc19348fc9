"""`glassbox health`: is this machine's part alive? For the health checks of containers."""

import http.client
import socket
from enum import StrEnum

import typer
from redis.exceptions import RedisError

from backend.messaging import presence
from backend.settings import settings
from workers.cli import entry

app = entry.command_line("health")
SECONDS = 5.0


class Part(StrEnum):
    API = "api"
    PREDICT = "predict"
    TRAIN = "train"


@app.command()
def run(part: Part) -> None:
    """Exit code 0: the API on this machine answers, or a worker of this machine announced itself lately."""
    if part == Part.API:
        _check_api()
    else:
        _check_worker(part)
    typer.echo(f"{part} is alive")


def _check_api() -> None:
    host = settings().host if settings().host not in ("0.0.0.0", "::") else "127.0.0.1"  # noqa: S104  compared
    connection = http.client.HTTPConnection(host, settings().port, timeout=SECONDS)
    try:
        connection.request("GET", "/healthz")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        entry.fail(f"the API does not answer: {error}")
    else:
        if status != 200:
            entry.fail(f"the API answers with status {status}")


def _check_worker(part: Part) -> None:
    node = f"{settings().node or socket.gethostname()}-{part}-"
    try:
        living = presence.workers()
    except (RedisError, OSError) as error:
        # the worker itself waits for Redis; starting it anew would not bring that back
        typer.echo(f"Redis does not answer: {error}")
        return
    if not any(worker["owner"].startswith(node) for worker in living):
        entry.fail(f"no {part} worker of this machine has announced itself lately")


if __name__ == "__main__":
    entry.run(app)
