"""The clusters in the units of the table, and the positions at which points and centers are drawn."""

import numpy as np

from models.clustering.distances import Method
from models.clustering.inspection.projection import project
from models.clustering.inspection.stage_texts import COMPONENT, DIRECTION, ROW
from models.clustering.lloyd import Step
from models.clustering.restarts import Clustering
from models.clustering.table.points import Points

Cells = list[float | str | None]


def center_cells(points: Points, end: Step, method: str) -> list[Cells]:
    """Each center: numbers in the table's units, categories by name.

    The centers of cosine distances are mean directions, which have no unit; here they are the rows' means.
    """
    centers = points.scale.undo(end.centroids)
    if method == "spherical k-means":
        for cluster in range(len(centers)):
            members = points.values[end.labels == cluster]
            centers[cluster] = members.mean(axis=0) if len(members) else np.nan
    return [_cells(points, center) for center in centers]


def all_cells(points: Points, method: str) -> Cells:
    """The center of all rows together."""
    numbers = points.values[:, : points.numeric]
    center = np.median(numbers, axis=0) if method == "k-medians" else numbers.mean(axis=0)
    codes = points.values[:, points.numeric :].astype(np.int64)
    modes = [np.bincount(column[column >= 0], minlength=1).argmax() for column in codes.T]
    return _cells(points, np.concatenate([center, np.array(modes, dtype=np.float64)]))


def _cells(points: Points, values: np.ndarray) -> Cells:
    cells = [points.cell(float(value), column) for column, value in enumerate(values)]
    return [None if isinstance(cell, float) and not np.isfinite(cell) else cell for cell in cells]


def positions(
    points: Points, clustering: Clustering, method: Method
) -> tuple[np.ndarray, tuple[str, str], list[np.ndarray]]:
    """Positions of the shown points (n, 2), the axes' names, and the centers (K, 2) of every step."""
    embedded = method.embed(points.scaled)
    centers = [method.embed(step.centroids) for step in clustering.steps]
    shown = clustering.shown
    if embedded.shape[1] > 2:
        plane = project(embedded)
        first, second = (COMPONENT(number=n + 1, share=float(plane.shares[n])) for n in range(2))
        return plane.positions(embedded[shown]), (first, second), [plane.positions(each) for each in centers]
    if points.numeric < len(points.names) or method.metric == "cosine":
        # one column of two categories, or directions: neither has a unit
        names = [DIRECTION(column=name) if points.numeric else "" for name in (*points.labels, "")]
        return _two_columns(embedded[shown]), (names[0], names[1]), [_two_columns(each) for each in centers]
    undo = points.scale.undo
    if len(points.names) == 2:
        return points.values[shown], (points.labels[0], points.labels[1]), [undo(each) for each in centers]
    # one column: points are drawn at the height of their row in the file, centers at the mean height
    heights = points.frame.rows[points.rows].astype(np.float64)
    middles = np.full((len(centers[0]), 1), heights.mean())
    drawn = np.column_stack([points.values[shown], heights[shown]])
    return drawn, (points.labels[0], ROW()), [np.hstack([undo(each), middles]) for each in centers]


def _two_columns(positions: np.ndarray) -> np.ndarray:
    return positions if positions.shape[1] == 2 else np.hstack([positions, np.zeros((len(positions), 1))])
