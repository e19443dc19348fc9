"""Answers: the bytes of a CSV table in, clusters with their centers and the rows' labels out."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from models.clustering.card import PredictParams
from models.clustering.data import Points, points_of
from models.clustering.distances import Method
from models.clustering.elbow import SILHOUETTE_POINTS, silhouette, spread
from models.clustering.fit import Clustering, Starts, cluster
from models.clustering.fitted import ARCHITECTURE, Fitted
from models.clustering.initial_centers import starts_of
from models.clustering.inspection.profile import center_cells
from models.clustering.inspection.stages import inspect
from models.clustering.methods import ABOUT, method_of
from models.core.contract import checkpoint
from models.core.contract.card import Kind
from models.core.contract.errors import WeightsError
from models.core.contract.prediction import Output, Prediction, Wants
from models.core.tables.csv_reader import inert

MOST_SHOWN = 1_000  # points whose way is kept and drawn
MOST_LISTED = 10_000  # labels in the result; the file has all
_WRITTEN_ROWS = 20_000  # at once


@dataclass(frozen=True)
class Input:
    points: Points
    params: PredictParams
    method: Method
    starts: Starts


class Predictor:
    """Clusters each table anew, or assigns its rows to the fitted clusters that the file holds.

    Raises:
        WeightsError: the file holds neither.
    """

    max_batch = 1  # tables have nothing in common that could be computed together

    def __init__(self, weights: Path, device: str = "cpu"):  # noqa: ARG002  the same face for every capability
        config, state = checkpoint.load(weights)
        self.fitted: Fitted | None = None
        self.tolerance = 0.0
        if config.get("architecture") == ARCHITECTURE:
            self.fitted = Fitted.of(config, state)
        elif config.get("architecture") == "kmeans" and "tolerance" in state:
            self.tolerance = float(state["tolerance"][0])
        else:
            raise WeightsError(f"{weights.name} is not k-means: it is {config.get('architecture')!r}.")

    def decode(self, data: bytes, params: PredictParams) -> Input:
        """Raises InputError: no table, or one that cannot be put into so many clusters; it says where."""
        if self.fitted is not None:
            params = params.model_copy(
                update={"method": self.fitted.method_name, "n_clusters": len(self.fitted.centers)}
            )
            points = self.fitted.points(data, params)
            return Input(points, params, self.fitted.method, Starts("", 0, params.seed))
        points = points_of(data, params)
        method = method_of(points, params, self.tolerance)
        return Input(points, params, method, starts_of(points, params, method))

    def forward(self, inputs: list[Input]) -> list[Clustering]:
        """The clusters of each table."""
        # one thread: sums in another order would end in other last digits, and now and then in other clusters
        with threadpool_limits(1):
            return [self._cluster(item) for item in inputs]

    def _cluster(self, item: Input) -> Clustering:
        points = item.points.scaled
        shown = spread(len(points), MOST_SHOWN)
        if self.fitted is not None:
            return Clustering((self.fitted.assign(item.points),), shown, (), 0)
        return cluster(
            points,
            item.params.n_clusters,
            item.method,
            item.starts,
            max_iter=item.params.max_iter,
            shown=shown,
        )

    def encode(self, item: Input, raw: Clustering, params: PredictParams, wants: Wants) -> Prediction:  # noqa: ARG002  the item's params have the fit's method
        """The clusters in the table's own units, the table with a column of labels, and the wanted stages."""
        points, end = item.points, raw.end
        with threadpool_limits(1):
            stages = inspect(points, raw, item.params, item.method) if wants.inspection else ()
            compared = spread(len(points.scaled), SILHOUETTE_POINTS)
            score = silhouette(points.scaled[compared], end.labels[compared], item.method)
        labels = row_labels(points, raw)
        sizes = np.bincount(end.labels, minlength=len(end.centroids))
        cells = center_cells(points, end, item.params.method)
        result: dict[str, Any] = {
            "clusters": [
                {
                    "cluster": number + 1,
                    "size": int(sizes[number]),
                    "centroid": dict(zip(points.names, cells[number], strict=True)),
                }
                for number in range(len(end.centroids))
            ],
            "method": item.params.method,
            "minimizes": ABOUT[item.params.method].minimizes,
            "inertia": end.inertia,
            "iterations": end.number,
            "restarts": [restart.inertias[-1] for restart in raw.restarts],
            "silhouette": score,
            "columns": list(points.names),
            "left_out": [column.name for column in points.left_out],
            "rows": {"total": len(labels), "clustered": len(points.rows)},
            "labels": labels[:MOST_LISTED],
            "assigned_to_fitted": self.fitted is not None,
        }
        return Prediction(result, (labelled(points, labels),), stages)

    def __call__(self, data: bytes, params: PredictParams, wants: Wants | None = None) -> Prediction:
        """All three in a row, for one table. Raises InputError."""
        item = self.decode(data, params)
        return self.encode(item, self.forward([item])[0], params, wants or Wants())


def row_labels(points: Points, clustering: Clustering) -> list[int | None]:
    """The cluster of each of the table's rows, from 1; None for those with missing values."""
    labels = np.zeros(len(points.frame), dtype=np.int64)
    labels[points.rows] = clustering.end.labels + 1
    return [label or None for label in labels.tolist()]


def labelled(points: Points, labels: Sequence[int | None]) -> Output:
    """The table as it came, with the cluster of each row in a last column."""
    name = "cluster"
    while name in points.frame.names:
        name += "_"
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([*map(inert, points.frame.names), name])
    for start in range(0, len(labels), _WRITTEN_ROWS):
        writer.writerows(_rows(points, labels, start))
    return Output("clusters.csv", Kind.TABLE, buffer.getvalue().encode(), "text/csv")


def _rows(points: Points, labels: Sequence[int | None], start: int) -> Iterator[tuple[Any, ...]]:
    """Some of the rows: all at once would be large as Python's text."""
    columns = [[inert(cell) for cell in column[start : start + _WRITTEN_ROWS].to_pylist()]
               for column in points.frame.cells]  # fmt: skip
    own = ["" if label is None else label for label in labels[start : start + _WRITTEN_ROWS]]
    return zip(*columns, own, strict=True)
