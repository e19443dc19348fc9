"""Row by row: the values that a prediction was made from, the actual value, and the prediction."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from models.core.contract.messages import Message, join
from models.core.contract.prediction import Stage
from models.core.tables import headings
from models.core.tables.column_types import Column, day
from models.core.tables.read_options import ColumnType
from models.tabular.data import Table
from models.tabular.fit import Fit
from models.tabular.fitted_model import FittedModel
from models.tabular.inspection import stage_texts
from models.tabular.inspection.rounding import shown, six_digits
from models.tabular.inspection.table_stage import table_stage
from models.tabular.preprocessing.columns import values_of

MAX_LISTED = 200  # rows in the stage; the file has all
MAX_FEATURES = 20
MAX_CLASSES = 10  # whose probabilities are listed


def predictions_stage(fit: Fit) -> Stage:
    """The prediction for each row of the table of the fit."""
    parts = [stage_texts.PARTS[name]() for name in fit.split.names()[:MAX_LISTED]]
    return _stage(fit.table, fit.model, fit.predicted, stage_texts.PREDICTIONS(), parts, ())


def fitted_predictions_stage(
    table: Table, model: FittedModel, predicted: np.ndarray, notes: Sequence[Message]
) -> Stage:
    """The prediction for each row of another table."""
    return _stage(table, model, predicted, stage_texts.PREDICTIONS_FITTED(), None, notes)


def _stage(
    table: Table,
    model: FittedModel,
    predicted: np.ndarray,
    explanation: Message,
    parts: list[Message] | None,
    notes: Sequence[Message],
) -> Stage:
    listed = min(MAX_LISTED, len(predicted))
    features = table.features[:MAX_FEATURES]
    cells = [_cells(column, table.rows[:listed]) for column in features]
    has_actual = bool((~np.isnan(table.actual)).any())
    is_listed = len(model.classes) <= MAX_CLASSES
    rows = []
    for index in range(listed):
        answer = shown(predicted[index], model.classes)
        if model.classes and is_listed:
            answer = [answer[0], *predicted[index].round(4).tolist()]
        rows.append(
            [
                int(table.frame.rows[table.rows[index]]),
                *([] if parts is None else [parts[index]]),
                *(column[index] for column in cells),
                *([_actual(table.actual[index], model)] if has_actual else []),
                *answer,
            ]
        )
    certainty = (
        [stage_texts.PROBABILITY_OF(name=name) for name in model.classes]
        if is_listed
        else [stage_texts.PROBABILITY()]
    )
    names = (
        headings.ROW(),
        *(() if parts is None else (stage_texts.PART(),)),
        *(column.name for column in features),
        *([stage_texts.ACTUAL_TARGET(target=model.target)] if has_actual else []),
        stage_texts.PREDICTED_TARGET(target=model.target),
        *(certainty if model.classes else ()),
    )
    is_cut, total = listed < len(predicted), len(table.features)
    explanation = join(
        explanation,
        stage_texts.FIRST_LISTED(n=listed, total=len(predicted)) if is_cut else "",
        stage_texts.FIRST_FEATURES(n=len(features), total=total) if len(features) < total else "",
    )
    code, title = "models.tabular.fitted_model.FittedModel.predict", stage_texts.PREDICTIONS_TITLE()
    stage = table_stage("predictions", title, explanation, names, rows, code, notes=notes)
    return replace(stage, count=len(predicted))


def _cells(column: Column, rows: np.ndarray) -> list[Any]:
    """The values of these rows as they were read; None where one is missing."""
    values = values_of(column)[rows]
    if column.type == ColumnType.CATEGORY:
        return values.tolist()
    show = day if column.type == ColumnType.DATE else six_digits
    return [None if np.isnan(value) else show(float(value)) for value in values]


def _actual(value: float, model: FittedModel) -> float | str | None:
    if np.isnan(value):
        return None
    return model.classes[int(value)] if model.classes else six_digits(float(value))
