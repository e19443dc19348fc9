"""Learning as pictures: loss and coefficients by step, and with one or two features the whole model."""

from typing import Any

import numpy as np

from models.core.contract.card import Kind
from models.core.contract.prediction import Stage
from models.core.tables.read_options import ColumnType
from models.tabular.fit import Fit
from models.tabular.inspection import stage_texts
from models.tabular.inspection.rounding import nearly, short
from models.tabular.layers import Layers, forward
from models.tabular.metrics import said_by

MOST_LINES = 8
MOST_POINTS = 1_000
GRID_ROWS, GRID_COLUMNS = 36, 48
LINE_POINTS = 64
_MARGIN = 0.05  # of the data's range, around it


def watch_stages(fit: Fit) -> list[Stage]:
    """How the model came about, in order."""
    stages = [loss_stage(fit)]
    if fit.model.method != "neural network":
        stages += coefficients_by_step(fit)
    if all(column.type == ColumnType.NUMBER for column in fit.table.features) and fit.learned.snapshots:
        if len(fit.table.features) == 1 and len(fit.model.classes) <= 2:
            stages.append(line_stage(fit))
        if len(fit.table.features) == 2:
            stages.append(plane_stage(fit))
    return stages


def loss_stage(fit: Fit) -> Stage:
    """Loss by epoch, beside the exact solution where there is one."""
    losses, is_network = fit.learned.losses, fit.model.method == "neural network"
    epochs = list(range(len(losses)))
    series = [{"name": "training", "x": epochs, "y": [nearly(loss[0]) for loss in losses]}]
    if losses[0][1] is not None:
        series.append({"name": "validation", "x": epochs, "y": [nearly(loss[1]) for loss in losses]})
    if is_network:
        explanation = stage_texts.LOSS_NETWORK.format(best=fit.learned.best_epoch)
    else:
        exact = exact_loss(fit)
        series.append({"name": "exact solution, training", "x": [0, epochs[-1]], "y": [short(exact)] * 2})
        kind = "logistic" if fit.model.classes else "linear"
        critical = stage_texts.CRITICAL[kind].format(rate=fit.rate, value=fit.critical_rate)
        explanation = stage_texts.LOSS_DESCENT + critical
    if fit.learned.diverged_at is not None:
        what = "epoch" if is_network else "step"
        explanation += stage_texts.DIVERGED.format(what=what, epoch=fit.learned.diverged_at)
    label = "log loss" if fit.model.classes else "half the mean squared error, scaled"
    data = {"x_label": "epoch" if is_network else "step", "y_label": label, "series": series}
    return Stage("loss", Kind.CURVE, "Loss", explanation, data, code="models.tabular.learn.learn")


def exact_loss(fit: Fit) -> float:
    """The solution's loss on training rows, as the learning loop counts it."""
    rows = fit.split.training
    truth, said = fit.table.truth[rows], fit.said[rows]
    if fit.model.classes:
        likely = said[np.arange(len(rows)), truth.astype(np.int64)]
        return float(-np.log(np.maximum(likely, np.finfo(np.float64).tiny)).mean())
    return float(0.5 * (((truth - said) / fit.model.spread) ** 2).mean())


def coefficients_by_step(fit: Fit) -> list[Stage]:
    """The ways of the largest coefficients; of several classes, those of the first."""
    if not fit.learned.snapshots:
        return []
    solution = fit.model.layers[0][0][:, 0]
    largest = np.argsort(-np.abs(solution), kind="stable")[:MOST_LINES]
    steps = [epoch for epoch, _ in fit.learned.snapshots]
    end = steps[-1] + max(1, round(0.05 * steps[-1]))
    series = [
        {
            "name": fit.model.preprocessing.outputs[index],
            "x": [*steps, end],
            "y": [
                *(nearly(float(layers[0][0][index, 0])) for _, layers in fit.learned.snapshots),
                short(float(solution[index])),
            ],
        }
        for index in largest
    ]
    part = "" if len(solution) <= MOST_LINES else f"Shown are the {MOST_LINES} largest of {len(solution)}."
    if len(fit.model.classes) > 2:
        part += f" They speak for the class {fit.model.classes[0]!r}."
    data = {"x_label": "step", "y_label": "coefficient, scaled", "series": series}
    explanation = stage_texts.COEFFICIENTS_BY_STEP.format(part=part).strip()
    code = "models.tabular.learn.learn"
    return [Stage("descent", Kind.CURVE, "Coefficients by step", explanation, data, code=code)]


