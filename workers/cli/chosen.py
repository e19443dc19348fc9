"""The capability, inputs and weights named on a command line."""

from pathlib import Path

import typer

from backend.database import reading
from backend.migrations.upgrade import upgrade
from backend.services.models import catalog, pretrained
from backend.settings import settings
from models.core.contract import registry
from models.core.contract.card import Card, ModelCard, default_model
from models.core.contract.errors import InputError, WeightsError
from workers.cli import arguments

SUFFIX = ".safetensors"


def cards() -> dict[str, Card]:
    for package in settings().capability_packages:
        registry.include(package)
    return registry.cards()


def card(capability: str) -> Card:
    """Raises InputError, with the available ones."""
    known = cards()
    if capability not in known:
        raise InputError(f"Capability {capability!r} does not exist; available: {', '.join(sorted(known))}.")
    return known[capability]


def inputs(chosen: Card, files: list[str] | None) -> dict[str, Path]:
    """Input name -> file. Raises InputError: they are not the card's inputs."""
    given = arguments.named_files(files)
    names = [taken.name for taken in chosen.inputs]
    if "" in given and len(names) == 1:
        given[names[0]] = given.pop("")
    known = ", ".join(names) or "none"
    for name in given:
        if name not in names:
            raise InputError(f"{chosen.title} has no input {name!r}; its inputs are: {known}.")
    for taken in chosen.inputs:
        if taken.required and taken.name not in given:
            raise InputError(f"{chosen.title} needs the input {taken.name!r}: {taken.name}=FILE.")
    return given


def weights(chosen: Card, name: str) -> Path | None:
    """The weights of the named model, or of the default; a file name is used directly. None: it has none.

    Raises:
        WeightsError, AppError.
    """
    if name.endswith(SUFFIX):
        return Path(name)
    if name == "":
        return _default(chosen)
    for model in chosen.models:
        if name == model.name:
            if not is_installed(model):
                raise WeightsError(_absent(model))
            return weights_of(model)
    upgrade()
    with reading() as connection:  # trained here: only the database has it
        row = catalog.resolve(connection, chosen.name, name)
    return catalog.weights_path(row)


def _default(chosen: Card) -> Path | None:
    """Of the model that answers by default. Raises WeightsError: its weights are not installed."""
    model = default_model(chosen, is_installed)
    if model is None or not is_installed(model):
        raise WeightsError(_absent(model) if model else f"{chosen.title} has no model.")
    for preferred in chosen.models:
        if preferred.is_preferred and preferred is not model and not is_installed(preferred):
            typer.echo(f"{_absent(preferred)} {model.name} answers instead.", err=True)
    return weights_of(model)


def _absent(model: ModelCard) -> str:
    return (
        f"The weights of {model.name} are not installed. Fetch them with: glassbox models pull {model.name}."
    )


def is_installed(model: ModelCard) -> bool:
    """Whether the model can be used on this machine. Raises StorageAway."""
    if model.is_pretrained:
        return pretrained.find(model.name) is not None
    return model.weights is None or model.weights.exists()


def weights_of(model: ModelCard) -> Path | None:
    """The weights of a card's installed model; None: it needs none. Raises StorageAway."""
    return pretrained.local(model.name) if model.is_pretrained else model.weights
