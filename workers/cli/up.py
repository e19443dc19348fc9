"""`glassbox up`."""

from typing import Annotated

import typer

from workers.cli import entry
from workers.supervisor.supervisor import up

app = entry.command_line("up")


@app.command()
def run(
    reload: Annotated[bool, typer.Option("--reload", help="Restart when sources change.")] = False,
) -> None:
    """Serve everything from this terminal: Redis, API, inference and training.

    Settings are environment variables (GLASSBOX_PORT, GLASSBOX_DATA_FOLDER, ...). Exit codes: 0 stopped by a
    signal, 1 failed to start, with a reason.
    """
    up(reload=reload)


if __name__ == "__main__":
    entry.run(app)
