"""Choices of params have titles: what a form shows is never a word of the code."""

from enum import StrEnum
from typing import Annotated, Literal

import pytest
from pydantic import Field

from models.core.contract import registry
from models.core.contract.card import Card, Params
from models.core.contract.messages import form_texts
from models.core.contract.titles import Titles, titled_choices

CARDS = [card for card in registry.cards().values() if card.predict_params.__module__.startswith("models.")]


class Shade(StrEnum):
    LIGHT = "light"
    DARK = "dark"


class Painted(Params):
    brush: Annotated[Literal["auto", "wide"], Titles("Automatic", "Wide brush")] = Field("auto")
    shade: Annotated[Shade, Titles("Light", "Dark")] = Shade.LIGHT
    shades: dict[str, Annotated[Shade, Titles("Light", "Dark")]] = Field({})
    border: Annotated[Literal["thin", "thick"], Titles("Thin", "Thick")] | None = None
    side: Literal[28, 32] = 28


def untitled(params: type[Params]) -> list[str]:
    """The choices of params without a title."""
    schema = params.model_json_schema()
    definitions = schema.get("$defs", {})
    return [
        f"{name}: {choice}"
        for name, field in schema["properties"].items()
        for choice, title in titled_choices(field, definitions)
        if not title
    ]


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_every_choice_has_a_title(card: Card) -> None:
    forms = [params for params in (card.predict_params, card.train_params, card.audit_params) if params]

    assert [untitled(params) for params in forms] == [[] for _ in forms]


def test_titles_stand_beside_their_choices_in_the_schema() -> None:
    texts = dict(form_texts("paint.predict", Painted.model_json_schema()))

    assert texts["paint.predict.brush.choices.auto"] == "Automatic"
    assert texts["paint.predict.shade.choices.dark"] == "Dark"
    assert texts["paint.predict.shades.choices.dark"] == "Dark"
    assert texts["paint.predict.border.choices.thick"] == "Thick"
    assert Painted.model_json_schema()["properties"]["brush"]["titles"] == {
        "auto": "Automatic",
        "wide": "Wide brush",
    }


def test_a_title_too_few_is_an_error() -> None:
    class Short(Params):
        brush: Annotated[Literal["auto", "wide"], Titles("Automatic")] = "auto"

    with pytest.raises(ValueError, match="zip"):
        Short.model_json_schema()


def test_the_check_finds_a_choice_without_a_title() -> None:
    class Raw(Params):
        brush: Literal["auto", "wide"] = "auto"

    assert untitled(Raw) == ["brush: auto", "brush: wide"]
