"""All stages of a fit, and of a prediction by a model fitted before; here those that are tables."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from models.core.contract.card import Kind
from models.core.contract.messages import Message, join
from models.core.contract.prediction import Role, Stage
from models.core.tables.column_types import day
from models.core.tables.profile import TableProfile, profile
from models.tabular.data import Table
from models.tabular.fit import Fit
from models.tabular.fitted_model import FittedModel
from models.tabular.inspection import stage_texts
from models.tabular.inspection.evaluation_stages import evaluation_stages
from models.tabular.inspection.rounding import finite, shown, six_digits
from models.tabular.inspection.training_stages import training_stages
from models.tabular.preprocessing.columns import Number, Preprocessing
from models.tabular.preprocessing.dates import Date

MAX_PROBLEMS = 200
MAX_LISTED = 200  # predictions in the stage; the file has all


def inspect_fit(fit: Fit) -> tuple[Stage, ...]:
    """All stages of a fit, in order. The quality is the answer, since the predictions are in the file."""
    of_table = profile(fit.table.frame)
    rows = fit.split.test if len(fit.split.test) else fit.split.training
    quality_text = stage_texts.QUALITY_CLASSES() if fit.model.classes else stage_texts.QUALITY_NUMBERS()
    return (
        columns_stage(fit.table, of_table),
        *problems_stage(fit.notes, of_table),
        split_stage(fit),
        prepared_stage(fit.model.preprocessing),
        *training_stages(fit),
        *coefficients_stage(fit.model),
        predictions_stage(fit.table, fit.model, fit.predicted, fit.split.names()),
        *evaluation_stages(
            fit.model,
            fit.table.actual[rows],
            fit.predicted[rows],
            fit.table.frame.rows[fit.table.rows[rows]],
            stage_texts.TEST_ROWS() if len(fit.split.test) else stage_texts.TRAINING_ROWS(),
        ),
        replace(quality_stage(fit.model.record, quality_text, None), role=Role.ANSWER),
    )


def inspect_prediction(
    table: Table, model: FittedModel, predicted: np.ndarray, quality: Mapping[str, float | None] | None
) -> tuple[Stage, ...]:
    """All stages of a prediction by a model fitted before; `quality` is that of this table, if known."""
    of_table = profile(table.frame)
    known = np.flatnonzero(~np.isnan(table.actual))
    evaluated = (
        evaluation_stages(
            model, table.actual[known], predicted[known], table.frame.rows[known], stage_texts.THESE_ROWS()
        )
        if quality
        else []
    )
    return (
        columns_stage(table, of_table),
        *problems_stage(table.notes, of_table),
        prepared_stage(model.preprocessing),
        *coefficients_stage(model),
        quality_stage(model.record, stage_texts.QUALITY_FITTED(), quality),
        *evaluated,
        replace(predictions_stage(table, model, predicted, None), role=Role.ANSWER),
    )


def columns_stage(table: Table, of_table: TableProfile) -> Stage:
    """Every column with its role, and the reason if it is left out."""
    reasons = dict(table.left_out)
    features = {column.name: column.type.value for column in table.features}
    rows: list[list[Any]] = []
    for column in of_table.columns:
        role = "feature" if column.name in features else "left out"
        if column.name == table.target.name:
            role = "target"
        ends = [
            six_digits(end) if isinstance(end, float) else end for end in (column.smallest, column.largest)
        ]
        kind = features.get(column.name, column.type.value)
        reason = reasons.get(column.name)
        rows.append([column.name, role, kind, column.missing, column.distinct, *ends, reason])
    names = ("column", "role", "type", "missing", "distinct", "minimum", "maximum", "reason")
    code = "models.tabular.data.table_of"
    title, explanation = stage_texts.COLUMNS_TITLE(), stage_texts.COLUMNS()
    return replace(_table("columns", title, explanation, names, rows, code), role=Role.INPUT)


def problems_stage(notes: Sequence[Message], of_table: TableProfile) -> list[Stage]:
    """Notes on the fit and problems of the table; no stage if there are none."""
    rows: list[list[Any]] = [[None, None, note] for note in notes]
    rows += [[problem.row, problem.column, problem.what] for problem in of_table.problems[:MAX_PROBLEMS]]
    if not rows:
        return []
    more = len(of_table.problems) - MAX_PROBLEMS
    explanation = join(stage_texts.PROBLEMS(), stage_texts.MORE_PROBLEMS(n=more) if more > 0 else "")
    names = ("row", "column", "problem")
    code = "models.core.tables.profile.profile"
    return [_table("problems", stage_texts.PROBLEMS_TITLE(), explanation, names, rows, code)]


def split_stage(fit: Fit) -> Stage:
    """The number of rows in each part, in all and of each class."""
    rows = []
    for name, indices in fit.split.parts().items():
        counts = [int((fit.table.actual[indices] == index).sum()) for index in range(len(fit.model.classes))]
        rows.append([name, len(indices), *counts])
    columns = ("part", "rows", *fit.model.classes)
    code = "models.tabular.preprocessing.split.split"
    return _table("split", stage_texts.SPLIT_TITLE(), stage_texts.SPLIT(), columns, rows, code)


def prepared_stage(preprocessing: Preprocessing) -> Stage:
    """How each feature becomes numbers."""
    rows: list[list[Any]] = []
    for part in preprocessing.parts:
        if isinstance(part, Number):
            fill, mean, std = six_digits(part.fill), six_digits(part.mean), six_digits(part.std)
            encoded: list[Any] = ["standardized", fill, part.missing, mean, std, 1]
        elif isinstance(part, Date):
            units = [f"standardized days since {day(part.first)}", *(cycle.unit for cycle in part.cycles)]
            fill, mean, std = day(part.first + part.fill), six_digits(part.mean), six_digits(part.std)
            encoded = [" and ".join(units), fill, part.missing, mean, std, len(part.outputs)]
        else:
            encoded = ["one-hot", part.fill, part.missing, None, None, len(part.categories)]
        rows.append([part.name, *encoded])
    names = ("feature", "encoding", "fill value", "missing", "mean", "standard deviation", "columns")
    code = "models.tabular.preprocessing.columns.learn"
    return _table("prepared", stage_texts.PREPARED_TITLE(), stage_texts.PREPARED(), names, rows, code)


def coefficients_stage(model: FittedModel) -> list[Stage]:
    """The effect of each feature of a model without hidden layers, in units and scaled."""
    if len(model.layers) > 1:
        return []
    in_units, scaled, intercept = model.coefficients()
    output = stage_texts.LOG_ODDS() if model.classes else model.target
    rows: list[list[Any]] = []
    units = [unit for part in model.preprocessing.parts for unit in part.units]
    for index, (name, unit) in enumerate(zip(model.preprocessing.outputs, units, strict=True)):
        per = f"{output} per {unit}" if unit else f"{output} if true"
        rows.append(
            [name, per, *(finite(value) for value in in_units[index]), *(finite(v) for v in scaled[index])]
        )
    rows.append(["intercept", output, *(finite(value) for value in intercept), *[None] * len(model.outputs)])
    several = len(model.outputs) > 1
    names = (
        "feature",
        "unit",
        *(f"coefficient, {name}" if several else "coefficient" for name in model.outputs),
        *(f"scaled, {name}" if several else "scaled" for name in model.outputs),
    )
    of_class = stage_texts.ODDS_OF(name=model.outputs[0]) if model.classes and not several else ""
    explanation = join(stage_texts.COEFFICIENTS(output=output), of_class)
    code = "models.tabular.fitted_model.FittedModel.coefficients"
    return [_table("coefficients", stage_texts.COEFFICIENTS_TITLE(), explanation, names, rows, code)]


def quality_stage(
    record: Mapping[str, Any], explanation: Message, of_this_table: Mapping[str, float | None] | None
) -> Stage:
    """Every metric, for each part of the split and for the baseline."""
    quality = {**({"this table": of_this_table} if of_this_table else {}), **record["quality"]}
    names = list(record["baseline"])
    # the quality to expect on new rows comes first, and the baseline next
    first = record["judged_on"]
    order = dict.fromkeys(part for part in ("this table", first, *quality) if part in quality)
    rows: list[list[Any]] = [
        [part, record["rows"].get(part), *(finite(quality[part][name]) for name in names)] for part in order
    ]
    baseline = [f"baseline, {first}", record["rows"][first]]
    rows.insert(2 if of_this_table else 1, [*baseline, *(finite(record["baseline"][name]) for name in names)])
    columns = ("part", "rows", *(METRIC_NAMES[name] for name in names))
    code = "models.tabular.metrics.quality"
    return _table("quality", stage_texts.QUALITY_TITLE(), explanation, columns, rows, code)


METRIC_NAMES = {
    "r2": "R²", "mae": "mean absolute error", "rmse": "root mean squared error",
    "accuracy": "accuracy", "f1_macro": "macro F1", "log_loss": "log loss", "roc_auc": "area under ROC",
}  # fmt: skip


def predictions_stage(
    table: Table, model: FittedModel, predicted: np.ndarray, parts: np.ndarray | None
) -> Stage:
    """The prediction for each row, beside the actual value."""
    listed = min(MAX_LISTED, len(predicted))
    rows = [
        [
            int(table.frame.rows[table.rows[index]]),
            *([] if parts is None else [parts[index]]),
            _actual(table.actual[index], model),
            *shown(predicted[index], model.classes),
        ]
        for index in range(listed)
    ]
    names = (
        "row",
        *(() if parts is None else ("part",)),
        "actual",
        "predicted",
        *(("probability",) if model.classes else ()),
    )
    more = stage_texts.FIRST_LISTED(n=listed, total=len(predicted)) if listed < len(predicted) else ""
    code = "models.tabular.fitted_model.FittedModel.predict"
    explanation = join(stage_texts.PREDICTIONS(), more)
    stage = _table("predictions", stage_texts.PREDICTIONS_TITLE(), explanation, names, rows, code)
    return replace(stage, count=len(predicted))


def _actual(value: float, model: FittedModel) -> float | str | None:
    if np.isnan(value):
        return None
    return model.classes[int(value)] if model.classes else six_digits(float(value))


def _table(
    name: str, title: Message, explanation: Message, columns: Sequence[str], rows: list[list[Any]], code: str
) -> Stage:
    data = {"columns": [{"name": column} for column in columns], "rows": rows}
    return Stage(name, Kind.TABLE, title, explanation, data, code=code)
