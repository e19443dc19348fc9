"""The example in an exported model's ZIP."""

import pytest

from models.core.contract import registry
from workers import exporting

OWN = [name for name in registry.cards() if registry.is_own(name)]


@pytest.mark.parametrize("capability", OWN)
def test_the_example_is_a_picture_that_the_script_takes_alone(capability: str) -> None:
    card = registry.cards()[capability]
    for model in card.models:
        example = exporting.example_of(capability, model.name)

        alone = [sample.inputs for sample in card.samples if len(sample.inputs) == 1]
        assert example is None or example in [file for inputs in alone for file in inputs.values()]
        if any(taken.kind == "image" for taken in card.inputs):
            assert example is not None
