"""The strength of the penalty: as it is set, or the one with the lowest loss on the validation rows.

The candidates are powers of ten. For each, the model is fitted to the training rows, and its loss L, without
the penalty, is measured on the validation rows. The model is that of the best one; it is not fitted again to
both parts, so that the validation rows stay unseen and the loss curves hold for it.
"""

import numpy as np
import torch

from models.core.contract.errors import InputError
from models.core.contract.messages import Text
from models.tabular.architecture import Layers, forward
from models.tabular.card import PredictParams
from models.tabular.exact_solution import NAMES, Strength, solve
from models.tabular.gradient_descent import Problem
from models.tabular.loss import mean_loss

CANDIDATES = {
    "alpha": tuple(10.0**power for power in range(-3, 6)),
    "C": tuple(10.0**power for power in range(-4, 5)),
}
NO_VALIDATION = Text(
    "tabular.errors.no_validation",
    "An automatic regularization is chosen on validation rows, and there are none. Set a validation share "
    "above 0, or set the regularization yourself.",
)


def strength_of(method: str) -> str | None:
    """The name of the param that sets the strength of the method's penalty; None: it has no penalty."""
    return NAMES.get(method)


def choose_strength(problem: Problem, params: PredictParams, method: str) -> Strength | None:
    """The strength of the method's penalty; None: it has none. Raises InputError: no validation rows."""
    name = strength_of(method)
    if name is None:
        return None
    if params.regularization == "as set":
        return Strength(name, params.alpha if name == "alpha" else params.C)
    if len(problem.x_validation) == 0:
        raise InputError(NO_VALIDATION())
    tried = []
    for value in CANDIDATES[name]:
        layers, _ = solve(problem, method, Strength(name, value))
        tried.append((value, loss_of(problem, layers, problem.x_validation, problem.y_validation)))
    best = min(tried, key=lambda each: each[1])[0]
    return Strength(name, best, tuple(tried))


def loss_of(problem: Problem, layers: Layers, x: np.ndarray, y: np.ndarray) -> float:
    """L of a model without hidden layers on these rows."""
    scores = torch.from_numpy(forward(x, layers, "relu"))
    weights = None if problem.class_weights is None else torch.from_numpy(problem.class_weights)
    return mean_loss(scores, torch.from_numpy(y), problem.classes, weights).item()


def objective_of(problem: Problem, layers: Layers, penalty: float) -> float:
    """J of a model without hidden layers on the training rows."""
    squares = float((layers[0][0] ** 2).sum())
    return loss_of(problem, layers, problem.x, problem.y) + penalty / (2 * len(problem.x)) * squares
