"""Models of tables for other programs: the matrix of a table's columns in, predictions out."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn

from models.core.contract import checkpoint
from models.core.exporting.exported import Exported
from models.tabular.fitted_model import FittedModel

HERE = Path(__file__).parent


class Predictions(nn.Module):
    """x (N, D) -> numbers in the target's unit (N,), or class probabilities (N, K); float64."""

    def __init__(self, model: FittedModel):
        super().__init__()
        self.is_relu, self.classes = model.activation == "relu", len(model.classes)
        self.mean, self.std = model.mean, model.std
        self.layers = nn.ModuleList(nn.Linear(*weights.shape).double() for weights, _ in model.layers)
        with torch.no_grad():
            for layer, (weights, bias) in zip(self.layers, model.layers, strict=True):
                layer.weight.copy_(torch.from_numpy(weights.T.copy()))  # type: ignore[operator]
                layer.bias.copy_(torch.from_numpy(bias.copy()))  # type: ignore[operator]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        *hidden, last = self.layers
        for layer in hidden:
            x = layer(x)
            x = x.relu() if self.is_relu else x.tanh()
        scores = last(x)
        if not self.classes:
            return scores[:, 0] * self.std + self.mean
        if scores.shape[1] == 1:  # the score of the second of two classes; the first scores 0
            scores = torch.cat([torch.zeros_like(scores), scores], dim=1)
        return scores.softmax(dim=1)


def network(weights: Path) -> Exported:
    """The fitted model of this file. Raises WeightsError."""
    model = FittedModel.of(*checkpoint.load(weights))
    names = model.preprocessing.outputs
    return Exported(
        module=Predictions(model),
        inputs={"x": _example(len(names))},
        outputs=("prediction",),
        dynamic={"x": {0: "rows"}},
        preprocessing={"x": {"columns": list(names), "type": "float64"}},
        description=f"x: (rows, {len(names)}), float64, standardized and one-hot encoded as config.json "
        f"has it: {_listed(names)}. prediction: {_prediction(model)}. answer.py reads a CSV table with a "
        "heading, comma, semicolon or tab between cells, and dates as ISO text; it needs no ONNX Runtime.",
        script=HERE / "answer.py",
        labels=model.classes,
        requirements=("numpy", "safetensors"),
    )


def _example(columns: int) -> torch.Tensor:
    random = torch.Generator().manual_seed(0)
    return torch.randn(3, columns, generator=random, dtype=torch.float64)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:8])
    return shown if len(names) <= 8 else f"{shown} and {len(names) - 8} more"


def _prediction(model: FittedModel) -> str:
    if model.classes:
        return f"(rows, {len(model.classes)}), the probability of each class"
    return f"(rows,), {model.target!r} in its unit"
