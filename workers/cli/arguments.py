"""Arguments and options that several commands take, and what stands in them."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from models.core.contract.errors import InputError

Capability = Annotated[str, typer.Argument(help="Which one; `glassbox models list` names them.")]
File = Annotated[Path, typer.Argument(help="The picture or table.")]
Pairs = Annotated[list[str] | None, typer.Option("--param", "-p", help="name=value, as often as needed.")]
Model = Annotated[str, typer.Option(help="A model's name, or a weights file; the default when left out.")]
Out = Annotated[Path | None, typer.Option(help="Where to write the answer as a picture (PNG).")]
Server = Annotated[str, typer.Option(help="Ask the Glassbox at this address instead of computing here.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N; as GLASSBOX_DEVICE when left out.")]


def values(pairs: list[str] | None, text: str = "") -> dict[str, Any]:
    """Params from JSON text, over them those from `name=value` pairs. Raises InputError."""
    try:
        found = json.loads(text) if text else {}
    except ValueError as error:
        raise InputError(f"The params are not JSON: {error}") from error
    if not isinstance(found, dict):
        raise InputError('The params must be a JSON object, as in {"steps": 300}.')
    for pair in pairs or []:
        name, equals, value = pair.partition("=")
        if not equals:
            raise InputError(f"A param is written name=value, not {pair!r}.")
        found[name] = _value(value)
    return found


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def content(file: Path) -> bytes:
    """Raises InputError: it cannot be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.") from error
