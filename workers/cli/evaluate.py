"""`glassbox evaluate`: passes the arguments to the capability's evaluation."""

import sys

import typer

from models.core.contract import registry
from models.core.contract.errors import InputError
from workers.cli import chosen, entry
from workers.cli.arguments import Capability

app = entry.command_line("evaluate")


@app.command(
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}
)
def run(context: typer.Context, capability: Capability) -> None:
    """Measure a capability's weights; `glassbox evaluate CAPABILITY --help` lists its options."""
    chosen.card(capability)
    try:
        evaluation = registry.code(capability, "evaluate")
    except ModuleNotFoundError as error:
        raise InputError(f"{capability} has no evaluation: {error}") from error
    sys.argv = [f"glassbox evaluate {capability}", *context.args]
    evaluation.main(context.args)


if __name__ == "__main__":
    entry.run(app)
