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
        int | None, typer.Option(min=1, help="Number of threads; predictions share batches.")
    ] = None,
) -> None:
    """Run a worker for one queue until a signal."""
    command = programs.worker(queue, threads)
    os.execv(command[0], command)  # noqa: S606  Celery replaces this process


if __name__ == "__main__":
    entry.run(app)
