"""The steps of one clustering, each with its data and words."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from models.clustering.card import MOST_CLUSTERS, PredictParams
from models.clustering.data import TAKES, Points
from models.clustering.distances import Method
from models.clustering.elbow import Elbow, elbow
from models.clustering.fit import PLACED, Clustering
from models.clustering.initial_centers import is_placeable
from models.clustering.inspection import stage_texts
from models.clustering.inspection.profile import all_cells, center_cells, places
from models.clustering.methods import ABOUT
from models.clustering.modes import MixedCost
from models.core.contract.card import Kind
from models.core.contract.prediction import Stage
from models.core.tables.profile import About, Report, report
from models.core.tables.read_options import ColumnType

MOST_PATHS = 20  # starts that are drawn
MOST_PROBLEMS = 200
_BARS = "▁▂▃▄▅▆▇█"
_TOP_WORDS = 4
_PLURALS = {
    ColumnType.NUMBER: "numbers",
    ColumnType.CATEGORY: "categories",
    ColumnType.DATE: "dates",
    ColumnType.TEXT: "free text",
}


def inspect(
    points: Points, clustering: Clustering, params: PredictParams, method: Method
) -> tuple[Stage, ...]:
    """All stages of one clustering, in order; the clusters themselves come last."""
    read = report(points.frame)
    known = ABOUT[params.method]
    fill = {"method": params.method, "minimizes": known.minimizes, "center": known.center}
    stages = [columns_stage(points, read, params.method), *problems_stage(read)]
    if clustering.restarts:  # none where rows are assigned to clusters that are there already
        stages += count_stages(elbow(points.scaled, method, seed=params.seed), len(points.scaled), fill)
        stages += restarts_stages(clustering, fill)
        stages.append(inertia_stage(clustering, fill))
    stages.append(profile_stage(points, clustering, params.method, fill))
    stages.append(clusters_stage(points, clustering, method, fill))
    return tuple(stages)


def columns_stage(points: Points, read: Report, method: str) -> Stage:
    """What was read: every column, which of them count, and why the others do not."""
    names = (
        "column", "type", "used", "missing", "distinct", "smallest", "largest", "mean", "spread out",
        "why not used",
    )  # fmt: skip
    rows = [
        [
            about.name,
            about.type.value,
            "yes" if about.name in points.names else "no",
            about.missing,
            about.distinct,
            *(
                short(value) if isinstance(value, float) else value
                for value in (about.smallest, about.largest)
            ),
            None if about.mean is None else short(about.mean),
            _spread_out(about),
            None if about.name in points.names else _why_not(points, about, method),
        ]
        for about in read.columns
    ]
    lost = len(points.frame) - len(points.rows)
    total = len(points.frame)
    more = f" Here these are {lost:,} of {total:,} rows." if lost else f" The table has {total:,} rows."
    return _table(
        "columns",
        "What was read",
        stage_texts.COLUMNS + more,
        names,
        rows,
        "models.core.tables.profile.report",
    )


def _spread_out(about: About) -> str | None:
    """A histogram in one cell: bars for numbers and dates, the most frequent words with their counts."""
    found = about.histogram
    if found is None:
        return None
    if found.words:
        pairs = zip(found.words[:_TOP_WORDS], found.counts, strict=False)
        more = " …" if about.distinct > _TOP_WORDS else ""
        return ", ".join(f"{word[:20]} {count}" for word, count in pairs) + more
    most = max(found.counts)
    return "".join(_BARS[round(count / most * (len(_BARS) - 1))] for count in found.counts)


def _why_not(points: Points, about: About, method: str) -> str:
    column = next(column for column in points.left_out if column.name == about.name)
    if column.missing == len(column.values):
        return "no value at all"
    if column.bad is not None:
        return f"row {column.bad.row}: {column.bad.text!r} {column.bad.why}"
    if about.type == ColumnType.DATE and ColumnType.NUMBER in TAKES[method]:
        return "it holds dates; choose it to use them"
    return "not chosen" if about.type in TAKES[method] else f"{method} takes no {_PLURALS[about.type]}"


def problems_stage(read: Report) -> list[Stage]:
    """What is odd, with its place; no stage where there is nothing."""
    if not read.problems:
        return []
    rows: list[list[Any]] = [
        [problem.row, problem.column, problem.what] for problem in read.problems[:MOST_PROBLEMS]
    ]
    more = len(read.problems) - len(rows)
    explanation = stage_texts.PROBLEMS + (f" {more:,} more are not listed." if more else "")
    names = ("row", "column", "what")
    return [
        _table(
            "problems", "Problems of the table", explanation, names, rows, "models.core.tables.profile.report"
        )
    ]


def count_stages(tried: Elbow, total: int, fill: dict[str, str]) -> tuple[Stage, Stage]:
    """Inertia and silhouette over the number of clusters."""
    part = f" Looked at: {tried.points:,} of {total:,} rows." if tried.points < total else ""
    counts, at = list(tried.counts), tried.knee
    inertias = {"name": "inertia", "x": counts, "y": [short(value) for value in tried.inertias]}
    # a level line that ends at the knee: a curve has no marks
    mark = {"name": f"knee at {at}", "x": counts[:at], "y": [short(tried.inertias[at - 1])] * at}
    scores = [None if score is None else round(score, 4) for score in tried.silhouettes]
    curve = {"name": "silhouette", "x": counts, "y": scores}
    return (
        Stage(
            "elbow",
            Kind.CURVE,
            "How many clusters: the elbow",
            f"{stage_texts.ELBOW.format(**fill)} Here: {at}.{part}",
            {"x_label": "clusters", "y_label": "inertia", "series": [inertias, mark]},
            code="models.clustering.elbow.elbow",
        ),
        Stage(
            "silhouette",
            Kind.CURVE,
            "How many clusters: the silhouette",
            stage_texts.SILHOUETTE + part,
            {"x_label": "clusters", "y_label": "silhouette", "series": [curve]},
            code="models.clustering.elbow.silhouette",
        ),
    )


def restarts_stages(clustering: Clustering, fill: dict[str, str]) -> tuple[Stage, Stage]:
    """How every start went and ended."""
    restarts, best = clustering.restarts, clustering.best
    rows = [
        [
            number + 1,
            short(restart.inertias[0]),
            short(restart.inertias[-1]),
            restart.iterations,
            "kept" if number == best else None,
        ]
        for number, restart in enumerate(restarts)
    ]
    names = ("start", "inertia at the start", "inertia at the end", "iterations", "kept")
    drawn = sorted({best, *range(len(restarts))} - set(range(MOST_PATHS, len(restarts))) | {best})
    part = f" Drawn are {len(drawn)} of {len(restarts)} starts." if len(drawn) < len(restarts) else ""
    series = [
        {
            "name": f"start {number + 1}" + (" (kept)" if number == best else ""),
            "x": list(range(len(restarts[number].inertias))),
            "y": [short(value) for value in restarts[number].inertias],
        }
        for number in drawn
    ]
    data = {"x_label": "iteration", "y_label": "inertia", "series": series}
    code = "models.clustering.fit.attempts"
    return (
        _table("restarts", "Starts", stage_texts.RESTARTS.format(**fill), names, rows, code),
        Stage(
            "paths",
            Kind.CURVE,
            "The ways of the starts",
            stage_texts.PATHS + part,
            data,
            (),
            len(restarts),
            code,
        ),
    )


def inertia_stage(clustering: Clustering, fill: dict[str, str]) -> Stage:
    """The way down of the best start."""
    steps = clustering.steps
    series = {
        "name": "inertia",
        "x": [step.number for step in steps],
        "y": [short(step.inertia) for step in steps],
    }
    data = {"x_label": "iteration", "y_label": "inertia", "series": [series]}
    explanation = stage_texts.INERTIA.format(**fill)
    code = "models.clustering.lloyd.lloyd"
    return Stage("inertia", Kind.CURVE, "Inertia", explanation, data, (), steps[-1].number, code)


def profile_stage(points: Points, clustering: Clustering, method: str, fill: dict[str, str]) -> Stage:
    """Size and center of each cluster, in the table's units."""
    end = clustering.end
    sizes = np.bincount(end.labels, minlength=len(end.centroids)).tolist()
    cells = [*center_cells(points, end, method), all_cells(points, method)]
    labels = [*(str(number + 1) for number in range(len(sizes))), "all"]
    rows: list[list[Any]] = [
        [label, size, *(short(cell) if isinstance(cell, float) else cell for cell in row)]
        for label, size, row in zip(labels, [*sizes, len(points.values)], cells, strict=True)
    ]
    explanation = stage_texts.PROFILE.format(
        **{**fill, "center": "mean" if method == "spherical k-means" else fill["center"]},
        but=stage_texts.DIRECTIONS if method == "spherical k-means" else "",
    )
    names = ("cluster", "rows", *points.names)
    code = "models.clustering.inspection.profile.center_cells"
    return _table("profile", "Profile of the clusters", explanation, names, rows, code)


