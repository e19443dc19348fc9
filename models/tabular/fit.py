"""One fit: from a table to a model whose quality is measured on test rows."""

from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from models.core.contract.errors import InputError
from models.core.contract.messages import Message, Text
from models.core.contract.progress import Progress
from models.tabular import metrics
from models.tabular.card import PredictParams
from models.tabular.data import REGRESSION, Table, check_features
from models.tabular.exact_solution import largest_curvature, solve
from models.tabular.fitted_model import FittedModel
from models.tabular.gradient_descent import History, Plan, Problem, descend
from models.tabular.preprocessing import columns
from models.tabular.preprocessing.split import Split, split

MAX_CELLS = 50_000_000  # of the matrix: 400 MB
MAX_STEPS = 50_000  # of a network that a user waits for
MAX_MULTIPLICATIONS = 50_000_000_000  # likewise: some ten seconds
_NETWORK_LEARNING_RATE = 0.01
_MAX_SHOWN_MULTIPLICATIONS = 2_000_000_000  # of the gradient descent beside an exact solution

MATRIX_TOO_LARGE = Text(
    "tabular.errors.matrix_too_large",
    "{rows:,} rows × {columns:,} columns after one-hot encoding exceed the limit of {most:,} cells. Column "
    "{widest!r} alone becomes {width:,} columns. Choose fewer features.",
)
TRAINING_TOO_LONG = Text(
    "tabular.errors.training_too_long",
    "This network would train for {steps:,} steps on {rows:,} rows. That takes too long for a prediction (at "
    "most {most_steps:,} steps and {most:,} multiplications). Choose fewer epochs, larger batches or smaller "
    "layers, or train a model: a training may take as long as it needs.",
)
FEWER_STEPS = Text(
    "tabular.notes.fewer_steps",
    "Gradient descent is shown for only {n:,} steps, because more would take too long.",
)
DIVERGED = Text(
    "tabular.notes.diverged",
    "The training diverged at epoch {epoch}; the weights of epoch {best} were kept.",
)


@dataclass(frozen=True)
class Fit:
    """A fitted model, with the data it was fitted to. N used rows."""

    table: Table
    split: Split
    x: np.ndarray  # (N, D), the rows after preprocessing
    model: FittedModel
    predicted: np.ndarray  # (N,) numbers or (N, K) class probabilities
    history: History
    learning_rate: float
    critical_rate: float | None  # of gradient descent; up to it, every step goes downhill
    notes: tuple[Message, ...]


def fit(
    table: Table,
    params: PredictParams,
    *,
    device: str,
    progress: Progress,
    checkpoint: Path | None = None,
    is_bounded: bool = False,
) -> Fit:
    """Fit the chosen method. `is_bounded`: a user waits for the answer.

    Raises:
        InputError: numbers or a matrix too large to compute with, or a training that takes too long.
    """
    check_features(table.frame, table.features)
    method = method_of(table, params)
    is_classification = table.target.task != REGRESSION
    parts = split(
        table.actual,
        is_classification,
        validation_share=params.validation_share,
        test_share=params.test_share,
        seed=params.seed,
    )
    preprocessing = columns.learn(table.features, table.rows[parts.training])
    _check_matrix(len(table.rows), preprocessing)
    x = preprocessing.apply(table.features, table.rows)
    mean, std = (0.0, 1.0) if is_classification else _scale(table.actual[parts.training])
    problem = _problem(x, (table.actual - mean) / std, parts, len(table.target.classes))
    plan = _plan(problem, params, method, is_bounded)
    history = descend(problem, plan, device=device, progress=progress, checkpoint=checkpoint)
    layers, notes = history.layers, list(table.notes)
    if not plan.widths:
        layers, about_solution = solve(problem, method, alpha=params.alpha, inverse_regularization=params.C)
        notes += about_solution
        if plan.epochs < params.epochs:
            notes.append(FEWER_STEPS(n=plan.epochs))
    elif history.diverged_at is not None:
        notes.append(DIVERGED(epoch=history.diverged_at, best=history.best_epoch))
    without_record = FittedModel(
        method=method,
        target=table.target.name,
        classes=table.target.classes,
        preprocessing=preprocessing,
        layers=layers,
        activation=params.activation,
        mean=mean,
        std=std,
        read_options=params.read_options(),
    )
    predicted = without_record.predict(x)
    model = replace(without_record, record=_record(table, parts, predicted, history))
    critical = None if plan.widths else 2.0 / _objective_curvature(problem, plan.penalty)
    return Fit(table, parts, x, model, predicted, history, plan.learning_rate, critical, tuple(notes))


