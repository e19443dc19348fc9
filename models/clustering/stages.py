"""The steps of one clustering, each with its data, and words for somebody who sees it for the first time."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from models.clustering.card import PredictParams
from models.clustering.data import Points
from models.clustering.kmeans import Clustering, Elbow, elbow, project
from models.clustering.lloyd import Step
from models.core.card import Kind
from models.core.prediction import Stage

COLUMNS = (
    "The columns of the table, and which of them count. k-means measures distances, so it needs numbers. A "
    "column in large units would outweigh the others; scaling makes them count alike. Rows that miss a "
    "value in one of the used columns are left out."
)
ELBOW = (
    "Inertia is the sum of squared distances of the rows to their centroids. More clusters always make it "
    "smaller, so small is not good in itself. Where the curve bends, more clusters stop to pay: that is the "
    "knee. It is found as the point farthest below the straight line between both ends of the curve."
)
SILHOUETTE = (
    "For each row: how far is it from its own cluster, and how far from the nearest other one? 1 means it "
    "lies well inside its own, 0 on the border, below 0 that it would fit better elsewhere. The mean over "
    "all rows is highest where the clusters are compact and apart. For one cluster there is none."
)
RESTARTS = (
    "Where k-means ends depends on where it starts: it goes downhill and stops in the first valley. So it "
    "is started several times, and the end with the smallest inertia is kept. Ends that differ much say "
    "that the clusters are not clear."
)
INERTIA = (
    "The inertia with each iteration of the best start. It never rises: giving each row to the nearest "
    "centroid cannot make it larger, and moving a centroid to the mean of its rows cannot either. That is "
    "why k-means always comes to an end."
)
PROFILE = (
    "The clusters in the units of the table: how many rows, and the mean of each column. The last row is "
    "the mean of all rows. Columns whose means differ most tell the clusters apart. The names of the "
    "clusters are numbers: what they mean is for you to find."
)
CLUSTERS = (
    "Play the iterations: each row is given to the nearest centroid, then each centroid moves to the mean "
    "of its rows, and again, until nothing changes. The dashed lines are the ways that the centroids went."
)
PROJECTED = (
    " There are more columns than a picture has sides, so you see the plane in which the rows differ most "
    "(principal components); rows that lie on each other here may be apart in another direction."
)


def inspect(points: Points, clustering: Clustering, params: PredictParams) -> tuple[Stage, ...]:
    """All stages of one clustering, in order; the clusters themselves come last."""
    tried = elbow(points.scaled, seed=params.seed)
    return (
        columns_stage(points),
        *count_stages(tried, len(points.scaled)),
        restarts_stage(clustering),
        inertia_stage(clustering.steps),
        profile_stage(points, clustering.end),
        clusters_stage(points, clustering),
    )


def columns_stage(points: Points) -> Stage:
    """Which columns count, and why the others do not."""
    names = ("column", "used", "mean", "spread", "smallest", "largest", "missing", "why not")
    values = points.values
    rows: list[list[Any]] = [
        [name, "yes", *map(short, moments), missing, None]
        for name, missing, *moments in zip(
            points.names,
            points.missing,
            values.mean(axis=0),
            values.std(axis=0),
            values.min(axis=0),
            values.max(axis=0),
            strict=True,
        )
    ]
    for column in points.left_out:
        bad = column.bad
        why = f"row {bad.row}: {bad.text!r} {bad.why}" if bad else "not chosen, or no value at all"
        rows.append([column.name, "no", None, None, None, None, column.missing, why])
    lost = len(points.table.rows) - len(points.rows)
    words = COLUMNS + (f" Here these are {lost:,} of {len(points.table.rows):,} rows." if lost else "")
    return _table("columns", "Columns", words, names, rows, "models.clustering.data.points_of")


def count_stages(tried: Elbow, total: int) -> tuple[Stage, Stage]:
    """Inertia and silhouette over the number of clusters."""
    part = f" Looked at: {tried.points:,} of {total:,} rows." if tried.points < total else ""
    counts, at = list(tried.counts), tried.knee
    inertias = {"name": "inertia", "x": counts, "y": [short(value) for value in tried.inertias]}
    # a level line that ends at the knee: a curve has no marks
    mark = {"name": f"knee at {at}", "x": counts[:at], "y": [short(tried.inertias[at - 1])] * at}
    scores = [None if score is None else round(score, 4) for score in tried.silhouettes]
    return (
        Stage(
            "elbow",
            Kind.CURVE,
            "How many clusters: the elbow",
            f"{ELBOW} Here: {at}.{part}",
            {"x_label": "clusters", "y_label": "inertia", "series": [inertias, mark]},
            code="models.clustering.kmeans.elbow",
        ),
        Stage(
            "silhouette",
            Kind.CURVE,
            "How many clusters: the silhouette",
            SILHOUETTE + part,
            {
                "x_label": "clusters",
                "y_label": "silhouette",
                "series": [{"name": "silhouette", "x": counts, "y": scores}],
            },
            code="models.clustering.kmeans.silhouette",
        ),
    )


def restarts_stage(clustering: Clustering) -> Stage:
    """How every start ended."""
    rows = [
        [
            number + 1,
            short(restart.start.inertia),
            short(restart.end.inertia),
            restart.end.number,
            "kept" if number == clustering.best else None,
        ]
        for number, restart in enumerate(clustering.restarts)
    ]
    names = ("start", "inertia at the start", "inertia at the end", "iterations", "kept")
    return _table("restarts", "Starts", RESTARTS, names, rows, "models.clustering.kmeans.cluster")


def inertia_stage(steps: Sequence[Step]) -> Stage:
    """The way down of the best start."""
    series = {
        "name": "inertia",
        "x": [step.number for step in steps],
        "y": [short(step.inertia) for step in steps],
    }
    data = {"x_label": "iteration", "y_label": "inertia", "series": [series]}
    return Stage(
        "inertia", Kind.CURVE, "Inertia", INERTIA, data, (), steps[-1].number, "models.clustering.lloyd.lloyd"
    )


def profile_stage(points: Points, end: Step) -> Stage:
    """Size and means of each cluster, in the table's units."""
    centroids = points.scale.undo(end.centroids)
    sizes = np.bincount(end.labels, minlength=len(centroids))
    rows = [
        [str(number + 1), int(size), *map(short, centroid)]
        for number, (size, centroid) in enumerate(zip(sizes, centroids, strict=True))
    ]
    rows.append(["all", len(points.values), *map(short, points.values.mean(axis=0))])
    names = ("cluster", "rows", *points.names)
    return _table("profile", "Profile of the clusters", PROFILE, names, rows, "models.clustering.lloyd.move")


