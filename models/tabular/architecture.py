"""The architecture of all models: layers of weights with an activation between them.

For a row x of D features, with the weights Wₗ and bias bₗ of each layer and the activation g:

    h₀ = x
    hₗ = g(hₗ₋₁ Wₗ + bₗ)        each hidden layer l; g is ReLU, max(0, a), or tanh
    z  = h W + b                output layer, from the last h: the scores

A linear or logistic model is the case without hidden layers, z = x W + b, so one forward pass serves every
method. Scores become predictions as follows:

    number        ŷ = z · std + mean                   undoes the scaling of the target
    two classes   p₁ = sigmoid(z) = 1 / (1 + e⁻ᶻ)      and p₀ = 1 - p₁
    K classes     pₖ = e^(zₖ) / Σⱼ e^(zⱼ)              softmax

Shapes: N rows, D features, K scores.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import sqrt

import numpy as np
import torch
from torch import nn

Layer = tuple[np.ndarray, np.ndarray]  # weights (inputs, outputs), bias (outputs,)
Layers = tuple[Layer, ...]


def network(inputs: int, widths: Sequence[int], outputs: int, activation: str, seed: int) -> nn.Sequential:
    """The layers in float64, to be trained. Without hidden layers (`widths`) all weights start at zero."""
    random = torch.Generator().manual_seed(seed)  # its own: other threads may fit at the same time
    parts: list[nn.Module] = []
    for before, after in pairwise((inputs, *widths, outputs)):
        parts += [_linear(before, after, random), nn.ReLU() if activation == "relu" else nn.Tanh()]
    model = nn.Sequential(*parts[:-1]).double()
    if not widths:
        for value in model.parameters():
            nn.init.zeros_(value)
    return model


def _linear(inputs: int, outputs: int, random: torch.Generator) -> nn.Linear:
    """PyTorch's own initialization (He et al. 2015 with a = sqrt(5)), drawn from `random`."""
    layer = nn.Linear(inputs, outputs, device="meta").to_empty(device="cpu")
    nn.init.kaiming_uniform_(layer.weight, a=sqrt(5), generator=random)
    bound = 1 / sqrt(inputs) if inputs else 0.0
    nn.init.uniform_(layer.bias, -bound, bound, generator=random)
    return layer


def layers_of(model: nn.Sequential) -> Layers:
    """The weights of a network as NumPy arrays."""
    linear = [part for part in model if isinstance(part, nn.Linear)]
    # copies: an array that shares memory with torch would change with the next step
    return tuple(
        (part.weight.detach().cpu().numpy().T.copy(), part.bias.detach().cpu().numpy().copy())
        for part in linear
    )


def forward(x: np.ndarray, layers: Sequence[Layer], activation: str) -> np.ndarray:
    """Scores (N, K) of the rows x (N, D)."""
    for weights, bias in layers[:-1]:
        x = x @ weights + bias
        x = np.maximum(x, 0.0) if activation == "relu" else np.tanh(x)
    weights, bias = layers[-1]
    return x @ weights + bias


def probabilities(scores: np.ndarray) -> np.ndarray:
    """Softmax: scores (N, K) -> class probabilities (N, K).

    With a single column, z is the score of the second of two classes and the first scores 0, so that softmax
    gives the sigmoid.
    """
    if scores.shape[1] == 1:
        scores = np.concatenate([np.zeros_like(scores), scores], axis=1)
    scores = scores - scores.max(axis=1, keepdims=True)  # the same result, and e^z stays finite
    exponentials = np.exp(scores)
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def predictions(scores: np.ndarray, mean: float, std: float, classes: int) -> np.ndarray:
    """Scores (N, K) -> numbers in the target's unit (N,), or class probabilities (N, `classes`)."""
    return probabilities(scores) if classes else scores[:, 0] * std + mean
