"""What a fitted model computes: layers of weights with an activation between.

A linear or logistic model is a network without hidden layers, so one forward pass serves all methods.
"""

from collections.abc import Sequence

import numpy as np

Layer = tuple[np.ndarray, np.ndarray]  # weights (inputs, outputs), bias (outputs,)
Layers = tuple[Layer, ...]


def forward(x: np.ndarray, layers: Sequence[Layer], activation: str) -> np.ndarray:
    """(N, D) -> (N, outputs of the last layer)."""
    for weights, bias in layers[:-1]:
        x = x @ weights + bias
        x = np.maximum(x, 0.0) if activation == "relu" else np.tanh(x)
    weights, bias = layers[-1]
    return x @ weights + bias


def probabilities(scores: np.ndarray) -> np.ndarray:
    """(N, K) scores -> (N, K) probabilities; a single score is that of the second of two classes."""
    if scores.shape[1] == 1:
        scores = np.concatenate([np.zeros_like(scores), scores], axis=1)
    scores = scores - scores.max(axis=1, keepdims=True)
    raised = np.exp(scores)
    return raised / raised.sum(axis=1, keepdims=True)


def log_loss(scores: np.ndarray, truth: np.ndarray) -> float:
    """Mean negative log of the true class' probability; also where that is too small for a number."""
    if scores.shape[1] == 1:
        scores = np.concatenate([np.zeros_like(scores), scores], axis=1)
    highest = scores.max(axis=1)
    total = highest + np.log(np.exp(scores - highest[:, None]).sum(axis=1))
    return float((total - scores[np.arange(len(scores)), truth.astype(np.int64)]).mean())
