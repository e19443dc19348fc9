"""Time beside scikit-learn, memory, and bytes stored.

    python -m models.clustering.recipe.speed [ROWS] [COLUMNS]

First one start of k-means with every step kept, and `sklearn.cluster.KMeans.fit`, in turn on the same points,
on one thread each. What counts is the processor's time, which a busy machine does not stretch as it does the
clock's; the ratio is the median of those of the turns. Then the whole way, from a CSV file to the answer with
all stages. Each part runs in a process of its own, so that its peak of memory is its own.
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

from models.clustering.card import CARD, PredictParams
from models.clustering.distances import SquaredDistance
from models.clustering.elbow import spread
from models.clustering.fit import Clustering, Starts, cluster
from models.clustering.predict import MOST_SHOWN, Predictor
from models.clustering.train import TOLERANCE
from models.core.contract.prediction import Wants

CLUSTERS = 8
TURNS = 9


def main(rows: int = 100_000, columns: int = 20) -> None:
    """Print both parts."""
    with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as processes:
        _say(processes.submit(_beside, rows, columns).result())
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "points.csv"
            _write(path, rows, columns)
            _say(processes.submit(_whole, path).result())


def _beside(rows: int, columns: int) -> str:
    points = np.asarray(make_blobs(rows, columns, centers=12, cluster_std=4.0, random_state=0)[0])
    before = _peak()
    shown = spread(rows, MOST_SHOWN)
    starts = Starts("k-means++", 1, 0)
    known = KMeans(CLUSTERS, random_state=0, algorithm="lloyd").set_params(n_init=1)

    def trace() -> Clustering:
        return cluster(points, CLUSTERS, SquaredDistance(TOLERANCE), starts, max_iter=300, shown=shown)

    with threadpool_limits(1):
        found = trace()
        peak = _peak()
        turns = [(_seconds(trace), _seconds(lambda: known.fit(points))) for _ in range(TURNS)]
    same = bool((found.end.labels == known.labels_).all()) and found.end.number == known.n_iter_
    ratios = sorted(ours / theirs for ours, theirs in turns)
    ours, theirs = (float(np.median(taken)) for taken in zip(*turns, strict=True))
    return (
        f"{rows:,} rows × {columns} columns, k={CLUSTERS}, {found.end.number} iterations, one thread; "
        f"labels and iterations as scikit-learn's: {same}. Traced {ours:.3f} s, scikit-learn {theirs:.3f} s "
        f"of processor time; ratio {ratios[TURNS // 2]:.2f}, the median of {TURNS} turns of {ratios[0]:.2f} "
        f"to {ratios[-1]:.2f}. "
        f"Peak memory {peak:.0f} MB, {before:.0f} MB of it before the start (the points are "
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


def _whole(path: Path) -> str:
    weights = CARD.models[0].weights
    if weights is None:
        raise RuntimeError("the card names no weights")
    predictor, params = Predictor(weights), PredictParams(n_clusters=CLUSTERS, n_init=1)
    clock, processor = time.perf_counter(), time.process_time()
    prediction = predictor(path.read_bytes(), params, Wants())
    clock, processor = time.perf_counter() - clock, time.process_time() - processor
    stored = sum(len(stage.json) for stage in prediction.stages)
    way = prediction.stages[-1].data
    return (
        f"From the CSV file ({path.stat().st_size / 1e6:.0f} MB) to the answer with all stages {clock:.1f} s "
        f"by the clock, {processor:.1f} s of processor time; peak memory {_peak():.0f} MB; stages of "
        f"{stored / 1e6:.2f} MB, {len(way['points']):,} of {way['total']:,} rows drawn in "
        f"{len(way['steps'])} steps."
    )


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201  what it is for


def _peak() -> float:
    """MB; Linux counts in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
