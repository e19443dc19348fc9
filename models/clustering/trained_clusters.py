"""Clusters kept as a model in a file, and the rows of other tables assigned to them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from models.clustering.distances import Method, nearest
from models.clustering.lloyd import Step
from models.clustering.objectives import method_named
from models.clustering.table.columns import bad_cell
from models.clustering.table.dates import DayOrigin, as_days
from models.clustering.table.points import Points, check_size, complete_rows
from models.clustering.table.scaling import Scale, scale_points
from models.core.contract import checkpoint
from models.core.contract.errors import InputError, WeightsError
from models.core.contract.messages import Text
from models.core.tables import csv_reader
from models.core.tables.column_types import Column
from models.core.tables.csv_reader import Frame, list_names
from models.core.tables.read_options import DEFAULT_OPTIONS, ColumnType, ReadOptions

ARCHITECTURE = "fitted-clusters"
LACKS_COLUMNS = Text(
    "clustering.trained.lacks_columns",
    "The table lacks columns that the clusters were fitted to: {missing}. Its columns: {present}.",
)
OTHER_TYPE = Text(
    "clustering.trained.other_type",
    "The clusters were fitted to column {column!r} of type {expected}; it cannot be read as {type}.",
)


@dataclass(frozen=True)
class TrainedClusters:
    """All that is needed to assign a row: columns, scale, method and centers."""

    method_name: str
    gamma: float
    names: tuple[str, ...]
    numeric: int
    categories: tuple[tuple[str, ...], ...]
    scale: Scale
    centers: np.ndarray  # (K, D), scaled
    origins: tuple[DayOrigin | None, ...]  # as in `Points`
    read_options: ReadOptions = DEFAULT_OPTIONS  # of their table; the default for other tables

    @property
    def method(self) -> Method:
        return method_named(self.method_name, tuple(map(len, self.categories)), self.gamma)

    def save(self, path: Path, about: Mapping[str, Any]) -> None:
        """Write the clusters in float64: a row between two clusters must go where it went in the fit."""
        config = {
            "architecture": ARCHITECTURE,
            "method": self.method_name,
            "gamma": self.gamma,
            "columns": list(self.names),
            "numeric": self.numeric,
            "categories": [list(categories) for categories in self.categories],
            "since": [None if origin is None else asdict(origin) for origin in self.origins],
            "reading": self.read_options.model_dump(mode="json"),
            **about,
        }
        tensors = {"centers": self.centers, "offset": self.scale.offset, "width": self.scale.width}
        checkpoint.save(
            path, config, {name: torch.from_numpy(value.copy()) for name, value in tensors.items()}
        )

    @classmethod
    def load(cls, path: Path) -> "TrainedClusters":
        """Raises WeightsError: the file is missing, damaged or another model's."""
        config, state = checkpoint.load(path)
        if config.get("architecture") != ARCHITECTURE:
            raise WeightsError(f"{path.name} holds no clusters: it is {config.get('architecture')!r}.")
        try:
            return cls(
                method_name=config["method"],
                gamma=float(config["gamma"]),
                names=tuple(config["columns"]),
                numeric=int(config["numeric"]),
                categories=tuple(tuple(categories) for categories in config["categories"]),
                scale=Scale(state["offset"].numpy(), state["width"].numpy()),
                centers=state["centers"].numpy(),
                origins=tuple(None if day is None else DayOrigin(**day) for day in config["since"]),
                read_options=ReadOptions(**config["reading"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise WeightsError(f"{path.name} is incomplete: {error} is missing or invalid.") from error

    def read_points(self, data: bytes, options: ReadOptions = DEFAULT_OPTIONS) -> Points:
        """The rows of another table on the scale of the fit.

        Args:
            options: how to read this table; what they leave to the guess is read as in the fitted table.

        Raises:
            InputError: no table, or it lacks columns that the clusters were fitted to.
        """
        frame = csv_reader.read(data, options.fill_from(self.read_options), expected=self.read_options.types)
        missing = [name for name in self.names if name not in frame.names]
        if missing:
            raise InputError(LACKS_COLUMNS(missing=list_names(missing), present=list_names(frame.names)))
        used = [self._column(frame, index, options) for index in range(len(self.names))]
        values, rows = complete_rows(used)
        check_size(values, frame.rows[rows], self.names[: self.numeric])
        scaled = scale_points(self.scale, values, self.method_name, frame.rows[rows])
        return Points(
            frame=frame,
            names=self.names,
            numeric=self.numeric,
            categories=self.categories,
            left_out=tuple(column for column in frame.columns if column.name not in self.names),
            missing=tuple(column.missing for column in used),
            rows=rows,
            values=values,
            scaled=scaled,
            scale=self.scale,
            origins=self.origins,
        )

    def _column(self, frame: Frame, index: int, options: ReadOptions) -> Column:
        """The column with the type and the categories of the fit. Raises InputError: a cell does not fit."""
        name, expected = self.names[index], self._type(index)
        if (declared := options.types.get(name, expected)) != expected:
            raise InputError(OTHER_TYPE(column=name, expected=expected.value, type=declared.value))
        origin = self.origins[index] if index < self.numeric else None
        is_month_first = origin is not None and origin.is_month_first
        column = frame.as_type(name, expected, is_month_first=is_month_first)
        if column.mismatch is not None:
            raise InputError(bad_cell(column))
        if column.type != ColumnType.CATEGORY:
            return as_days(column, origin)
        known = self.categories[index - self.numeric]
        # an unknown category differs from every mode; it must not count as missing
        unknown = [name for name in map(str, column.values.cat.categories) if name not in known]
        values = column.values.cat.set_categories([*known, *unknown])
        return Column(column.name, column.type, values, column.missing)

    def _type(self, index: int) -> ColumnType:
        if index >= self.numeric:
            return ColumnType.CATEGORY
        return ColumnType.NUMBER if self.origins[index] is None else ColumnType.DATE

    def assign(self, points: Points) -> Step:
        """The nearest center of each row."""
        labels, costs = nearest(points.scaled, self.centers, self.method.costs)
        return Step(0, self.centers, labels, len(labels), float(costs.sum()))
