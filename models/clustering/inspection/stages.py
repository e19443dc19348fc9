"""The stages of one clustering, in order; the clusters themselves come last."""

from typing import Any

import numpy as np

from models.clustering.card import MAX_CLUSTERS, PredictParams
from models.clustering.distances import Method
from models.clustering.elbow import Elbow, elbow
from models.clustering.initialization import PLACED
from models.clustering.inspection import stage_texts
from models.clustering.inspection.cluster_profiles import all_cells, center_cells, positions
from models.clustering.inspection.rounding import round_positions, short
from models.clustering.inspection.table_stages import columns_stage, problems_stages
from models.clustering.k_prototypes import MixedDistance
from models.clustering.objectives import OBJECTIVES, SPHERICAL, Objective
from models.clustering.restarts import Clustering
from models.clustering.table.initial_centers import is_placeable
from models.clustering.table.notes import notes_on_rows, notes_on_sizes
from models.clustering.table.points import Points
from models.core.contract.card import Kind
from models.core.contract.messages import Message, join
from models.core.contract.prediction import Role, Stage
from models.core.tables import headings
from models.core.tables.profile import profile

MAX_PATHS = 20  # restarts that are drawn


def stages_of(
    points: Points, clustering: Clustering, params: PredictParams, method: Method
) -> tuple[Stage, ...]:
    """All stages. Rows assigned to trained clusters have no restarts, and so no elbow and no inertia."""
    table = profile(points.frame)
    objective = OBJECTIVES[params.method]
    stages = [columns_stage(points, table, params.method), *problems_stages(table)]
    if clustering.restarts:
        stages += count_stages(elbow(points.scaled, method, seed=params.seed), len(points.scaled), objective)
        stages += restarts_stages(clustering, objective)
        stages.append(inertia_stage(clustering, objective))
    stages.append(profile_stage(points, clustering, params.method, objective))
    stages.append(clusters_stage(points, clustering, method, objective))
    return tuple(stages)


def notes_of(points: Points, clustering: Clustering) -> tuple[Message, ...]:
    """What to know before the clusters are believed; for trained clusters only the columns and rows."""
    on_rows = notes_on_rows(len(points.rows), len(points.frame))
    if not clustering.restarts:
        return (*on_rows, *points.notes)
    sizes = np.bincount(clustering.end.labels, minlength=len(clustering.end.centroids))
    return (*on_rows, *points.notes, *notes_on_sizes(sizes))


def count_stages(tried: Elbow, total: int, objective: Objective) -> tuple[Stage, Stage]:
    """Inertia and silhouette over the number of clusters."""
    sampled = stage_texts.SAMPLED(points=tried.points, total=total) if tried.points < total else ""
    counts, at = list(tried.counts), tried.elbow
    inertia = stage_texts.INERTIA_LABEL()
    inertias = {"name": inertia, "x": counts, "y": [short(value) for value in tried.inertias]}
    mark = {"x": at, "label": stage_texts.ELBOW_MARK()}
    explanation = stage_texts.ELBOW(method=objective.name, minimizes=objective.minimizes, at=at)
    silhouettes = [None if score is None else round(score, 4) for score in tried.silhouettes]
    silhouette = stage_texts.SILHOUETTE_LABEL()
    clusters = stage_texts.CLUSTERS_AXIS()
    return (
        Stage(
            id="elbow",
            kind=Kind.CURVE,
            title=stage_texts.ELBOW_TITLE(),
            explanation=join(explanation, sampled),
            data={"x_label": clusters, "y_label": inertia, "series": [inertias], "marks": [mark]},
            code="models.clustering.elbow.elbow",
        ),
        Stage(
            id="silhouette",
            kind=Kind.CURVE,
            title=stage_texts.SILHOUETTE_TITLE(),
            explanation=join(stage_texts.SILHOUETTE(), sampled),
            data={
                "x_label": clusters,
                "y_label": silhouette,
                "series": [{"name": silhouette, "x": counts, "y": silhouettes}],
            },
            code="models.clustering.elbow.silhouette",
        ),
    )


def restarts_stages(clustering: Clustering, objective: Objective) -> tuple[Stage, Stage]:
    """The course and the outcome of every restart."""
    restarts, best = clustering.restarts, clustering.best
    rows = [
        [
            number + 1,
            short(restart.inertias[0]),
            short(restart.inertias[-1]),
            restart.iterations,
            stage_texts.KEPT() if number == best else None,
        ]
        for number, restart in enumerate(restarts)
    ]
    names = (
        stage_texts.RESTART_NUMBER(),
        stage_texts.INITIAL_INERTIA(),
        stage_texts.FINAL_INERTIA(),
        stage_texts.ITERATIONS(),
        stage_texts.KEPT(),
    )
    drawn = sorted({best, *range(min(len(restarts), MAX_PATHS))})
    part = stage_texts.DRAWN_RESTARTS(drawn=len(drawn), total=len(restarts))
    series = [
        {
            "name": (stage_texts.RESTART_KEPT if number == best else stage_texts.RESTART)(number=number + 1),
            "x": list(range(len(restarts[number].inertias))),
            "y": [short(value) for value in restarts[number].inertias],
        }
        for number in drawn
    ]
    code = "models.clustering.restarts.run_restarts"
    return (
        Stage(
            id="restarts",
            kind=Kind.TABLE,
            title=stage_texts.RESTARTS_TITLE(),
            explanation=stage_texts.RESTARTS(method=objective.name),
            data={"columns": [{"name": name} for name in names], "rows": rows},
            code=code,
        ),
        Stage(
            id="paths",
            kind=Kind.CURVE,
            title=stage_texts.PATHS_TITLE(),
            explanation=join(stage_texts.PATHS(), part if len(drawn) < len(restarts) else ""),
            data={
                "x_label": stage_texts.ITERATION(),
                "y_label": stage_texts.INERTIA_LABEL(),
                "series": series,
            },
            count=len(restarts),
            code=code,
        ),
    )


