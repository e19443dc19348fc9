"""Tables among the stages can be read in any language: what is no data of the user's table has an id."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models.core.contract import registry
from models.core.contract.card import Kind
from models.core.contract.messages import Message
from models.core.contract.prediction import Stage, answer_opened

SAMPLES = [("clustering", "animals"), ("tabular", "iris"), ("tabular", "diabetes")]


def texts_in(stage: Stage) -> Iterator[str]:
    """The headings and cells of a table, and the names of measures, steps and series of a chart."""
    data: dict[str, Any] = dict(stage.data)
    if stage.kind == Kind.TABLE:
        yield from (column["name"] for column in data["columns"])
        yield from (cell for row in data["rows"] for cell in row if isinstance(cell, str))
    yield from (one["name"] for name in ("series", "steps") for one in data.get(name, []) if "name" in one)
    yield from data.get("measures", [])
    yield from (mark["label"] for mark in data.get("marks", []))


@pytest.mark.parametrize(("capability", "sample"), SAMPLES)
def test_every_text_of_a_stage_that_is_no_data_has_an_id(capability: str, sample: str) -> None:
    card = registry.cards()[capability]
    path = next(each for each in card.samples if each.name == sample).inputs["table"]
    table = Path(path).read_bytes()
    predictor = registry.code(capability, "predict").Predictor(None, "cpu")
    stages = answer_opened(predictor, {"table": table}, card.predict_params()).stages
    own = table.decode().lower()

    untranslated = {
        text
        for stage in stages
        for text in texts_in(stage)
        if not isinstance(text, Message)
        and any(letter.isalpha() for letter in text)
        # a cell of the table, or several in one text: categories with their counts, `column = category`
        and not all(
            word in own for word in text.lower().replace("…", "").replace(",", "").split() if word.isalpha()
        )
    }

    assert untranslated == set()
    assert any(isinstance(text, Message) for stage in stages for text in texts_in(stage))
