"""A fit that is kept, and other tables predicted with it; what the stages draw."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.core.contract import checkpoint
from models.core.contract.errors import InputError, WeightsError
from models.core.contract.progress import Progress
from models.tabular.card import CARD, PredictParams, TrainParams
from models.tabular.predict import Predictor
from models.tabular.train import train
from tests.models.tabular.test_tabular import answer, read, stage, table

IRIS = CARD.samples[0].file


def kept(folder: Path, dataset: Path = IRIS, **params: Any) -> Predictor:
    weights = folder / "kept.safetensors"
    train(dataset, TrainParams(**params), weights=weights, device="cpu", progress=Progress())
    return Predictor(weights)


@pytest.mark.parametrize("method", ["logistic regression", "neural network"])
def test_a_kept_model_says_what_it_said_when_it_was_fitted(tmp_path: Path, method: str) -> None:
    params = {"method": method, "epochs": 20}
    fitted = answer(IRIS.read_bytes(), **params)
    again = kept(tmp_path, **params)(IRIS.read_bytes(), PredictParams())

    assert again.result["predictions"] == fitted.result["predictions"]
    assert again.result["predicted_by_kept_model"]
    # to the last digit but one: where an array begins in memory decides the order of a sum
    assert again.result["quality"] == {
        part: pytest.approx(measures, rel=1e-12) for part, measures in fitted.result["quality"].items()
    }
    assert again.result["quality_of_this_table"]["accuracy"] > 0.9


def test_columns_are_found_by_name_and_extra_ones_are_named(tmp_path: Path) -> None:
    header, rows = read(IRIS.read_bytes())
    shuffled = [["note", *reversed(header[:4])], *(["n", *reversed(row[:4])] for row in rows)]
    predictor = kept(tmp_path)
    found = predictor(table(shuffled), PredictParams())

    assert found.result["predictions"] == predictor(IRIS.read_bytes(), PredictParams()).result["predictions"]
    assert found.result["left_out"] == [{"column": "note", "why": "the model does not know it"}]
    assert found.result["quality_of_this_table"] is None
    assert all(each.json for each in found.stages)


def test_missing_columns_are_named(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"lacks: 'sepal width \(cm\)', 'petal width \(cm\)'; it has: 'sepal"
    ):
        kept(tmp_path)(b"sepal length (cm),petal length (cm)\n1,2\n", PredictParams())


def test_gaps_are_filled_and_new_words_are_named(tmp_path: Path) -> None:
    data = tmp_path / "colors.csv"
    data.write_bytes(
        table([["color", "x", "y"], *(["rgb"[row % 3], row, row % 3 + row] for row in range(40))])
    )
    found = kept(tmp_path, data)(b"color,x\nr,\nviolet,3\n,4\n", PredictParams())

    assert found.result["notes"] == ["Row 3, column 'color': 'violet' was in no training row."]
    assert len(found.result["predictions"]) == 3


def test_a_cell_of_another_type_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Row 3, column 'sepal length \(cm\)': 'long' is not a number"):
        kept(tmp_path)(
            b"sepal length (cm),sepal width (cm),petal length (cm),petal width (cm)\n1,2,3,4\nlong,2,3,4\n",
            PredictParams(),
        )


def test_a_class_that_the_model_does_not_know_is_named(tmp_path: Path) -> None:
    data = IRIS.read_bytes().replace(b"setosa", b"pallida")
    found = kept(tmp_path)(data, PredictParams())

    assert "classes that the model does not know: 'pallida'" in found.result["notes"][0]
    assert found.result["quality_of_this_table"]["accuracy"] > 0.9  # of the rows whose class it knows


def test_files_that_hold_no_fit_are_refused(tmp_path: Path) -> None:
    config, state = checkpoint.load(CARD.models[0].weights or tmp_path)
    checkpoint.save(tmp_path / "other.safetensors", {"architecture": "unet"}, state)
    checkpoint.save(tmp_path / "torn.safetensors", {"architecture": "fitted-tabular", "method": "x"}, state)

    assert config["architecture"] == "tabular"
    with pytest.raises(WeightsError, match="is no tabular model: it is 'unet'"):
        Predictor(tmp_path / "other.safetensors")
    with pytest.raises(WeightsError, match="holds no fitted model"):
        Predictor(tmp_path / "torn.safetensors")


def test_progress_reports_training_and_validation_loss(tmp_path: Path) -> None:
    rows: list[dict[str, float]] = []
    progress = Progress(lambda _step, _total, metrics, _message: rows.append(dict(metrics)))
    params = TrainParams(method="neural network", epochs=12)
    metrics = train(IRIS, params, weights=tmp_path / "w.safetensors", device="cpu", progress=progress)

    assert len(rows) == 12
    assert all({"loss", "validation_loss"} == row.keys() for row in rows)
    assert rows[-1]["loss"] < rows[0]["loss"]
    assert metrics["accuracy"] > 0.6
    assert len((tmp_path / "w.log.csv").read_text().splitlines()) == 14  # the header, and epoch 0


def test_two_features_are_drawn_as_a_plane_that_says_what_the_model_says() -> None:
    features = ["petal length (cm)", "petal width (cm)"]
    found = answer(IRIS.read_bytes(), features=features, stages=True, epochs=50)
    data = stage(found, "plane").data
    steps, points = data["steps"], data["points"]
    assert len(steps[-1]["field"]) == len(steps[-1]["certainty"]) == data["rows"] * data["columns"]
    assert data["labels"] == ["setosa", "versicolor", "virginica"]
    assert steps[0]["certainty"][0] == 0.33  # at zero nothing is known
    assert len(steps) <= 31
    assert len(stage(found, "plane").json) < 500_000
    said = [data["labels"].index(name) for name in found.result["predictions"]]
    right = 0
    for place, answered in zip(points["places"], said, strict=True):
        across = (place[0] - data["x"][0]) / (data["x"][1] - data["x"][0]) * (data["columns"] - 1)
        up = (place[1] - data["y"][0]) / (data["y"][1] - data["y"][0]) * (data["rows"] - 1)
        right += steps[-1]["field"][round(up) * data["columns"] + round(across)] == answered
    assert right >= 0.97 * len(said)  # but for places beside the border


def test_one_feature_is_drawn_as_a_line_through_the_rows() -> None:
    found = answer(table([["x", "y"], *([value, 4 * value + 1] for value in range(50))]), stages=True)
    data = stage(found, "line").data
    line = data["steps"][-1]["lines"][0]

    assert data["steps"][-1]["name"] == "exact solution"
    np.testing.assert_allclose(line["y"], 4 * np.array(line["x"]) + 1, rtol=1e-4, atol=1e-3)
    assert data["steps"][0]["lines"][0]["y"] == pytest.approx([data["steps"][0]["lines"][0]["y"][0]] * 64)


def test_the_confusion_matrix_counts_the_test_rows() -> None:
    found = answer(IRIS.read_bytes(), stages=True, epochs=1)
    data = stage(found, "confusion").data
    counts = np.array(data["counts"])

    assert counts.sum() == data["total"] == found.result["rows"]["test"]
    assert np.trace(counts) / counts.sum() == pytest.approx(found.result["quality"]["test"]["accuracy"])


def test_a_perfectly_known_class_has_a_perfect_roc_curve() -> None:
    rows = [[value, "high" if value >= 50 else "low"] for value in range(100)]
    found = answer(table([["x", "kind"], *rows]), stages=True, C=1e6)
    roc = stage(found, "roc").data["series"][0]

    assert roc["name"] == "low (1.000)"
    assert max(y - x for x, y in zip(roc["x"], roc["y"], strict=True)) == 1.0