def method_of(table: Table, params: PredictParams) -> str:
    """The method to use; automatic: linear regression for numbers, logistic regression for classes."""
    if params.method != "automatic":
        return params.method
    return "linear regression" if table.target.task == REGRESSION else "logistic regression"


def _record(table: Table, parts: Split, predicted: np.ndarray, history: History) -> dict[str, Any]:
    """The fit in numbers, stored with the model."""
    classes, actual = len(table.target.classes), table.actual
    filled = {name: rows for name, rows in parts.parts().items() if len(rows)}
    evaluated_on = "test" if len(parts.test) else "training"
    return {
        "rows": {name: len(rows) for name, rows in parts.parts().items()},
        "quality": {
            name: metrics.quality(actual[rows], predicted[rows], classes) for name, rows in filled.items()
        },
        "baseline": metrics.baseline_quality(actual[filled[evaluated_on]], actual[parts.training], classes),
        "judged_on": evaluated_on,
        "losses": [list(loss) for loss in history.losses],
        "best_epoch": history.best_epoch,
        "diverged_at": history.diverged_at,
    }


def _scale(values: np.ndarray) -> tuple[float, float]:
    return float(values.mean()), float(values.std()) if np.ptp(values) > 0 else 1.0


def _problem(x: np.ndarray, y: np.ndarray, parts: Split, classes: int) -> Problem:
    return Problem(x[parts.training], y[parts.training], x[parts.validation], y[parts.validation], classes)


def _objective_curvature(problem: Problem, penalty: float) -> float:
    """The largest curvature of the loss with the penalty (an upper bound, as the bias is not penalized)."""
    return largest_curvature(problem) + penalty / len(problem.x)


def _check_matrix(rows: int, preprocessing: columns.Preprocessing) -> None:
    width = len(preprocessing.outputs)
    if rows * width > MAX_CELLS:
        widest = max(preprocessing.parts, key=lambda part: len(part.outputs))
        raise InputError(
            MATRIX_TOO_LARGE(
                rows=rows, columns=width, most=MAX_CELLS, widest=widest.name, width=len(widest.outputs)
            )
        )


def _plan(problem: Problem, params: PredictParams, method: str, is_bounded: bool) -> Plan:
    """Raises InputError: the training of the network takes too long to wait for."""
    rows, inputs = problem.x.shape
    if method != "neural network":
        penalty = {"ridge regression": params.alpha, "logistic regression": 1.0 / params.C}.get(method, 0.0)
        affordable = _MAX_SHOWN_MULTIPLICATIONS // max(1, rows * inputs * problem.outputs)
        return Plan(
            epochs=max(1, min(params.epochs, affordable)),
            learning_rate=params.learning_rate or 1.0 / _objective_curvature(problem, penalty),
            seed=params.seed,
            penalty=penalty,
            keeps_snapshots=True,
        )
    steps = -(-rows // params.batch_size) * params.epochs
    sides = (inputs, *params.layers, problem.outputs)
    weights = sum(before * after for before, after in pairwise(sides))
    if is_bounded and (steps > MAX_STEPS or 3 * rows * params.epochs * weights > MAX_MULTIPLICATIONS):
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
