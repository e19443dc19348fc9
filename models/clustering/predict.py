"""Answers: the bytes of a CSV table in, clusters with their centroids and the rows' labels out."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from models.clustering.card import PredictParams
from models.clustering.data import Points, points_of
from models.clustering.kmeans import Clustering, cluster, silhouette, spread
from models.clustering.stages import inspect
from models.core import checkpoint, table
from models.core.card import Kind
from models.core.errors import WeightsError
from models.core.prediction import Output, Prediction, Wants

MOST_SHOWN = 1_000  # points whose way is kept and drawn
MOST_LISTED = 10_000  # labels in the result; the file has all
_SILHOUETTE_POINTS = 2_000


@dataclass(frozen=True)
class Input:
    points: Points
    params: PredictParams


class Predictor:
    """k-means. Nothing is loaded but when to stop.

    Raises:
        WeightsError: the file is not k-means'.
    """

    max_batch = 1  # tables have nothing in common that could be computed together

    def __init__(self, weights: Path, device: str = "cpu"):  # noqa: ARG002  the same face for every capability
        config, state = checkpoint.load(weights)
        if config.get("architecture") != "kmeans" or "tolerance" not in state:
            raise WeightsError(f"{weights.name} is not k-means: it is {config.get('architecture')!r}.")
        self.tolerance = float(state["tolerance"][0])

    def decode(self, data: bytes, params: PredictParams) -> Input:
        """Raises InputError: no table, or one that cannot be put into so many clusters; it says where."""
        return Input(points_of(data, params), params)

    def forward(self, inputs: list[Input]) -> list[Clustering]:
        """k-means on each table."""
        # one thread: sums in another order would end in other last digits, and now and then in other clusters
        with threadpool_limits(1):
            return [self._cluster(item) for item in inputs]

    def _cluster(self, item: Input) -> Clustering:
        params = item.params
        return cluster(
            item.points.scaled,
            params.n_clusters,
            init=params.init,
            n_init=params.n_init,
            max_iter=params.max_iter,
            seed=params.seed,
            tolerance=self.tolerance,
            shown=spread(len(item.points.scaled), MOST_SHOWN),
        )

    def encode(self, item: Input, raw: Clustering, params: PredictParams, wants: Wants) -> Prediction:
        """The clusters in the table's own units, the table with a column of labels, and the wanted stages."""
        points, end = item.points, raw.end
        with threadpool_limits(1):
            stages = inspect(points, raw, params) if wants.inspection else ()
            compared = spread(len(points.scaled), _SILHOUETTE_POINTS)
            score = silhouette(points.scaled[compared], end.labels[compared])
        labels = row_labels(points, raw)
        centroids = points.scale.undo(end.centroids)
        sizes = np.bincount(end.labels, minlength=params.n_clusters)
        result = {
            "clusters": [
                {
                    "cluster": number + 1,
                    "size": int(sizes[number]),
                    "centroid": dict(zip(points.names, map(float, centroids[number]), strict=True)),
                }
                for number in range(params.n_clusters)
            ],
            "inertia": end.inertia,
            "iterations": end.number,
            "silhouette": score,
            "columns": list(points.names),
            "rows": {"total": len(labels), "clustered": len(points.rows)},
            "labels": labels[:MOST_LISTED],
        }
        return Prediction(result, (labelled(points, labels),), stages)

    def __call__(self, data: bytes, params: PredictParams, wants: Wants | None = None) -> Prediction:
        """All three in a row, for one table. Raises InputError."""
        item = self.decode(data, params)
        return self.encode(item, self.forward([item])[0], params, wants or Wants())


def row_labels(points: Points, clustering: Clustering) -> list[int | None]:
    """The cluster of each of the table's rows, from 1; None for those with missing values."""
    labels: list[int | None] = [None] * len(points.table.rows)
    for row, label in zip(points.rows.tolist(), clustering.end.labels.tolist(), strict=True):
        labels[row] = label + 1
    return labels


def labelled(points: Points, labels: list[int | None]) -> Output:
    """The table as it came, with the cluster of each row in a last column."""
    name = "cluster"
    while name in points.table.names:
        name += "_"
    rows = [
        [*row, "" if label is None else str(label)]
        for row, label in zip(points.table.rows, labels, strict=True)
    ]
    return Output("clusters.csv", Kind.TABLE, table.write([*points.table.names, name], rows), "text/csv")
