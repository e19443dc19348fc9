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
from models.core.contract.messages import Message
from models.core.contract.prediction import Inputs, Output, Prediction, Stage, content
from models.core.contract.progress import Progress
from models.core.tables.csv_reader import escape_formula
from models.tabular.card import PredictParams
from models.tabular.data import Table, table_of
from models.tabular.evaluation.cross_validation import with_cross_validation
from models.tabular.evaluation.outside_training import outside_training
from models.tabular.evaluation.quality_of_table import QualityOfTable, quality_of_table
from models.tabular.fit import Fit, fit
from models.tabular.fitted_model import ARCHITECTURE, FittedModel
from models.tabular.inspection.rounding import shown, six_digits
from models.tabular.inspection.stages import inspect_fit, inspect_prediction
from models.tabular.preprocessing.columns import Category
from models.tabular.preprocessing.dates import Date

MAX_LISTED = 10_000  # predictions in the result; the file has all
MAX_PROBABILITIES = 100_000  # in the result
_WRITTEN_ROWS = 20_000  # at once


@dataclass(frozen=True)
class Item:
    """A table as it was read, with its params."""

    table: Table
    params: PredictParams


@dataclass(frozen=True)
class Answer:
    """The predictions for the used rows."""

    predicted: np.ndarray  # (N,) numbers or (N, K) class probabilities
    model: FittedModel
    notes: tuple[Message, ...]
    fit: Fit | None  # None: the model was fitted before
    of_table: QualityOfTable | None = None  # of a model fitted before


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
        table = item.table
        if self.fitted:
            predicted = self.fitted.predict(self.fitted.preprocessing.apply(table.features, table.rows))
            notes = (*table.notes, *outside_training(table, self.fitted, is_new_table=True))
            of_table = quality_of_table(table, predicted, seed=item.params.seed)
            return Answer(predicted, self.fitted, notes, None, of_table)
        fitted = fit(table, item.params, device=self.device, progress=Progress(), is_bounded=True)
        fitted = with_cross_validation(fitted, item.params, device=self.device, progress=Progress())
        outside = outside_training(table, fitted.model, is_new_table=False)
        return Answer(fitted.predicted, fitted.model, (*fitted.notes, *outside), fitted)

    def encode(self, item: Item, raw: Answer, params: PredictParams, *, picture: bool = False) -> Prediction:  # noqa: ARG002  the item has the params, and a table no picture
        """Each row's prediction, and the quality on rows whose actual value is known."""
        table, model = item.table, raw.model
        record, of_table = model.record, raw.of_table
        rows = {"total": len(table.frame), "used": len(table.rows)}
        result: dict[str, Any] = {
            "target": model.target,
            "task": model.task,
            "method": model.method,
            "classes": list(model.classes),
            "features": list(model.preprocessing.names),
            "left_out": [{"column": name, "why": why} for name, why in table.left_out],
            "rows": rows | record["rows"] if raw.fit else rows,
            "quality": record["quality"],
            "intervals": record.get("intervals"),
            "by_class": record.get("by_class"),
            "measured_on": record["measured_on"],
            "baseline": record["baseline"],
            "cross_validation": record.get("cross_validation"),
            "chosen_on_validation": record.get("chosen_on_validation"),
            "regularization": record.get("regularization"),
            "class_weight": record.get("class_weight"),
            "rows_of_fit": record["rows"],
            "quality_of_this_table": of_table and of_table.metrics,
            "intervals_of_this_table": of_table and of_table.intervals,
            "by_class_of_this_table": of_table and of_table.by_class,
            "diverged_at": record["diverged_at"],
            "coefficients": _coefficients(model),
            "references": dict(_references(model)),
            "notes": list(raw.notes),
            "predictions": [shown(each, model.classes)[0] for each in raw.predicted[:MAX_LISTED]],
            "probabilities": _probabilities(raw),
            "predicted_by_kept_model": raw.fit is None,
        }
        return Prediction(result, (predictions_file(table, raw),))

    def inspect(self, item: Item, raw: Answer, params: PredictParams) -> tuple[Stage, ...]:  # noqa: ARG002  the item has them
        """The stages of the fit, or of the prediction by a model fitted before."""
        if raw.fit:
            return inspect_fit(raw.fit, raw.notes)
        return inspect_prediction(item.table, raw.model, raw.predicted, raw.of_table, raw.notes)


def _probabilities(answer: Answer) -> list[list[float]] | None:
    """Of the first rows, in the order of the classes; None for numbers."""
    if not answer.model.classes:
        return None
    listed = min(MAX_LISTED, MAX_PROBABILITIES // len(answer.model.classes))
    return answer.predicted[:listed].round(4).tolist()


def _references(model: FittedModel) -> Iterator[tuple[str, str]]:
    """(column, category that the coefficients of the others are compared with)."""
    for part in model.preprocessing.parts:
        if isinstance(part, Category) and part.reference:
            yield part.name, part.reference
        if isinstance(part, Date):
            yield from (
                (f"{part.name}, {cycle.unit}", cycle.reference) for cycle in part.cycles if cycle.reference
            )


def _coefficients(model: FittedModel) -> list[dict[str, Any]]:
    """By feature, in the table's units, and the intercept; none for a network. References have zeros."""
    if len(model.layers) > 1:
        return []
    in_units, _, intercept = model.coefficients()
    rows: dict[str, np.ndarray] = {}
    for name, reference, values in zip(
        model.preprocessing.outputs, model.preprocessing.references, in_units, strict=True
    ):
        if reference:
            rows.setdefault(reference, np.zeros_like(values))
        rows[name] = values
    return [
        {
            "feature": name,
            **{each: six_digits(float(value)) for each, value in zip(model.outputs, values, strict=True)},
        }
        for name, values in (*rows.items(), ("intercept", intercept))
    ]


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
