"""Columns of dates as days, in clusters that are found and in clusters that are kept."""

from pathlib import Path

import pytest

from models.clustering.card import CARD, PredictParams, TrainParams
from models.clustering.predict import Predictor
from models.clustering.train import train
from models.core.contract.errors import InputError
from models.core.contract.prediction import Prediction
from models.core.contract.progress import Progress


def _ask(data: bytes, **params: object) -> Prediction:
    weights = CARD.models[0].weights
    assert weights
    return Predictor(weights)(data, PredictParams.model_validate(params))


def test_dates_count_as_days_where_they_are_chosen_or_told() -> None:
    data = b"day,n\n2024-01-01,1\n2024-01-03,1\n2024-06-01,1\n2024-06-03,1\n"
    left_out = _ask(data, n_clusters=1)
    chosen = _ask(data, n_clusters=2, columns=["day"], scaling="none")
    told = _ask(data, n_clusters=2, types={"day": "date"})
    placed = _ask(
        data, n_clusters=2, columns=["day"], init="placed", starts="2024-01-01; 153", scaling="none"
    )

    assert left_out.result["columns"] == ["n"]
    assert chosen.stages[-1].data["x_label"] == "day, days since 2024-01-01"
    assert sorted(found["centroid"]["day"] for found in chosen.result["clusters"]) == [
        "2024-01-02",
        "2024-06-02",
    ]
    assert told.result["columns"] == ["day", "n"]
    for answer in (chosen, told, placed):
        labels = answer.result["labels"]
        assert labels[0] == labels[1] != labels[2] == labels[3]


def test_kept_clusters_count_the_days_of_other_tables_from_their_own_first(tmp_path: Path) -> None:
    path, weights = tmp_path / "data.csv", tmp_path / "kept.safetensors"
    path.write_bytes(b"x;day\n0;01/13/2024\n0;01/15/2024\n0;06/14/2024\n0;06/15/2024\n")
    told = TrainParams.model_validate({"n_clusters": 2, "columns": ["day"], "delimiter": "semicolon"})
    train(path, told, weights=weights, device="cpu", progress=Progress())
    kept = Predictor(weights)

    own = kept(path.read_bytes(), PredictParams()).result["labels"]
    other = kept(b"x;day\n0;06/05/2024\n0;01/06/2024\n", PredictParams()).result["labels"]
    assert other == [own[2], own[0]]
    with pytest.raises(InputError, match="'day' as date; it cannot be read as number"):
        kept(path.read_bytes(), PredictParams.model_validate({"types": {"day": "number"}}))
