"""Tables as nobody should send them: each gets a message that names what and where, or a good answer."""

import numpy as np
import pytest

from models.clustering.card import CARD, PredictParams
from models.clustering.predict import Predictor
from models.core.contract.errors import InputError
from models.core.contract.prediction import Wants
from models.core.tables import csv_reader
from tests.hostile_tables import ANSWERED, REFUSED


def _predictor() -> Predictor:
    weights = CARD.models[0].weights
    assert weights
    return Predictor(weights)


@pytest.mark.parametrize(("data", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_wrong_is_named(data: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        _predictor()(data, PredictParams(n_clusters=3))

    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("data", ANSWERED.values(), ids=ANSWERED.keys())
def test_what_can_be_read_is_answered(data: bytes) -> None:
    prediction = _predictor()(data, PredictParams(n_clusters=2, n_init=2), Wants())
    labels = prediction.result["labels"]

    assert labels[0] == labels[1] != labels[2] == labels[3]
    assert np.isfinite(prediction.stages[-1].data["points"]).all()
    assert csv_reader.read(prediction.outputs[0].data).columns[-1].values.tolist() == labels
    assert not any(
        cell.startswith((b"=", b"@")) for cell in prediction.outputs[0].data.split(b"\n")[0].split(b",")
    )


def test_a_gigabyte_is_refused_before_it_is_read(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("large") / "large.csv"
    with path.open("wb") as file:
        file.truncate(1_000_000_000)  # claimed, not written

    with pytest.raises(InputError, match="1,000,000,000 bytes; at most 600,000,000"):
        csv_reader.read(path)


def test_what_is_kept_of_a_long_way_is_small() -> None:
    # nowhere a group: the centers wander long
    random = np.random.default_rng(0)
    rows = "\n".join(f"{x:.4f},{y:.4f}" for x, y in random.uniform(size=(4_000, 2)))
    params = PredictParams(n_clusters=20, n_init=20, init="random")
    stages = _predictor()(f"a,b\n{rows}\n".encode(), params, Wants()).stages
    way = stages[-1].data

    assert len(way["steps"]) > 30
    assert (len(way["points"]), way["total"]) == (1_000, 4_000)
    assert "1,000 of 4,000 rows" in stages[-1].explanation
    one = len(stages[-1].json) / len(way["steps"])
    assert sum(len(stage.json) for stage in stages) + 300 * one < 5_000_000  # were there as many as may be
