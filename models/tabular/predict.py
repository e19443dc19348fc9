"""Answers: the bytes of a CSV table in, a prediction for each of its rows out."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from models.core.contract import checkpoint
from models.core.contract.card import Kind
from models.core.contract.errors import WeightsError
from models.core.contract.prediction import Output, Prediction, Wants
from models.core.contract.progress import Progress
from models.core.tables.column_types import day
from models.core.tables.csv_reader import inert
from models.tabular.card import PredictParams
from models.tabular.data import Table, table_of
from models.tabular.dates import Date
from models.tabular.fit import Fit, fit, judge
from models.tabular.fitted import ARCHITECTURE, Fitted
from models.tabular.inspection.rounding import short
from models.tabular.inspection.stages import coefficients, inspect_fit, inspect_kept, shown
from models.tabular.preprocessing import Category, values_of

MOST_LISTED = 10_000  # predictions in the result; the file has all
MOST_NAMED = 20  # words that a kept model does not know
_WRITTEN_ROWS = 20_000  # at once


@dataclass(frozen=True)
class Input:
    table: Table
    params: PredictParams


@dataclass(frozen=True)
class Answer:
    """What is said of the table's used rows; `fit` is None where a kept model says it."""

    said: np.ndarray  # (N,) numbers or (N, K) probabilities
    model: Fitted
    fit: Fit | None


class Predictor:
    """Fits each table anew, or predicts with the fitted model that the file holds.

    Raises:
        WeightsError: the file holds neither.
    """

    max_batch = 1  # tables have nothing in common that could be computed together

    def __init__(self, weights: Path, device: str = "cpu"):
        config, state = checkpoint.load(weights)
        self.device = device
        self.fitted: Fitted | None = None
        if config.get("architecture") == ARCHITECTURE:
            self.fitted = Fitted.of(config, state)
        elif config.get("architecture") != "tabular":
            raise WeightsError(f"{weights.name} is no tabular model: it is {config.get('architecture')!r}.")

    def decode(self, data: bytes, params: PredictParams) -> Input:
        """Raises InputError: no table, or one that cannot be learned from; it says where."""
        return Input(self.fitted.table(data, params) if self.fitted else table_of(data, params), params)

    def forward(self, inputs: list[Input]) -> list[Answer]:
        """What is said of each table. Raises InputError: a fit too long to wait for."""
        # one thread: sums in another order would end in other last digits
        with threadpool_limits(1):
            return [self._answer(item) for item in inputs]

    def _answer(self, item: Input) -> Answer:
        if self.fitted:
            x = self.fitted.preprocessing.apply(item.table.features, item.table.rows)
            return Answer(self.fitted.said(x), self.fitted, None)
        found = fit(item.table, item.params, device=self.device, progress=Progress(), is_bounded=True)
        return Answer(found.said, found.model, found)

    def encode(self, item: Input, raw: Answer, params: PredictParams, wants: Wants) -> Prediction:  # noqa: ARG002  the item has them
        """Each row's prediction, the quality where the truth is known, and the wanted stages."""
        table, model = item.table, raw.model
        known = np.flatnonzero(~np.isnan(table.truth))
        judged: dict[str, float | None] = {}
        if raw.fit is None and len(known):
            judged = judge(table.truth[known], raw.said[known], len(model.classes))
        stages = ()
        if wants.inspection:
            stages = inspect_fit(raw.fit) if raw.fit else inspect_kept(table, model, raw.said, judged)
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
            "quality_of_this_table": judged or None,
            "diverged_at": model.record["diverged_at"],
            "coefficients": _coefficients(model),
            "notes": [*(raw.fit.notes if raw.fit else table.notes), *_unknown(table, model)],
            "predictions": [shown(said, model)[0] for said in raw.said[:MOST_LISTED]],
            "predicted_by_kept_model": raw.fit is None,
        }
        return Prediction(result, (predictions_file(item.table, raw),), stages)

    def __call__(self, data: bytes, params: PredictParams, wants: Wants | None = None) -> Prediction:
        """All three in a row, for one table. Raises InputError."""
        item = self.decode(data, params)
        return self.encode(item, self.forward([item])[0], params, wants or Wants())


def _coefficients(model: Fitted) -> list[dict[str, Any]]:
    """In the table's units, by feature, and the intercept; none for a network."""
    if len(model.layers) > 1:
        return []
    own, _, intercept = coefficients(model)
    of = list(model.classes) if own.shape[1] > 1 else [model.classes[1] if model.classes else model.target]
    rows = [*zip(model.preprocessing.outputs, own, strict=True), ("intercept", intercept)]
    return [
        {"feature": name, **{each: short(float(value)) for each, value in zip(of, values, strict=True)}}
        for name, values in rows
    ]


def _unknown(table: Table, model: Fitted) -> list[str]:
    """Words that no training row had, which count as none of the known ones; dates beyond all of them."""
    notes = []
    for part, column in zip(model.preprocessing.parts, table.features, strict=True):
        values = values_of(column)[table.rows]
        if isinstance(part, Date):
            notes += _beyond(part, values, table)
        if not isinstance(part, Category):
            continue
        for place in part.unseen(values)[:MOST_NAMED]:
            row = int(table.frame.rows[table.rows[place]])
            notes.append(f"Row {row}, column {part.name!r}: {values[place]!r} was in no training row.")
    return notes[:MOST_NAMED]


def _beyond(part: Date, values: np.ndarray, table: Table) -> list[str]:
    places = part.beyond(values)
    if len(places) == 0:
        return []
    row = int(table.frame.rows[table.rows[places[0]]])
    more = f", and {len(places) - 1:,} more," if len(places) > 1 else ""
    verb = "lie" if more else "lies"
    first = day(float(values[places[0]]))
    return [
        f"Row {row}, column {part.name!r}: {first}{more} {verb} outside the training rows' dates, "
        f"{day(part.first)} to {day(part.last)}; the trend is drawn on straight."
    ]


def predictions_file(table: Table, answer: Answer) -> Output:
    """The table as it came, with what is said of each row in further columns."""
    model, frame = answer.model, table.frame
    names = [_free(f"predicted {model.target}", frame.names)]
    columns: list[np.ndarray] = []
    if model.classes:
        names += [_free(f"probability of {name}", frame.names) for name in model.classes]
        said = np.array(model.classes, dtype=object)[answer.said.argmax(axis=1)]
        columns += [said, *answer.said.T.round(6)]
    else:
        columns.append(np.array([short(float(value)) for value in answer.said], dtype=object))
    if answer.fit:
        names.append(_free("part", frame.names))
        columns.append(answer.fit.split.names())
    added = np.full((len(frame), len(columns)), "", dtype=object)
    added[table.rows] = np.array(columns, dtype=object).T
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([*map(inert, frame.names), *map(inert, names)])
    for start in range(0, len(frame), _WRITTEN_ROWS):
        rows = slice(start, start + _WRITTEN_ROWS)
        own = [[inert(cell) for cell in column[rows].to_pylist()] for column in frame.cells]
        new = [
            [inert(cell) if isinstance(cell, str) else cell for cell in column] for column in added[rows].T
        ]
        writer.writerows(zip(*own, *new, strict=True))
    return Output("predictions.csv", Kind.TABLE, buffer.getvalue().encode(), "text/csv")


def _free(name: str, taken: tuple[str, ...]) -> str:
    while name in taken:
        name += "_"
    return name
