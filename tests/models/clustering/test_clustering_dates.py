"""Columns of dates as days, in new clusters and in trained ones."""

from pathlib import Path

import pytest

from models.clustering.card import PredictParams, TrainParams
from models.clustering.predict import Predictor
from models.clustering.train import train
from models.core.contract.errors import InputError
from models.core.contract.prediction import answer
from models.core.contract.progress import Progress
from tests.models.clustering.answering import open_answer


def test_dates_count_as_days_if_they_are_selected_or_declared() -> None:
    data = b"day,n\n2024-01-01,1\n2024-01-03,1\n2024-06-01,1\n2024-06-03,1\n"
    left_out = open_answer(data, n_clusters=1)
    selected = open_answer(data, n_clusters=2, columns=["day"], scaling="none")
    declared = open_answer(data, n_clusters=2, types={"day": "date"})
    placed = open_answer(
        data, n_clusters=2, columns=["day"], init="placed", starts="2024-01-01; 153", scaling="none"
    )

    assert left_out.prediction.result["columns"] == ["n"]
    assert selected.stages[-1].data["x_label"] == "day, days since 2024-01-01"
    assert sorted(found["centroid"]["day"] for found in selected.prediction.result["clusters"]) == [
        "2024-01-02",
        "2024-06-02",
    ]
    assert declared.prediction.result["columns"] == ["day", "n"]
    for opened in (selected, declared, placed):
        labels = opened.prediction.result["labels"]
        assert labels[0] == labels[1] != labels[2] == labels[3]


def test_trained_clusters_count_the_days_of_other_tables_from_their_own_first_day(tmp_path: Path) -> None:
    path, weights = tmp_path / "data.csv", tmp_path / "trained.safetensors"
    path.write_bytes(b"x;day\n0;01/13/2024\n0;01/15/2024\n0;06/14/2024\n0;06/15/2024\n")
    params = TrainParams.model_validate({"n_clusters": 2, "columns": ["day"], "delimiter": "semicolon"})
    train(path, params, weights=weights, device="cpu", progress=Progress())
    trained = Predictor(weights)
    table = {"table": path.read_bytes()}
    other_table = {"table": b"x;day\n0;06/05/2024\n0;01/06/2024\n"}

    own = answer(trained, table, PredictParams()).result["labels"]
    other = answer(trained, other_table, PredictParams()).result["labels"]

    assert other == [own[2], own[0]]
    with pytest.raises(InputError, match="'day' of type date; it cannot be read as number"):
        answer(trained, table, PredictParams.model_validate({"types": {"day": "number"}}))
