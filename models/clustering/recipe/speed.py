"""Time compared with scikit-learn, memory, and bytes stored.

    python -m models.clustering.recipe.speed [ROWS] [COLUMNS]

The first part times one restart of k-means with every step kept and `sklearn.cluster.KMeans.fit`, in turn on
the same points, each on one thread. It counts processor time, which other load on the machine stretches less
than clock time; the ratio is the median over all turns. The second part times everything from a CSV file to
the answer with all stages. Each part runs in its own process, so that peaks of memory are separate.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from sklearn.cluster import KMeans
from sklearn.datasets import make_blobs
from threadpoolctl import threadpool_limits

from models.clustering.card import PredictParams
from models.clustering.distances import SquaredDistance
from models.clustering.elbow import spaced
from models.clustering.initialization import Initialization
from models.clustering.predict import MAX_SHOWN, Predictor
from models.clustering.restarts import Clustering, cluster
from models.core.contract.prediction import answer_opened

CLUSTERS = 8
TURNS = 9


def main(rows: int = 100_000, columns: int = 20) -> None:
    """Print both parts."""
    with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as processes:
        _print(processes.submit(_compare, rows, columns).result())
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "points.csv"
            _write(path, rows, columns)
            _print(processes.submit(_end_to_end, path).result())


def _compare(rows: int, columns: int) -> str:
    points = np.asarray(make_blobs(rows, columns, centers=12, cluster_std=4.0, random_state=0)[0])
    before = _peak()
    shown = spaced(rows, MAX_SHOWN)
    initialization = Initialization("k-means++", 1, 0)
    reference = KMeans(CLUSTERS, random_state=0, algorithm="lloyd").set_params(n_init=1)

    def trace() -> Clustering:
        return cluster(points, CLUSTERS, SquaredDistance(), initialization, max_iter=300, shown=shown)

    with threadpool_limits(1):
        traced = trace()
        peak = _peak()
        turns = [(_seconds(trace), _seconds(lambda: reference.fit(points))) for _ in range(TURNS)]
    is_same = bool((traced.end.labels == reference.labels_).all()) and traced.end.number == reference.n_iter_
    ratios = sorted(own / known for own, known in turns)
    own, known = (float(np.median(taken)) for taken in zip(*turns, strict=True))
    return (
        f"{rows:,} rows × {columns} columns, k={CLUSTERS}, {traced.end.number} iterations, one thread; "
        f"same labels and iterations as scikit-learn: {is_same}. Traced {own:.3f} s, scikit-learn "
        f"{known:.3f} s of processor time; ratio {ratios[TURNS // 2]:.2f}, the median of {TURNS} turns of "
        f"{ratios[0]:.2f} to {ratios[-1]:.2f}. "
        f"Peak memory {peak:.0f} MB, {before:.0f} MB of it before the first restart (the points are "
        f"{points.nbytes / 1e6:.0f} MB)."
    )


def _seconds(call: Callable[[], object]) -> float:
    started = time.process_time()
    call()
    return time.process_time() - started


def _write(path: Path, rows: int, columns: int) -> None:
    points = make_blobs(rows, columns, centers=12, cluster_std=4.0, random_state=0)[0]
    header = ",".join(f"x{number}" for number in range(columns))
    np.savetxt(path, points, fmt="%.4f", delimiter=",", header=header, comments="")


def _end_to_end(path: Path) -> str:
    predictor, params = Predictor(), PredictParams(n_clusters=CLUSTERS, n_init=1)
    clock, processor = time.perf_counter(), time.process_time()
    stages = answer_opened(predictor, {"table": path.read_bytes()}, params).stages
    clock, processor = time.perf_counter() - clock, time.process_time() - processor
    stored = sum(len(stage.json) for stage in stages)
    picture = stages[-1].data
    return (
        f"From the CSV file ({path.stat().st_size / 1e6:.0f} MB) to the answer with all stages {clock:.1f} s "
        f"by the clock, {processor:.1f} s of processor time; peak memory {_peak():.0f} MB; stages of "
        f"{stored / 1e6:.2f} MB, {len(picture['points']):,} of {picture['total']:,} rows drawn in "
        f"{len(picture['steps'])} steps."
    )


def _print(text: str) -> None:
    print(text, flush=True)  # noqa: T201  its purpose


def _peak() -> float:
    """MB; Linux counts in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
