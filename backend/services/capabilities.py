"""The cards, with the models and samples on record."""

from typing import Any

from backend.errors import NotFound
from backend.schemas.capabilities import CapabilityList, CapabilityRead, TranslationsRead
from backend.services import samples
from backend.services.models import catalog
from backend.settings import settings
from backend.tables import Task
from models.core.contract import registry
from models.core.contract.card import Card, Params


def load() -> None:
    """Let the registry know of the packages that the settings name."""
    for package in settings().capability_packages:
        registry.include(package)


def card(name: str) -> Card:
    """Raises NotFound, which names those that exist."""
    found = registry.cards().get(name)
    if found is None:
        raise NotFound(f"There is no capability {name!r}; there are: {', '.join(sorted(registry.cards()))}.")
    return found


def listed() -> CapabilityList:
    return CapabilityList(items=[read(name) for name in registry.cards()])


def read(name: str) -> CapabilityRead:
    """Raises NotFound."""
    shown = card(name)
    return CapabilityRead(
        name=shown.name,
        title=shown.title,
        summary=shown.summary,
        accepts=shown.accepts,
        produces=list(shown.produces),
        tasks=[Task.PREDICT, Task.TRAIN] if shown.train_params else [Task.PREDICT],
        predict_params=schema(shown.predict_params),
        train_params=schema(shown.train_params) if shown.train_params else None,
        trains_on=shown.trains_on,
        models=catalog.listed(capability=name).items,
        samples=samples.listed(shown),
        paper=shown.paper,
        limits=shown.limits,
    )


def translations(language: str) -> TranslationsRead:
    """Raises NotFound."""
    texts = registry.translations(language)
    if not texts:
        raise NotFound(f"Nothing is translated to {language!r}.")
    return TranslationsRead(language=language, texts=texts)


def schema(params: type[Params]) -> dict[str, Any]:
    return params.model_json_schema()
