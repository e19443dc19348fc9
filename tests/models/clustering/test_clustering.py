"""k-means beside scikit-learn's, each step beside its definition, and tables that cannot be clustered."""

import io
import math
import re
from contextlib import redirect_stdout

import numpy as np
import pytest
from sklearn import datasets
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

from models.clustering.card import CARD
from models.clustering.distances import (
    TOLERANCE,
    CosineDistance,
    ManhattanDistance,
    Method,
    SquaredDistance,
    unit,
)
from models.clustering.elbow import elbow_of
from models.clustering.initialization import Initialization
from models.clustering.inspection.projection import project
from models.clustering.restarts import Clustering, cluster
from models.core.contract.errors import InputError
from tests.models.clustering.answering import open_answer

IRIS = CARD.samples[0].inputs["table"].read_bytes()


def _tables() -> dict[str, np.ndarray]:
    names = ("iris", "wine", "breast_cancer", "diabetes", "digits")
    found = {name: getattr(datasets, f"load_{name}")(return_X_y=True)[0].astype(float) for name in names}
    random = np.random.default_rng(0)
    for number in range(20):
        shape = (int(random.integers(20, 300)), int(random.integers(1, 9)))
        found[f"random {number}"] = random.normal(size=shape) * 10 ** random.uniform(-3, 3)
    return found


TABLES = _tables()
each_table = pytest.mark.parametrize("points", TABLES.values(), ids=TABLES.keys())


def _cluster(
    points: np.ndarray,
    count: int,
    init: str = "k-means++",
    seed: int = 0,
    restarts: int = 3,
    method: Method | None = None,
) -> Clustering:
    with threadpool_limits(1):
        return cluster(
            points,
            count,
            method or SquaredDistance(),
            Initialization(init, restarts, seed),
            max_iter=300,
            shown=np.arange(len(points)),
        )


def _reference(points: np.ndarray, count: int, **options: object) -> KMeans:
    with threadpool_limits(1):
        return KMeans(count, tol=TOLERANCE, algorithm="lloyd", **options).fit(points)  # pyright: ignore[reportArgumentType]


@each_table
@pytest.mark.parametrize("init", ["k-means++", "random"])
@pytest.mark.parametrize(("count", "seed"), [(2, 0), (3, 7), (8, 1)])
def test_it_ends_where_scikit_learn_ends(points: np.ndarray, init: str, count: int, seed: int) -> None:
    end = _cluster(points, count, init, seed).end
    known = _reference(points, count, init=init, n_init=3, random_state=seed)

    np.testing.assert_array_equal(end.labels, known.labels_)
    np.testing.assert_allclose(end.centroids, known.cluster_centers_, rtol=1e-9, atol=1e-9)
    assert end.inertia == pytest.approx(known.inertia_, rel=1e-9)
    assert end.number == known.n_iter_


@each_table
def test_it_walks_as_scikit_learn_walks(points: np.ndarray) -> None:
    printed = io.StringIO()
    with redirect_stdout(printed):
        _reference(points, 4, n_init=1, random_state=3, verbose=1)
    known = [
        float(value) for value in re.findall(r"Iteration \d+, inertia ([\d.e+-]+)\.\n", printed.getvalue())
    ]

    steps = _cluster(points, 4, seed=3, restarts=1).steps

    assert len(known) == len(steps) - 1  # the last step is the end itself
    np.testing.assert_allclose([step.inertia for step in steps[:-1]], known, rtol=1e-9)


@each_table
def test_every_step_is_lloyds(points: np.ndarray) -> None:
    steps = _cluster(points, 3, seed=1, restarts=1).steps

    for before, step in zip((None, *steps), steps, strict=False):
        distances = ((points[:, None] - step.centroids[None]) ** 2).sum(axis=2)
        own = np.take_along_axis(distances, step.labels[:, None].astype(int), axis=1)[:, 0]
        np.testing.assert_allclose(own, distances.min(axis=1), rtol=1e-7, atol=1e-9 * points.var())
        assert math.isclose(step.inertia, own.sum(), rel_tol=1e-9)
        if before is None:
            assert step.changed == len(points)
            continue
        assert step.changed == (step.labels != before.labels).sum()
        assert step.inertia <= before.inertia * (1 + 1e-12)
        for number in range(3):
            mean = points[before.labels == number].mean(axis=0)
            np.testing.assert_allclose(step.centroids[number], mean, rtol=1e-9, atol=1e-9 * points.std())


