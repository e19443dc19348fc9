"""The work of every server that is compared: the tiny capability, from bytes to its answer."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from models.core.contract import registry
from models.core.contract.card import Card
from models.core.contract.prediction import Predictor


class TinyLoop:
    """The predictor on the processor, one thread."""

    def __init__(self) -> None:
        registry.include("tests.capabilities")
        torch.set_num_threads(1)
        self.card: Card = registry.cards()["tiny"]
        self.params = self.card.predict_params()
        self.predictor: Predictor = registry.code("tiny", "predict").Predictor(
            self.card.models[0].weights, "cpu"
        )

    def decode(self, data: bytes) -> Any:
        return self.predictor.decode({"image": data}, self.params)

    def answers(self, items: Sequence[Any]) -> list[Mapping[str, Any]]:
        """The results for decoded items, from one forward pass."""
        raws = self.predictor.forward(list(items))
        return [
            self.predictor.encode(item, raw, self.params).result
            for item, raw in zip(items, raws, strict=True)
        ]

    def answer(self, data: bytes) -> Mapping[str, Any]:
        return self.answers([self.decode(data)])[0]
