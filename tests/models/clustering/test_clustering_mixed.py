"""k-modes and k-prototypes beside the package kmodes, from the same initial centers."""

from typing import Any

import numpy as np
import pytest
from kmodes.kmodes import KModes
from kmodes.kprototypes import KPrototypes
from kmodes.util.dissim import matching_dissim
from kmodes.util.init_methods import init_cao

from models.clustering.card import CARD
from models.clustering.initialization import Initialization, cao, huang
from models.clustering.k_prototypes import MixedDistance
from models.clustering.restarts import cluster
from models.core.contract.errors import InputError
from tests.models.clustering.answering import open_answer

ANIMALS = next(sample.inputs["table"] for sample in CARD.samples if sample.name == "animals").read_bytes()
each_seed = pytest.mark.parametrize("seed", range(8))


def _rows(seed: int) -> tuple[np.ndarray, np.ndarray, tuple[int, ...], np.ndarray]:
    """Numbers, categories, how many of each there are, and three distinct rows as initial centers."""
    random = np.random.default_rng(seed)
    count = int(random.integers(30, 200))
    sizes = tuple(random.integers(2, 6, size=4).tolist())
    group = random.integers(3, size=count)
    numbers = random.normal(size=(count, 3)) + group[:, None]
    codes = np.stack([(group + random.integers(size, size=count)) % size for size in sizes], axis=1)
    distinct = np.unique(codes, axis=0, return_index=True)[1]
    return numbers, codes.astype(np.float64), sizes, random.choice(distinct, 3, replace=False)


@each_seed
def test_k_modes_ends_where_the_package_ends(seed: int) -> None:
    _, codes, sizes, chosen = _rows(seed)
    start: Any = codes[chosen].astype(int)  # its annotation names text only, but it takes arrays
    known: Any = KModes(3, init=start, n_init=1, random_state=0).fit(codes.astype(int))

    found = cluster(
        codes,
        3,
        MixedDistance(sizes, 1.0),
        Initialization("placed", 1, 0, codes[chosen]),
        max_iter=100,
        shown=np.arange(len(codes)),
    )

    np.testing.assert_array_equal(found.end.labels, known.labels_)
    assert found.end.inertia == known.cost_
    assert [step.inertia for step in found.steps[1:]] == known.epoch_costs_
    np.testing.assert_array_equal(found.end.centroids, known.cluster_centroids_)


@each_seed
@pytest.mark.parametrize("gamma", [0.3, 2.0])
def test_k_prototypes_ends_where_the_package_ends(seed: int, gamma: float) -> None:
    numbers, codes, sizes, chosen = _rows(seed)
    rows = np.hstack([numbers, codes])
    start: Any = [numbers[chosen], codes[chosen].astype(int)]
    mixed = np.array(rows, dtype=object)
    mixed[:, 3:] = codes.astype(int)
    known: Any = KPrototypes(3, init=start, n_init=1, gamma=gamma, random_state=0).fit(
        mixed, categorical=[3, 4, 5, 6]
    )

    found = cluster(
        rows,
        3,
        MixedDistance(sizes, gamma),
        Initialization("placed", 1, 0, rows[chosen]),
        max_iter=100,
        shown=np.arange(len(rows)),
    )

    np.testing.assert_array_equal(found.end.labels, known.labels_)
    np.testing.assert_allclose([step.inertia for step in found.steps[1:]], known.epoch_costs_, rtol=1e-9)
    np.testing.assert_allclose(found.end.centroids, known.cluster_centroids_.astype(float), rtol=1e-9)


@each_seed
def test_initial_centers_are_those_of_the_papers(seed: int) -> None:
    codes = _rows(seed)[1].astype(int)

    np.testing.assert_array_equal(codes[cao(codes, 3)], init_cao(codes, 3, matching_dissim).astype(int))
    chosen = codes[huang(codes, 3, np.random.RandomState(seed))]
    assert len(np.unique(chosen, axis=0)) == 3
    # the package also skips a row that equals the drawn modes; the paper does not
    random = np.random.RandomState(seed)
    first = np.stack([random.choice(np.sort(column), 3) for column in codes.T], axis=1)[0]
    assert (chosen[0] != first).sum() == (codes != first).sum(axis=1).min()