@pytest.mark.parametrize("name", ["iris", "wine", "random 3"])
def test_every_step_of_k_medians_is_its_own(name: str) -> None:
    points = TABLES[name]
    steps = _cluster(points, 4, seed=2, restarts=1, method=ManhattanDistance()).steps

    assert steps[-1].changed == 0
    for before, step in zip((None, *steps), steps, strict=False):
        distances = np.abs(points[:, None] - step.centroids[None]).sum(axis=2)
        np.testing.assert_array_equal(step.labels, distances.argmin(axis=1))
        assert step.inertia == pytest.approx(distances.min(axis=1).sum())
        if before is not None:
            assert step.inertia <= before.inertia
            for number in range(4):
                own = np.sort(points[before.labels == number], axis=0)
                middle = (own[(len(own) - 1) // 2] + own[len(own) // 2]) / 2
                np.testing.assert_allclose(step.centroids[number], middle)


@pytest.mark.parametrize("name", ["iris", "wine", "random 3"])
def test_every_step_of_spherical_k_means_is_its_own(name: str) -> None:
    points = unit(TABLES[name])
    steps = _cluster(points, 3, seed=2, restarts=1, method=CosineDistance()).steps

    assert steps[-1].changed == 0
    for before, step in zip((None, *steps), steps, strict=False):
        lengths = np.linalg.norm(points, axis=1)[:, None] * np.linalg.norm(step.centroids, axis=1)
        distances = 1 - points @ step.centroids.T / lengths
        own = np.take_along_axis(distances, step.labels[:, None].astype(int), axis=1)[:, 0]
        np.testing.assert_allclose(own, distances.min(axis=1), atol=1e-12)
        assert step.inertia == pytest.approx(own.sum(), abs=1e-9)
        if before is not None:
            assert step.inertia <= before.inertia + 1e-12
            for number in range(3):
                total = points[before.labels == number].sum(axis=0)
                np.testing.assert_allclose(step.centroids[number], total / np.linalg.norm(total))


def test_the_elbow_is_where_the_curve_bends() -> None:
    assert elbow_of([100, 40, 10, 9, 8, 7]) == 3
    assert elbow_of([5, 5, 5]) == 1


def test_the_plane_is_that_of_the_principal_components() -> None:
    points = TABLES["wine"]
    values = np.linalg.svd(points - points.mean(axis=0), compute_uv=False) ** 2

    plane = project(points)

    np.testing.assert_allclose(plane.axes @ plane.axes.T, np.eye(2), atol=1e-9)
    np.testing.assert_allclose(plane.shares, values[:2] / values.sum(), rtol=1e-9)
    np.testing.assert_allclose(plane.positions(plane.points(np.eye(2))), np.eye(2), atol=1e-9)


def test_centroids_are_the_means_in_the_tables_units() -> None:
    result = open_answer(IRIS).prediction.result
    values, labels = TABLES["iris"], np.array(result["labels"])

    for found in result["clusters"]:
        mean = values[labels == found["cluster"]].mean(axis=0)
        np.testing.assert_allclose(list(found["centroid"].values()), mean, rtol=1e-6)
        assert found["size"] == (labels == found["cluster"]).sum()


def test_rows_with_missing_values_have_no_cluster() -> None:
    prediction = open_answer(b"a,b\n1,1\n,2\n9,9\n", n_clusters=2).prediction

    assert prediction.result["labels"][1] is None
    assert prediction.result["rows"] == {"total": 3, "clustered": 2}
    assert prediction.outputs[0].data.splitlines()[2] == b",2,"
    assert prediction.result["notes"][0] == "Rows with missing values, which are in no cluster: 1 of 3."


@pytest.mark.parametrize("scaling", ["none", "standard", "min-max"])
@pytest.mark.parametrize("columns", [[], ["petal width (cm)"], ["petal width (cm)", "sepal width (cm)"]])
def test_the_answer_is_the_last_stage_whatever_the_columns(scaling: str, columns: list[str]) -> None:
    stages = open_answer(IRIS, scaling=scaling, columns=columns).stages
    data = stages[-1].data

    assert stages[-1].kind == "scatter-steps"
    assert len(data["points"]) == len(data["rows"]) == len(data["steps"][0]["labels"]) == 150
    assert np.isfinite(data["points"]).all()
    assert all(len(step["labels"]) == 150 and len(step["centers"]) == 3 for step in data["steps"])


def test_the_columns_stage_names_the_reason_why_a_column_is_not_used() -> None:
    rows = open_answer(IRIS, columns=["petal width (cm)"]).stages[0].data["rows"]
    reasons = {row[0]: row[-1] for row in rows}

    assert reasons["petal width (cm)"] is None
    assert reasons["sepal width (cm)"] == "not selected"
    assert reasons["species"] == "k-means does not use categories"


def test_large_tables_are_drawn_in_part_and_the_stage_states_it() -> None:
    rows = "\n".join(f"{number % 7},{number}" for number in range(3_000))
    stage = open_answer(f"a,b\n{rows}\n".encode(), n_init=1).stages[-1]

    assert stage.data["total"] == 3_000
    assert len(stage.data["points"]) == len(stage.data["steps"][-1]["labels"]) == 1_000
    assert "1,000 of 3,000" in stage.explanation


def test_a_constant_column_changes_nothing() -> None:
    result = open_answer(b"a,b\n1,5\n2,5\n8,5\n9,5\n", n_clusters=2).prediction.result

    assert result["labels"] in ([1, 1, 2, 2], [2, 2, 1, 1])


def test_every_restart_is_shown_with_its_course() -> None:
    stages = {stage.id: stage for stage in open_answer(IRIS, init="random", n_init=5).stages}
    ends = [row[2] for row in stages["restarts"].data["rows"]]
    series = stages["paths"].data["series"]

    assert [one["y"][-1] for one in series] == ends
    assert [one["name"].endswith("(kept)") for one in series] == [
        row[4] == "kept" for row in stages["restarts"].data["rows"]
    ]
    assert all(np.diff(one["y"]).max() <= 1e-9 for one in series)


def test_the_stages_of_a_large_table_are_small() -> None:
    random = np.random.default_rng(0)
    rows = "\n".join(",".join(f"{value:.3f}" for value in row) for row in random.normal(size=(5_000, 5)))
    stages = open_answer(f"a,b,c,d,e\n{rows}\n".encode(), n_clusters=8, n_init=1).stages

    assert len(stages[-1].data["steps"]) > 10
    assert sum(len(stage.json) for stage in stages) < 5_000_000


@pytest.mark.parametrize(
    ("data", "params", "message"),
    [
        (b"a,b\nx,y\nz,w\n", {}, "No column holds numbers. Row 2, column 'a': 'x' is not a number"),
        (b"a,b\n,\n,\n", {}, "all values are missing"),
        (b"a,b\n1,\n,2\n", {}, "Every row lacks a value"),
        (b"a,b\n1,2\n3,4\n", {}, "3 clusters need at least 3 complete rows; the table has only 2"),
        (b"a\n5\n5\n5\n5\n", {}, r"3 distinct rows; the columns used \('a'\) have only 1"),
        (b"a,b\n1,2\ninf,4\n3,5\n", {"columns": ["a"]}, "Row 3, column 'a': 'inf' is not a finite number"),
        (b"a,b\n1,2\n=1+1,4\n3,5\n", {"columns": ["a"]}, "Row 3, column 'a': '=1\\+1' is not a number"),
        (b"a,b\n1,2\n3,4\n5,6\n", {"columns": ["c"]}, "no column 'c'. The columns are: 'a', 'b'"),
        (b"a,b\n1e200,2\n3,4\n5,6\n", {}, "Row 2, column 'a': a number beyond 1e100"),
        (IRIS, {"init": "placed"}, "Expected initial centers: 3, .* Given: 0"),
        (
            IRIS,
            {"init": "placed", "starts": "1;2;3"},
            r"Values of initial center 1: 1. Expected: 4, .* \('sepal",
        ),
        (
            IRIS,
            {"init": "placed", "starts": "1,2;1,x;3,4"},
            "Initial center 2, position in the picture: 'x' is not a number",
        ),
        (
            IRIS,
            {"init": "Cao"},
            "Cao initialization is for categories. Choose the method k-modes or k-prototypes",
        ),
        (
            b"a,b\n1,2\n3,4\n5,6\n",
            {"method": "k-modes"},
            r"No column holds categories: 'a' \(number\), 'b' \(number\)",
        ),
        (
            b"a,b\n1,2\n3,4\n5,6\n",
            {"method": "k-prototypes"},
            "none of the columns holds categories. Choose k-means",
        ),
        (
            b"a,b\n0,0\n1,2\n2,1\n",
            {"method": "spherical k-means", "scaling": "none"},
            "Row 2: all values are 0 after scaling",
        ),
    ],
)
def test_unusable_tables_and_params_fail_with_the_place_of_the_error(
    data: bytes, params: dict[str, object], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        open_answer(data, **params)