def clusters_stage(points: Points, clustering: Clustering, method: Method, fill: dict[str, str]) -> Stage:
    """Every iteration as a picture: where the shown rows belong, where the centers stand."""
    shown, steps = clustering.shown, clustering.steps
    drawn, labels_of_axes, centers = places(points, clustering, method)
    explained = stage_texts.CLUSTERS.format(**fill) if clustering.restarts else stage_texts.ASSIGNED
    if clustering.restarts and isinstance(method, MixedCost):
        explained += stage_texts.ONE_BY_ONE
    if method.embed(points.scaled[:1]).shape[1] > 2:
        explained += stage_texts.PROJECTED
    if len(shown) < len(points.rows):
        explained += (
            f" Drawn are {len(shown):,} of {len(points.rows):,} rows, evenly chosen; all of them are counted."
        )
    data: dict[str, Any] = {
        "x_label": labels_of_axes[0],
        "y_label": labels_of_axes[1],
        "total": len(points.rows),
        "groups": [str(number + 1) for number in range(len(clustering.end.centroids))],
        "rows": points.frame.rows[points.rows[shown]].tolist(),
        "points": _rounded(drawn, drawn),
        "measures": ["inertia", "changed"],
        "steps": [
            {
                "labels": (step.labels if step is not steps[-1] else step.labels[shown]).tolist(),
                "centers": _rounded(at, drawn),
                "values": [short(step.inertia), step.changed],
            }
            for step, at in zip(steps, centers, strict=True)
        ],
    }
    if clustering.restarts and is_placeable(points, method):
        data["placing"] = {
            "values": min(2, len(points.names)),
            "param": "starts",
            "count": "n_clusters",
            "most": min(MOST_CLUSTERS, len(points.rows)),
            "params": {"init": PLACED},
        }
    return Stage(
        "clusters",
        Kind.SCATTER_STEPS,
        "Clusters",
        explained,
        data,
        count=len(clustering.end.centroids),
        code="models.clustering.lloyd.lloyd",
    )


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
    name: str, title: str, explanation: str, columns: Sequence[str], rows: list[list[Any]], code: str
) -> Stage:
    data = {"columns": [{"name": column} for column in columns], "rows": rows}
    return Stage(name, Kind.TABLE, title, explanation, data, code=code)
