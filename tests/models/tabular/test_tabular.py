"""Fits compared with scikit-learn's pipelines on the same split."""

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
from models.core.contract.prediction import Opened, Prediction, Stage, answer_opened
from models.core.contract.prediction import answer as predict
from models.tabular.card import CARD, PredictParams
from models.tabular.predict import Predictor

SAMPLES = {sample.name: sample for sample in CARD.samples}
CLASSIFIED = ("iris", "breast-cancer", "wine", "digits")


def answer(data: bytes, **params: Any) -> Prediction:
    return predict(Predictor(), {"table": data}, PredictParams(**params))


def opened(data: bytes, **params: Any) -> Opened:
    return answer_opened(Predictor(), {"table": data}, PredictParams(**params))


def table(rows: list[list[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def read(data: bytes) -> tuple[list[str], list[list[str]]]:
    header, *rows = csv.reader(io.StringIO(data.decode()))
    return header, rows


def parts(prediction: Prediction) -> dict[str, list[int]]:
    """The rows of each part, as the file of predictions lists them."""
    header, rows = read(prediction.outputs[0].data)
    column = header.index("part")
    return {
        part: [index for index, row in enumerate(rows) if row[column] == part]
        for part in ("training", "validation", "test")
    }


def content(sample: Sample) -> bytes:
    return sample.inputs["table"].read_bytes()


def numbers_of(sample: Sample) -> tuple[np.ndarray, np.ndarray]:
    _, rows = read(content(sample))
    cells = np.array(rows)
    return cells[:, :-1].astype(float), cells[:, -1]


def stage(answer: Opened, name: str) -> Stage:
    return next(stage for stage in answer.stages if stage.id == name)


@pytest.mark.parametrize("name", CLASSIFIED)
def test_logistic_regression_equals_scikit_learn(name: str) -> None:
    x, y = numbers_of(SAMPLES[name])
    found = answer(content(SAMPLES[name]), epochs=1)
    rows = parts(found)
    reference = make_pipeline(StandardScaler(), LogisticRegression(max_iter=10_000, tol=1e-8))
    reference.fit(x[rows["training"]], y[rows["training"]])
    for part in ("training", "test"):
        predicted = reference.predict_proba(x[rows[part]])
        quality = found.result["quality"][part]

        assert quality["accuracy"] == reference.score(x[rows[part]], y[rows[part]])
        assert quality["log_loss"] == pytest.approx(metrics.log_loss(y[rows[part]], predicted), abs=1e-6)


@pytest.mark.parametrize(
    ("method", "reference"), [("linear", LinearRegression()), ("ridge", Ridge(alpha=2.5))]
)
def test_linear_and_ridge_regression_equal_scikit_learn(method: str, reference: Any) -> None:
    x, y = numbers_of(SAMPLES["diabetes"])
    actual = y.astype(float)
    found = answer(content(SAMPLES["diabetes"]), method=f"{method} regression", alpha=2.5, epochs=1)
    rows = parts(found)
    pipeline = make_pipeline(StandardScaler(), reference).fit(x[rows["training"]], actual[rows["training"]])
    predicted = pipeline.predict(x[rows["test"]])
    mae = metrics.mean_absolute_error(actual[rows["test"]], predicted)
    quality = found.result["quality"]["test"]

    assert quality["r2"] == pytest.approx(metrics.r2_score(actual[rows["test"]], predicted), abs=1e-9)
    assert quality["mae"] == pytest.approx(mae, abs=1e-9)
    assert len(rows["test"]) == round(0.2 * len(y))


def test_coefficients_are_in_the_tables_own_units() -> None:
    """y = 3 + 2 a - 0.5 b without noise."""
    random = np.random.default_rng(1)
    values = random.uniform(-50, 800, (60, 2)).round(2)
    rows = [[a, b, 3 + 2 * a - 0.5 * b] for a, b in values]
    found = opened(table([["a (kg)", "b", "y"], *rows]))
    result = found.prediction.result
    by_name = {each["feature"]: each["y"] for each in result["coefficients"]}
    shown = stage(found, "coefficients").data["rows"]

    assert by_name["a (kg)"] == pytest.approx(2.0)
    assert by_name["b"] == pytest.approx(-0.5)
    assert by_name["intercept"] == pytest.approx(3.0, abs=1e-4)
    assert result["quality"]["test"]["r2"] == pytest.approx(1.0)
    assert shown[0][:2] == ["a (kg)", "y per kg"]


def mixed() -> tuple[bytes, list[list[Any]], np.ndarray]:
    """Numbers with gaps, and categories; the target depends on both."""
    random = np.random.default_rng(3)
    size = random.normal(10, 3, 120)
    color = random.choice(["red", "green", "blue"], 120)
    y = size + 5 * (color == "red") + random.normal(0, 0.1, 120)
    sizes = [f"{value:.6f}" if index % 7 else "" for index, value in enumerate(size)]
    rows = [[sizes[index], color[index], f"{y[index]:.6f}"] for index in range(120)]
    return table([["size", "color", "y"], *rows]), rows, y


def test_preprocessing_learns_from_the_training_rows_only() -> None:
    data, rows, _ = mixed()
    found = opened(data)
    training = [rows[index] for index in parts(found.prediction)["training"]]
    known = [float(row[0]) for row in training if row[0]]
    prepared = {row[0]: row for row in stage(found, "prepared").data["rows"]}
    filled = [float(row[0]) if row[0] else float(np.mean(known)) for row in training]

    assert prepared["size"][2] == pytest.approx(np.mean(known), rel=1e-5)
    assert prepared["size"][5] == pytest.approx(np.std(filled), rel=1e-5)
    assert prepared["size"][3] == len(training) - len(known)
    assert prepared["color"][1].startswith("one-hot, reference ")


def test_categories_and_gaps_are_fitted_as_by_a_scikit_learn_pipeline() -> None:
    data, rows, y = mixed()
    found = answer(data)
    split = parts(found)
    training = split["training"]
    known = np.mean([float(rows[index][0]) for index in training if rows[index][0]])
    x = np.array([[float(row[0]) if row[0] else known, row[1]] for row in rows], dtype=object)
    prepare = make_column_transformer((StandardScaler(), [0]), (OneHotEncoder(), [1]))
    reference = Pipeline([("prepare", prepare), ("fit", LinearRegression())]).fit(x[training], y[training])
    expected = metrics.r2_score(y[split["test"]], reference.predict(x[split["test"]]))

    assert found.result["quality"]["test"]["r2"] == pytest.approx(expected, abs=1e-6)


def test_a_network_learns_a_boundary_that_is_not_straight() -> None:
    x, y = make_moons(400, noise=0.15, random_state=0)
    data = table(
        [["a", "b", "moon"], *([*place, f"moon {label}"] for place, label in zip(x, y, strict=True))]
    )
    line = answer(data).result["quality"]["test"]["accuracy"]
    network = answer(data, method="neural network", epochs=120).result["quality"]["test"]["accuracy"]

    assert network >= 0.96
    assert network > line + 0.05


def test_gradient_descent_converges_to_scikit_learns_solution() -> None:
    found = opened(content(SAMPLES["diabetes"]), features=["bmi", "bp", "s5"], epochs=2_000)
    paths = stage(found, "descent").data["series"]
    losses = {each["name"]: each["y"] for each in stage(found, "loss").data["series"]}

    assert all(path["y"][0] == 0 for path in paths)
    assert all(path["y"][-2] == pytest.approx(path["y"][-1], abs=1e-3) for path in paths)
    assert all(
        after <= before + 1e-9
        for before, after in zip(losses["training"], losses["training"][1:], strict=False)
    )
    assert losses["training"][-1] == pytest.approx(losses["exact solution, training"][0], abs=1e-5)


def test_the_first_step_of_gradient_descent_follows_the_definition() -> None:
    """From zero, w = η / n Σ x y on scaled x and y: the learning rate times the correlation."""
    x, y = numbers_of(SAMPLES["diabetes"])
    found = opened(content(SAMPLES["diabetes"]), features=["bmi"], epochs=1, learning_rate=0.25)
    training = parts(found.prediction)["training"]
    correlation = np.corrcoef(x[training, 2], y[training].astype(float))[0, 1]

    assert stage(found, "descent").data["series"][0]["y"][1] == pytest.approx(0.25 * correlation, rel=1e-5)


def test_a_learning_rate_that_is_too_high_is_shown_as_divergence() -> None:
    data = content(SAMPLES["diabetes"])
    found = opened(data, learning_rate=3.0)
    result = found.prediction.result
    losses = stage(found, "loss").data["series"][0]["y"]

    assert result["diverged_at"] == len(losses) - 1
    assert losses[-1] > 100 * losses[0]
    assert f"diverged at step {len(losses) - 1}" in stage(found, "loss").explanation
    assert result["quality"]["test"] == answer(data).result["quality"]["test"]  # of the exact solution


def test_gradient_descent_diverges_above_the_critical_rate() -> None:
    data = content(SAMPLES["diabetes"])
    below = answer(data, learning_rate=0.49, epochs=400)
    above = answer(data, learning_rate=0.52, epochs=5_000)

    assert "above 0.506 " in stage(opened(data), "loss").explanation
    assert below.result["diverged_at"] is None
    assert above.result["diverged_at"] is not None


@pytest.mark.parametrize("name", list(SAMPLES))
def test_every_sample_is_better_than_the_baseline(name: str) -> None:
    found = answer(content(SAMPLES[name]), epochs=1).result
    metric = "r2" if found["task"] == "regression" else "accuracy"

    assert found["quality"]["test"][metric] > found["baseline"][metric] + 0.2
