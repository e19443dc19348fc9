"""The plain k-means of the course page beside the fast one that answers."""

from collections.abc import Iterator
from types import ModuleType

import numpy as np
import pytest
from sklearn import datasets

from models.clustering import lloyd, lloyd_fast
from models.clustering.lloyd import Step
from models.clustering.table.scaling import fit_scale


def _cases() -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Name, points, initial centroids."""
    random = np.random.default_rng(0)
    for name in ("iris", "wine", "diabetes", "digits"):
        values = np.asarray(getattr(datasets, f"load_{name}")(return_X_y=True)[0], dtype=np.float64)
        # scaled, as values with one decimal have ties that only rounding decides
        points = fit_scale(values, values.shape[1], "standard").apply(values)
        yield name, points, points[random.choice(len(points), 8, replace=False)]
    for number in range(10):
        points = random.normal(size=(int(random.integers(20, 300)), int(random.integers(1, 6))))
        yield f"random {number}", points, points[random.choice(len(points), 5, replace=False)]
    grid = np.stack(np.meshgrid(np.arange(8.0), np.arange(6.0)), axis=-1).reshape(-1, 2)
    yield "ties", grid, np.array([[1.0, 1.0], [3.0, 1.0], [1.0, 3.0], [5.0, 5.0]])
    yield "equal centroids", grid, np.array([[2.0, 2.0], [2.0, 2.0], [6.0, 4.0]])
    line = np.array([[0.0], [1.0], [10.0], [11.0], [30.0]])
    yield "an empty cluster", line, np.array([[0.5], [999.0], [10.5]])
    yield "two empty clusters", line, np.array([[0.5], [999.0], [10.5], [998.0]])
    yield "empty clusters in equal points", np.repeat(line[:2], 4, axis=0), np.array([[0.0], [9.0], [8.0]])
    yield "a cluster robbed of all points", line[:2], np.array([[0.5], [999.0], [998.0]])
    yield "one cluster", grid, grid[:1]


CASES = {name: (points, centroids) for name, points, centroids in _cases()}
each_case = pytest.mark.parametrize(("points", "centroids"), CASES.values(), ids=CASES.keys())


@each_case
@pytest.mark.parametrize("tolerance", [0.0, 0.5], ids=["to the end", "with tolerance"])
def test_plain_and_fast_take_the_same_steps(
    points: np.ndarray, centroids: np.ndarray, tolerance: float
) -> None:
    plain = list(lloyd.lloyd(points, centroids, max_iter=100, tolerance=tolerance))
    fast = list(lloyd_fast.lloyd(points, centroids, max_iter=100, tolerance=tolerance))

    assert [step.number for step in plain] == [step.number for step in fast]
    assert [step.changed for step in plain] == [step.changed for step in fast]
    for one, other in zip(plain, fast, strict=True):
        np.testing.assert_array_equal(one.labels, other.labels)
        np.testing.assert_allclose(one.centroids, other.centroids, rtol=1e-9, atol=1e-9)
        assert one.inertia == pytest.approx(other.inertia, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("max_iter", [1, 2, 5])
def test_plain_and_fast_stop_after_as_many_iterations(max_iter: int) -> None:
    points, centroids = CASES["digits"]
    plain = list(lloyd.lloyd(points, centroids, max_iter=max_iter, tolerance=0.0))
    fast = list(lloyd_fast.lloyd(points, centroids, max_iter=max_iter, tolerance=0.0))

    assert len(plain) == len(fast) == max_iter + 1
    np.testing.assert_array_equal(plain[-1].labels, fast[-1].labels)


@each_case
def test_neither_half_step_increases_the_inertia(points: np.ndarray, centroids: np.ndarray) -> None:
    for _ in range(5):
        labels = lloyd.assign(points, centroids)
        assigned = lloyd.inertia(points, centroids, labels)
        labels = lloyd.fill_empty_clusters(points, centroids, labels)
        moved = lloyd.update(points, centroids, labels)

        assert lloyd.inertia(points, centroids, lloyd.assign(points, centroids)) == assigned
        assert lloyd.inertia(points, moved, labels) <= assigned + 1e-9
        centroids = moved


def test_one_iteration_by_hand() -> None:
    points = np.array([[0.0], [1.0], [5.0]])
    first, second, *_ = lloyd.lloyd(points, np.array([[0.0], [4.0]]), max_iter=5, tolerance=0.0)

    assert (first.labels.tolist(), first.changed, first.inertia) == ([0, 0, 1], 3, 0 + 1 + 1)
    assert (second.centroids.tolist(), second.changed, second.inertia) == ([[0.5], [5.0]], 0, 0.5)


@pytest.mark.parametrize("module", [lloyd, lloyd_fast], ids=["plain", "fast"])
def test_an_empty_cluster_takes_the_farthest_point(module: ModuleType) -> None:
    points = np.array([[0.0], [1.0], [10.0]])
    steps: list[Step] = list(module.lloyd(points, np.array([[0.5], [99.0]]), max_iter=5, tolerance=0))

    assert sorted(steps[-1].centroids[:, 0]) == [0.5, 10]
