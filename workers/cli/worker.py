"""`glassbox worker`."""

import os
from typing import Annotated

import typer

from workers.cli import entry
from workers.supervisor import programs
from workers.supervisor.programs import Queue

app = entry.command_line("worker")


@app.command()
def run(
    queue: Queue,
    threads: Annotated[
        int | None, typer.Option(min=1, help="Jobs at a time; predictions share batches.")
    ] = None,
) -> None:
    """Work on one queue until told to stop."""
    command = programs.worker(queue, threads)
    os.execv(command[0], command)  # noqa: S606  Celery takes this process' place, and its signals


if __name__ == "__main__":
    entry.run(app)
