"""Clusters that are kept in a file, and rows of other tables assigned to them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from models.clustering.data import Points, Scale, check_size, scaled_by, values_of
from models.clustering.distances import Method, nearest
from models.clustering.lloyd import Step
from models.clustering.methods import method_named
from models.core import checkpoint, frames
from models.core.columns import Column, ColumnType
from models.core.errors import InputError, WeightsError

ARCHITECTURE = "fitted-clusters"


@dataclass(frozen=True)
class Fitted:
    """All that assigning a row needs: columns, scale, method and centers."""

    method_name: str
    gamma: float
    names: tuple[str, ...]
    numeric: int
    categories: tuple[tuple[str, ...], ...]
    scale: Scale
    centers: np.ndarray  # (K, D), scaled

    @property
    def method(self) -> Method:
        return method_named(self.method_name, tuple(map(len, self.categories)), self.gamma, 0.0)

    def save(self, path: Path, about: dict[str, Any]) -> None:
        """In float64: a row between two clusters must go where it went when they were fitted."""
        config = {
            "architecture": ARCHITECTURE,
            "method": self.method_name,
            "gamma": self.gamma,
            "columns": list(self.names),
            "numeric": self.numeric,
            "categories": [list(words) for words in self.categories],
            **about,
        }
        tensors = {"centers": self.centers, "offset": self.scale.offset, "width": self.scale.width}
        checkpoint.save(
            path, config, {name: torch.from_numpy(value.copy()) for name, value in tensors.items()}
        )

    @classmethod
    def of(cls, config: dict[str, Any], state: dict[str, torch.Tensor]) -> "Fitted":
        """Raises WeightsError: the file does not hold clusters."""
        try:
            return cls(
                method_name=config["method"],
                gamma=float(config["gamma"]),
                names=tuple(config["columns"]),
                numeric=int(config["numeric"]),
                categories=tuple(tuple(words) for words in config["categories"]),
                scale=Scale(state["offset"].numpy(), state["width"].numpy()),
                centers=state["centers"].numpy(),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise WeightsError(f"The file holds no fitted clusters: {error} is missing or wrong.") from error

    def points(self, data: bytes) -> Points:
        """The rows of another table on the scale of the fit.

        Raises:
            InputError: no table, or it lacks columns that the clusters were made from.
        """
        frame = frames.read(data)
        lacking = [name for name in self.names if name not in frame.names]
        if lacking:
            raise InputError(
                f"The clusters were made from columns that this table lacks: {frames.listed(lacking)}; "
                f"it has: {frames.listed(frame.names)}."
            )
        used = [
            self._column(frame.as_type(name, self._type(place)), place)
            for place, name in enumerate(self.names)
        ]
        values, rows = values_of(used)
        check_size(values, frame.rows[rows], self.names[: self.numeric])
        scaled = scaled_by(self.scale, values, self.method_name, frame.rows[rows])
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
        )

    def _type(self, place: int) -> ColumnType:
        return ColumnType.NUMBER if place < self.numeric else ColumnType.CATEGORY

    def _column(self, column: Column, place: int) -> Column:
        """With the categories of the fit; raises InputError naming the cell that fits none."""
        if column.bad is not None:
            bad = column.bad
            raise InputError(f"Row {bad.row}, column {column.name!r}: {bad.text!r} {bad.why}.")
        if column.type == ColumnType.NUMBER:
            return column
        words = self.categories[place - self.numeric]
        # a word that was not there at the fit differs from every mode; it must not count as missing
        others = [word for word in map(str, column.values.cat.categories) if word not in words]
        values = column.values.cat.set_categories([*words, *others])
        return Column(column.name, column.type, values, column.missing)

    def assign(self, points: Points) -> Step:
        """The nearest center of each row."""
        labels, own = nearest(points.scaled, self.centers, self.method.costs)
        return Step(0, self.centers, labels, len(labels), float(own.sum()))
