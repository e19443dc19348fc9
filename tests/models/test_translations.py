"""What capabilities tell of themselves is there in every language of the pages."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import models
from models.core.contract import registry
from models.core.contract.card import Card, Params

ROOT = Path(models.__file__).parent
BLANK = re.compile(r"\{(\w+)\}")
CARDS = [
    pytest.param(card, id=name)
    for name, card in sorted(registry.cards().items())
    if card.predict_params.__module__.startswith("models.")  # those that ship, whatever tests have included
]


def texts_of_form(params: type[Params]) -> Iterator[str]:
    """Titles, descriptions, choices and presets, as the form shows them."""
    schema = params.model_json_schema()
    for field in schema["properties"].values():
        yield from (field[key] for key in ("title", "description", "group") if key in field)
        for branch in (field, *field.get("anyOf", [])):
            yield from (choice for choice in branch.get("enum", []) if isinstance(choice, str))
    for choices in schema.get("$defs", {}).values():
        yield from (choice for choice in choices.get("enum", []) if isinstance(choice, str))
    yield from (preset["title"] for preset in schema.get("examples", []) if "title" in preset)


def texts_of_card(card: Card) -> Iterator[str]:
    yield from (card.title, card.summary, card.limits)
    for model in card.models:
        yield from (model.title, model.summary)
    yield from (sample.title for sample in card.samples)
    for params in (card.predict_params, card.train_params):
        if params is not None:
            yield from texts_of_form(params)


def explanations(name: str) -> Iterator[str]:
    """Every text of sentences that stands as a constant in the modules that make stages."""
    for module in ("stages", "words", "watch", "judged", "methods"):
        file = ROOT / name / f"{module}.py"
        if not file.is_file():
            continue
        for statement in ast.parse(file.read_text("utf-8")).body:
            if isinstance(statement, ast.Assign):
                yield from (text for text in constants(statement.value) if text.rstrip().endswith((".", "}")))


def constants(value: ast.expr) -> Iterator[str]:
    if isinstance(value, ast.Constant) and isinstance(value.value, str) and len(value.value) > 30:
        yield re.sub(r"\{(\w*)[:!][^}]*\}", r"{\1}", value.value).strip()
    if isinstance(value, ast.Dict):
        for each in value.values:
            yield from constants(each)


@pytest.mark.parametrize("card", CARDS)
def test_a_card_and_its_forms_are_told_in_german(card: Card) -> None:
    german = registry.translations("de")
    assert [text for text in texts_of_card(card) if text not in german] == []


@pytest.mark.parametrize("card", CARDS)
def test_explanations_are_told_in_german(card: Card) -> None:
    german = registry.translations("de")
    # a last blank that may stay empty is a text of its own there
    known = {*german, *(f"{text} {{{blank}}}" for text in german for blank in ("part", "baseline"))}
    known.add(
        "The guessed {} from {} to {}, at one lightness: {}, gray, {}."
    )  # one text for each of its colors
    assert [text for text in explanations(card.name) if text not in known] == []


def files() -> list[Path]:
    return sorted(ROOT.glob("*/translations/*.json"))


@pytest.mark.parametrize("file", files(), ids=lambda file: file.parts[-3])
def test_translations_fill_in_the_same_values(file: Path) -> None:
    texts: dict[str, Any] = json.loads(file.read_text("utf-8"))
    for text, translated in texts.items():
        assert sorted(BLANK.findall(text)) == sorted(BLANK.findall(translated)), text


def test_one_text_is_translated_in_one_way() -> None:
    seen: dict[str, str] = {}
    for file in files():
        for text, translated in json.loads(file.read_text("utf-8")).items():
            assert seen.setdefault(text, translated) == translated, text
