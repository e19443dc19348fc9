"""Prediction: from the bytes of a CSV table to a prediction for each of its rows."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from models.core.contract import checkpoint
from models.core.contract.card import Kind
from models.core.contract.errors import WeightsError
from models.core.contract.messages import Message, Text
from models.core.contract.prediction import Inputs, Output, Prediction, Stage, content
from models.core.contract.progress import Progress
from models.core.tables.column_types import day
from models.core.tables.csv_reader import escape_formula
from models.tabular import metrics
from models.tabular.card import PredictParams
from models.tabular.data import Table, table_of
from models.tabular.fit import Fit, fit
from models.tabular.fitted_model import ARCHITECTURE, FittedModel
from models.tabular.inspection.rounding import shown, six_digits
from models.tabular.inspection.stages import inspect_fit, inspect_prediction
from models.tabular.preprocessing.columns import Category, values_of
from models.tabular.preprocessing.dates import Date

MAX_LISTED = 10_000  # predictions in the result; the file has all
MAX_UNSEEN = 20  # unseen categories that are listed
_WRITTEN_ROWS = 20_000  # at once

UNSEEN_CATEGORY = Text(
    "tabular.notes.unseen_category",
    "Row {row}, column {column!r}: {value!r} does not occur in the training rows.",
)
DATE_OUTSIDE = Text(
    "tabular.notes.date_outside",
    "Row {row}, column {column!r}: {date} is outside the training dates, {first} to {last}; the linear trend "
    "is extrapolated.",
)
DATES_OUTSIDE = Text(
    "tabular.notes.dates_outside",
    "Row {row}, column {column!r}: {date} and {n:,} more are outside the training dates, {first} to {last}; "
    "the linear trend is extrapolated.",
)


@dataclass(frozen=True)
class Item:
    """A table as it was read, with its params."""

    table: Table
    params: PredictParams


@dataclass(frozen=True)
class Answer:
    """The predictions for the used rows; `fit` is None if they come from a model fitted before."""

    predicted: np.ndarray  # (N,) numbers or (N, K) class probabilities
    model: FittedModel
    fit: Fit | None


class Predictor:
    """Fits a new model to each table or, with a weights file, predicts with the model in it.

    Raises:
        WeightsError: the file does not hold a fitted model.
    """

    max_batch = 1  # two tables share no computation

    def __init__(self, weights: Path | None = None, device: str = "cpu"):
        self.device = device
        self.fitted: FittedModel | None = None
        if weights is not None:
            config, state = checkpoint.load(weights)
            if config.get("architecture") != ARCHITECTURE:
                architecture = config.get("architecture")
                raise WeightsError(
                    f"{weights.name} is not a tabular model: its architecture is {architecture!r}."
                )
            self.fitted = FittedModel.of(config, state)

    def decode(self, inputs: Inputs, params: PredictParams) -> Item:
        """Raises InputError: not a table, or no model can be fitted to it; the message names the place."""
        data = content(inputs, "table")
        return Item(self.fitted.table(data, params) if self.fitted else table_of(data, params), params)

    def forward(self, items: list[Item]) -> list[Answer]:
        """The predictions for each table. Raises InputError: the training would take too long."""
        # one thread: the order of summation decides the last digits
        with threadpool_limits(1):
            return [self._answer(item) for item in items]

    def _answer(self, item: Item) -> Answer:
        if self.fitted:
            x = self.fitted.preprocessing.apply(item.table.features, item.table.rows)
            return Answer(self.fitted.predict(x), self.fitted, None)
        fitted = fit(item.table, item.params, device=self.device, progress=Progress(), is_bounded=True)
        return Answer(fitted.predicted, fitted.model, fitted)

    def encode(self, item: Item, raw: Answer, params: PredictParams, *, picture: bool = False) -> Prediction:  # noqa: ARG002  the item has the params, and a table no picture
        """Each row's prediction, and the quality on rows whose actual value is known."""
        table, model = item.table, raw.model
        result: dict[str, Any] = {
            "target": model.target,
            "task": model.task,
            "method": model.method,
            "classes": list(model.classes),
            "features": list(model.preprocessing.names),
            "left_out": [{"column": name, "why": why} for name, why in table.left_out],
            "rows": {"total": len(table.frame), "used": len(table.rows), **model.record["rows"]},
            "quality": model.record["quality"],
            "baseline": model.record["baseline"],
            "quality_of_this_table": _quality_of_table(table, raw),
            "diverged_at": model.record["diverged_at"],
            "coefficients": _coefficients(model),
            "notes": [*(raw.fit.notes if raw.fit else table.notes), *_unseen(table, model)],
            "predictions": [shown(each, model.classes)[0] for each in raw.predicted[:MAX_LISTED]],
            "predicted_by_kept_model": raw.fit is None,
        }
        return Prediction(result, (predictions_file(table, raw),))

    def inspect(self, item: Item, raw: Answer, params: PredictParams) -> tuple[Stage, ...]:  # noqa: ARG002  the item has them
        """The stages of the fit, or of the prediction by a model fitted before."""
        if raw.fit:
            return inspect_fit(raw.fit)
        quality = _quality_of_table(item.table, raw)
        return inspect_prediction(item.table, raw.model, raw.predicted, quality)


