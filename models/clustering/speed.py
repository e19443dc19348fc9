"""Time beside scikit-learn, and memory: `python -m models.clustering.speed [ROWS] [COLUMNS]`.

One start of k-means with every step kept, and `sklearn.cluster.KMeans.fit`, in turn on the same points, on
one thread each; the fastest of a few runs counts, as a busy machine only ever adds.
"""

import resource
import sys
import time
from collections.abc import Callable

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
from models.core.prediction import Wants

CLUSTERS = 8
RUNS = 3
_TABLE_ROWS = 100_000  # of the whole way, from the file to the stages


def main(rows: int = 100_000, columns: int = 20) -> None:
    """Print both times, their ratio, the peak of memory, and what is stored of the way."""
    points = np.asarray(make_blobs(rows, columns, centers=12, cluster_std=4.0, random_state=0)[0])
    shown = spread(rows, MOST_SHOWN)
    starts = Starts("k-means++", 1, 0)
    known = KMeans(CLUSTERS, random_state=0, algorithm="lloyd").set_params(n_init=1)

    def trace() -> Clustering:
        return cluster(points, CLUSTERS, SquaredDistance(TOLERANCE), starts, max_iter=300, shown=shown)

    ours: list[float] = []
    theirs: list[float] = []
    with threadpool_limits(1):
        found = trace()
        for _ in range(RUNS):
            ours.append(_seconds(trace))
            theirs.append(_seconds(lambda: known.fit(points)))
    same = bool((found.end.labels == known.labels_).all()) and found.end.number == known.n_iter_
    _say(
        f"{rows:,} rows × {columns} columns, k={CLUSTERS}, {found.end.number} iterations, as there: {same}. "
        f"Traced {min(ours):.2f} s, scikit-learn {min(theirs):.2f} s, ratio {min(ours) / min(theirs):.2f}; "
        f"peak memory {_peak():.0f} MB"
    )
    if rows <= _TABLE_ROWS:
        _say(_stored(points))


def _seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _stored(points: np.ndarray) -> str:
    names = ",".join(f"x{number}" for number in range(points.shape[1]))
    lines = "\n".join(",".join(f"{value:.4f}" for value in row) for row in points)
    weights = CARD.models[0].weights
    if weights is None:
        raise RuntimeError("the card names no weights")
    started = time.perf_counter()
    params = PredictParams(n_clusters=CLUSTERS, n_init=1)
    prediction = Predictor(weights)(f"{names}\n{lines}\n".encode(), params, Wants())
    seconds = time.perf_counter() - started
    stored = sum(len(stage.json) for stage in prediction.stages)
    return f"From the CSV file to the answer with all stages {seconds:.1f} s; stored {stored / 1e6:.2f} MB"


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201  what it is for


def _peak() -> float:
    """MB; Linux counts in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
