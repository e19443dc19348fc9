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
from models.clustering.distances import Method
from models.clustering.elbow import SILHOUETTE_POINTS, silhouette, spaced
from models.clustering.initialization import Initialization
from models.clustering.inspection.cluster_profiles import center_cells
from models.clustering.inspection.stages import notes_of, stages_of
from models.clustering.objectives import OBJECTIVES, method_of
from models.clustering.restarts import Clustering, cluster
from models.clustering.table.initial_centers import initialization_of
from models.clustering.table.points import Points, read_points
from models.clustering.trained_clusters import TrainedClusters
from models.core.contract.card import Kind
from models.core.contract.prediction import Inputs, Output, Prediction, Stage, content
from models.core.tables.csv_reader import escape_formula

MAX_SHOWN = 1_000  # points whose labels are kept for every step, and which are drawn
MAX_LISTED = 10_000  # labels in the result; the file has all of them
_WRITTEN_ROWS = 20_000  # at once


@dataclass(frozen=True)
class Item:
    """A decoded table, ready to be clustered. `params` have the method and number of trained clusters."""

    points: Points
    params: PredictParams
    method: Method
    initialization: Initialization


class Predictor:
    """Finds the clusters of each table, or assigns its rows to the trained clusters in the weights file.

    Raises:
        WeightsError: the file holds no clusters.
    """

    max_batch = 1  # tables share no computation

    def __init__(self, weights: Path | None = None, device: str = "cpu"):  # noqa: ARG002  NumPy runs on the CPU
        self.trained = TrainedClusters.load(weights) if weights is not None else None

    def decode(self, inputs: Inputs, params: PredictParams) -> Item:
        """Raises InputError: no table, or one that cannot be clustered; the message names the place."""
        data = content(inputs, "table")
        if self.trained is not None:
            fitted = {"method": self.trained.method_name, "n_clusters": len(self.trained.centers)}
            params = params.model_copy(update=fitted)
            points = self.trained.read_points(data, params)
            return Item(points, params, self.trained.method, Initialization("", 0, params.seed))
        points = read_points(data, params)
        method = method_of(points, params)
        return Item(points, params, method, initialization_of(points, params, method))

    def forward(self, items: list[Item]) -> list[Clustering]:
        """The clusters of each table."""
        # one thread: another order of sums would change their last digits, and now and then a cluster
        with threadpool_limits(1):
            return [self._cluster(item) for item in items]

    def _cluster(self, item: Item) -> Clustering:
        points = item.points.scaled
        shown = spaced(len(points), MAX_SHOWN)
        if self.trained is not None:
            return Clustering((self.trained.assign(item.points),), shown, (), 0)
        return cluster(
            points,
            item.params.n_clusters,
            item.method,
            item.initialization,
            max_iter=item.params.max_iter,
            shown=shown,
        )

    def encode(
        self,
        item: Item,
        raw: Clustering,
        params: PredictParams,  # noqa: ARG002  the item's params have the method of trained clusters
        *,
        picture: bool = False,  # noqa: ARG002  a table is drawn by its stages only
    ) -> Prediction:
        """The clusters in the table's units, and the table with a column of labels."""
        points, end = item.points, raw.end
        with threadpool_limits(1):
            compared = spaced(len(points.scaled), SILHOUETTE_POINTS)
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
            "minimizes": str(OBJECTIVES[item.params.method].minimizes),
            "inertia": end.inertia,
            "iterations": end.number,
            "restarts": [restart.inertias[-1] for restart in raw.restarts],
            "silhouette": score,
            "columns": list(points.names),
            "left_out": [column.name for column in points.left_out],
            "rows": {"total": len(labels), "clustered": len(points.rows)},
            "labels": labels[:MAX_LISTED],
            "notes": list(notes_of(points, raw)),
            "assigned_to_fitted": self.trained is not None,
        }
        return Prediction(result, (labeled_table(points, labels),))

    def inspect(self, item: Item, raw: Clustering, params: PredictParams) -> tuple[Stage, ...]:  # noqa: ARG002
        """The stages of the clustering; the clusters themselves come last."""
        with threadpool_limits(1):
            return stages_of(item.points, raw, item.params, item.method)


def row_labels(points: Points, clustering: Clustering) -> list[int | None]:
    """The cluster of each of the table's rows, from 1; None for rows with missing values."""
    labels = np.zeros(len(points.frame), dtype=np.int64)
    labels[points.rows] = clustering.end.labels + 1
    return [label or None for label in labels.tolist()]


def labeled_table(points: Points, labels: Sequence[int | None]) -> Output:
    """The table as uploaded, with the cluster of each row in an additional last column."""
    name = "cluster"
    while name in points.frame.names:
        name += "_"
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([*map(escape_formula, points.frame.names), name])
    for start in range(0, len(labels), _WRITTEN_ROWS):
        writer.writerows(_rows(points, labels, start))
    return Output("clusters.csv", Kind.TABLE, buffer.getvalue().encode(), "text/csv")


def _rows(points: Points, labels: Sequence[int | None], start: int) -> Iterator[tuple[Any, ...]]:
    """Some of the rows: all rows at once would take much memory as Python strings."""
    block = slice(start, start + _WRITTEN_ROWS)
    columns = [[escape_formula(cell) for cell in column[block].to_pylist()] for column in points.frame.cells]
    own = ["" if label is None else label for label in labels[block]]
    return zip(*columns, own, strict=True)
