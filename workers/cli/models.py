"""`glassbox models`: list models, and fetch pretrained weights."""

from typing import Annotated

import typer

from backend.services.models import catalog
from backend.settings import settings
from models.core.contract import registry
from models.core.contract.card import default_model
from models.core.contract.errors import InputError
from models.core.contract.progress import Progress
from workers.cli import chosen, entry

app = entry.command_line("models")


@app.command("list")
def list_models() -> None:
    """List every model by capability; * is the default, (absent) must be pulled first."""
    for capability, name, title, source, is_default, is_here in _rows():
        note = "" if is_here else "  (absent)"
        typer.echo(f"{'*' if is_default else ' '} {capability:<16} {name:<38} {source:<10} {title}{note}")


def _rows() -> list[tuple[str, str, str, str, bool, bool]]:
    if _has_database():
        listed = catalog.newest()
        return [(m.capability, m.name, m.title, m.source, m.is_default, m.is_installed) for m in listed]
    return [
        (
            card.name,
            model.name,
            model.title,
            model.source,
            model is default_model(card, chosen.is_here),
            chosen.is_here(model),
        )
        for card in chosen.cards().values()
        for model in card.models
    ]


def _has_database() -> bool:
    """Whether a server has run with these settings: then the database has trained models too."""
    return bool(settings().database_url) or (settings().data_folder / "glassbox.db").exists()


@app.command()
def pull(
    name: Annotated[str, typer.Argument(help="The model's name.")],
    source: Annotated[
        str | None, typer.Option(help="Another address of the same file: a mirror, or file:///path.")
    ] = None,
) -> None:
    """Fetch a pretrained model's weights, check them by their hash, and keep them in the data folder."""
    known = {model.name: (card.name, model) for card in chosen.cards().values() for model in card.models}
    pullable = sorted(name for name, (_, model) in known.items() if model.is_pretrained)
    if name not in known:
        raise InputError(f"Model {name!r} does not exist; available: {', '.join(pullable)}.")
    capability, model = known[name]
    path = chosen.weights_of(model)
    if path is None or path.exists():
        typer.echo(f"{name} is already installed{f': {path}' if path else ''}")
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    registry.code(capability, "pretrained.pull").pull(name, path, Progress(_print), source)
    typer.echo(f"\r{name} is installed: {path}")


def _print(step: int, total: int, *_: object) -> None:
    typer.echo(f"\r{step / 1e6:.1f} of {total / 1e6:.1f} MB ", nl=False)


if __name__ == "__main__":
    entry.run(app)
