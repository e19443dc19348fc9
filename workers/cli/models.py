"""`glassbox models`: list models, fetch pretrained weights, and export and import models as files."""

import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from backend.migrations.upgrade import upgrade
from backend.schemas.models import Form
from backend.services.models import catalog, exports, formats, imports, pretrained, registration
from backend.settings import settings
from models.core.contract.card import default_model
from models.core.contract.errors import InputError
from models.core.contract.progress import Progress
from models.core.exporting.manifest import CARD, WEIGHTS
from models.core.weights import sources
from workers import exporting
from workers.cli import arguments, chosen, entry, remote_models
from workers.cli.arguments import Key, Server
from workers.pretrained import fetch, install

app = entry.command_line("models")


@dataclass(frozen=True)
class _Row:
    capability: str
    name: str
    title: str
    source: str
    license: str
    is_default: bool
    is_installed: bool

    @property
    def note(self) -> str:
        """What a model that is not installed would cost."""
        if self.is_installed:
            return ""
        source = sources.SOURCES.get(self.name)
        size = f"{source.package_bytes / 1e6:,.0f} MB to fetch, " if source else ""
        return f"  (not installed: {size}{self.license})"


@app.command("list")
def list_models() -> None:
    """List every model by capability; * is the default, (not installed) can be pulled."""
    for row in _rows():
        star = "*" if row.is_default else " "
        typer.echo(f"{star} {row.capability:<16} {row.name:<38} {row.source:<10} {row.title}{row.note}")


def _rows() -> list[_Row]:
    if _has_database():
        return [_Row(**{name: getattr(m, name) for name in _Row.__annotations__}) for m in catalog.newest()]
    return [
        _Row(
            card.name, model.name, model.title, model.source, model.license,
            model is default_model(card, chosen.is_installed), chosen.is_installed(model),
        )
        for card in chosen.cards().values()
        for model in card.models
    ]  # fmt: skip


def _has_database() -> bool:
    """Whether a server has run with these settings: then the database has trained models too."""
    return bool(settings().database_url) or (settings().data_folder / "glassbox.db").exists()


@app.command()
def pull(
    name: Annotated[str, typer.Argument(help="The model's name.")],
    source: Annotated[
        str | None,
        typer.Option(
            help="Another address of the same file: of a package its path, else a mirror or file:///path."
        ),
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(help="Write the file to this folder, for an image; else it is installed.")
    ] = None,
    quiet: Annotated[bool, typer.Option(help="Print nothing if it is installed already.")] = False,
) -> None:
    """Fetch a pretrained model's weights, check them by their hash, and install them."""
    known = {model.name for card in chosen.cards().values() for model in card.models}
    pullable = pretrained.names()
    if name not in known:
        raise InputError(f"Model {name!r} does not exist; available: {', '.join(sorted(pullable))}.")
    if folder is not None and name in pullable:
        fetch(name, folder / f"{name}{pretrained.SUFFIX}", Progress(_Printed()), source)
        return
    if name not in pullable or pretrained.find(name):
        if not quiet:
            typer.echo(f"{name} is already installed.")
        return
    install(name, Progress(_Printed()), source)
    if _has_database():
        upgrade()
        registration.register_pretrained([name])  # a running server uses it from now on
    end = "\r" + " " * 79 + "\r" if sys.stdout.isatty() else ""
    typer.echo(f"{end}{name} is installed.")


@app.command("export")
def export_model(
    name: Annotated[str, typer.Argument(help="The model's name, or NAME@VERSION.")],
    form: Annotated[
        str,
        typer.Option(
            "--format",
            help="zip: weights, config, model card, ONNX and a script that answers without Glassbox; "
            "onnx: the network alone; safetensors: the weights.",
        ),
    ] = "zip",
    to: Annotated[Path | None, typer.Option(help="The file; by default NAME.FORMAT here.")] = None,
    server: Server = "",
    key: Key = "",
) -> None:
    """Write a model as a file for other programs, or for another Glassbox."""
    known: Form | None = next((each for each in formats.MEDIA_TYPES if each == form), None)
    if known is None:
        raise InputError(f"{form!r} is no format; available: {', '.join(formats.MEDIA_TYPES)}.")
    plain, version = catalog.parse(name)
    file = to or Path(f"{plain}.{form}")
    arguments.check_target(file)
    partial = file.with_name(f".{file.name}.partial")
    try:
        if server:
            remote_models.export(server, key, plain, version, known, partial)
        else:
            _write(plain, version, known, partial)
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)
    typer.echo(f"{file}: {file.stat().st_size:,} bytes")


def _write(name: str, version: int | None, form: Form, file: Path) -> None:
    _open_database()
    row = exports.find(name, version, form).row
    weights = catalog.weights_path(row)
    assert weights is not None  # noqa: S101  `find` refuses models without weights
    exporting.write(exports.about(row), exports.card(row.id), weights, form, file)


@app.command("import")
def import_model(
    file: Annotated[Path, typer.Argument(help="A ZIP that `glassbox models export` wrote.")],
    server: Server = "",
    key: Key = "",
) -> None:
    """Add a model that was exported as ZIP; a running server uses it from now on."""
    if not file.is_file():
        raise InputError(f"{file} is not a file.")
    if server:
        model, is_new = remote_models.send(server, key, file)
        name = f"{model['name']}@{model['version']}"
    else:
        name, is_new = _import(file)
    typer.echo(f"{name} {'is imported' if is_new else 'has the same weights and is there already'}.")


def _import(file: Path) -> tuple[str, bool]:
    """name@version of the model, and whether it is new."""
    _open_database()
    with TemporaryDirectory() as name:
        folder = Path(name)
        manifest = exporting.extract(file, folder)
        card = (folder / CARD).read_text("utf-8")
        outcome = imports.register(manifest, card, folder / WEIGHTS)
    assert outcome.model_id is not None  # noqa: S101  refusals are errors above
    row = catalog.get(outcome.model_id)
    return f"{row.name}@{row.version}", outcome.is_new


def _open_database() -> None:
    """The database with the models of the cards, as after a start of the server."""
    chosen.cards()
    upgrade()
    registration.sync_cards()


class _Printed:
    """Progress on a terminal: one line that is overwritten; elsewhere one line for each step."""

    def __init__(self) -> None:
        self._message = ""

    def __call__(self, step: int, total: int, _: object, message: str) -> None:
        message = message or "Fetching"
        if sys.stdout.isatty():
            share = f" {step / 1e6:.1f} of {total / 1e6:.1f} MB" if total else ""
            typer.echo(f"\r{message}{share}" + " " * 10, nl=False)
        elif message != self._message:
            typer.echo(message)
        self._message = message


if __name__ == "__main__":
    entry.run(app)
