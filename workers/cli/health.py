"""`glassbox health`: whether a part of this machine is alive, for the health checks of containers."""

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
    """Exit code 0: the API on this machine answers, or a worker of this machine announced itself recently."""
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
        entry.fail(f"the API is not reachable: {error}")
    else:
        if status != 200:
            entry.fail(f"the API returns status {status}")


def _check_worker(part: Part) -> None:
    node = f"{settings().node or socket.gethostname()}-{part}-"
    try:
        announced = presence.workers()
    except (RedisError, OSError) as error:
        # the worker waits for Redis; restarting it would not help
        typer.echo(f"Redis is not reachable: {error}")
        return
    if not any(worker["owner"].startswith(node) for worker in announced):
        entry.fail(f"no {part} worker of this machine has announced itself recently")


if __name__ == "__main__":
    entry.run(app)
