"""The head on frozen features: its fit, and its cross-validation.

Shapes: N pictures, V views of each, F features, C classes.
"""

from dataclasses import dataclass

import numpy as np
import torch

from models.classification import logistic
from models.classification.architecture import LinearHead
from models.classification.card import TrainParams
from models.classification.data import Example, folds

FOLDS = 5


@dataclass(frozen=True)
class Standardized:
    """(f - m) / s, by the mean and the deviation of the training features."""

    mean: np.ndarray
    deviation: np.ndarray

    @classmethod
    def of(cls, x: np.ndarray) -> "Standardized":
        deviation = x.std(axis=0)
        return cls(x.mean(axis=0), np.where(deviation > 1e-6, deviation, 1.0))  # of a constant one: 1

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return (x - self.mean) / self.deviation


@dataclass(frozen=True)
class FittedHead:
    """Logits of features (N, F)."""

    scale: Standardized
    weight: np.ndarray  # (C, F)
    bias: np.ndarray  # (C,)

    def probabilities(self, x: np.ndarray) -> np.ndarray:
        """(N, C), of features (N, F)."""
        return logistic.probabilities(self.scale(x), self.weight, self.bias)

    def module(self) -> LinearHead:
        """The same as a layer."""
        head = LinearHead(*self.weight.shape)
        values = {
            "mean": self.scale.mean,
            "deviation": self.scale.deviation,
            "linear.weight": self.weight,
            "linear.bias": self.bias,
        }
        head.load_state_dict({name: torch.from_numpy(value).float() for name, value in values.items()})
        return head.eval().requires_grad_(False)


def fit(x: np.ndarray, y: np.ndarray, classes: int, params: TrainParams) -> FittedHead:
    """From the features (N, V, F) of the views of the pictures, whose classes are `y` (N,)."""
    pictures, count, features = x.shape
    rows = x.reshape(pictures * count, features).astype(np.float64)
    scale = Standardized.of(rows)
    weights = logistic.balanced_weights(y, classes) if params.balance else np.ones(pictures)
    weight, bias = logistic.fit(
        scale(rows),
        np.repeat(y, count),
        classes,
        inverse_regularization=params.inverse_regularization,
        weights=np.repeat(weights / count, count),  # a picture with more views counts no more
    )
    return FittedHead(scale, weight, bias)


@dataclass(frozen=True)
class CrossValidated:
    """Of each picture the probabilities (N, C) by a head that did not learn from it."""

    probabilities: np.ndarray
    fold: np.ndarray  # (N,) that the picture is in

    @property
    def folds(self) -> int:
        return int(self.fold.max()) + 1


def cross_validated(
    x: np.ndarray, examples: list[Example], classes: int, params: TrainParams
) -> CrossValidated | None:
    """By `FOLDS` heads, from the features (N, V, F); each learns without the pictures of one fold.

    None: a class has a single picture or group, which leaves nothing to learn it from.
    """
    y = np.array([each.label for each in examples])
    groups = [len({each.group for each in examples if each.label == label}) for label in range(classes)]
    count = min(FOLDS, *groups)
    if count < 2:
        return None
    fold = folds(examples, count, params.seed)
    found = np.zeros((len(examples), classes))
    for index in range(count):
        rest = fold != index
        found[~rest] = fit(x[rest], y[rest], classes, params).probabilities(x[~rest, 0])
    return CrossValidated(found, fold)
