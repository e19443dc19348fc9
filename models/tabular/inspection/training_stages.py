"""The course of the training: loss, coefficients by step and, with one or two features, the whole model."""

from typing import Any

import numpy as np

from models.core.contract.card import Kind
from models.core.contract.messages import Message, join
from models.core.contract.prediction import Stage
from models.core.tables.read_options import ColumnType
from models.tabular.architecture import Layers, forward, predictions
from models.tabular.fit import Fit
from models.tabular.inspection import stage_texts
from models.tabular.inspection.evaluation_stages import evenly_chosen
from models.tabular.inspection.rounding import finite, six_digits

MAX_LINES = 8
MAX_POINTS = 1_000
GRID_ROWS, GRID_COLUMNS = 36, 48
LINE_POINTS = 64
_MARGIN = 0.05  # of the data's range, around it
_FORWARD = "models.tabular.architecture.forward"
_DESCEND = "models.tabular.gradient_descent.descend"


def training_stages(fit: Fit) -> list[Stage]:
    """The stages of the training, in order."""
    stages = [loss_stage(fit)]
    if not _is_network(fit):
        stages += descent_stage(fit)
    if all(column.type == ColumnType.NUMBER for column in fit.table.features) and fit.history.snapshots:
        if len(fit.table.features) == 1 and len(fit.model.classes) <= 2:
            stages.append(line_stage(fit))
        if len(fit.table.features) == 2:
            stages.append(plane_stage(fit))
    return stages


def _is_network(fit: Fit) -> bool:
    return fit.model.method == "neural network"


def loss_stage(fit: Fit) -> Stage:
    """The objective by epoch, penalty included, and that of the exact solution if there is one."""
    losses = fit.history.losses
    epochs = list(range(len(losses)))
    series = [{"name": stage_texts.TRAINING(), "x": epochs, "y": [finite(loss[0]) for loss in losses]}]
    if losses[0][1] is not None:
        name = stage_texts.VALIDATION_WITHOUT_PENALTY() if fit.plan.penalty else stage_texts.VALIDATION()
        series.append({"name": name, "x": epochs, "y": [finite(loss[1]) for loss in losses]})
    if fit.exact_objective is not None:
        level = [six_digits(fit.exact_objective)] * 2
        series.append({"name": stage_texts.EXACT_TRAINING(), "x": [0, epochs[-1]], "y": level})
    data = {
        "x_label": stage_texts.EPOCH() if _is_network(fit) else stage_texts.STEP(),
        "y_label": _loss_label(fit),
        "series": series,
    }
    explanation = _explain_network(fit) if _is_network(fit) else _explain_descent(fit)
    return Stage("loss", Kind.CURVE, stage_texts.LOSS_TITLE(), explanation, data, code=_DESCEND)


def _loss_label(fit: Fit) -> Message:
    if fit.plan.penalty:
        return stage_texts.LOG_LOSS_PENALTY() if fit.model.classes else stage_texts.HALF_MSE_PENALTY()
    return stage_texts.LOG_LOSS() if fit.model.classes else stage_texts.HALF_MSE()


def _explain_network(fit: Fit) -> Message:
    history = fit.history
    kept = stage_texts.KEPT_LAST if history.losses[0][1] is None else stage_texts.KEPT_BEST
    diverged = history.diverged_at
    return join(
        stage_texts.LOSS_NETWORK(),
        kept(epoch=history.best_epoch),
        stage_texts.WEIGHTED() if fit.model.record["class_weight"] == "balanced" else "",
        "" if diverged is None else stage_texts.DIVERGED_EPOCH(n=diverged),
    )


