"""A fitted model: all that a prediction needs, and how it was fitted, in one file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from models.core.contract import checkpoint
from models.core.contract.errors import InputError, WeightsError
from models.core.tables import csv_reader
from models.core.tables.column_types import Column
from models.core.tables.csv_reader import Frame, listed
from models.core.tables.read_options import GUESSED, ColumnType, Reading
from models.tabular.data import CLASSIFICATION, REGRESSION, Table, Target, check_features
from models.tabular.dates import Date
from models.tabular.layers import Layers, forward
from models.tabular.metrics import said_by
from models.tabular.preprocessing import Number, Part, Preprocessing

ARCHITECTURE = "fitted-tabular"


@dataclass(frozen=True)
class Fitted:
    """`layers` act on what `preprocessing` gives; numbers come out scaled by `mean` and `spread`."""

    method: str
    target: str
    classes: tuple[str, ...]  # empty: the target is a number
    preprocessing: Preprocessing
    layers: Layers
    activation: str
    mean: float = 0.0
    spread: float = 1.0
    reading: Reading = GUESSED  # what was told of its table: others are read likewise
    record: Mapping[str, Any] = field(default_factory=dict)  # split, quality, losses: see `fit`

    @property
    def task(self) -> str:
        return CLASSIFICATION if self.classes else REGRESSION

    def said(self, x: np.ndarray) -> np.ndarray:
        """(N, D) -> (N,) numbers in the target's unit, or (N, K) probabilities."""
        return said_by(forward(x, self.layers, self.activation), self.mean, self.spread, len(self.classes))

    def save(self, path: Path) -> None:
        """In float64, as it was fitted."""
        config = {
            "architecture": ARCHITECTURE,
            "method": self.method,
            "target": self.target,
            "classes": list(self.classes),
            "preprocessing": self.preprocessing.to_json(),
            "activation": self.activation,
            "mean": self.mean,
            "spread": self.spread,
            "reading": self.reading.model_dump(mode="json"),
            "record": dict(self.record),
        }
        tensors = {}
        for index, (weights, bias) in enumerate(self.layers):
            tensors[f"layers.{index}.weight"] = torch.from_numpy(weights.copy())
            tensors[f"layers.{index}.bias"] = torch.from_numpy(bias.copy())
        checkpoint.save(path, config, tensors)

    @classmethod
    def of(cls, config: Mapping[str, Any], state: Mapping[str, torch.Tensor]) -> "Fitted":
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
                spread=float(config["spread"]),
                reading=Reading(**config["reading"]),
                record=config["record"],
            )
        except (KeyError, TypeError, ValueError) as error:
            raise WeightsError(f"The file holds no fitted model: {error} is missing or wrong.") from error

    def table(self, data: bytes, reading: Reading = GUESSED) -> Table:
        """Another table, with the columns that this was fitted to.

        Args:
            reading: what is told of this table; what is not, is read as it was told of the fitted one.

        Raises:
            InputError: no table, columns are missing, or a cell is not of its column's type.
        """
        frame = csv_reader.read(data, reading.over(self.reading), expected=self.reading.types)
        lacking = [name for name in self.preprocessing.names if name not in frame.names]
        if lacking:
            raise InputError(
                f"The model was fitted to columns that this table lacks: {listed(lacking)}; it has: "
                f"{listed(frame.names)}."
            )
        features = tuple(_feature(frame, part, reading) for part in self.preprocessing.parts)
        check_features(frame, features)
        known = {*self.preprocessing.names, self.target}
        extra = tuple((name, "the model does not know it") for name in frame.names if name not in known)
        target, notes = self._target(frame)
        return Table(frame, target, features, extra, np.arange(len(frame)), notes)

    def _target(self, frame: Frame) -> tuple[Target, tuple[str, ...]]:
        """The true values, where the table has them."""
        none = Target(self.target, np.full(len(frame), np.nan), self.classes)
        if self.target not in frame.names:
            return none, ()
        if not self.classes:
            column = frame.as_type(self.target, ColumnType.NUMBER)
            if column.bad is not None:
                where = f"row {column.bad.row}, column {self.target!r}: {column.bad.text!r} {column.bad.why}"
                return none, (f"The predictions were not judged: {where}.",)
            return Target(self.target, column.values.to_numpy(np.float64)), ()
        column = frame.as_type(self.target, ColumnType.CATEGORY)
        words = [*map(str, column.values.cat.categories), None]
        index = {name: place for place, name in enumerate(self.classes)}
        values = np.array(
            [index.get(words[code], np.nan) for code in column.values.cat.codes], dtype=np.float64
        )
        foreign = [word for word in words if word is not None and word not in index]
        notes = (
            (f"In {self.target!r} are classes that the model does not know: {listed(foreign)}.",)
            if foreign
            else ()
        )
        return Target(self.target, values, self.classes), notes


def _feature(frame: Frame, part: Part, reading: Reading) -> Column:
    """Raises InputError: the column was told to be of another type, or a cell does not fit."""
    wanted = ColumnType.CATEGORY
    if isinstance(part, Number | Date):
        wanted = ColumnType.NUMBER if isinstance(part, Number) else ColumnType.DATE
    told = reading.types.get(part.name, wanted)
    if told != wanted:
        raise InputError(f"The model was fitted to {part.name!r} as {wanted}; it cannot be read as {told}.")
    is_month_first = isinstance(part, Date) and part.is_month_first
    column = frame.as_type(part.name, wanted, is_month_first=is_month_first)
    if column.bad is not None:
        bad = column.bad
        raise InputError(f"Row {bad.row}, column {part.name!r}: {bad.text!r} {bad.why}.")
    return column
