"""Arguments and options of several commands, and their values."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from models.core.contract.card import Params
from models.core.contract.errors import InputError

P = TypeVar("P", bound=Params)

Capability = Annotated[str, typer.Argument(help="Name of a capability; `glassbox models list` shows them.")]
Files = Annotated[
    list[str] | None,
    typer.Argument(help="The input's file; where a capability has several inputs, NAME=FILE for each."),
]
Pairs = Annotated[list[str] | None, typer.Option("--param", "-p", help="name=value; may be repeated.")]
Model = Annotated[str, typer.Option(help="A model's name or a weights file; otherwise the default model.")]
Out = Annotated[
    Path | None, typer.Option(help="File for the answer: a picture (.png) or a table (.csv), as it is made.")
]
Key = Annotated[
    str,
    typer.Option(help="The server's API key; otherwise GLASSBOX_API_KEY, or the first of GLASSBOX_API_KEYS."),
]
Server = Annotated[str, typer.Option(help="Use the Glassbox at this address instead of computing here.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N; otherwise GLASSBOX_DEVICE.")]


def values(pairs: list[str] | None, text: str = "") -> dict[str, Any]:
    """Params from JSON text, overridden by `name=value` pairs. Raises InputError."""
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


def fitting(declared: type[P], given: Mapping[str, Any]) -> P:
    """The params that a card declares. Raises InputError: one is unknown; ValidationError: one is invalid."""
    if unknown := next((name for name in given if name not in declared.model_fields), None):
        raise InputError(f"{unknown}: Unknown; possible are: {', '.join(declared.model_fields)}")
    return declared.model_validate(dict(given))


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def named_files(files: list[str] | None) -> dict[str, Path]:
    """Input's name -> file; the empty name for an unnamed one. Raises InputError: a name is there twice."""
    found: dict[str, Path] = {}
    for text in files or []:
        name, equals, path = text.partition("=")
        if not equals or Path(text).exists():
            name, path = "", text
        if name in found:
            raise InputError(f"Two files are given for {name or 'one input'}; write NAME=FILE for each.")
        found[name] = Path(path)
    return found


def check_suffix(out: Path, name: str) -> None:
    """Raises InputError: the answer's file, called `name`, is of another type than `out` is named for."""
    suffix = Path(name).suffix.lower()
    if out.suffix and out.suffix.lower() != suffix:
        raise InputError(f"The answer is {name}; write it to {out.with_suffix(suffix)} instead of {out}.")


def content(file: Path) -> bytes:
    """Raises InputError: it cannot be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.") from error


def check_target(file: Path) -> None:
    """Raises InputError: a file to be written is a folder, or would be in a folder that is missing."""
    if file.is_dir():
        raise InputError(f"{file} is a folder.")
    if not file.parent.is_dir():
        raise InputError(f"{file} cannot be written: {file.parent} is not a folder.")
