"""The clusters in the units of the table, and the places where they are drawn."""

import numpy as np

from models.clustering.data import Points
from models.clustering.distances import Method
from models.clustering.elbow import project
from models.clustering.fit import Clustering
from models.clustering.lloyd import Step

Cells = list[float | str | None]


def center_cells(points: Points, end: Step, method: str) -> list[Cells]:
    """Each center: numbers in the table's units, categories as words.

    Cosine distances have mean directions for centers, which have no unit: there it is the rows' means.
    """
    centers = points.scale.undo(end.centroids)
    if method == "spherical k-means":
        for cluster in range(len(centers)):
            members = points.values[end.labels == cluster]
            centers[cluster] = members.mean(axis=0) if len(members) else np.nan
    return [_cells(points, center) for center in centers]


def all_cells(points: Points, method: str) -> Cells:
    """The same of all rows together."""
    numbers = points.values[:, : points.numeric]
    middle = np.median(numbers, axis=0) if method == "k-medians" else numbers.mean(axis=0)
    codes = points.values[:, points.numeric :].astype(np.int64)
    modes = [np.bincount(column[column >= 0], minlength=1).argmax() for column in codes.T]
    return _cells(points, np.concatenate([middle, np.array(modes, dtype=np.float64)]))


def _cells(points: Points, values: np.ndarray) -> Cells:
    cells = [points.cell(float(value), column) for column, value in enumerate(values)]
    return [None if isinstance(cell, float) and not np.isfinite(cell) else cell for cell in cells]


def places(
    points: Points, clustering: Clustering, method: Method
) -> tuple[np.ndarray, tuple[str, str], list[np.ndarray]]:
    """Where the shown points (n, 2) are drawn, the axes' names, and the centers (K, 2) of every step."""
    embedded = method.embed(points.scaled)
    centers = [method.embed(step.centroids) for step in clustering.steps]
    shown = clustering.shown
    if embedded.shape[1] > 2:
        plane = project(embedded)
        names = [f"component {n + 1} ({plane.shares[n]:.0%} of the variance)" for n in range(2)]
        return plane.places(embedded[shown]), (names[0], names[1]), [plane.places(each) for each in centers]
    if points.numeric < len(points.names) or method.metric == "cosine":
        # one column of two categories, or directions: there is no unit to draw them in
        names = [f"{name} (direction)" if points.numeric else "" for name in (*points.labels, "")]
        return _wide(embedded[shown]), (names[0], names[1]), [_wide(each) for each in centers]
    undo = points.scale.undo
    if len(points.names) == 2:
        return points.values[shown], (points.labels[0], points.labels[1]), [undo(each) for each in centers]
    # one column: the rows' places in the file give the height, and the centers stand in the middle of it
    heights = points.frame.rows[points.rows].astype(np.float64)
    middles = np.full((len(centers[0]), 1), heights.mean())
    drawn = np.column_stack([points.values[shown], heights[shown]])
    return drawn, (points.labels[0], "row"), [np.hstack([undo(each), middles]) for each in centers]


def _wide(places: np.ndarray) -> np.ndarray:
    return places if places.shape[1] == 2 else np.hstack([places, np.zeros((len(places), 1))])
