"""The steps of one fit, and of one prediction by a kept model, each with its data and words."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from models.core.contract.card import Kind
from models.core.contract.prediction import Stage
from models.core.tables.column_types import day
from models.core.tables.profile import Report, report
from models.tabular.data import Table
from models.tabular.dates import Date
from models.tabular.fit import Fit
from models.tabular.fitted import Fitted
from models.tabular.inspection import stage_texts
from models.tabular.inspection.evaluation_stages import judged_stages
from models.tabular.inspection.rounding import nearly, short
from models.tabular.inspection.training_stages import watch_stages
from models.tabular.preprocessing import Number, Preprocessing

MOST_PROBLEMS = 200
MOST_LISTED = 200  # predictions that a stage lists; the file has all


def inspect_fit(fit: Fit) -> tuple[Stage, ...]:
    """All stages of a fit, in order; how good it is comes last, as the answer: the predictions are a file."""
    read = report(fit.table.frame)
    rows = fit.split.test if len(fit.split.test) else fit.split.training
    return (
        roles_stage(fit.table, read),
        *problems_stage(fit.notes, read),
        split_stage(fit),
        prepared_stage(fit.model.preprocessing),
        *watch_stages(fit),
        *coefficients_stage(fit.model),
        predictions_stage(fit.table, fit.model, fit.said, fit.split.names()),
        *judged_stages(
            fit.model,
            fit.table.truth[rows],
            fit.said[rows],
            fit.table.frame.rows[fit.table.rows[rows]],
            "test rows" if len(fit.split.test) else "training rows",
        ),
        quality_stage(fit.model.record, stage_texts.QUALITY, bool(fit.model.classes), {}),
    )


def inspect_kept(
    table: Table, model: Fitted, said: np.ndarray, judged: Mapping[str, float | None]
) -> tuple[Stage, ...]:
    """All stages of a prediction by a kept model."""
    read = report(table.frame)
    known = np.flatnonzero(~np.isnan(table.truth))
    found = (
        judged_stages(model, table.truth[known], said[known], table.frame.rows[known], "rows of this table")
        if judged
        else []
    )
    return (
        roles_stage(table, read),
        *problems_stage(table.notes, read),
        prepared_stage(model.preprocessing),
        *coefficients_stage(model),
        quality_stage(model.record, stage_texts.QUALITY_KEPT, bool(model.classes), judged),
        *found,
        predictions_stage(table, model, said, None),
    )


def roles_stage(table: Table, read: Report) -> Stage:
    """Every column, what it is used for, and why some are not."""
    why = dict(table.left_out)
    features = {column.name: column.type.value for column in table.features}
    rows: list[list[Any]] = []
    for about in read.columns:
        role = "feature" if about.name in features else "left out"
        if about.name == table.target.name:
            role = "target"
        ends = [short(end) if isinstance(end, float) else end for end in (about.smallest, about.largest)]
        kind = features.get(about.name, about.type.value)
        rows.append([about.name, role, kind, about.missing, about.distinct, *ends, why.get(about.name)])
    names = ("column", "role", "type", "missing", "distinct", "smallest", "largest", "why left out")
    return _table("columns", "What was read", stage_texts.ROLES, names, rows, "models.tabular.data.table_of")


def problems_stage(notes: Sequence[str], read: Report) -> list[Stage]:
    """What had to be assumed, and what is odd; no stage where there is nothing."""
    rows: list[list[Any]] = [[None, None, note] for note in notes]
    rows += [[problem.row, problem.column, problem.what] for problem in read.problems[:MOST_PROBLEMS]]
    if not rows:
        return []
    more = len(read.problems) - MOST_PROBLEMS
    explanation = stage_texts.PROBLEMS + (f" {more:,} more are not listed." if more > 0 else "")
    names = ("row", "column", "what")
    return [
        _table(
            "problems", "Problems of the table", explanation, names, rows, "models.core.tables.profile.report"
        )
    ]


def split_stage(fit: Fit) -> Stage:
    """How many rows each part has, and of each class."""
    rows = []
    for name, places in fit.split.parts().items():
        counts = [int((fit.table.truth[places] == index).sum()) for index in range(len(fit.model.classes))]
        rows.append([name, len(places), *counts])
    columns = ("part", "rows", *fit.model.classes)
    return _table(
        "split", "Training, validation, test", stage_texts.SPLIT, columns, rows, "models.tabular.split.split"
    )


def prepared_stage(preprocessing: Preprocessing) -> Stage:
    """What becomes of each feature."""
    rows: list[list[Any]] = []
    for part in preprocessing.parts:
        if isinstance(part, Number):
            how = ["scaled", short(part.fill), part.missing, short(part.mean), short(part.spread), 1]
        elif isinstance(part, Date):
            becomes = " and ".join(
                ["scaled days since " + day(part.first), *(turn.of for turn in part.turns)]
            )
            filled = day(part.first + part.fill)
            how = [becomes, filled, part.missing, short(part.mean), short(part.spread), len(part.outputs)]
        else:
            how = ["one-hot", part.fill, part.missing, None, None, len(part.words)]
        rows.append([part.name, *how])
    names = ("feature", "becomes", "gaps filled with", "gaps", "mean", "spread", "columns")
    code = "models.tabular.preprocessing.learn"
    return _table("prepared", "Preprocessing", stage_texts.PREPARED, names, rows, code)


def coefficients_stage(model: Fitted) -> list[Stage]:
    """Of a model without hidden layers: what each feature does, in units and scaled."""
    if len(model.layers) > 1:
        return []
    own, scaled, intercept = coefficients(model)
    of = list(model.classes) if scaled.shape[1] > 1 else [model.classes[1] if model.classes else model.target]
    what = "log odds" if model.classes else model.target
    rows: list[list[Any]] = []
    units = [unit for part in model.preprocessing.parts for unit in part.units]
    for index, (name, unit) in enumerate(zip(model.preprocessing.outputs, units, strict=True)):
        per = f"{what} per {unit}" if unit else f"{what} if so"
        rows.append(
            [name, per, *(nearly(value) for value in own[index]), *(nearly(v) for v in scaled[index])]
        )
    rows.append(["intercept", what, *(nearly(value) for value in intercept), *[None] * len(of)])
    several = len(of) > 1
    names = (
        "feature",
        "unit",
        *(f"coefficient, {name}" if several else "coefficient" for name in of),
        *(f"scaled, {name}" if several else "scaled" for name in of),
    )
    baseline = f"They speak for {of[0]!r}." if model.classes and not several else ""
    explanation = stage_texts.COEFFICIENTS.format(what=what, baseline=baseline).strip()
    code = "models.tabular.inspection.stages.coefficients"
    return [_table("coefficients", "Coefficients", explanation, names, rows, code)]


def coefficients(model: Fitted) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of a model without hidden layers, for K scores: in the table's units (D, K), for features and a target
    of spread 1 (D, K), and the intercept in the table's units (K,)."""
    scaled, bias = model.layers[0]
    means, spreads = np.array([pair for part in model.preprocessing.parts for pair in part.scales]).T
    own = scaled * model.spread / spreads[:, None]
    return own, scaled, bias * model.spread + model.mean - means @ own