def _explain_descent(fit: Fit) -> Message:
    critical = stage_texts.CRITICAL_LOGISTIC if fit.model.classes else stage_texts.CRITICAL_LINEAR
    diverged = fit.history.diverged_at
    return join(
        stage_texts.LOSS_DESCENT(),
        stage_texts.PENALTY() if fit.plan.penalty else "",
        stage_texts.WEIGHTED() if fit.model.record["class_weight"] == "balanced" else "",
        critical(rate=finite(fit.plan.learning_rate, 3), critical=finite(fit.critical_rate, 3)),
        "" if diverged is None else stage_texts.DIVERGED_STEP(n=diverged),
    )


def descent_stage(fit: Fit) -> list[Stage]:
    """The paths of the largest coefficients; with several classes, those of the first one."""
    if not fit.history.snapshots:
        return []
    solution = fit.model.layers[0][0][:, 0]
    largest = np.argsort(-np.abs(solution), kind="stable")[:MAX_LINES]
    steps = [epoch for epoch, _ in fit.history.snapshots]
    end = steps[-1] + max(1, round(0.05 * steps[-1]))
    series = [
        {
            "name": fit.model.preprocessing.outputs[index],
            "x": [*steps, end],
            "y": [
                *(finite(float(layers[0][0][index, 0])) for _, layers in fit.history.snapshots),
                six_digits(float(solution[index])),
            ],
        }
        for index in largest
    ]
    data = {"x_label": stage_texts.STEP(), "y_label": stage_texts.SCALED_COEFFICIENT(), "series": series}
    explanation = join(
        stage_texts.DESCENT(),
        stage_texts.LARGEST_SHOWN(n=MAX_LINES, total=len(solution)) if len(solution) > MAX_LINES else "",
        stage_texts.FIRST_CLASS(name=fit.model.classes[0]) if len(fit.model.classes) > 2 else "",
    )
    return [Stage("descent", Kind.CURVE, stage_texts.DESCENT_TITLE(), explanation, data, code=_DESCEND)]


def line_stage(fit: Fit) -> Stage:
    """One feature: the line, or the curve of the probability, at each snapshot."""
    values, actual, groups = _drawn_rows(fit)
    x = np.linspace(*_range(values[:, 0]), LINE_POINTS)
    second = fit.model.classes[1] if fit.model.classes else ""
    steps = []
    for name, layers, measures in _steps(fit):
        predicted = _predict(fit, layers, x[:, None])
        y = predicted[:, 1] if fit.model.classes else predicted
        line = {
            "name": stage_texts.MODEL(),
            "x": [six_digits(each) for each in x],
            "y": [finite(float(each)) for each in y],
        }
        steps.append({"name": name, "lines": [line], "values": measures})
    data = {
        "x_label": fit.table.features[0].name,
        "y_label": stage_texts.PROBABILITY_OF(name=second) if second else fit.model.target,
        **groups,
        "points": [[six_digits(x), six_digits(y)] for x, y in zip(values[:, 0], actual, strict=True)],
        "measures": [stage_texts.LOSS()],
        "steps": steps,
    }
    about = stage_texts.LINE_CLASSES(name=second) if second else stage_texts.LINE_NUMBERS()
    explanation = join(about, _last_step(fit))
    return Stage("line", Kind.SCATTER, stage_texts.LINE_TITLE(), explanation, data, code=_FORWARD)


