"""How to train: steps, learning rate, penalty, and whether a user can wait for it."""

from itertools import pairwise

from models.core.contract.errors import InputError
from models.core.contract.messages import Text
from models.tabular.card import PredictParams
from models.tabular.exact_solution import Strength, critical_learning_rate
from models.tabular.gradient_descent import Plan, Problem

MAX_STEPS = 50_000  # of a network that a user waits for
MAX_MULTIPLICATIONS = 50_000_000_000  # likewise: some ten seconds
_NETWORK_LEARNING_RATE = 0.01
_MAX_SHOWN_MULTIPLICATIONS = 2_000_000_000  # of the gradient descent beside an exact solution

TRAINING_TOO_LONG = Text(
    "tabular.errors.training_too_long",
    "This network would train for {steps:,} steps on {rows:,} rows. That takes too long for a prediction (at "
    "most {most_steps:,} steps and {most:,} multiplications). Choose fewer epochs, larger batches or smaller "
    "layers, or train a model: a training may take as long as it needs.",
)


def plan_of(
    problem: Problem, params: PredictParams, method: str, strength: Strength | None, *, is_bounded: bool
) -> Plan:
    """Raises InputError: the training of the network takes too long to wait for."""
    rows, inputs = problem.x.shape
    if method != "neural network":
        penalty = strength.penalty if strength else 0.0
        affordable = _MAX_SHOWN_MULTIPLICATIONS // max(1, rows * inputs * problem.outputs)
        return Plan(
            epochs=max(1, min(params.epochs, affordable)),
            learning_rate=params.learning_rate or critical_learning_rate(problem, penalty) / 2,
            seed=params.seed,
            penalty=penalty,
            keeps_snapshots=True,
        )
    # a cross-validation trains a network for each fold, too
    epochs = params.epochs * (1 + (params.folds or 0))
    steps = -(-rows // params.batch_size) * epochs
    sides = (inputs, *params.layers, problem.outputs)
    weights = sum(before * after for before, after in pairwise(sides))
    if is_bounded and (steps > MAX_STEPS or 3 * rows * epochs * weights > MAX_MULTIPLICATIONS):
        raise InputError(
            TRAINING_TOO_LONG(steps=steps, rows=rows, most_steps=MAX_STEPS, most=MAX_MULTIPLICATIONS)
        )
    return Plan(
        epochs=params.epochs,
        learning_rate=params.learning_rate or _NETWORK_LEARNING_RATE,
        seed=params.seed,
        widths=tuple(params.layers),
        activation=params.activation,
        batch_size=params.batch_size,
        keeps_snapshots=inputs <= 2,  # only then the whole model can be drawn
    )
