"""k-fold cross-validation: every row is tested once, by a model that has not seen it.

The rows are dealt to k folds. For each fold a model is fitted to the rows of all others and measured on the
fold; everything that is learned, also the preprocessing, the epoch or the strength of the penalty, is learned
again from the training rows of that fold. The mean estimates the quality of the method with these params; the
standard deviation over the folds shows how much it depends on the rows.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from models.core.contract.errors import InputError
from models.core.contract.messages import Text
from models.core.contract.progress import Progress
from models.tabular import metrics
from models.tabular.card import PredictParams
from models.tabular.data import REGRESSION, Table
from models.tabular.exact_solution import solve
from models.tabular.fit import Fit, chosen_on_validation, method_of, prepare
from models.tabular.gradient_descent import descend
from models.tabular.plan import plan_of
from models.tabular.preprocessing.split import Split, folds, split
from models.tabular.regularization import choose_strength

TOO_MANY_FOLDS = Text(
    "tabular.errors.too_many_folds",
    "{folds} folds need at least {folds} rows whose class has another row; the table has only {rows:,}.",
)


FOLD = Text("tabular.progress.fold", "Cross-validation: fold {fold} of {folds}")


class _Part(Progress):
    """The progress of one of several parts of a training, all of them equally long."""

    def __init__(self, whole: Progress, part: int, parts: int, message: str = ""):
        super().__init__()
        self._whole, self._part, self._parts, self._message = whole, part, parts, message

    def __call__(
        self, step: int, total: int, metrics: Mapping[str, float] | None = None, message: str = ""
    ) -> None:
        # the curve is that of the first part, the model that is kept
        shown = None if self._part else metrics
        self._whole(self._part * total + step, self._parts * total, shown, message or self._message)

    @property
    def checkpoint_due(self) -> bool:
        return self._whole.checkpoint_due

    def saved(self) -> None:
        self._whole.saved()


def part_of(progress: Progress, fold: int, params: PredictParams) -> Progress:
    """The progress of one fit of a training with cross-validation; fold 0: of the model that is kept."""
    folds = params.folds or 0
    return _Part(progress, fold, 1 + folds, FOLD(fold=fold, folds=folds) if fold else "")


def with_cross_validation(fitted: Fit, params: PredictParams, *, device: str, progress: Progress) -> Fit:
    """The fit with a cross-validation in its record, where `params` ask for one. Raises InputError."""
    found = cross_validate(fitted.table, params, device=device, progress=progress)
    record = {**fitted.model.record, "cross_validation": found}
    return replace(fitted, model=replace(fitted.model, record=record))


def cross_validate(
    table: Table, params: PredictParams, *, device: str, progress: Progress
) -> dict[str, Any] | None:
    """None: `params` ask for no cross-validation.

    Returns:
        "folds"; "by_fold": rows and metrics of each; "mean" and "std" of each metric over the folds where
        it is defined (standard deviation of a sample; None: fewer than two); "tested": number of rows.

    Raises:
        InputError: more folds than rows.
    """
    if params.folds is None:
        return None
    is_classification = table.target.task != REGRESSION
    fold_of = folds(table.actual, is_classification, count=params.folds, seed=params.seed)
    tested = int((fold_of >= 0).sum())
    if tested < params.folds:
        raise InputError(TOO_MANY_FOLDS(folds=params.folds, rows=tested))
    by_fold = []
    for fold in range(params.folds):
        test = np.flatnonzero(fold_of == fold)
        part = part_of(progress, fold + 1, params)
        predicted = _predict_fold(table, test, params, device, part)
        quality = metrics.quality(table.actual[test], predicted, len(table.target.classes))
        by_fold.append({"fold": fold + 1, "rows": len(test), **quality})
    names = [name for name in by_fold[0] if name not in ("fold", "rows")]
    known = {name: [each[name] for each in by_fold if each[name] is not None] for name in names}
    return {
        "folds": params.folds,
        "tested": tested,
        "by_fold": by_fold,
        "mean": {name: float(np.mean(values)) if values else None for name, values in known.items()},
        "std": {
            name: float(np.std(values, ddof=1)) if len(values) > 1 else None for name, values in known.items()
        },
    }


def _predict_fold(
    table: Table, test: np.ndarray, params: PredictParams, device: str, progress: Progress
) -> np.ndarray:
    """The predictions for the rows of one fold, by a model fitted to all others."""
    method = method_of(table, params)
    parts = _split_others(table, test, params, method)
    prepared = prepare(table, parts, params, method)
    strength = choose_strength(prepared.problem, params, method)
    if method == "neural network":
        plan = plan_of(prepared.problem, params, method, strength, is_bounded=False)
        plan = replace(plan, keeps_snapshots=False)
        layers = descend(prepared.problem, plan, device=device, progress=progress).layers
    else:
        layers, _ = solve(prepared.problem, method, strength)
        progress(params.epochs, params.epochs)
    return prepared.model(layers, params).predict(prepared.x[test])


def _split_others(table: Table, test: np.ndarray, params: PredictParams, method: str) -> Split:
    """Training and validation rows among those that are not tested."""
    others = np.setdiff1d(np.arange(len(table.rows)), test)
    share = params.validation_share if chosen_on_validation(params, method) else 0.0
    inner = split(
        table.actual[others],
        table.target.task != REGRESSION,
        validation_share=share,
        test_share=0.0,
        seed=params.seed,
    )
    return Split(others[inner.training], others[inner.validation], test)
