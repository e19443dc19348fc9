"""One fit: from a table to a model whose quality is measured on test rows."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from models.core.contract.errors import InputError
from models.core.contract.messages import Message, Text
from models.core.contract.progress import Progress
from models.tabular import metrics
from models.tabular.card import PredictParams
from models.tabular.data import REGRESSION, Table, check_features
from models.tabular.evaluation.by_class import quality_by_class
from models.tabular.evaluation.intervals import intervals
from models.tabular.evaluation.notes import notes_on
from models.tabular.exact_solution import Strength, critical_learning_rate, solve
from models.tabular.fitted_model import FittedModel
from models.tabular.gradient_descent import History, Plan, Problem, descend
from models.tabular.plan import plan_of
from models.tabular.preprocessing import columns
from models.tabular.preprocessing.split import Split, split
from models.tabular.regularization import choose_strength, objective_of, strength_of

MAX_CELLS = 50_000_000  # of the matrix: 400 MB

MATRIX_TOO_LARGE = Text(
    "tabular.errors.matrix_too_large",
    "{rows:,} rows × {columns:,} columns after one-hot encoding exceed the limit of {most:,} cells. Column "
    "{widest!r} alone becomes {width:,} columns. Choose fewer features.",
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
    plan: Plan
    exact_objective: float | None  # J of the exact solution; None: there is none
    critical_rate: float | None  # of gradient descent; below it, every step goes downhill
    strength: Strength | None  # of the penalty; None: there is none
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
    method, parts = method_of(table, params), split_of(table, params)
    prepared = prepare(table, parts, params, method)
    problem = prepared.problem
    strength = choose_strength(problem, params, method)
    plan = plan_of(problem, params, method, strength, is_bounded=is_bounded)
    history = descend(problem, plan, device=device, progress=progress, checkpoint=checkpoint)
    layers, notes, exact_objective = history.layers, list(table.notes), None
    if not plan.widths:
        layers, about_solution = solve(problem, method, strength)
        exact_objective = objective_of(problem, layers, plan.penalty)
        notes += about_solution
        if plan.epochs < params.epochs:
            notes.append(FEWER_STEPS(n=plan.epochs))
    elif history.diverged_at is not None:
        notes.append(DIVERGED(epoch=history.diverged_at, best=history.best_epoch))
    width = prepared.x.shape[1]
    notes += notes_on(table, parts, width, is_linear=not plan.widths)
    without_record = prepared.model(layers, params)
    predicted = without_record.predict(prepared.x)
    record = _record(table, parts, predicted, history, params) | {
        "chosen_on_validation": chosen_on_validation(params, method),
        "regularization": None if strength is None else strength.to_json(),
        "class_weight": params.class_weight if table.target.classes else None,
    }
    return Fit(
        table=table,
        split=parts,
        x=prepared.x,
        model=replace(without_record, record=record),
        predicted=predicted,
        history=history,
        plan=plan,
        exact_objective=exact_objective,
        critical_rate=None if plan.widths else critical_learning_rate(problem, plan.penalty),
        strength=strength,
        notes=tuple(notes),
    )


def split_of(table: Table, params: PredictParams) -> Split:
    """Which of the used rows the model learns from, chooses on, and is measured on."""
    is_needed = params.keeps_validation or chosen_on_validation(params, method_of(table, params))
    return split(
        table.actual,
        table.target.task != REGRESSION,
        validation_share=params.validation_share if is_needed else 0.0,
        test_share=params.test_share,
        seed=params.seed,
    )


def method_of(table: Table, params: PredictParams) -> str:
    """The method to use; automatic: linear regression for numbers, logistic regression for classes."""
    if params.method != "automatic":
        return params.method
    return "linear regression" if table.target.task == REGRESSION else "logistic regression"


def chosen_on_validation(params: PredictParams, method: str) -> str | None:
    """What the validation rows decide: the epoch, alpha or C; None: nothing, so they are training rows."""
    if method == "neural network":
        return "epoch" if params.validation_share else None
    name = strength_of(method)
    return name if params.regularization == "automatic" else None


@dataclass(frozen=True)
class Prepared:
    """A table as a model computes with it; everything was learned from the training rows of one split."""

    table: Table
    method: str
    preprocessing: columns.Preprocessing
    x: np.ndarray  # (N, D)
    problem: Problem
    mean: float  # of the target
    std: float

    def model(self, layers: Any, params: PredictParams) -> FittedModel:
        """The fitted model, without its record."""
        return FittedModel(
            method=self.method,
            target=self.table.target.name,
            classes=self.table.target.classes,
            preprocessing=self.preprocessing,
            layers=layers,
            activation=params.activation,
            mean=self.mean,
            std=self.std,
            read_options=params.read_options(),
        )


def prepare(table: Table, parts: Split, params: PredictParams, method: str) -> Prepared:
    """Raises InputError: the matrix is too large."""
    is_classification = table.target.task != REGRESSION
    has_references = method != "neural network"
    preprocessing = columns.learn(table.features, table.rows[parts.training], has_references=has_references)
    _check_matrix(len(table.rows), preprocessing)
    x = preprocessing.apply(table.features, table.rows)
    mean, std = (0.0, 1.0) if is_classification else _scale(table.actual[parts.training])
    y = (table.actual - mean) / std
    weights = None
    if is_classification and params.class_weight == "balanced":
        weights = balanced(table.actual[parts.training], len(table.target.classes))
    problem = Problem(
        x[parts.training],
        y[parts.training],
        x[parts.validation],
        y[parts.validation],
        len(table.target.classes),
        weights,
    )
    return Prepared(table, method, preprocessing, x, problem, mean, std)


def balanced(actual: np.ndarray, classes: int) -> np.ndarray:
    """(classes,) weights n / (K nₖ), as in scikit-learn; 1 for a class without rows."""
    counts = np.bincount(actual.astype(np.int64), minlength=classes)
    present = int((counts > 0).sum())
    return np.where(counts > 0, len(actual) / (present * np.maximum(counts, 1)), 1.0)


def _record(
    table: Table, parts: Split, predicted: np.ndarray, history: History, params: PredictParams
) -> dict[str, Any]:
    """The fit in numbers, stored with the model."""
    classes, actual = table.target.classes, table.actual
    filled = {name: rows for name, rows in parts.parts().items() if len(rows)}
    evaluated_on = "test" if len(parts.test) else "training"
    evaluated = filled[evaluated_on]
    return {
        "rows": {name: len(rows) for name, rows in parts.parts().items()},
        "quality": {
            name: metrics.quality(actual[rows], predicted[rows], len(classes))
            for name, rows in filled.items()
        },
        "intervals": intervals(actual[evaluated], predicted[evaluated], len(classes), seed=params.seed),
        "by_class": quality_by_class(actual[evaluated], predicted[evaluated], classes) if classes else None,
        "baseline": metrics.baseline_quality(actual[evaluated], actual[parts.training], len(classes)),
        "measured_on": evaluated_on,
        "losses": [list(loss) for loss in history.losses],
        "best_epoch": history.best_epoch,
        "diverged_at": history.diverged_at,
    }


def _scale(values: np.ndarray) -> tuple[float, float]:
    return float(values.mean()), float(values.std()) if np.ptp(values) > 0 else 1.0


def _check_matrix(rows: int, preprocessing: columns.Preprocessing) -> None:
    width = len(preprocessing.outputs)
    if rows * width > MAX_CELLS:
        widest = max(preprocessing.parts, key=lambda part: len(part.outputs))
        raise InputError(
            MATRIX_TOO_LARGE(
                rows=rows, columns=width, most=MAX_CELLS, widest=widest.name, width=len(widest.outputs)
            )
        )
