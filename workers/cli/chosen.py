"""What the words on a command line name: a capability, a model's weights."""

from pathlib import Path

from backend.database import reading
from backend.migrations.upgrade import upgrade
from backend.services.models import catalog
from backend.settings import settings
from models.core.contract import registry
from models.core.contract.card import Card, ModelCard
from models.core.contract.errors import InputError, WeightsError

SUFFIX = ".safetensors"


def cards() -> dict[str, Card]:
    for package in settings().capability_packages:
        registry.include(package)
    return registry.cards()


def card(capability: str) -> Card:
    """Raises InputError, naming what there is."""
    known = cards()
    if capability not in known:
        raise InputError(f"There is no capability {capability!r}; there are: {', '.join(sorted(known))}.")
    return known[capability]


def weights(chosen: Card, name: str) -> Path:
    """The named model's weights, or the default one's; a file's name stands for itself.

    Raises:
        WeightsError, AppError.
    """
    if name.endswith(SUFFIX):
        return Path(name)
    for model in chosen.models:
        if name in ("", model.name):
            if not (path := weights_of(model)).exists():
                raise WeightsError(
                    f"The weights of {model.name} are not on this machine. "
                    f"Fetch them with: glassbox models pull {model.name}"
                )
            return path
    upgrade()
    with reading() as connection:  # trained here, so only the database knows it
        row = catalog.resolve(connection, chosen.name, name)
    return catalog.weights_path(row)


def weights_of(model: ModelCard) -> Path:
    """Where a card's weights lie, or would lie."""
    return model.weights or settings().pretrained_folder() / f"{model.name}{SUFFIX}"
