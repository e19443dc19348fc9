"""The user's own initial centers: in the table's units, or placed in the picture."""

from typing import Any

import numpy as np
import pytest
from sklearn import datasets
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

from models.clustering.card import CARD
from tests.models.clustering.answering import open_answer

IRIS = CARD.samples[0].inputs["table"].read_bytes()
VALUES = np.asarray(datasets.load_iris(return_X_y=True)[0], dtype=np.float64)


@pytest.mark.parametrize("scaling", ["none", "standard"])
def test_placed_centers_lead_where_scikit_learn_leads_from_them(scaling: str) -> None:
    values = VALUES
    centers = values[[0, 60, 140]]
    text = ";".join(",".join(map(str, row)) for row in centers.tolist())
    offset, width = (values.mean(axis=0), values.std(axis=0)) if scaling == "standard" else (0.0, 1.0)
    options: dict[str, Any] = {"init": (centers - offset) / width, "n_init": 1}  # the stubs allow only text
    known = KMeans(3, tol=1e-4, algorithm="lloyd", **options)
    with threadpool_limits(1):
        known.fit((values - offset) / width)

    result = open_answer(IRIS, init="placed", starts=text, scaling=scaling).prediction.result

    np.testing.assert_array_equal(np.array(result["labels"]) - 1, known.labels_)
    assert result["inertia"] == pytest.approx(known.inertia_, rel=1e-9)
    assert result["iterations"] == known.n_iter_


def test_centers_can_be_placed_in_the_picture() -> None:
    stage = open_answer(IRIS).stages[-1].data
    text = ";".join(f"{x},{y}" for x, y in stage["steps"][-1]["centers"])

    again = open_answer(IRIS, init="placed", starts=text)

    np.testing.assert_allclose(again.stages[-1].data["steps"][0]["centers"], stage["steps"][-1]["centers"])
    assert again.prediction.result["restarts"] == [again.prediction.result["inertia"]]


def test_the_stage_states_whether_centers_can_be_placed_in_it() -> None:
    four = open_answer(IRIS, n_clusters=2).stages[-1].data["placing"]
    one = open_answer(IRIS, n_clusters=2, columns=["petal width (cm)"]).stages[-1].data["placing"]
    directions = open_answer(IRIS, n_clusters=2, method="spherical k-means").stages[-1].data

    assert four == {
        "values": 2,
        "param": "starts",
        "count": "n_clusters",
        "most": 20,
        "params": {"init": "placed"},
    }
    assert one["values"] == 1
    assert "placing" not in directions
