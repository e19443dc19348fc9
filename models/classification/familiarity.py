"""What distinguishes a model's kind of pictures from others: a map of the backbone, and the surest class.

Shapes: N pictures, C classes, c channels of the map.
"""

from collections.abc import Sequence

import numpy as np
import torch

from models.classification.data import Example
from models.classification.head import CrossValidated
from models.core.training.familiarity import Evidence, Familiarity, fit, fit_folds, logit


def evidence_of(context: torch.Tensor, probabilities: np.ndarray | Sequence[float]) -> Evidence:
    """From the mean of each channel (c,) and the probability of each class (C,)."""
    return Evidence(context, logit(torch.tensor(float(max(probabilities)))))


def of_head(context: torch.Tensor, crossed: CrossValidated | None) -> Familiarity | None:
    """Of training pictures (N, c), each compared with those of the other folds."""
    if crossed is None:
        return None
    evidence = [evidence_of(*each) for each in zip(context, crossed.probabilities, strict=True)]
    return fit_folds(evidence, crossed.fold)


def of_network(
    examples: Sequence[Example], context: torch.Tensor, probabilities: np.ndarray
) -> Familiarity | None:
    """Of the training pictures and the held-out ones, (N, c) and (N, C) in all."""
    evidence = [evidence_of(*each) for each in zip(context, probabilities, strict=True)]
    learned = [each for each, example in zip(evidence, examples, strict=True) if example.split == "train"]
    held_out = [each for each, example in zip(evidence, examples, strict=True) if example.split != "train"]
    return fit(learned, held_out)
