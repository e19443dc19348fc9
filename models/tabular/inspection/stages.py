"""All stages of a fit, and of a prediction by a model fitted before; here those that are tables."""

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np

from models.core.contract.messages import Message, Text, join
from models.core.contract.prediction import Role, Stage
from models.core.tables import headings
from models.core.tables.column_types import day
from models.core.tables.profile import TableProfile, profile
from models.tabular.data import Table
from models.tabular.evaluation.quality_of_table import QualityOfTable
from models.tabular.fit import Fit
from models.tabular.fitted_model import FittedModel
from models.tabular.inspection import stage_texts
from models.tabular.inspection.evaluation_stages import evaluation_stages
from models.tabular.inspection.quality_stages import (
    by_class_stage,
    cross_validation_stage,
    fitted_quality_stage,
    quality_stage,
)
from models.tabular.inspection.rounding import finite, six_digits
from models.tabular.inspection.row_stages import fitted_predictions_stage, predictions_stage
from models.tabular.inspection.table_stage import table_stage
from models.tabular.inspection.training_stages import training_stages
from models.tabular.preprocessing.columns import Number, Preprocessing
from models.tabular.preprocessing.dates import Date

MAX_PROBLEMS = 200


def inspect_fit(fit: Fit, notes: Sequence[Message]) -> tuple[Stage, ...]:
    """All stages of a fit, in order. The quality is the answer, since the predictions are in the file."""
    of_table = profile(fit.table.frame)
    rows = fit.split.test if len(fit.split.test) else fit.split.training
    return (
        columns_stage(fit.table, of_table),
        *problems_stage(notes, of_table),
        split_stage(fit),
        prepared_stage(fit.model.preprocessing),
        *strength_stage(fit),
        *training_stages(fit),
        *coefficients_stage(fit.model),
        predictions_stage(fit),
        *evaluation_stages(
            fit.model,
            fit.table.actual[rows],
            fit.predicted[rows],
            fit.table.frame.rows[fit.table.rows[rows]],
            stage_texts.TEST_ROWS() if len(fit.split.test) else stage_texts.TRAINING_ROWS(),
        ),
        *by_class_stage(fit.model.record),
        *cross_validation_stage(fit.model.record),
        replace(quality_stage(fit.model, notes), role=Role.ANSWER),
    )


def inspect_prediction(
    table: Table,
    model: FittedModel,
    predicted: np.ndarray,
    of_table: QualityOfTable | None,
    notes: Sequence[Message],
) -> tuple[Stage, ...]:
    """All stages of a prediction by a model fitted before; `of_table` is the quality there, if known."""
    profiled = profile(table.frame)
    known = np.flatnonzero(~np.isnan(table.actual))
    evaluated = (
        evaluation_stages(
            model, table.actual[known], predicted[known], table.frame.rows[known], stage_texts.THESE_ROWS()
        )
        if of_table
        else []
    )
    return (
        columns_stage(table, profiled),
        *problems_stage(notes, profiled),
        prepared_stage(model.preprocessing),
        *coefficients_stage(model),
        fitted_quality_stage(model.record, of_table),
        *evaluated,
        replace(fitted_predictions_stage(table, model, predicted, notes), role=Role.ANSWER),
    )


def columns_stage(table: Table, of_table: TableProfile) -> Stage:
    """Every column with its role, and the reason if it is left out."""
    reasons = dict(table.left_out)
    features = {column.name: column.type for column in table.features}
    rows: list[list[Any]] = []
    for column in of_table.columns:
        role = stage_texts.FEATURE if column.name in features else stage_texts.LEFT_OUT
        if column.name == table.target.name:
            role = stage_texts.TARGET
        ends = [
            six_digits(end) if isinstance(end, float) else end for end in (column.smallest, column.largest)
        ]
        kind = headings.TYPES[features.get(column.name, column.type)]()
        reason = reasons.get(column.name)
        rows.append([column.name, role(), kind, column.missing, column.distinct, *ends, reason])
    names = (
        headings.COLUMN(),
        stage_texts.ROLE(),
        headings.TYPE(),
        headings.MISSING(),
        headings.DISTINCT(),
        headings.MINIMUM(),
        headings.MAXIMUM(),
        stage_texts.REASON(),
    )
    code = "models.tabular.data.table_of"
    title, explanation = stage_texts.COLUMNS_TITLE(), stage_texts.COLUMNS()
    return replace(table_stage("columns", title, explanation, names, rows, code), role=Role.INPUT)


def problems_stage(notes: Sequence[Message], of_table: TableProfile) -> list[Stage]:
    """Notes on the fit and problems of the table; no stage if there are none."""
    rows: list[list[Any]] = [[None, None, note] for note in notes]
    rows += [[problem.row, problem.column, problem.what] for problem in of_table.problems[:MAX_PROBLEMS]]
    if not rows:
        return []
    more = len(of_table.problems) - MAX_PROBLEMS
    explanation = join(stage_texts.PROBLEMS(), stage_texts.MORE_PROBLEMS(n=more) if more > 0 else "")
    names = (headings.ROW(), headings.COLUMN(), headings.PROBLEM())
    code = "models.core.tables.profile.profile"
    return [table_stage("problems", stage_texts.PROBLEMS_TITLE(), explanation, names, rows, code)]


