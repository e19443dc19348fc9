"""The start and the failure of every command: plain help, one line per error, an exit code."""

import sys

import typer
from pydantic import ValidationError

from backend.errors import AppError, StorageAway
from models.core.contract.errors import InputError, WeightsError
from workers.supervisor.preflight import CannotStart


def command_line(name: str) -> typer.Typer:
    # plain help is rendered in a fraction of the time of rich help
    return typer.Typer(name=name, add_completion=False, rich_markup_mode=None, no_args_is_help=False)


def run(app: typer.Typer) -> None:
    """Run the command. Exit codes: 0 success, 1 failure with a reason, 2 wrong usage."""
    try:
        app(prog_name=f"glassbox {app.info.name}")
    except (AppError, CannotStart, InputError, StorageAway, WeightsError) as error:
        fail(str(error))
    except ValidationError as error:
        named = "GLASSBOX_{}" if error.title == "Settings" else "{}"
        fail(
            "; ".join(
                f"{_name(problem['loc'], named)}: {_reason(problem['msg'])}" for problem in error.errors()
            )
        )
    except KeyboardInterrupt:
        sys.exit(130)


def _reason(message: str) -> str:
    return message.removeprefix("Value error, ")


def _name(place: tuple[int | str, ...], named: str) -> str:
    name = ".".join(map(str, place))
    return named.format(name.upper()) if named != "{}" else name


def fail(message: str) -> None:
    typer.echo(f"glassbox: {message}", err=True)
    sys.exit(1)
