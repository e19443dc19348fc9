"""How every command starts and fails: plain help, one clear line for an error, an exit code."""

import sys

import typer
from pydantic import ValidationError

from models.core.errors import InputError, WeightsError
from workers.startup import CannotStart


def command_line(name: str) -> typer.Typer:
    # plain help is drawn in a fraction of the time that a boxed one takes
    return typer.Typer(name=name, add_completion=False, rich_markup_mode=None, no_args_is_help=False)


def run(app: typer.Typer) -> None:
    """Run the command. Exit codes: 0 done, 1 it could not be done (and why), 2 wrong usage."""
    try:
        app(prog_name=f"glassbox {app.info.name}")
    except (CannotStart, InputError, WeightsError) as error:
        fail(str(error))
    except ValidationError as error:
        problems = (f"GLASSBOX_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors())
        fail("; ".join(problems) if error.title == "Settings" else str(error))


def fail(message: str) -> None:
    typer.echo(f"glassbox: {message}", err=True)
    sys.exit(1)
