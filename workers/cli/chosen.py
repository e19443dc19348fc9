"""The capability, inputs and weights named on a command line."""

from pathlib import Path

from backend.database import reading
from backend.migrations.upgrade import upgrade
from backend.services.models import catalog
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
    default = default_model(chosen, is_here)
    for model in chosen.models:
        if name == model.name or (not name and model is default):
            if (path := weights_of(model)) is not None and not path.exists():
                raise WeightsError(
                    f"The weights of {model.name} are not on this machine. "
                    f"Fetch them with: glassbox models pull {model.name}"
                )
            return path
    upgrade()
    with reading() as connection:  # trained here: only the database has it
        row = catalog.resolve(connection, chosen.name, name)
    return catalog.weights_path(row)


def is_here(model: ModelCard) -> bool:
    """Whether the model's weights, if it has any, are on this machine."""
    path = weights_of(model)
    return path is None or path.exists()


def weights_of(model: ModelCard) -> Path | None:
    """The path of a card's weights, fetched or not; None: the model has none."""
    if model.source == "built-in":
        return None
    return model.weights or settings().pretrained_folder() / f"{model.name}{SUFFIX}"