def split_stage(fit: Fit) -> Stage:
    """The number of rows in each part, in all and of each class."""
    rows: list[list[Any]] = []
    for name, indices in fit.split.parts().items():
        counts = [int((fit.table.actual[indices] == index).sum()) for index in range(len(fit.model.classes))]
        rows.append([stage_texts.PARTS[name](), len(indices), *counts])
    columns = (stage_texts.PART(), headings.ROWS(), *fit.model.classes)
    code = "models.tabular.preprocessing.split.split"
    explanation = join(stage_texts.SPLIT(), _choice(fit))
    return table_stage("split", stage_texts.SPLIT_TITLE(), explanation, columns, rows, code)


def _choice(fit: Fit) -> Message:
    """What the validation rows are for."""
    chosen = fit.model.record["chosen_on_validation"]
    if chosen is None:
        return stage_texts.SPLIT_UNUSED()
    if chosen == "epoch" or fit.strength is None:
        return stage_texts.SPLIT_EPOCH()
    return stage_texts.SPLIT_STRENGTH(name=chosen, value=fit.strength.value)


def strength_stage(fit: Fit) -> list[Stage]:
    """The validation loss of every strength of the penalty that was tried; no stage if it was set."""
    if fit.strength is None or not fit.strength.tried:
        return []
    name = fit.strength.name
    rows: list[list[Any]] = [[value, finite(loss)] for value, loss in fit.strength.tried]
    explanation = stage_texts.STRENGTH(name=name, value=fit.strength.value)
    code = "models.tabular.regularization.choose_strength"
    title, columns = stage_texts.STRENGTH_TITLE(), (name, stage_texts.VALIDATION_LOSS())
    return [table_stage("strength", title, explanation, columns, rows, code)]


def prepared_stage(preprocessing: Preprocessing) -> Stage:
    """How each feature becomes numbers."""
    rows: list[list[Any]] = []
    for part in preprocessing.parts:
        if isinstance(part, Number):
            fill, mean, std = six_digits(part.fill), six_digits(part.mean), six_digits(part.std)
            encoded: list[Any] = [stage_texts.STANDARDIZED(), fill, part.missing, mean, std, 1]
        elif isinstance(part, Date):
            units = [
                stage_texts.STANDARDIZED_DAYS(first=day(part.first)),
                *(stage_texts.CYCLES[cycle.unit]() for cycle in part.cycles),
            ]
            fill, mean, std = day(part.first + part.fill), six_digits(part.mean), six_digits(part.std)
            encoded = [_and(units), fill, part.missing, mean, std, len(part.outputs)]
        else:
            encoding = stage_texts.ONE_HOT()
            if part.reference:
                encoding = stage_texts.ONE_HOT_REFERENCE(reference=part.reference)
            encoded = [encoding, part.fill, part.missing, None, None, len(part.outputs)]
        rows.append([part.name, *encoded])
    names = (
        stage_texts.FEATURE(),
        stage_texts.ENCODING(),
        stage_texts.FILL_VALUE(),
        headings.MISSING(),
        headings.MEAN(),
        stage_texts.STANDARD_DEVIATION(),
        stage_texts.COLUMN_COUNT(),
    )
    code = "models.tabular.preprocessing.columns.learn"
    return table_stage("prepared", stage_texts.PREPARED_TITLE(), stage_texts.PREPARED(), names, rows, code)


def _and(units: Sequence[Message]) -> Message:
    return reduce(lambda left, right: stage_texts.AND(left=left, right=right), units)


def coefficients_stage(model: FittedModel) -> list[Stage]:
    """The effect of each feature of a model without hidden layers, in units and scaled."""
    if len(model.layers) > 1:
        return []
    in_units, scaled, intercept = model.coefficients()
    output = stage_texts.LOG_ODDS() if model.classes else model.target
    rows: list[list[Any]] = []
    units = [unit for part in model.preprocessing.parts for unit in part.units]
    references = model.preprocessing.references
    named = zip(model.preprocessing.outputs, units, references, strict=True)
    for index, (name, unit, reference) in enumerate(named):
        if reference and reference not in references[:index]:
            rows.append([reference, stage_texts.IS_REFERENCE(), *[0.0] * (2 * len(model.outputs))])
        per = (
            stage_texts.PER_UNIT(output=output, unit=_unit(unit))
            if unit
            else stage_texts.IF_TRUE(output=output)
        )
        if reference:
            per = stage_texts.COMPARED(output=output, reference=reference)
        values = (*in_units[index], *scaled[index])
        rows.append([name, per, *(finite(value) for value in values)])
    rows.append(
        [
            stage_texts.INTERCEPT(),
            output,
            *(finite(value) for value in intercept),
            *[None] * len(model.outputs),
        ]
    )
    several = len(model.outputs) > 1
    names = (
        stage_texts.FEATURE(),
        stage_texts.UNIT(),
        *_headings(model, stage_texts.COEFFICIENT, stage_texts.COEFFICIENT_OF),
        *_headings(model, stage_texts.SCALED, stage_texts.SCALED_OF),
    )
    of_class = stage_texts.ODDS_OF(name=model.outputs[0]) if model.classes and not several else ""
    compared = stage_texts.REFERENCE() if any(references) else ""
    explanation = join(stage_texts.COEFFICIENTS(output=output), compared, of_class)
    code = "models.tabular.fitted_model.FittedModel.coefficients"
    return [table_stage("coefficients", stage_texts.COEFFICIENTS_TITLE(), explanation, names, rows, code)]


def _headings(model: FittedModel, one: Text, each: Text) -> list[Message]:
    """The headings of a column for each output of the model."""
    return [one()] if len(model.outputs) == 1 else [each(name=name) for name in model.outputs]


def _unit(unit: str) -> str:
    return stage_texts.DAY() if unit == "day" else unit
