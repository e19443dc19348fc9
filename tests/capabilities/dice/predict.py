"""Throws dice: decode draws nothing, forward throws, inspect shows the throw."""

from pathlib import Path

import numpy as np

from models.core.contract.card import Kind
from models.core.contract.prediction import Inputs, Prediction, Role, Stage
from tests.capabilities.dice.card import PredictParams


class Predictor:
    max_batch = 8

    def __init__(self, weights: Path | None, device: str = "cpu"):
        assert weights is None
        self.device = device

    def decode(self, inputs: Inputs, params: PredictParams) -> PredictParams:
        assert not inputs
        return params

    def forward(self, items: list[PredictParams]) -> list[list[int]]:
        return [np.random.default_rng(item.seed).integers(1, 7, item.count).tolist() for item in items]

    def encode(
        self,
        item: PredictParams,  # noqa: ARG002
        raw: list[int],
        params: PredictParams,  # noqa: ARG002
        *,
        picture: bool = False,  # noqa: ARG002  it draws none
    ) -> Prediction:
        return Prediction({"throw": raw, "sum": sum(raw)})

    def inspect(self, item: PredictParams, raw: list[int], params: PredictParams) -> tuple[Stage, ...]:  # noqa: ARG002
        rows = [[number + 1, value] for number, value in enumerate(raw)]
        return (
            Stage(
                id="throw",
                kind=Kind.TABLE,
                title="Throw",
                explanation="Each die and its value.",
                data={"columns": ["die", "value"], "rows": rows, "total": len(rows)},
                count=len(rows),
                role=Role.ANSWER,
            ),
        )
