"""`glassbox`: everything that is done from a terminal.

Each command is a module of workers.cli, which takes this process' place: so `glassbox --help` loads
next to nothing, signals reach the program that runs, and only commands that compute load torch.
"""

import os
import sys
from collections.abc import Callable

import typer

COMMANDS = {
    "up": "Serve everything from this terminal: Redis, API, inference and training.",
    "serve": "Serve the API and the pages only; workers run elsewhere.",
    "worker": "Work on one queue: predict or train.",
    "predict": "Answer for one file, here or through a server.",
    "train": "Train a capability's model here, without a server.",
    "evaluate": "Measure a capability's weights.",
    "models": "List models; fetch pretrained weights.",
    "health": "Tell whether the API or a worker of this machine is alive.",
    "samples": "Compute the answers that the samples open with.",
}

app = typer.Typer(
    name="glassbox",
    help="Glassbox: a self-hosted vision and machine-learning studio whose every answer can be opened.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain help, in a quarter of the time
)


def _command(name: str) -> Callable[[typer.Context], None]:
    def become(context: typer.Context) -> None:
        asks = any(word.startswith("--server") for word in context.args)  # which needs no torch
        module = "ask" if name == "predict" and asks else name
        command = [sys.executable, "-P", "-m", f"workers.cli.{module}", *context.args]
        os.execv(sys.executable, command)  # noqa: S606  no shell is meant

    return become


for _name, _summary in COMMANDS.items():
    app.command(
        _name,
        help=_summary,
        add_help_option=False,  # the command's own help answers
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    )(_command(_name))


if __name__ == "__main__":
    app()