def line_stage(fit: Fit) -> Stage:
    """One feature: the line, or the curve of the probability, at each watched step."""
    values, truth, groups = _drawn(fit)
    across = np.linspace(*_ends(values[:, 0]), LINE_POINTS)
    second = fit.model.classes[1] if fit.model.classes else ""
    steps = []
    for name, layers, measured in _steps(fit):
        said = _said(fit, layers, across[:, None])
        upwards = said[:, 1] if fit.model.classes else said
        line = {"name": "model", "x": [short(x) for x in across], "y": [nearly(float(y)) for y in upwards]}
        steps.append({"name": name, "lines": [line], "values": measured})
    truths = stage_texts.LINE_CLASSES.format(second=second) if fit.model.classes else stage_texts.LINE_NUMBERS
    data = {
        "x_label": fit.table.features[0].name,
        "y_label": f"probability of {second}" if fit.model.classes else fit.model.target,
        **groups,
        "points": [[short(x), short(y)] for x, y in zip(values[:, 0], truth, strict=True)],
        "measures": ["loss"],
        "steps": steps,
    }
    explanation = stage_texts.WATCHED_LINE.format(truth=truths, last=_last(fit))
    return Stage("line", Kind.SCATTER, "The model as a line", explanation, data, code=_CODE)


def plane_stage(fit: Fit) -> Stage:
    """Two features: what is said at every place, at each watched step."""
    values, truth, groups = _drawn(fit)
    ends = [_ends(values[:, axis]) for axis in range(2)]
    x, y = np.meshgrid(np.linspace(*ends[0], GRID_COLUMNS), np.linspace(*ends[1], GRID_ROWS))
    places = np.column_stack([x.ravel(), y.ravel()])
    steps: list[dict[str, Any]] = []
    for name, layers, measured in _steps(fit):
        said = _said(fit, layers, places)
        step: dict[str, Any] = {"name": name, "values": measured}
        if fit.model.classes:
            step |= {"field": said.argmax(axis=1).tolist(), "certainty": said.max(axis=1).round(2).tolist()}
        else:
            step["field"] = [nearly(float(value), 4) for value in said]
        steps.append(step)
    data = {
        "x_label": fit.table.features[0].name,
        "y_label": fit.table.features[1].name,
        "x": [short(end) for end in ends[0]],
        "y": [short(end) for end in ends[1]],
        "rows": GRID_ROWS,
        "columns": GRID_COLUMNS,
        "labels": list(fit.model.classes),
        "unit": "" if fit.model.classes else fit.model.target,
        "total": len(fit.table.rows),
        "points": {
            "rows": groups["rows"],
            "places": [[short(left), short(up)] for left, up in values],
            "values": truth.astype(int).tolist() if fit.model.classes else [short(value) for value in truth],
        },
        "measures": ["loss"],
        "steps": steps,
    }
    what = "class" if fit.model.classes else "value"
    explanation = stage_texts.WATCHED_PLANE.format(what=what, last=_last(fit))
    title = "Decision boundary" if fit.model.classes else "The model as a surface"
    return Stage("plane", Kind.PLANE, title, explanation, data, code=_CODE)


_CODE = "models.tabular.layers.forward"


def _last(fit: Fit) -> str:
    if fit.model.method == "neural network":
        return f"the epoch that was kept, {fit.learned.best_epoch}"
    return "scikit-learn's exact solution"


def _steps(fit: Fit) -> list[tuple[str, Layers, list[float | None]]]:
    """(name, layers, [loss]) of each watched step; the model that answers comes last."""
    word = "epoch" if fit.model.method == "neural network" else "step"
    steps = [
        (f"{word} {epoch}", layers, [nearly(fit.learned.losses[epoch][0])])
        for epoch, layers in fit.learned.snapshots
    ]
    kept = "kept" if word == "epoch" else "exact solution"
    return [*steps, (kept, fit.model.layers, [short(exact_loss(fit))])]


def _said(fit: Fit, layers: Layers, values: np.ndarray) -> np.ndarray:
    """What these layers say of values (N, F) in the table's units."""
    blocks = [part.apply(values[:, index]) for index, part in enumerate(fit.model.preprocessing.parts)]
    with np.errstate(over="ignore", invalid="ignore"):  # a diverged step may say more than a number holds
        scores = forward(np.concatenate(blocks, axis=1), layers, fit.model.activation)
        return said_by(scores, fit.model.mean, fit.model.spread, len(fit.model.classes))


def _drawn(fit: Fit) -> tuple[np.ndarray, np.ndarray, dict[str, Any]]:
    """Values (n, F) and targets (n,) of evenly chosen rows without gaps, and what `scatter` says of them."""
    rows = fit.table.rows
    values = np.column_stack([column.values.to_numpy(np.float64)[rows] for column in fit.table.features])
    whole = np.flatnonzero(~np.isnan(values).any(axis=1))
    drawn = whole[np.unique(np.linspace(0, len(whole) - 1, min(len(whole), MOST_POINTS)).round().astype(int))]
    parts = list(fit.split.parts())
    names = fit.split.names()[drawn]
    groups = {
        "total": len(rows),
        "groups": parts,
        "rows": fit.table.frame.rows[rows[drawn]].tolist(),
        "labels": [parts.index(name) for name in names],
    }
    return values[drawn], fit.table.truth[drawn], groups


def _ends(values: np.ndarray) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    margin = _MARGIN * (high - low) or 1.0
    return low - margin, high + margin
