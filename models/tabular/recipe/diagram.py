"""Draws the network with its sizes for docs/tabular.md: `python -m models.tabular.recipe.diagram`.

The sizes are those of the default network on the iris sample: 4 features, 3 classes.
"""

import torch
from torch import nn

from models.core.recipe.diagram import Arrow, Block, draw, output_sizes, save
from models.tabular.architecture import network
from models.tabular.card import PredictParams

FEATURES, CLASSES = 4, 3


def diagram() -> str:
    """The SVG document."""
    params = PredictParams()
    model = network(FEATURES, params.layers, CLASSES, params.activation, seed=0)
    names = [*(f"Hidden layer {number + 1}" for number in range(len(params.layers))), "Scores z"]
    linear = [layer for layer in model if isinstance(layer, nn.Linear)]
    example = torch.zeros(1, FEATURES, dtype=torch.float64)
    sizes = output_sizes(model, example, dict(zip(names, linear, strict=True)))
    blocks = [Block("Features x", (FEATURES,), 0, 0, "Data", "standardized")]
    arrows: list[Arrow] = []
    for name, layer in zip(names, linear, strict=True):
        weights = f"{layer.weight.numel() + layer.bias.numel():,} weights"
        note = f"{'linear' if name == names[-1] else 'linear, ReLU'}, {weights}"
        arrows.append(Arrow(blocks[-1].name, name))
        blocks.append(Block(name, sizes[name], len(blocks), 0, "Layers", note))
    arrows.append(Arrow(blocks[-1].name, "Probabilities p", "softmax"))
    blocks.append(Block("Probabilities p", sizes[names[-1]], len(blocks), 0, "Data", "one for each class"))
    return draw("Neural network for a table of 4 features and 3 classes", blocks, arrows)


if __name__ == "__main__":
    save("tabular", diagram())
