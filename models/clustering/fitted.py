"""Clusters that are kept in a file, and rows of other tables assigned to them."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from models.clustering.data import Points, Scale, check_size, scaled_by, values_of
from models.clustering.dates import Since, as_days
from models.clustering.distances import Method, nearest
from models.clustering.lloyd import Step
from models.clustering.methods import method_named
from models.core.contract import checkpoint
from models.core.contract.errors import InputError, WeightsError
from models.core.tables import csv_reader
from models.core.tables.column_types import Column
from models.core.tables.csv_reader import Frame
from models.core.tables.read_options import GUESSED, ColumnType, Reading

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
    since: tuple[Since | None, ...]  # as in `Points`
    reading: Reading = GUESSED  # what was told of their table: others are read likewise

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
            "since": [None if at is None else asdict(at) for at in self.since],
            "reading": self.reading.model_dump(mode="json"),
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
                since=tuple(None if at is None else Since(**at) for at in config["since"]),
                reading=Reading(**config["reading"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise WeightsError(f"The file holds no fitted clusters: {error} is missing or wrong.") from error

    def points(self, data: bytes, reading: Reading = GUESSED) -> Points:
        """The rows of another table on the scale of the fit.

        Args:
            reading: what is told of this table; what is not, is read as it was told of the fitted one.

        Raises:
            InputError: no table, or it lacks columns that the clusters were made from.
        """
        frame = csv_reader.read(data, reading.over(self.reading), expected=self.reading.types)
        lacking = [name for name in self.names if name not in frame.names]
        if lacking:
            raise InputError(
                f"The clusters were made from columns that this table lacks: {csv_reader.listed(lacking)}; "
                f"it has: {csv_reader.listed(frame.names)}."
            )
        used = [self._column(frame, place, reading) for place in range(len(self.names))]
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
            since=self.since,
        )

    def _column(self, frame: Frame, place: int, reading: Reading) -> Column:
        """With the categories of the fit; raises InputError naming the cell that fits none."""
        name, since = self.names[place], self.since[place] if place < self.numeric else None
        wanted = ColumnType.NUMBER if place < self.numeric else ColumnType.CATEGORY
        wanted = wanted if since is None else ColumnType.DATE
        if (told := reading.types.get(name, wanted)) != wanted:
            raise InputError(
                f"The clusters were made from {name!r} as {wanted}; it cannot be read as {told}."
            )
        is_month_first = since is not None and since.is_month_first
        column = frame.as_type(name, wanted, is_month_first=is_month_first)
        if column.bad is not None:
            bad = column.bad
            raise InputError(f"Row {bad.row}, column {column.name!r}: {bad.text!r} {bad.why}.")
        if column.type != ColumnType.CATEGORY:
            return as_days(column, since)
        words = self.categories[place - self.numeric]
        # a word that was not there at the fit differs from every mode; it must not count as missing
        others = [word for word in map(str, column.values.cat.categories) if word not in words]
        values = column.values.cat.set_categories([*words, *others])
        return Column(column.name, column.type, values, column.missing)

    def assign(self, points: Points) -> Step:
        """The nearest center of each row."""
        labels, own = nearest(points.scaled, self.centers, self.method.costs)
        return Step(0, self.centers, labels, len(labels), float(own.sum()))
