"""Translations by id: every id is a known text, with the same blanks; a missing text is a warning."""

import json
import pkgutil
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from string import Formatter

import pytest

import backend
import models.core
import workers
from models.core.contract import registry
from models.core.contract.card import Card, card_texts
from models.core.contract.messages import declared

# a param's text, which may be translated once for all capabilities: core.params.<field>.<key>
PARAM = re.compile(r"\w+\.(?:predict|train|audit)\.(?!presets\.)(\w+\..+)")
# modules for developers, whose texts no page shows
TOOLS = {"recipe", "evaluate", "migrations"}
CARDS = [card for card in registry.cards().values() if card.predict_params.__module__.startswith("models.")]


def home_of(card: Card) -> str:
    return card.predict_params.__module__.rpartition(".")[0]


@cache
def import_all(package: str) -> None:
    """Import every module that can contain texts, so that they are declared."""
    for module in pkgutil.walk_packages(import_module(package).__path__, f"{package}."):
        if not TOOLS & set(module.name.split(".")):
            import_module(module.name)


@cache
def known_texts() -> Mapping[str, str]:
    """Id -> English of every text of the application."""
    for package in (models.core.__name__, backend.__name__, workers.__name__, *map(home_of, CARDS)):
        import_all(package)
    own = ("core.", *(f"{card.name}." for card in CARDS))
    texts = {name: text for name, text in declared().items() if name.startswith(own)}
    for card in CARDS:
        texts |= dict(card_texts(card))
    return texts


def shared_id(name: str) -> str | None:
    """The id under which a param's text can be translated for all capabilities."""
    match = PARAM.fullmatch(name)
    return f"core.params.{match[1]}" if match else None


def translation_files() -> Iterator[Path]:
    for module in (models.core.__name__, *map(home_of, CARDS)):
        for root in import_module(module).__path__:
            yield from sorted(Path(root).glob("translations/*.json"))


def languages() -> list[str]:
    return sorted({file.stem for file in translation_files()})


def blanks(text: str) -> list[str]:
    return sorted({name for _, name, _, _ in Formatter().parse(text) if name})


def unknown_ids(translated: Iterable[str], known: Iterable[str]) -> list[str]:
    names = set(known)
    shared = set(filter(None, map(shared_id, names)))
    return sorted(set(translated) - names - shared)


def missing_ids(known: Iterable[str], translated: Mapping[str, str]) -> list[str]:
    return sorted(name for name in known if name not in translated and shared_id(name) not in translated)


each_file = pytest.mark.parametrize("file", list(translation_files()), ids=lambda file: file.parts[-3])


@each_file
def test_every_id_is_that_of_a_known_text(file: Path) -> None:
    assert unknown_ids(json.loads(file.read_text("utf-8")), known_texts()) == []


@each_file
def test_a_file_translates_the_texts_of_its_own_folder(file: Path) -> None:
    owner = file.parts[-3]

    assert [name for name in json.loads(file.read_text("utf-8")) if not name.startswith(f"{owner}.")] == []


@each_file
def test_a_translation_has_the_blanks_of_the_english_text(file: Path) -> None:
    formatted = declared().keys() & known_texts().keys()
    for name, text in json.loads(file.read_text("utf-8")).items():
        assert text.strip(), name
        if name in formatted:
            assert blanks(text) == blanks(known_texts()[name]), name


class MissingTranslation(UserWarning):
    """Some texts are shown in English on pages of another language. It fails no test."""


@pytest.mark.filterwarnings("default::UserWarning")
@pytest.mark.parametrize("language", languages())
def test_texts_without_a_translation_are_reported(language: str) -> None:
    missing = missing_ids(known_texts(), registry.translations(language))
    if missing:
        warnings.warn(
            f"{len(missing)} texts are missing in {language!r}: {', '.join(missing)}",
            MissingTranslation,
            stacklevel=1,
        )


@pytest.mark.parametrize("language", languages())
def test_a_shared_translation_belongs_to_one_english_text(language: str) -> None:
    """A capability whose param has another text needs a translation under its own id."""
    translated = registry.translations(language)
    english: dict[str, dict[str, str]] = {}
    for name, text in known_texts().items():
        shared = shared_id(name)
        if shared in translated and name not in translated:
            english.setdefault(str(shared), {})[text] = name
    ambiguous = {shared: sorted(texts.values()) for shared, texts in english.items() if len(texts) > 1}

    assert ambiguous == {}


def test_the_checks_find_what_they_look_for() -> None:
    known = {"a.title": "Title", "a.predict.seed.title": "Seed"}

    assert unknown_ids(["a.title", "core.params.seed.title", "a.other"], known) == ["a.other"]
    assert missing_ids(known, {"core.params.seed.title": "Startwert"}) == ["a.title"]
    assert blanks("{n:,} of {name!r}") == ["n", "name"]
