"""Fitted models that predict other tables, and the data of the stages."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from models.core.contract import checkpoint
from models.core.contract.errors import InputError, WeightsError
from models.core.contract.prediction import Opened, Prediction, answer_opened
from models.core.contract.prediction import answer as predict
from models.core.contract.progress import Progress
from models.tabular.card import CARD, PredictParams, TrainParams
from models.tabular.predict import Predictor
from models.tabular.train import train
from tests.models.tabular.test_tabular import answer, content, opened, read, stage, table

IRIS = content(CARD.samples[0])


class Kept:
    """A predictor with a model that was trained on `dataset`."""

    def __init__(self, folder: Path, dataset: bytes = IRIS, **params: Any):
        file, weights = folder / "data.csv", folder / "kept.safetensors"
        file.write_bytes(dataset)
        train(file, TrainParams(**params), weights=weights, device="cpu", progress=Progress())
        self.predictor = Predictor(weights)

    def predict(self, data: bytes, **params: Any) -> Prediction:
        return predict(self.predictor, {"table": data}, PredictParams(**params))

    def open(self, data: bytes) -> Opened:
        return answer_opened(self.predictor, {"table": data}, PredictParams())


@pytest.mark.parametrize("method", ["logistic regression", "neural network"])
def test_a_fitted_model_predicts_the_same_after_loading(tmp_path: Path, method: str) -> None:
    params = {"method": method, "epochs": 20}
    fitted = answer(IRIS, **params)
    again = Kept(tmp_path, **params).predict(IRIS)

    assert again.result["predictions"] == fitted.result["predictions"]
    assert again.result["predicted_by_kept_model"]
    # not to the last digit: the alignment of an array in memory decides the order of summation
    assert again.result["quality"] == {
        part: pytest.approx(measures, rel=1e-12) for part, measures in fitted.result["quality"].items()
    }
    assert again.result["quality_of_this_table"]["accuracy"] > 0.9


def test_a_model_of_an_earlier_version_states_on_which_part_it_was_measured(tmp_path: Path) -> None:
    Kept(tmp_path)
    path = tmp_path / "kept.safetensors"
    config, tensors = checkpoint.load(path)
    record = config["record"]
    older = {name: value for name, value in record.items() if name != "measured_on"}
    older["judged_on"] = record["measured_on"]
    checkpoint.save(path, {**config, "record": older}, tensors)

    found = predict(Predictor(path), {"table": IRIS}, PredictParams())
    assert found.result["measured_on"] == "test"


def test_columns_are_matched_by_name_and_others_are_listed(tmp_path: Path) -> None:
    header, rows = read(IRIS)
    shuffled = [["note", *reversed(header[:4])], *(["n", *reversed(row[:4])] for row in rows)]
    model = Kept(tmp_path)
    found = model.open(table(shuffled))
    result = found.prediction.result

    assert result["predictions"] == model.predict(IRIS).result["predictions"]
    assert result["left_out"] == [{"column": "note", "why": "not a feature of the model"}]
    assert result["quality_of_this_table"] is None
    assert all(each.json for each in found.stages)


def test_missing_columns_are_listed(tmp_path: Path) -> None:
    with pytest.raises(
        InputError,
        match=r"needs: 'sepal width \(cm\)', 'petal width \(cm\)'. Its columns are: 'sepal",
    ):
        Kept(tmp_path).predict(b"sepal length (cm),petal length (cm)\n1,2\n")


def test_gaps_are_filled_and_unseen_categories_are_listed(tmp_path: Path) -> None:
    data = table([["color", "x", "y"], *(["rgb"[row % 3], row, row % 3 + row] for row in range(40))])
    found = Kept(tmp_path, data).predict(b"color,x\nr,\nviolet,\n,4\n")

    color, gap, gaps = found.result["notes"]
    assert (
        color
        == "Row 3, column 'color': 'violet' does not occur in the training rows; it is treated like 'g'."
    )
    assert gap.startswith(
        "Row 4, column 'color': the value is missing; the usual one of the training rows, g,"
    )
    assert gaps.startswith("Column 'x': 2 values are missing, the first in row 2; the usual one of")
    assert len(found.result["predictions"]) == 3


def test_a_cell_that_does_not_fit_is_located(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Row 3, column 'sepal length \(cm\)': 'long' is not a number"):
        Kept(tmp_path).predict(
            b"sepal length (cm),sepal width (cm),petal length (cm),petal width (cm)\n1,2,3,4\nlong,2,3,4\n"
        )


def test_unknown_classes_are_listed(tmp_path: Path) -> None:
    found = Kept(tmp_path).predict(IRIS.replace(b"setosa", b"pallida"))

    assert "classes unknown to the model: 'pallida'" in found.result["notes"][0]
    assert found.result["quality_of_this_table"]["accuracy"] > 0.9  # on the rows of known classes


def test_files_without_a_fitted_model_are_rejected(tmp_path: Path) -> None:
    state = {"weight": torch.ones(1)}
    checkpoint.save(tmp_path / "other.safetensors", {"architecture": "unet"}, state)
    checkpoint.save(tmp_path / "torn.safetensors", {"architecture": "fitted-tabular", "method": "x"}, state)

    with pytest.raises(WeightsError, match="is not a tabular model: its architecture is 'unet'"):
        Predictor(tmp_path / "other.safetensors")
    with pytest.raises(WeightsError, match="does not hold a fitted model"):
        Predictor(tmp_path / "torn.safetensors")


def test_progress_reports_training_and_validation_loss(tmp_path: Path) -> None:
    rows: list[dict[str, float]] = []
    progress = Progress(lambda _step, _total, metrics, _message: rows.append(dict(metrics)))
    params = TrainParams(method="neural network", epochs=12)
    (tmp_path / "data.csv").write_bytes(IRIS)
    metrics = train(
        tmp_path / "data.csv", params, weights=tmp_path / "w.safetensors", device="cpu", progress=progress
    )

    assert len(rows) == 12
    assert all({"loss", "validation_loss"} == row.keys() for row in rows)
    assert rows[-1]["loss"] < rows[0]["loss"]
    assert metrics["accuracy"] > 0.6
    assert len((tmp_path / "w.log.csv").read_text().splitlines()) == 14  # the header, and epoch 0


def test_the_plane_of_two_features_shows_the_predictions_of_the_model() -> None:
    features = ["petal length (cm)", "petal width (cm)"]
    found = opened(IRIS, features=features, epochs=50)
    data = stage(found, "plane").data
    steps, points = data["steps"], data["points"]
    assert len(steps[-1]["field"]) == len(steps[-1]["certainty"]) == data["rows"] * data["columns"]
    assert data["labels"] == ["setosa", "versicolor", "virginica"]
    assert steps[0]["certainty"][0] == 0.33  # all coefficients are zero
    assert len(steps) <= 31
    assert len(stage(found, "plane").json) < 500_000
    predicted = [data["labels"].index(name) for name in found.prediction.result["predictions"]]
    equal = 0
    for place, label in zip(points["places"], predicted, strict=True):
        across = (place[0] - data["x"][0]) / (data["x"][1] - data["x"][0]) * (data["columns"] - 1)
        up = (place[1] - data["y"][0]) / (data["y"][1] - data["y"][0]) * (data["rows"] - 1)
        equal += steps[-1]["field"][round(up) * data["columns"] + round(across)] == label
    assert equal >= 0.97 * len(predicted)  # all but rows close to the boundary


def test_the_line_of_one_feature_goes_through_the_rows() -> None:
    found = opened(table([["x", "y"], *([value, 4 * value + 1] for value in range(50))]))
    data = stage(found, "line").data
    line = data["steps"][-1]["lines"][0]

    assert data["steps"][-1]["name"] == "exact solution"
    np.testing.assert_allclose(line["y"], 4 * np.array(line["x"]) + 1, rtol=1e-4, atol=1e-3)
    assert data["steps"][0]["lines"][0]["y"] == pytest.approx([data["steps"][0]["lines"][0]["y"][0]] * 64)


def test_the_confusion_matrix_counts_the_test_rows() -> None:
    found = opened(IRIS, epochs=1)
    result = found.prediction.result
    data = stage(found, "confusion").data
    counts = np.array(data["counts"])

    assert counts.sum() == data["total"] == result["rows"]["test"]
    assert np.trace(counts) / counts.sum() == pytest.approx(result["quality"]["test"]["accuracy"])


def test_a_separable_class_has_a_perfect_roc_curve() -> None:
    rows = [[value, "high" if value >= 50 else "low"] for value in range(100)]
    found = opened(table([["x", "kind"], *rows]), C=1e6)
    roc = stage(found, "roc").data["series"][0]

    assert roc["name"] == "low (1.000)"
    assert max(y - x for x, y in zip(roc["x"], roc["y"], strict=True)) == 1.0


def test_the_answer_of_another_table_shows_its_values_beside_predictions_and_probabilities(
    tmp_path: Path,
) -> None:
    rows = [["color", "x", "kind"], *(["rgb"[row % 3], row / 2, "ab"[row // 20]] for row in range(40))]
    found = Kept(tmp_path, table(rows), test_share=0.25).open(b"x,note,color\n3.5,n,r\n,n,g\n18,n,b\n")
    result = found.prediction.result
    data = stage(found, "predictions").data
    names = [column["name"] for column in data["columns"]]

    assert names == ["row", "color", "x", "predicted kind", "probability of a", "probability of b"]
    assert [row[:4] for row in data["rows"]] == [
        [2, "r", 3.5, result["predictions"][0]],
        [3, "g", None, result["predictions"][1]],
        [4, "b", 18.0, result["predictions"][2]],
    ]
    assert data["rows"][0][4] + data["rows"][0][5] == pytest.approx(1.0, abs=1e-3)
    assert result["probabilities"][0] == data["rows"][0][4:]
    assert result["rows"] == {"total": 3, "used": 3}
    assert "training" not in stage(found, "predictions").explanation


def test_numbers_outside_the_training_rows_are_named(tmp_path: Path) -> None:
    rows = [["x", "z", "y"], *([index / 4, index % 7, index / 2] for index in range(80))]
    model = Kept(tmp_path, table(rows), test_share=0.0)
    found = model.predict(b"x,z\n5,3\n25,4\n-3,9\n").result["notes"]

    assert found == [
        "Row 3, column 'x': 25 and 1 more are outside the training values, 0 to 19.75; their predictions are "
        "extrapolations.",
        "Row 4, column 'z': 9 is outside the training values, 0 to 6; the prediction is an extrapolation.",
    ]


def test_the_quality_on_another_table_has_an_interval_and_the_recall_of_each_class(tmp_path: Path) -> None:
    found = Kept(tmp_path).open(IRIS)
    result = found.prediction.result
    rows = [row[0] for row in stage(found, "quality").data["rows"]]
    low, high = result["intervals_of_this_table"]["metrics"]["accuracy"]

    assert low <= result["quality_of_this_table"]["accuracy"] <= high
    assert [each["rows"] for each in result["by_class_of_this_table"]] == [50, 50, 50]
    assert rows[:3] == ["this table", "95% interval from", "95% interval to"]
    assert rows[3:] == ["test, at the fit", "training, at the fit", "baseline, test, at the fit"]


def test_the_file_of_a_model_lists_the_columns_that_a_form_needs(tmp_path: Path) -> None:
    rows = [
        ["day", "color", "x", "y"],
        *([f"2024-03-{row % 28 + 1:02}", "rgb"[row % 3], row, row] for row in range(60)),
    ]
    Kept(tmp_path, table(rows), features=["day", "color", "x"], test_share=0.0)
    columns = checkpoint.load(tmp_path / "kept.safetensors")[0]["columns"]

    assert columns == [
        {
            "name": "day", "type": "date", "usual": columns[0]["usual"],
            "smallest": "2024-03-01", "largest": "2024-03-28",
        },
        {"name": "color", "type": "category", "usual": "b", "categories": ["b", "g", "r"]},
        {"name": "x", "type": "number", "usual": 29.5, "smallest": 0.0, "largest": 59.0},
    ]  # fmt: skip


def test_a_model_without_references_and_ranges_still_predicts(tmp_path: Path) -> None:
    """As files of earlier versions are: every category has a column, and ranges are not recorded."""
    rows = [["color", "x", "y"], *(["rgb"[row % 3], row, row % 3 + row] for row in range(40))]
    Kept(tmp_path, table(rows), method="neural network", epochs=5)
    config, state = checkpoint.load(tmp_path / "kept.safetensors")
    for part in config["preprocessing"]:
        for name in ("reference", "smallest", "largest"):
            part.pop(name, None)
    for name in ("intervals", "by_class", "cross_validation", "chosen_on_validation", "regularization"):
        config["record"].pop(name, None)
    del config["columns"]
    checkpoint.save(tmp_path / "earlier.safetensors", config, state)
    found = answer_opened(
        Predictor(tmp_path / "earlier.safetensors"), {"table": b"color,x\nr,500\n"}, PredictParams()
    )

    assert len(found.prediction.result["predictions"]) == 1
    assert found.prediction.result["notes"] == []


@pytest.mark.parametrize("method", ["logistic regression", "neural network"])
def test_a_training_reports_its_progress_through_all_folds_and_the_curve_of_the_kept_model(
    tmp_path: Path, method: str
) -> None:
    file = tmp_path / "data.csv"
    file.write_bytes(IRIS)
    reports: list[tuple[float, bool, str]] = []

    def report(step: int, total: int, metrics: Mapping[str, float], message: str) -> None:
        reports.append((step / total, bool(metrics), message))

    params = TrainParams.model_validate({"method": method, "epochs": 10, "folds": 3})
    train(file, params, weights=tmp_path / "kept.safetensors", device="cpu", progress=Progress(report))
    fractions, measured, messages = zip(*reports, strict=True)

    assert list(fractions) == sorted(fractions)
    assert fractions[-1] == 1
    assert sum(measured) == 10
    assert measured[:10] == (True,) * 10
    assert fractions[9] == 1 / 4
    assert list(dict.fromkeys(messages)) == ["", *(f"Cross-validation: fold {n} of 3" for n in (1, 2, 3))]
    assert len(reports) == (40 if method == "neural network" else 13)


def test_a_training_has_the_figures_of_a_prediction_with_the_same_fit(tmp_path: Path) -> None:
    file = tmp_path / "data.csv"
    file.write_bytes(IRIS)
    params = {"method": "neural network", "epochs": 10, "folds": 3}
    kept = TrainParams.model_validate(params)
    trained = train(file, kept, weights=tmp_path / "w.safetensors", device="cpu", progress=Progress())
    result = answer(IRIS, **params).result

    assert trained.part == result["measured_on"] == "test"
    assert (trained.figure, trained.step) == ("loss", 10)
    assert list(trained.notes) == result["notes"]
    assert trained["accuracy"] == result["quality"]["test"]["accuracy"]
    for name in ("intervals", "by_class", "baseline", "cross_validation"):
        assert trained.evaluation[name] == result[name]
        assert trained.evaluation[name]