def quality_stage(
    record: Mapping[str, Any], explanation: str, is_classes: bool, judged: Mapping[str, float | None]
) -> Stage:
    """Every figure of quality, for each part of the split and the baseline."""
    found = {**({"this table": judged} if judged else {}), **record["quality"]}
    figures = list(record["baseline"])
    # what is to be expected of new rows stands first, and below it what says nothing
    first = record["judged_on"]
    order = [name for name in ("this table", first, *found) if name in found]
    rows: list[list[Any]] = [
        [name, record["rows"].get(name), *(nearly(found[name][figure]) for figure in figures)]
        for name in dict.fromkeys(order)
    ]
    base = [f"baseline, {first}", record["rows"][first]]
    rows.insert(2 if judged else 1, [*base, *(nearly(record["baseline"][figure]) for figure in figures)])
    names = ("rows", "how many", *(NAMES[figure] for figure in figures))
    baseline = "the commonest class" if is_classes else "the mean of the training rows"
    code = "models.tabular.fit.judge"
    return _table("quality", "Quality", explanation.format(baseline=baseline), names, rows, code)


NAMES = {
    "r2": "R²", "mae": "mean absolute error", "rmse": "root mean squared error",
    "accuracy": "accuracy", "f1_macro": "macro F1", "log_loss": "log loss", "roc_auc": "area under ROC",
}  # fmt: skip


def predictions_stage(table: Table, model: Fitted, said: np.ndarray, parts: np.ndarray | None) -> Stage:
    """What is said of each row, beside what is true."""
    listed = min(MOST_LISTED, len(said))
    rows = [
        [
            int(table.frame.rows[table.rows[place]]),
            *([] if parts is None else [parts[place]]),
            _true(table.truth[place], model),
            *shown(said[place], model),
        ]
        for place in range(listed)
    ]
    names = (
        "row",
        *(() if parts is None else ("part",)),
        "true",
        "predicted",
        *(("probability",) if model.classes else ()),
    )
    part = f" Listed are the first {listed:,} of {len(said):,} rows." if listed < len(said) else ""
    data = {"columns": [{"name": name} for name in names], "rows": rows}
    code = "models.tabular.fitted.Fitted.said"
    explanation = stage_texts.PREDICTIONS + part
    return Stage("predictions", Kind.TABLE, "Predictions", explanation, data, (), len(said), code)


def _true(value: float, model: Fitted) -> float | str | None:
    if np.isnan(value):
        return None
    return model.classes[int(value)] if model.classes else short(float(value))


def shown(said: Any, model: Fitted) -> list[Any]:
    """One row's answer: the number, or the class and its probability."""
    if not model.classes:
        return [short(float(said))]
    return [model.classes[int(said.argmax())], round(float(said.max()), 4)]


def _table(
    name: str, title: str, explanation: str, columns: Sequence[str], rows: list[list[Any]], code: str
) -> Stage:
    data = {"columns": [{"name": column} for column in columns], "rows": rows}
    return Stage(name, Kind.TABLE, title, explanation, data, code=code)
