"""Notes where clusters mean little."""

from typing import Any

import numpy as np
import pytest

from models.core.contract.messages import Message
from tests.models.clustering.answering import open_answer
from tests.models.tabular.test_tabular import table

RANDOM = np.random.default_rng(0)
GROUPS = np.repeat([0.5, 8.5], 30) + RANDOM.normal(0, 0.3, 60)


def rows(key: Any) -> bytes:
    return table([["key", "a", "b"], *([k, a, a] for k, a in zip(key, GROUPS, strict=True))])


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (range(1000, 1060), "Column 'key' changes by 1 from each row to the next"),
        (RANDOM.permutation(60), "Column 'key' has every whole number from 0 to 59 once"),
        (RANDOM.choice(10**7, 60, replace=False), "Column 'key' has 60 distinct whole numbers in 60 rows"),
    ],
)
def test_a_column_that_numbers_the_rows_is_noted_in_the_result_and_beside_the_answer(
    key: Any, expected: str
) -> None:
    found = open_answer(rows(key), n_clusters=2, scaling="none")
    (note,) = found.prediction.result["notes"]

    assert note.startswith(expected)
    assert isinstance(note, Message)
    assert found.stages[-1].data["notes"] == [note]


def test_without_the_identifier_the_clusters_are_the_groups_and_nothing_is_noted() -> None:
    found = open_answer(rows(range(60)), n_clusters=2, scaling="none", columns=["a", "b"]).prediction.result
    centers = sorted(each["centroid"]["a"] for each in found["clusters"])

    assert centers == pytest.approx([0.5, 8.5], abs=0.2)
    assert found["notes"] == []


def test_distinct_categories_and_constant_columns_are_noted() -> None:
    keys = [f"k{index * 7919 % 1000}" for index in range(60)]
    data = table([["code", "same", "kind"], *([key, "x", "ab"[index % 2]] for index, key in enumerate(keys))])
    found = open_answer(data, n_clusters=2, method="k-modes", columns=["code", "same", "kind"])

    assert "Column 'code' has 60 distinct values in 60 rows" in found.prediction.result["notes"][0]
    assert "Column 'same' has the same value in every row" in found.prediction.result["notes"][1]


def test_a_cluster_of_an_outlier_is_noted() -> None:
    values = [*RANDOM.normal(0, 1, 40).round(3), 500.5]
    found = open_answer(table([["a"], *([value] for value in values)]), n_clusters=2).prediction.result

    assert "Clusters with fewer than 5 rows: " in found["notes"][0]
    assert "(1)" in found["notes"][0]