def inertia_stage(clustering: Clustering, objective: Objective) -> Stage:
    """The inertia of the best restart, step by step."""
    steps = clustering.steps
    inertia = stage_texts.INERTIA_LABEL()
    series = {
        "name": inertia,
        "x": [step.number for step in steps],
        "y": [short(step.inertia) for step in steps],
    }
    return Stage(
        id="inertia",
        kind=Kind.CURVE,
        title=stage_texts.INERTIA_TITLE(),
        explanation=stage_texts.INERTIA(
            minimizes=objective.minimizes, center=objective.center, method=objective.name
        ),
        data={"x_label": stage_texts.ITERATION(), "y_label": inertia, "series": [series]},
        count=steps[-1].number,
        code=objective.code,
    )


def profile_stage(points: Points, clustering: Clustering, method: str, objective: Objective) -> Stage:
    """Size and center of each cluster, in the table's units."""
    end = clustering.end
    sizes = np.bincount(end.labels, minlength=len(end.centroids)).tolist()
    cells = [*center_cells(points, end, method), all_cells(points, method)]
    names = [*(str(number + 1) for number in range(len(sizes))), stage_texts.ALL()]
    rows: list[list[Any]] = [
        [name, size, *(short(cell) if isinstance(cell, float) else cell for cell in row)]
        for name, size, row in zip(names, [*sizes, len(points.values)], cells, strict=True)
    ]
    is_direction = method == SPHERICAL
    center = OBJECTIVES["k-means"].center if is_direction else objective.center
    columns = (stage_texts.CLUSTER(), headings.ROWS(), *points.names)
    return Stage(
        id="profile",
        kind=Kind.TABLE,
        title=stage_texts.PROFILE_TITLE(),
        explanation=join(
            stage_texts.PROFILE(center=center), stage_texts.DIRECTION_PROFILE() if is_direction else ""
        ),
        data={"columns": [{"name": column} for column in columns], "rows": rows},
        code="models.clustering.inspection.cluster_profiles.center_cells",
    )


def clusters_stage(points: Points, clustering: Clustering, method: Method, objective: Objective) -> Stage:
    """Every iteration as a picture: the clusters of the shown rows, and the positions of the centers."""
    shown, steps = clustering.shown, clustering.steps
    drawn, axes, centers = positions(points, clustering, method)
    data: dict[str, Any] = {
        "x_label": axes[0],
        "y_label": axes[1],
        "total": len(points.rows),
        "groups": [str(number + 1) for number in range(len(clustering.end.centroids))],
        "rows": points.frame.rows[points.rows[shown]].tolist(),
        "points": round_positions(drawn, drawn),
        "measures": [stage_texts.INERTIA_LABEL(), stage_texts.CHANGED()],
        "steps": [
            {
                "labels": (step.labels if step is not steps[-1] else step.labels[shown]).tolist(),
                "centers": round_positions(at, drawn),
                "values": [short(step.inertia), step.changed],
            }
            for step, at in zip(steps, centers, strict=True)
        ],
    }
    if notes := notes_of(points, clustering):
        data["notes"] = list(notes)
    if clustering.restarts and is_placeable(points, method):
        data["placing"] = {
            "values": min(2, len(points.names)),
            "param": "starts",
            "count": "n_clusters",
            "most": min(MAX_CLUSTERS, len(points.rows)),
            "params": {"init": PLACED},
        }
    return Stage(
        id="clusters",
        kind=Kind.SCATTER_STEPS,
        title=stage_texts.CLUSTERS_TITLE(),
        explanation=_clusters_explanation(points, clustering, method, objective),
        data=data,
        count=len(clustering.end.centroids),
        code=objective.code if clustering.restarts else "models.clustering.distances.nearest",
        role=Role.ANSWER,
    )


def _clusters_explanation(
    points: Points, clustering: Clustering, method: Method, objective: Objective
) -> Message:
    sentences: list[Message] = []
    if clustering.restarts:
        sentences.append(
            stage_texts.CLUSTERS(
                center=objective.center, method=objective.name, minimizes=objective.minimizes
            )
        )
        if isinstance(method, MixedDistance):
            sentences.append(stage_texts.ONE_BY_ONE())
    else:
        sentences.append(stage_texts.ASSIGNED())
    if method.embed(points.scaled[:1]).shape[1] > 2:
        sentences.append(stage_texts.PROJECTED())
    shown, total = len(clustering.shown), len(points.rows)
    if shown < total:
        sentences.append(stage_texts.DRAWN_ROWS(shown=shown, total=total))
    return join(*sentences)
