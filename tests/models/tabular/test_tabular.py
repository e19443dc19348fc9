"""Fits against scikit-learn's own pipelines, on the same split."""

import csv
import io
from typing import Any

import numpy as np
import pytest
from sklearn import metrics
from sklearn.compose import make_column_transformer
from sklearn.datasets import make_moons
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from models.core.contract.card import Sample
from models.core.contract.prediction import Prediction, Wants
from models.tabular.card import CARD, WEIGHTS, PredictParams
from models.tabular.predict import Predictor

SAMPLES = {sample.name: sample for sample in CARD.samples}
CLASSIFIED = ("iris", "breast-cancer", "wine", "digits")


def answer(data: bytes, *, stages: bool = False, **params: Any) -> Prediction:
    return Predictor(WEIGHTS)(data, PredictParams(**params), Wants(inspection=stages))


def table(rows: list[list[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def read(data: bytes) -> tuple[list[str], list[list[str]]]:
    header, *rows = csv.reader(io.StringIO(data.decode()))
    return header, rows


def parts(prediction: Prediction) -> dict[str, list[int]]:
    """Which rows are in which part, as the file of predictions tells."""
    header, rows = read(prediction.outputs[0].data)
    place = header.index("part")
    return {
        part: [index for index, row in enumerate(rows) if row[place] == part]
        for part in ("training", "validation", "test")
    }


def numbers_of(sample: Sample) -> tuple[np.ndarray, np.ndarray]:
    _, rows = read(sample.file.read_bytes())
    cells = np.array(rows)
    return cells[:, :-1].astype(float), cells[:, -1]


def stage(prediction: Prediction, name: str) -> Any:
    return next(stage for stage in prediction.stages if stage.id == name)


@pytest.mark.parametrize("name", CLASSIFIED)
def test_logistic_regression_is_scikit_learns(name: str) -> None:
    x, y = numbers_of(SAMPLES[name])
    found = answer(SAMPLES[name].file.read_bytes(), epochs=1)
    rows = parts(found)
    theirs = make_pipeline(StandardScaler(), LogisticRegression(max_iter=10_000, tol=1e-8))
    theirs.fit(x[rows["training"]], y[rows["training"]])
    for part in ("training", "validation", "test"):
        said = theirs.predict_proba(x[rows[part]])
        mine = found.result["quality"][part]

        assert mine["accuracy"] == theirs.score(x[rows[part]], y[rows[part]])
        assert mine["log_loss"] == pytest.approx(metrics.log_loss(y[rows[part]], said), abs=1e-6)


@pytest.mark.parametrize(("method", "theirs"), [("linear", LinearRegression()), ("ridge", Ridge(alpha=2.5))])
def test_linear_and_ridge_regression_are_scikit_learns(method: str, theirs: Any) -> None:
    x, y = numbers_of(SAMPLES["diabetes"])
    truth = y.astype(float)
    found = answer(SAMPLES["diabetes"].file.read_bytes(), method=f"{method} regression", alpha=2.5, epochs=1)
    rows = parts(found)
    pipeline = make_pipeline(StandardScaler(), theirs).fit(x[rows["training"]], truth[rows["training"]])
    said = pipeline.predict(x[rows["test"]])
    mine = found.result["quality"]["test"]

    assert mine["r2"] == pytest.approx(metrics.r2_score(truth[rows["test"]], said), abs=1e-9)
    assert mine["mae"] == pytest.approx(metrics.mean_absolute_error(truth[rows["test"]], said), abs=1e-9)
    assert len(rows["test"]) == round(0.2 * len(y))


def test_coefficients_are_in_the_tables_own_units() -> None:
    """y = 3 + 2 a - 0.5 b, without noise: known by hand."""
    random = np.random.default_rng(1)
    values = random.uniform(-50, 800, (60, 2)).round(2)
    rows = [[a, b, 3 + 2 * a - 0.5 * b] for a, b in values]
    found = answer(table([["a (kg)", "b", "y"], *rows]), stages=True)
    by_name = {each["feature"]: each["y"] for each in found.result["coefficients"]}
    shown = stage(found, "coefficients").data["rows"]

    assert by_name["a (kg)"] == pytest.approx(2.0)
    assert by_name["b"] == pytest.approx(-0.5)
    assert by_name["intercept"] == pytest.approx(3.0, abs=1e-4)
    assert found.result["quality"]["test"]["r2"] == pytest.approx(1.0)
    assert shown[0][:2] == ["a (kg)", "y per kg"]


def mixed() -> tuple[bytes, list[list[Any]], np.ndarray]:
    """Numbers with gaps and words, and a target that both decide."""
    random = np.random.default_rng(3)
    size = random.normal(10, 3, 120)
    color = random.choice(["red", "green", "blue"], 120)
    y = size + 5 * (color == "red") + random.normal(0, 0.1, 120)
    sizes = [f"{value:.6f}" if index % 7 else "" for index, value in enumerate(size)]
    rows = [[sizes[index], color[index], f"{y[index]:.6f}"] for index in range(120)]
    return table([["size", "color", "y"], *rows]), rows, y


def test_preprocessing_learns_from_training_rows_alone() -> None:
    data, rows, _ = mixed()
    found = answer(data, stages=True)
    training = [rows[index] for index in parts(found)["training"]]
    known = [float(row[0]) for row in training if row[0]]
    prepared = {row[0]: row for row in stage(found, "prepared").data["rows"]}
    filled = [float(row[0]) if row[0] else float(np.mean(known)) for row in training]

    assert prepared["size"][2] == pytest.approx(np.mean(known), rel=1e-5)
    assert prepared["size"][5] == pytest.approx(np.std(filled), rel=1e-5)
    assert prepared["size"][3] == len(training) - len(known)
    assert prepared["color"][1] == "one-hot"


def test_words_and_gaps_are_fitted_as_by_a_pipeline_of_scikit_learn() -> None:
    data, rows, y = mixed()
    found = answer(data)
    split = parts(found)
    training = split["training"]
    known = np.mean([float(rows[index][0]) for index in training if rows[index][0]])
    x = np.array([[float(row[0]) if row[0] else known, row[1]] for row in rows], dtype=object)
    prepare = make_column_transformer((StandardScaler(), [0]), (OneHotEncoder(), [1]))
    theirs = Pipeline([("prepare", prepare), ("fit", LinearRegression())]).fit(x[training], y[training])
    expected = metrics.r2_score(y[split["test"]], theirs.predict(x[split["test"]]))

    assert found.result["quality"]["test"]["r2"] == pytest.approx(expected, abs=1e-6)


def test_a_network_learns_what_no_straight_line_can() -> None:
    x, y = make_moons(400, noise=0.15, random_state=0)
    data = table(
        [["a", "b", "moon"], *([*place, f"moon {label}"] for place, label in zip(x, y, strict=True))]
    )
    line = answer(data).result["quality"]["test"]["accuracy"]
    network = answer(data, method="neural network", epochs=120).result["quality"]["test"]["accuracy"]

    assert network >= 0.96
    assert network > line + 0.05


def test_gradient_descent_arrives_at_scikit_learns_solution() -> None:
    found = answer(
        SAMPLES["diabetes"].file.read_bytes(), features=["bmi", "bp", "s5"], stages=True, epochs=2_000
    )
    ways = stage(found, "descent").data["series"]
    losses = {each["name"]: each["y"] for each in stage(found, "loss").data["series"]}

    assert all(way["y"][0] == 0 for way in ways)
    assert all(way["y"][-2] == pytest.approx(way["y"][-1], abs=1e-3) for way in ways)
    assert all(
        after <= before + 1e-9
        for before, after in zip(losses["training"], losses["training"][1:], strict=False)
    )
    assert losses["training"][-1] == pytest.approx(losses["exact solution, training"][0], abs=1e-5)


def test_the_first_step_of_gradient_descent_is_the_definitions() -> None:
    """w1 = rate / n Σ x y from zero, on scaled x and y: one multiplication away from the correlation."""
    x, y = numbers_of(SAMPLES["diabetes"])
    found = answer(
        SAMPLES["diabetes"].file.read_bytes(), features=["bmi"], stages=True, epochs=1, learning_rate=0.25
    )
    training = parts(found)["training"]
    correlation = np.corrcoef(x[training, 2], y[training].astype(float))[0, 1]

    assert stage(found, "descent").data["series"][0]["y"][1] == pytest.approx(0.25 * correlation, rel=1e-5)


def test_too_high_a_learning_rate_is_shown_as_divergence() -> None:
    data = SAMPLES["diabetes"].file.read_bytes()
    found = answer(data, learning_rate=3.0, stages=True)
    losses = stage(found, "loss").data["series"][0]["y"]

    assert found.result["diverged_at"] == len(losses) - 1
    assert losses[-1] > 100 * losses[0]
    assert f"diverged at step {len(losses) - 1}" in stage(found, "loss").explanation
    assert found.result["quality"]["test"] == answer(data).result["quality"]["test"]  # the answer is exact


def test_the_critical_rate_that_is_named_is_where_descent_turns() -> None:
    data = SAMPLES["diabetes"].file.read_bytes()
    below = answer(data, learning_rate=0.53, epochs=400)
    above = answer(data, learning_rate=0.56, epochs=5_000)

    assert "above 0.546 " in stage(answer(data, stages=True), "loss").explanation
    assert below.result["diverged_at"] is None
    assert above.result["diverged_at"] is not None


@pytest.mark.parametrize("name", list(SAMPLES))
def test_every_sample_is_better_than_the_baseline(name: str) -> None:
    found = answer(SAMPLES[name].file.read_bytes(), epochs=1).result
    figure = "r2" if found["task"] == "regression" else "accuracy"

    assert found["quality"]["test"][figure] > found["baseline"][figure] + 0.2