def _quality_of_table(table: Table, answer: Answer) -> dict[str, float | None] | None:
    """How well a model fitted before predicts this table; None without actual values, and for a new fit."""
    known = np.flatnonzero(~np.isnan(table.actual))
    if answer.fit or len(known) == 0:
        return None
    return metrics.quality(table.actual[known], answer.predicted[known], len(answer.model.classes))


def _coefficients(model: FittedModel) -> list[dict[str, Any]]:
    """By feature, in the table's units, and the intercept; none for a network."""
    if len(model.layers) > 1:
        return []
    in_units, _, intercept = model.coefficients()
    rows = [*zip(model.preprocessing.outputs, in_units, strict=True), ("intercept", intercept)]
    return [
        {
            "feature": name,
            **{each: six_digits(float(value)) for each, value in zip(model.outputs, values, strict=True)},
        }
        for name, values in rows
    ]


def _unseen(table: Table, model: FittedModel) -> list[Message]:
    """Notes on categories that no training row has, which are encoded as zeros, and on dates outside."""
    notes: list[Message] = []
    for part, column in zip(model.preprocessing.parts, table.features, strict=True):
        values = values_of(column)[table.rows]
        if isinstance(part, Date):
            notes += _dates_outside(part, values, table)
        if isinstance(part, Category):
            notes += _unseen_categories(part, values, table)
    return notes[:MAX_UNSEEN]


def _unseen_categories(part: Category, values: np.ndarray, table: Table) -> Iterator[Message]:
    for index in part.unseen(values)[:MAX_UNSEEN]:
        row = int(table.frame.rows[table.rows[index]])
        yield UNSEEN_CATEGORY(row=row, column=part.name, value=values[index])


def _dates_outside(part: Date, values: np.ndarray, table: Table) -> list[Message]:
    indices = part.outside(values)
    if len(indices) == 0:
        return []
    place = {
        "row": int(table.frame.rows[table.rows[indices[0]]]),
        "column": part.name,
        "date": day(float(values[indices[0]])),
        "first": day(part.first),
        "last": day(part.last),
    }
    return [DATE_OUTSIDE(**place) if len(indices) == 1 else DATES_OUTSIDE(**place, n=len(indices) - 1)]


def predictions_file(table: Table, answer: Answer) -> Output:
    """The uploaded table with each row's prediction in additional columns."""
    model, frame = answer.model, table.frame
    names = [_unused_name(f"predicted {model.target}", frame.names)]
    columns: list[np.ndarray] = []
    if model.classes:
        names += [_unused_name(f"probability of {name}", frame.names) for name in model.classes]
        likeliest = np.array(model.classes, dtype=object)[answer.predicted.argmax(axis=1)]
        columns += [likeliest, *answer.predicted.T.round(6)]
    else:
        columns.append(np.array([six_digits(float(value)) for value in answer.predicted], dtype=object))
    if answer.fit:
        names.append(_unused_name("part", frame.names))
        columns.append(answer.fit.split.names())
    added = np.full((len(frame), len(columns)), "", dtype=object)
    added[table.rows] = np.array(columns, dtype=object).T
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([*map(escape_formula, frame.names), *map(escape_formula, names)])
    for start in range(0, len(frame), _WRITTEN_ROWS):
        rows = slice(start, start + _WRITTEN_ROWS)
        present = [[escape_formula(cell) for cell in column[rows].to_pylist()] for column in frame.cells]
        new = [
            [escape_formula(cell) if isinstance(cell, str) else cell for cell in column]
            for column in added[rows].T
        ]
        writer.writerows(zip(*present, *new, strict=True))
    return Output("predictions.csv", Kind.TABLE, buffer.getvalue().encode(), "text/csv")


def _unused_name(name: str, taken: tuple[str, ...]) -> str:
    while name in taken:
        name += "_"
    return name
