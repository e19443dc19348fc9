"""Training: clusters fitted to a table and kept, so that the rows of other tables can be assigned to them.

The loop runs over the restarts of k-means; each step of the progress is one restart. A checkpoint holds the
best outcome so far and the number of completed restarts. Their random numbers are drawn again, so that a
resumed training ends as an uninterrupted one.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from models.clustering.card import TrainParams
from models.clustering.elbow import SILHOUETTE_POINTS, silhouette, spaced
from models.clustering.lloyd import Step
from models.clustering.objectives import gamma_of, method_of
from models.clustering.restarts import is_better, run_restarts
from models.clustering.table.initial_centers import initialization_of
from models.clustering.table.points import read_points
from models.clustering.trained_clusters import TrainedClusters
from models.core.contract import checkpoint as files
from models.core.contract.progress import Progress


def train(
    dataset: Path,
    params: TrainParams,
    *,
    weights: Path,
    device: str,  # noqa: ARG001  NumPy runs on the CPU
    progress: Progress,
    checkpoint: Path | None = None,
) -> dict[str, float]:
    """Write the clusters of the CSV file `dataset` to `weights`; return inertia, iterations and silhouette.

    Raises:
        InputError: `dataset` is not a table that can be clustered; the message names the place.
    """
    points = read_points(dataset.read_bytes(), params)
    method = method_of(points, params)
    initialization = initialization_of(points, params, method)
    best, completed = _load(checkpoint) if checkpoint and checkpoint.exists() else (None, 0)
    shown = np.zeros(0, dtype=np.int64)  # intermediate labels are not needed
    for steps in run_restarts(
        points.scaled,
        params.n_clusters,
        method,
        initialization,
        max_iter=params.max_iter,
        shown=shown,
        skip=completed,
    ):
        end, completed = steps[-1], completed + 1
        if best is None or is_better(end, best):
            best = end
        metrics = {"inertia": end.inertia, "best_inertia": best.inertia}
        progress(completed, initialization.restarts, metrics)
        if checkpoint and progress.checkpoint_due:
            _save(checkpoint, best, completed)
            progress.saved()
    if best is None:
        raise RuntimeError("no restart was run")
    compared = spaced(len(points.scaled), SILHOUETTE_POINTS)
    score = silhouette(points.scaled[compared], best.labels[compared], method)
    metrics = {"inertia": best.inertia, "iterations": float(best.number)}
    metrics |= {"silhouette": score} if score is not None else {}
    about: dict[str, Any] = {"rows": len(points.rows), "scaling": params.scaling, **metrics}
    trained = TrainedClusters(
        method_name=params.method,
        gamma=gamma_of(points, params),
        names=points.names,
        numeric=points.numeric,
        categories=points.categories,
        scale=points.scale,
        centers=best.centroids,
        origins=points.origins,
        read_options=params.read_options(),
    )
    trained.save(weights, about)
    return metrics


def _save(path: Path, best: Step, completed: int) -> None:
    config = {
        "architecture": "clustering-checkpoint",
        "done": completed,
        "number": best.number,
        "changed": best.changed,
    }
    inertia = np.array([best.inertia])
    tensors = {"centers": best.centroids, "labels": best.labels, "inertia": inertia}
    files.save(path, config, {name: torch.from_numpy(value.copy()) for name, value in tensors.items()})


def _load(path: Path) -> tuple[Step, int]:
    config, state = files.load(path)
    step = Step(
        number=int(config["number"]),
        centroids=state["centers"].numpy(),
        labels=state["labels"].numpy(),
        changed=int(config["changed"]),
        inertia=float(state["inertia"][0]),
    )
    return step, int(config["done"])