def clusters_stage(points: Points, clustering: Clustering) -> Stage:
    """Every iteration as a picture: where the shown rows belong, where the centroids stand."""
    shown, steps = clustering.shown, clustering.steps
    places, labels_of_axes, centers = _plane(points, clustering)
    explained = PROJECTED if len(points.names) > 2 else ""
    if len(shown) < len(points.rows):
        explained += (
            f" Drawn are {len(shown):,} of {len(points.rows):,} rows, evenly chosen; all of them are counted."
        )
    data = {
        "x_label": labels_of_axes[0],
        "y_label": labels_of_axes[1],
        "total": len(points.rows),
        "groups": [str(number + 1) for number in range(len(clustering.end.centroids))],
        "rows": [points.table.numbers[row] for row in points.rows[shown]],
        "points": _rounded(places, places),
        "measures": ["inertia", "changed"],
        "steps": [
            {
                "labels": (step.labels if step is not steps[-1] else step.labels[shown]).tolist(),
                "centers": _rounded(at, places),
                "values": [short(step.inertia), step.changed],
            }
            for step, at in zip(steps, centers, strict=True)
        ],
    }
    return Stage(
        "clusters",
        Kind.SCATTER_STEPS,
        "Clusters",
        CLUSTERS + explained,
        data,
        count=len(clustering.end.centroids),
        code="models.clustering.lloyd.lloyd",
    )


def _plane(points: Points, clustering: Clustering) -> tuple[np.ndarray, tuple[str, str], list[np.ndarray]]:
    """The shown points (n, 2), the axes' names, and the centroids (K, 2) of every step."""
    shown, steps = clustering.shown, clustering.steps
    undo = points.scale.undo
    if len(points.names) > 2:
        middle, axes, shares = project(points.scaled)
        names = [f"component {n + 1} ({shares[n]:.0%} of the variance)" for n in range(2)]
        centers = [(step.centroids - middle) @ axes.T for step in steps]
        return (points.scaled[shown] - middle) @ axes.T, (names[0], names[1]), centers
    first, *others = list(points.names)
    if others:
        return points.values[shown], (first, others[0]), [undo(s.centroids) for s in steps]
    # one column: the rows' places in the file give the height, and the centroids stand in the middle of it
    heights = np.array(points.table.numbers, dtype=np.float64)[points.rows]
    middles = np.full((len(clustering.end.centroids), 1), heights.mean())
    places = np.column_stack([points.values[shown], heights[shown]])
    return places, (first, "row"), [np.hstack([undo(s.centroids), middles]) for s in steps]


def _rounded(places: np.ndarray, all_places: np.ndarray) -> list[list[float]]:
    """To a ten-thousandth of the picture's sides: more cannot be seen."""
    sides = np.maximum(np.ptp(all_places, axis=0), np.finfo(np.float64).tiny)
    digits = np.clip(4 - np.floor(np.log10(sides)), -300, 300).astype(int)
    columns = [np.round(places[:, axis], digits[axis]) for axis in range(2)]
    return np.column_stack(columns).tolist()


def short(value: float) -> float:
    """Six digits."""
    return float(f"{value:.6g}")


def _table(
    name: str, title: str, words: str, columns: Sequence[str], rows: list[list[Any]], code: str
) -> Stage:
    data = {"columns": [{"name": column} for column in columns], "rows": rows}
    return Stage(name, Kind.TABLE, title, words, data, code=code)
