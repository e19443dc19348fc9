"""A fitted model: everything a prediction needs, and a record of the fit, in one file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from models.core.contract import checkpoint
from models.core.contract.errors import InputError, WeightsError
from models.core.contract.messages import Message, Text
from models.core.tables import csv_reader
from models.core.tables.column_types import Column
from models.core.tables.csv_reader import Frame, list_names
from models.core.tables.read_options import DEFAULT_OPTIONS, ColumnType, ReadOptions
from models.tabular.architecture import Layers, forward, predictions
from models.tabular.data import BAD_CELL, CLASSIFICATION, REGRESSION, Table, Target, check_features
from models.tabular.preprocessing.columns import Number, Part, Preprocessing
from models.tabular.preprocessing.dates import Date

ARCHITECTURE = "fitted-tabular"

MISSING_COLUMNS = Text(
    "tabular.errors.missing_columns",
    "The table lacks columns that the model needs: {missing}. Its columns are: {names}.",
)
OTHER_TYPE = Text(
    "tabular.errors.other_type",
    "The model was fitted with {column!r} as {fitted}; the column cannot be read as {chosen}.",
)
TYPE_NAMES = {
    ColumnType.NUMBER: Text("tabular.types.number", "a number"),
    ColumnType.CATEGORY: Text("tabular.types.category", "a category"),
    ColumnType.DATE: Text("tabular.types.date", "a date"),
    ColumnType.TEXT: Text("tabular.types.text", "text"),
}
UNKNOWN_COLUMN = Text("tabular.left_out.unknown_column", "not a feature of the model")
NOT_EVALUATED = Text(
    "tabular.notes.not_judged",
    "The quality on this table is not known. Row {row}, column {column!r}: {cell!r} {why}.",
)
UNKNOWN_CLASSES = Text(
    "tabular.notes.unknown_classes", "{column!r} contains classes unknown to the model: {names}."
)


@dataclass(frozen=True)
class FittedModel:
    """`layers` take what `preprocessing` gives; predicted numbers are scaled back by `mean` and `std`."""

    method: str
    target: str
    classes: tuple[str, ...]  # empty: the target is a number
    preprocessing: Preprocessing
    layers: Layers
    activation: str
    mean: float = 0.0
    std: float = 1.0
    read_options: ReadOptions = DEFAULT_OPTIONS  # of the table of the fit; other tables are read alike
    record: Mapping[str, Any] = field(default_factory=dict)  # split, quality, losses: see `fit`

    @property
    def task(self) -> str:
        return CLASSIFICATION if self.classes else REGRESSION

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of the scores: the classes, of two classes the second one, or the target."""
        if self.layers[-1][1].size > 1:
            return self.classes
        return (self.classes[1] if self.classes else self.target,)

    def predict(self, x: np.ndarray) -> np.ndarray:
        """(N, D) -> numbers in the target's unit (N,), or class probabilities (N, K)."""
        scores = forward(x, self.layers, self.activation)
        return predictions(scores, self.mean, self.std, len(self.classes))

    def coefficients(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The coefficients of a model without hidden layers, for K scores.

        For a scaled feature x' = (x - m) / s and a scaled target, ŷ = std · (x'·w + b) + mean. Hence per unit
        of x the prediction changes by w · std / s.

        Returns:
            In the table's units (D, K), for scaled features and a scaled target (D, K), and the intercept in
            the table's units (K,).
        """
        scaled, bias = self.layers[0]
        means, stds = np.array([pair for part in self.preprocessing.parts for pair in part.scales]).T
        in_units = scaled * self.std / stds[:, None]
        return in_units, scaled, bias * self.std + self.mean - means @ in_units

    def save(self, path: Path) -> None:
        """Write the model in float64, in which it was fitted."""
        config = {
            "architecture": ARCHITECTURE,
            "method": self.method,
            "target": self.target,
            "classes": list(self.classes),
            "preprocessing": self.preprocessing.to_json(),
            "activation": self.activation,
            "mean": self.mean,
            "spread": self.std,
            "reading": self.read_options.model_dump(mode="json"),
            "record": dict(self.record),
            "columns": [part.form for part in self.preprocessing.parts],
        }
        tensors = {}
        for index, (weights, bias) in enumerate(self.layers):
            tensors[f"layers.{index}.weight"] = torch.from_numpy(weights.copy())
            tensors[f"layers.{index}.bias"] = torch.from_numpy(bias.copy())
        checkpoint.save(path, config, tensors)

    @classmethod
    def of(cls, config: Mapping[str, Any], state: Mapping[str, torch.Tensor]) -> "FittedModel":
        """Raises WeightsError: the file does not hold a fitted model."""
        try:
            depth = sum(name.endswith(".bias") for name in state)
            return cls(
                method=config["method"],
                target=config["target"],
                classes=tuple(config["classes"]),
                preprocessing=Preprocessing.from_json(config["preprocessing"]),
                layers=tuple(
                    (state[f"layers.{index}.weight"].numpy(), state[f"layers.{index}.bias"].numpy())
                    for index in range(depth)
                ),
                activation=config["activation"],
                mean=float(config["mean"]),
                std=float(config["spread"]),
                read_options=ReadOptions(**config["reading"]),
                record=_record_of(config["record"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise WeightsError(
                f"The file does not hold a fitted model: {error} is missing or invalid."
            ) from error

    def table(self, data: bytes, options: ReadOptions = DEFAULT_OPTIONS) -> Table:
        """Another table with the columns that the model needs.

        Args:
            options: how to read this table; those left at "guess" are as for the table of the fit.

        Raises:
            InputError: not a table, columns are missing, or a cell does not fit its column's type.
        """
        frame = csv_reader.read(data, options.fill_from(self.read_options), expected=self.read_options.types)
        missing = [name for name in self.preprocessing.names if name not in frame.names]
        if missing:
            raise InputError(MISSING_COLUMNS(missing=list_names(missing), names=list_names(frame.names)))
        features = tuple(_feature(frame, part, options) for part in self.preprocessing.parts)
        check_features(frame, features)
        known = {*self.preprocessing.names, self.target}
        left_out = tuple((name, UNKNOWN_COLUMN()) for name in frame.names if name not in known)
        target, notes = self._target(frame)
        return Table(frame, target, features, left_out, np.arange(len(frame)), notes)

    def _target(self, frame: Frame) -> tuple[Target, tuple[Message, ...]]:
        """The actual values, if the table has them."""
        absent = Target(self.target, np.full(len(frame), np.nan), self.classes)
        if self.target not in frame.names:
            return absent, ()
        if not self.classes:
            column = frame.as_type(self.target, ColumnType.NUMBER)
            if column.mismatch is not None:
                bad = column.mismatch
                return absent, (
                    NOT_EVALUATED(row=bad.row, column=self.target, cell=bad.text, why=bad.reason),
                )
            return Target(self.target, column.values.to_numpy(np.float64)), ()
        column = frame.as_type(self.target, ColumnType.CATEGORY)
        names = [*map(str, column.values.cat.categories), None]
        index_of = {name: index for index, name in enumerate(self.classes)}
        values = np.array(
            [index_of.get(names[code], np.nan) for code in column.values.cat.codes], dtype=np.float64
        )
        unknown = [name for name in names if name is not None and name not in index_of]
        notes = (UNKNOWN_CLASSES(column=self.target, names=list_names(unknown)),) if unknown else ()
        return Target(self.target, values, self.classes), notes


def _feature(frame: Frame, part: Part, options: ReadOptions) -> Column:
    """Raises InputError: another type was chosen for the column, or a cell does not fit its type."""
    fitted = ColumnType.CATEGORY
    if isinstance(part, Number | Date):
        fitted = ColumnType.NUMBER if isinstance(part, Number) else ColumnType.DATE
    chosen = options.types.get(part.name, fitted)
    if chosen != fitted:
        names = {"fitted": TYPE_NAMES[fitted](), "chosen": TYPE_NAMES[chosen]()}
        raise InputError(OTHER_TYPE(column=part.name, **names))
    is_month_first = isinstance(part, Date) and part.is_month_first
    column = frame.as_type(part.name, fitted, is_month_first=is_month_first)
    if column.mismatch is not None:
        bad = column.mismatch
        raise InputError(BAD_CELL(row=bad.row, column=part.name, cell=bad.text, why=bad.reason))
    return column


def _record_of(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The record with today's names; earlier versions stored the evaluated part under another."""
    return {("measured_on" if name == "judged_on" else name): value for name, value in stored.items()}
