"""`glassbox`: the command line.

Each command is a module of workers.cli, which replaces this process: so `glassbox --help` loads almost
nothing, signals reach the running program, and only commands that compute load torch.
"""

import os
import sys
from collections.abc import Callable

import typer

COMMANDS = {
    "up": "Serve everything from this terminal: Redis, API, inference and training.",
    "serve": "Serve the API and the pages only; workers run elsewhere.",
    "worker": "Run a worker for one queue: predict or train.",
    "predict": "Compute one answer, here or on a server.",
    "train": "Train a capability's model here, without a server.",
    "sweep": "Train or predict with many params, and compare, without a server.",
    "audit": "Compare a model's answers, or the data itself, between groups, without a server.",
    "evaluate": "Measure a capability's weights.",
    "sheet": "Draw real photos before and after a capability.",
    "datasets": "Check an archive of labeled pictures; exchange datasets with a server.",
    "models": "List models; fetch pretrained weights; export and import models.",
    "log": "Verify and export the log of decisions; delete personal data from it.",
    "health": "Check whether the API or a worker of this machine is alive.",
    "samples": "Compute the answers that ship with the samples.",
}

app = typer.Typer(
    name="glassbox",
    help="Glassbox: a self-hosted vision and machine-learning studio whose every answer can be opened.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain help takes a quarter of the time
)


def _command(name: str) -> Callable[[typer.Context], None]:
    def run(context: typer.Context) -> None:
        uses_server = any(argument.startswith("--server") for argument in context.args)  # needs no torch
        module = "predict_remotely" if name == "predict" and uses_server else name
        command = [sys.executable, "-P", "-m", f"workers.cli.{module}", *context.args]
        os.execv(sys.executable, command)  # noqa: S606  no shell needed

    return run


for _name, _summary in COMMANDS.items():
    app.command(
        _name,
        help=_summary,
        add_help_option=False,  # the command prints its own help
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    )(_command(_name))


if __name__ == "__main__":
    app()
