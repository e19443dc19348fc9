"""One fit from a table to a model that has been judged on rows it never saw."""

from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from models.core.contract.errors import InputError
from models.core.contract.progress import Progress
from models.tabular import metrics, preprocessing
from models.tabular.card import PredictParams
from models.tabular.data import REGRESSION, Table, check_features
from models.tabular.fitted import Fitted
from models.tabular.learn import Learned, Plan, Problem, learn
from models.tabular.solve import curvature, solve
from models.tabular.split import Split, split

MOST_CELLS = 50_000_000  # of the matrix: 400 MB
MOST_STEPS = 50_000  # of the network, where somebody waits for the answer
MOST_PRODUCTS = 50_000_000_000  # multiplications, likewise: some ten seconds
_NETWORK_RATE = 0.01
_MOST_WATCHED = 2_000_000_000  # multiplications that the watched gradient descent may take

Quality = dict[str, dict[str, float | None]]


@dataclass(frozen=True)
class Fit:
    """A model, and what it was fitted to. N used rows."""

    table: Table
    split: Split
    x: np.ndarray  # (N, D), as the model sees the rows
    model: Fitted
    said: np.ndarray  # (N,) numbers or (N, K) probabilities
    learned: Learned
    rate: float
    critical_rate: float | None  # where gradient descent starts to diverge
    notes: tuple[str, ...]


def fit(
    table: Table,
    params: PredictParams,
    *,
    device: str,
    progress: Progress,
    checkpoint: Path | None = None,
    is_bounded: bool = False,
) -> Fit:
    """Fit the chosen method. `is_bounded`: somebody waits for it.

    Raises:
        InputError: numbers or a matrix too large to compute with, or a fit too long to wait for.
    """
    check_features(table.frame, table.features)
    method = method_of(table, params)
    is_classes = table.target.task != REGRESSION
    parts = split(
        table.truth,
        is_classes,
        validation_share=params.validation_share,
        test_share=params.test_share,
        seed=params.seed,
    )
    learned_from = preprocessing.learn(table.features, table.rows[parts.training])
    _check_matrix(len(table.rows), learned_from)
    x = learned_from.apply(table.features, table.rows)
    mean, spread = (0.0, 1.0) if is_classes else _scale(table.truth[parts.training])
    problem = _problem(x, (table.truth - mean) / spread, parts, len(table.target.classes))
    plan = _plan(problem, params, method, is_bounded)
    learned = learn(problem, plan, device=device, progress=progress, checkpoint=checkpoint)
    layers, notes = learned.layers, list(table.notes)
    if not plan.widths:
        layers, note = solve(problem, method, alpha=params.alpha, freedom=params.C)
        notes += [note] if note else []
        if plan.epochs < params.epochs:
            notes.append(f"Gradient descent is shown for {plan.epochs:,} steps; more would take too long.")
    elif learned.diverged_at is not None:
        notes.append(
            f"The training diverged at epoch {learned.diverged_at}; the weights of epoch "
            f"{learned.best_epoch} were kept."
        )
    plain = Fitted(
        method=method,
        target=table.target.name,
        classes=table.target.classes,
        preprocessing=learned_from,
        layers=layers,
        activation=params.activation,
        mean=mean,
        spread=spread,
        reading=params.alone(),
    )
    said = plain.said(x)
    model = replace(plain, record=_record(table, parts, said, learned))
    critical = None if plan.widths else 2.0 / curvature(problem)
    return Fit(table, parts, x, model, said, learned, plan.rate, critical, tuple(notes))


def method_of(table: Table, params: PredictParams) -> str:
    """The method that is used: automatic is linear for numbers and logistic for classes."""
    if params.method != "automatic":
        return params.method
    return "linear regression" if table.target.task == REGRESSION else "logistic regression"


def judge(truth: np.ndarray, said: np.ndarray, classes: int) -> dict[str, float | None]:
    """Every figure of quality for these rows."""
    return metrics.of_classes(truth, said) if classes else metrics.of_numbers(truth, said)


def _record(table: Table, parts: Split, said: np.ndarray, learned: Learned) -> dict[str, Any]:
    """How it was fitted, to be told later without the table."""
    classes, truth = len(table.target.classes), table.truth
    with_rows = {name: places for name, places in parts.parts().items() if len(places)}
    judged_on = "test" if len(parts.test) else "training"
    return {
        "rows": {name: len(places) for name, places in parts.parts().items()},
        "quality": {name: judge(truth[places], said[places], classes) for name, places in with_rows.items()},
        "baseline": metrics.baseline(truth[with_rows[judged_on]], truth[parts.training], classes),
        "judged_on": judged_on,
        "losses": [list(loss) for loss in learned.losses],
        "best_epoch": learned.best_epoch,
        "diverged_at": learned.diverged_at,
    }


def _scale(values: np.ndarray) -> tuple[float, float]:
    return float(values.mean()), float(values.std()) if np.ptp(values) > 0 else 1.0


def _problem(x: np.ndarray, y: np.ndarray, parts: Split, classes: int) -> Problem:
    return Problem(x[parts.training], y[parts.training], x[parts.validation], y[parts.validation], classes)


def _check_matrix(rows: int, parts: preprocessing.Preprocessing) -> None:
    if rows * len(parts.outputs) > MOST_CELLS:
        widest = max(parts.parts, key=lambda part: len(part.outputs))
        raise InputError(
            f"{rows:,} rows × {len(parts.outputs):,} columns after one-hot are too many; at most "
            f"{MOST_CELLS:,} cells. Column {widest.name!r} alone becomes {len(widest.outputs):,}: choose "
            "fewer features."
        )


def _plan(problem: Problem, params: PredictParams, method: str, is_bounded: bool) -> Plan:
    """Raises InputError: the network's training takes longer than somebody waits."""
    rows, inputs = problem.x.shape
    wants = inputs <= 2
    if method != "neural network":
        penalty = {"ridge regression": params.alpha, "logistic regression": 1.0 / params.C}.get(method, 0.0)
        affordable = _MOST_WATCHED // max(1, rows * inputs * problem.outputs)
        epochs = max(1, min(params.epochs, affordable))
        steepest = curvature(problem) + penalty / rows
        return Plan(
            epochs, params.learning_rate or 1.0 / steepest, params.seed, penalty=penalty, wants_snapshots=True
        )
    steps = -(-rows // params.batch_size) * params.epochs
    sides = (inputs, *params.layers, problem.outputs)
    weights = sum(before * after for before, after in pairwise(sides))
    if is_bounded and (steps > MOST_STEPS or 3 * rows * params.epochs * weights > MOST_PRODUCTS):
        raise InputError(
            f"This network would learn for {steps:,} steps on {rows:,} rows, too long to wait for (at most "
            f"{MOST_STEPS:,} steps, {MOST_PRODUCTS:,} multiplications). Choose fewer epochs, larger batches "
            "or smaller layers, or train a model: a training may take as long as it needs."
        )
    return Plan(
        params.epochs,
        params.learning_rate or _NETWORK_RATE,
        params.seed,
        widths=tuple(params.layers),
        activation=params.activation,
        batch_size=params.batch_size,
        wants_snapshots=wants,
    )