def plane_stage(fit: Fit) -> Stage:
    """Two features: the prediction at every place of the plane, at each snapshot."""
    values, actual, groups = _drawn_rows(fit)
    ranges = [_range(values[:, axis]) for axis in range(2)]
    x, y = np.meshgrid(np.linspace(*ranges[0], GRID_COLUMNS), np.linspace(*ranges[1], GRID_ROWS))
    places = np.column_stack([x.ravel(), y.ravel()])
    steps: list[dict[str, Any]] = []
    for name, layers, measures in _steps(fit):
        predicted = _predict(fit, layers, places)
        step: dict[str, Any] = {"name": name, "values": measures}
        if fit.model.classes:
            certainty = predicted.max(axis=1).round(2).tolist()
            step |= {"field": predicted.argmax(axis=1).tolist(), "certainty": certainty}
        else:
            step["field"] = [finite(float(value), 4) for value in predicted]
        steps.append(step)
    data = {
        "x_label": fit.table.features[0].name,
        "y_label": fit.table.features[1].name,
        "x": [six_digits(end) for end in ranges[0]],
        "y": [six_digits(end) for end in ranges[1]],
        "rows": GRID_ROWS,
        "columns": GRID_COLUMNS,
        "labels": list(fit.model.classes),
        "unit": "" if fit.model.classes else fit.model.target,
        "total": len(fit.table.rows),
        "points": {
            "rows": groups["rows"],
            "places": [[six_digits(x), six_digits(y)] for x, y in values],
            "values": actual.astype(int).tolist()
            if fit.model.classes
            else [six_digits(value) for value in actual],
        },
        "measures": [stage_texts.LOSS()],
        "steps": steps,
    }
    if not fit.model.classes:
        title, explanation = stage_texts.SURFACE_TITLE(), join(stage_texts.SURFACE(), _last_step(fit))
    else:
        straight = "" if _is_network(fit) else stage_texts.STRAIGHT()
        title = stage_texts.BOUNDARY_TITLE()
        explanation = join(stage_texts.BOUNDARY(), straight, _last_step(fit))
    return Stage("plane", Kind.PLANE, title, explanation, data, code=_FORWARD)


def _last_step(fit: Fit) -> Message:
    if _is_network(fit):
        return stage_texts.LAST_IS_KEPT(epoch=fit.history.best_epoch)
    return stage_texts.LAST_IS_EXACT()


def _steps(fit: Fit) -> list[tuple[Message, Layers, list[float | None]]]:
    """(name, layers, [loss]) of each snapshot; the model that makes the predictions comes last."""
    numbered, last = (
        (stage_texts.STEP_EPOCH, stage_texts.STEP_KEPT)
        if _is_network(fit)
        else (stage_texts.STEP_STEP, stage_texts.STEP_EXACT)
    )
    steps = [
        (numbered(n=epoch), layers, [finite(fit.history.losses[epoch][0])])
        for epoch, layers in fit.history.snapshots
    ]
    kept = (
        fit.history.losses[fit.history.best_epoch][0] if fit.exact_objective is None else fit.exact_objective
    )
    return [*steps, (last(), fit.model.layers, [finite(kept)])]


def _predict(fit: Fit, layers: Layers, values: np.ndarray) -> np.ndarray:
    """The predictions of these layers for values (N, F) in the table's units."""
    blocks = [part.apply(values[:, index]) for index, part in enumerate(fit.model.preprocessing.parts)]
    with np.errstate(over="ignore", invalid="ignore"):  # a diverged step may exceed the range of float64
        scores = forward(np.concatenate(blocks, axis=1), layers, fit.model.activation)
        return predictions(scores, fit.model.mean, fit.model.std, len(fit.model.classes))


def _drawn_rows(fit: Fit) -> tuple[np.ndarray, np.ndarray, dict[str, Any]]:
    """Values (n, F) and targets (n,) of evenly chosen rows without gaps, and `scatter`'s data about them."""
    rows = fit.table.rows
    values = np.column_stack([column.values.to_numpy(np.float64)[rows] for column in fit.table.features])
    complete = np.flatnonzero(~np.isnan(values).any(axis=1))
    drawn = complete[evenly_chosen(len(complete), MAX_POINTS)]
    parts = list(fit.split.parts())
    names = fit.split.names()[drawn]
    groups = {
        "total": len(rows),
        "groups": [stage_texts.PARTS[part]() for part in parts],
        "rows": fit.table.frame.rows[rows[drawn]].tolist(),
        "labels": [parts.index(name) for name in names],
    }
    return values[drawn], fit.table.actual[drawn], groups


def _range(values: np.ndarray) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    margin = _MARGIN * (high - low) or 1.0
    return low - margin, high + margin