@each_seed
def test_the_cost_of_every_step_is_that_of_its_definition(seed: int) -> None:
    numbers, codes, sizes, chosen = _rows(seed)
    rows = np.hstack([numbers, codes])
    method = MixedDistance(sizes, 0.7)

    for step in method.iterate(rows, rows[chosen], 50):
        own = step.centroids[step.labels]
        cost = ((rows - own)[:, :3] ** 2).sum() + 0.7 * (rows[:, 3:] != own[:, 3:]).sum()
        assert step.inertia == pytest.approx(cost)
        shown = ((method.embed(rows) - method.embed(own)) ** 2).sum()
        assert shown == pytest.approx(cost)  # distances in the picture's space are the costs


def test_a_cluster_that_lost_all_rows_takes_the_row_with_the_highest_cost() -> None:
    rows = np.array([[0.0], [0.0], [1.0], [2.0]])
    *_, end = MixedDistance((3,), 1.0).iterate(rows, np.array([[0.0], [0.0]]), 10)

    assert end.inertia == 1
    assert len(set(end.labels.tolist())) == 2


@pytest.mark.parametrize("method", ["k-modes", "k-prototypes"])
@pytest.mark.parametrize("init", ["k-means++", "random", "Cao", "Huang"])
def test_animals_are_clustered(method: str, init: str) -> None:
    opened = open_answer(ANIMALS, method=method, init=init, n_clusters=4, n_init=2)
    result = opened.prediction.result

    assert sum(found["size"] for found in result["clusters"]) == 89
    assert all(
        found["centroid"]["covering"] in {"fur", "skin", "feathers", "scales", "shell"}
        for found in result["clusters"]
    )
    assert len(result["restarts"]) == (1 if init == "Cao" else 2)
    assert len(opened.stages[-1].data["steps"]) == result["iterations"] + 1


def test_mammals_and_birds_are_separated() -> None:
    result = open_answer(
        ANIMALS, method="k-modes", columns=["covering", "young"], n_clusters=2
    ).prediction.result
    labels = np.array(result["labels"])
    lines = ANIMALS.decode().splitlines()[1:]
    fur = np.array([",fur," in line for line in lines])
    feathers = np.array([",feathers," in line for line in lines])

    assert len(set(labels[feathers])) == 1
    assert (labels[fur] != labels[feathers][0]).mean() > 0.9


def test_initial_centers_can_be_categories() -> None:
    params = {"method": "k-modes", "columns": ["covering", "young"], "n_clusters": 2, "init": "placed"}
    opened = open_answer(ANIMALS, **params, starts="fur, live birth; feathers, eggs")

    assert [found["centroid"] for found in opened.prediction.result["clusters"]] == [
        {"covering": "fur", "young": "live birth"},
        {"covering": "feathers", "young": "eggs"},
    ]


def test_numbers_declared_as_categories_are_categories() -> None:
    codes = b"size,code\n1.0,10\n1.1,10\n1.2,10\n9.0,99\n9.1,99\n9.2,99\n"
    mixed = open_answer(
        codes, method="k-prototypes", n_clusters=2, types={"code": "category"}
    ).prediction.result
    modes = open_answer(codes, method="k-modes", n_clusters=2, types={"code": "category"}).prediction.result

    assert sorted(found["centroid"]["code"] for found in mixed["clusters"]) == ["10", "99"]
    assert modes["columns"] == ["code"]
    assert open_answer(codes, n_clusters=2, types={"code": "category"}).prediction.result["columns"] == [
        "size"
    ]
    with pytest.raises(InputError, match="'code' has type category, which k-means does not use"):
        open_answer(codes, n_clusters=2, types={"code": "category"}, columns=["size", "code"])
    with pytest.raises(InputError, match=r"no column 'kind'. The columns are: 'size', 'code'"):
        open_answer(codes, method="k-prototypes", n_clusters=2, types={"kind": "category"})


def test_a_column_is_chosen_by_a_name_with_commas_and_quotation_marks() -> None:
    table = b'"length, in ""cm""",width\n1,9\n1,1\n8,5\n8,2\n'
    chosen = ['length, in "cm"']

    result = open_answer(table, columns=chosen, n_clusters=2).prediction.result

    assert result["columns"] == chosen
    assert result["labels"][0] == result["labels"][1] != result["labels"][2] == result["labels"][3]
