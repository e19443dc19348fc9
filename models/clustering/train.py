"""Fitting clusters that are kept: each start in turn, the best one's centers are written.

The training of k-means is its iterations; a step of the progress is one start. A checkpoint holds the best
end so far: the random numbers of the starts that are done are drawn again, so a resumed fit ends as if never
stopped.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from models.clustering.card import TrainParams
from models.clustering.data import points_of
from models.clustering.elbow import SILHOUETTE_POINTS, silhouette, spread
from models.clustering.fit import attempts, is_better
from models.clustering.fitted import Fitted
from models.clustering.initial_centers import starts_of
from models.clustering.lloyd import Step
from models.clustering.methods import gamma_of, method_of
from models.core.contract import checkpoint as files
from models.core.contract.progress import Progress

TOLERANCE = 1e-4  # scikit-learn's `tol`


def train(
    dataset: Path,
    params: TrainParams,
    *,
    weights: Path,
    device: str,  # noqa: ARG001  NumPy runs on the CPU
    progress: Progress,
    checkpoint: Path | None = None,
) -> dict[str, float]:
    """Write the clusters of the CSV file `dataset` to `weights`; return inertia, silhouette and iterations.

    Raises:
        InputError: `dataset` is no table that can be clustered; it says where.
    """
    points = points_of(dataset.read_bytes(), params)
    method = method_of(points, params, TOLERANCE)
    starts = starts_of(points, params, method)
    best, done = _load(checkpoint) if checkpoint and checkpoint.exists() else (None, 0)
    shown = np.zeros(0, dtype=np.int64)  # no picture is made here
    for steps in attempts(
        points.scaled, params.n_clusters, method, starts, max_iter=params.max_iter, shown=shown, done=done
    ):
        end, done = steps[-1], done + 1
        if best is None or is_better(end, best):
            best = end
        progress(done, starts.tries, {"inertia": end.inertia, "best_inertia": best.inertia})
        if checkpoint and progress.checkpoint_due:
            _save(checkpoint, best, done)
            progress.saved()
    if best is None:
        raise RuntimeError("no start was tried")
    compared = spread(len(points.scaled), SILHOUETTE_POINTS)
    score = silhouette(points.scaled[compared], best.labels[compared], method)
    metrics = {"inertia": best.inertia, "iterations": float(best.number)}
    metrics |= {"silhouette": score} if score is not None else {}
    about: dict[str, Any] = {"rows": len(points.rows), "scaling": params.scaling, **metrics}
    fitted = Fitted(
        method_name=params.method,
        gamma=gamma_of(points, params),
        names=points.names,
        numeric=points.numeric,
        categories=points.categories,
        scale=points.scale,
        centers=best.centroids,
        since=points.since,
        reading=params.alone(),
    )
    fitted.save(weights, about)
    return metrics


def _save(path: Path, best: Step, done: int) -> None:
    config = {
        "architecture": "clustering-checkpoint",
        "done": done,
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
