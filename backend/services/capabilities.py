"""The cards, with registered models and samples."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from backend.errors import NotFound
from backend.http.responses import to_json_with_etag
from backend.schemas.capabilities import (
    CapabilityList,
    CapabilityRead,
    ExportRead,
    InputRead,
    SampleSweepRead,
    TranslationsRead,
)
from backend.schemas.models import ModelRead
from backend.services import samples
from backend.services.datasets.training import audited_kinds_of, kinds_of
from backend.services.jobs import tasks
from backend.services.models import catalog
from backend.services.samples import Seeded
from backend.settings import settings
from models.core.contract import registry
from models.core.contract.card import Card, Params


def load() -> None:
    """Include the packages of the settings in the registry."""
    for package in settings().capability_packages:
        registry.include(package)


def card(name: str) -> Card:
    """Raises NotFound, which names those that exist."""
    found = registry.cards().get(name)
    if found is None:
        raise NotFound(
            f"Capability {name!r} does not exist; available: {', '.join(sorted(registry.cards()))}."
        )
    return found


@dataclass(frozen=True)
class Listing:
    """All capabilities as JSON, and what they were made of."""

    cards: Mapping[str, Card]
    models: Sequence[ModelRead]
    stored: Seeded
    json: bytes
    etag: str


_latest: list[Listing] = []  # of this process


def listed() -> Listing:
    """Every capability, made anew only if a model or a sample has changed; that takes two statements."""
    cards, models, stored = registry.cards(), catalog.newest(), samples.seeded()
    for known in _latest:
        if known.cards is cards and known.models == models and known.stored == stored:
            return known
    items = [_read(card, models, stored) for card in cards.values()]
    data, etag = to_json_with_etag(CapabilityList(items=items))
    _latest[:] = [Listing(cards, models, stored, data, etag)]
    return _latest[0]


def read(name: str) -> CapabilityRead:
    """Raises NotFound."""
    return _read(card(name), catalog.newest(catalog.Filter(capability=name)), samples.seeded())


def _read(shown: Card, models: Sequence[ModelRead], stored: Seeded) -> CapabilityRead:
    return CapabilityRead(
        name=shown.name,
        title=shown.title,
        summary=shown.summary,
        inputs=[InputRead.model_validate(each) for each in shown.inputs],
        produces=list(shown.produces),
        tasks=tasks.offered(shown),
        predict_params=schema(shown.predict_params),
        train_params=schema(shown.train_params) if shown.train_params else None,
        trains_on=InputRead.model_validate(shown.trains_on) if shown.trains_on else None,
        trains_on_datasets=list(kinds_of(shown)),
        audit_params=schema(shown.audit_params) if shown.audit_params else None,
        audits_on=InputRead.model_validate(shown.audits_on) if shown.audits_on else None,
        audits_on_datasets=list(audited_kinds_of(shown)),
        keeps_stages=shown.keeps_stages,
        models=[model for model in models if model.capability == shown.name],
        samples=samples.listed(shown, stored),
        sweeps=[SampleSweepRead.model_validate(each) for each in shown.sweeps],
        exports=[ExportRead.model_validate(each) for each in shown.exports],
        paper=shown.paper,
        limits=shown.limits,
    )


def document(name: str) -> str:
    """The capability's page in the documentation, as Markdown. Raises NotFound."""
    return _read_document(card(name), "document.md", settings().docs_folder / f"{name}.md")


def diagram(name: str, file: str) -> str:
    """An SVG that the document shows. Raises NotFound."""
    return _read_document(card(name), file, settings().docs_folder / "diagrams" / file)


def _read_document(shown: Card, file: str, path: Path) -> str:
    # capabilities of other packages contain their own documents
    own = registry.folder(shown.name) / "docs" / file
    for place in (own, path):
        if place.is_file():
            return place.read_text("utf-8")
    raise NotFound(f"{shown.title} has no {file}.")


def translations(language: str) -> TranslationsRead:
    """Raises NotFound."""
    texts = registry.translations(language)
    if not texts:
        raise NotFound(f"Translations to {language!r} do not exist.")
    return TranslationsRead(language=language, texts=texts)


@cache
def schema(params: type[Params]) -> dict[str, Any]:
    return params.model_json_schema()
