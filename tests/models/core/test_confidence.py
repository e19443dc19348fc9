"""The confidence of an answer, by which uncertain ones are chosen for review."""

import json
from pathlib import Path
from typing import Any

import pytest

from models.core.contract import registry
from models.core.contract.sample_answers import INDEX

SHIPPED = [
    (card, sample.answer)
    for card in registry.cards().values()
    if card.confidence is not None
    for sample in card.samples
    if sample.answer is not None
]


@pytest.mark.parametrize(("card", "folder"), SHIPPED, ids=lambda value: getattr(value, "name", ""))
def test_a_shipped_answer_has_one_from_0_to_1_or_none(card: Any, folder: Path) -> None:
    result = json.loads((folder / INDEX).read_text("utf-8"))["result"]

    confidence = card.confidence(result)

    assert confidence is None or 0 <= confidence <= 1


@pytest.mark.parametrize(
    ("capability", "result", "confidence"),
    [
        ("classification", {"classes": [{"score": 0.7}, {"score": 0.2}]}, 0.7),
        ("detection", {"objects": [{"score": 0.9}, {"score": 0.4}]}, 0.4),
        ("detection", {"objects": []}, None),
        ("segmentation", {"instances": [{"score": 0.8}, {"score": 0.6}]}, 0.6),
        ("segmentation", {"classes": [{"share": 1.0}], "instances": None}, None),
        ("tabular", {"probabilities": [[0.9, 0.1], [0.4, 0.6]]}, 0.6),
        ("tabular", {"probabilities": None}, None),
    ],
)
def test_it_is_that_of_the_least_certain_part(
    capability: str, result: dict[str, Any], confidence: float | None
) -> None:
    read = registry.cards()[capability].confidence
    assert read is not None
    assert read(result) == confidence
