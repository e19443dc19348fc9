"""Where a figure means little: notes, intervals, quality by class, cross-validation."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import bootstrap
from sklearn import metrics
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from models.core.contract.errors import InputError
from models.core.contract.progress import Progress
from models.tabular.card import CARD, PredictParams
from models.tabular.data import table_of
from models.tabular.evaluation.cross_validation import cross_validate
from models.tabular.evaluation.intervals import (
    classification_figures,
    intervals,
    regression_figures,
    resamples_of,
    weights_of,
)
from models.tabular.metrics import classification_quality
from models.tabular.preprocessing.split import folds
from tests.models.tabular.test_tabular import answer, content, numbers_of, opened, parts, read, stage, table
from tests.models.tabular.test_tabular_fitted_model import Kept

IRIS = content(CARD.samples[0])
UUIDS = [f"{index * 0x9E3779B97F4A7C15 % 2**64:016x}" for index in range(60)]


def noise(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=count)


def notes(rows: list[list[Any]], **params: Any) -> str:
    return " ".join(answer(table(rows), epochs=1, **params).result["notes"])


def columns(**values: Any) -> list[list[Any]]:
    return [list(values), *map(list, zip(*values.values(), strict=True))]


def test_few_test_rows_are_noted_and_thirty_are_not() -> None:
    few = notes(columns(x=noise(10), y=noise(10, 1)))
    enough = notes(columns(x=noise(150), y=noise(150, 1)))

    assert "measured on only 2 test rows" in few
    assert enough == ""


def test_without_test_rows_a_note_warns_that_the_quality_is_too_optimistic() -> None:
    assert "measured on the training rows" in notes(columns(x=noise(50), y=noise(50, 1)), test_share=0.0)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (list(range(1000, 1060)), "changes by 1 from each row to the next"),
        (list(range(60, 0, -1)), "changes by -1 from each row to the next"),
        (np.random.default_rng(0).permutation(60) + 1, "every whole number from 1 to 60 once"),
        (np.random.default_rng(0).choice(10**6, 60, replace=False), "60 distinct whole numbers in 60 rows"),
    ],
    ids=["ascending", "descending", "shuffled", "random keys"],
)
def test_a_column_that_numbers_the_rows_is_noted(values: Any, expected: str) -> None:
    found = notes(columns(key=values, x=noise(60), y=noise(60, 1)))

    assert f"Column 'key' {expected}" in found or f"Column 'key' has {expected}" in found


def test_repeated_numbers_are_an_identifier_only_with_the_name_of_one() -> None:
    twice = np.random.default_rng(0).permutation(np.repeat(np.arange(100, 140), 2))

    assert "40 distinct whole numbers" in notes(columns(customer_id=twice, x=noise(80), y=noise(80, 1)))
    assert "whole numbers" not in notes(columns(rooms=twice, x=noise(80), y=noise(80, 1)))


def test_a_declared_category_of_distinct_codes_is_noted() -> None:
    rows = columns(code=UUIDS, x=noise(60), y=noise(60, 1))

    assert "'code' has 60 distinct values in 60 rows" in notes(rows, types={"code": "category"})
    assert "'code'" not in notes(rows)  # free text, which is left out


def test_measurements_are_no_identifiers() -> None:
    assert notes(columns(x=noise(150).round(3), price=np.round(noise(150, 2) * 20), y=noise(150, 1))) == ""


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda y: y, "one is a linear function of the other"),
        (lambda y: -1.1 * y + 40, "one is a linear function of the other"),
        (lambda y: np.round(y, 2), "one is a linear function of the other"),
        (lambda y: np.exp(y), "both put the rows in the same order"),
        (lambda y: -(y**3), "both put the rows in the same order"),
    ],
    ids=["copy", "scaled", "rounded", "exponential", "cube"],
)
def test_a_feature_that_repeats_a_numeric_target_is_noted(make: Any, expected: str) -> None:
    y = noise(160, 1)
    found = notes(columns(x=noise(160), other=make(y), y=y))

    assert f"Feature 'other' repeats the target 'y': {expected}" in found
    assert "Feature 'x'" not in found


@pytest.mark.parametrize("code", [{"a": 1, "b": 2, "c": 3}, {"a": "rot", "b": "grün", "c": "blau"}])
def test_a_feature_that_recodes_the_classes_is_noted(code: dict[str, Any]) -> None:
    kinds = np.random.default_rng(0).choice(["a", "b", "c"], 160)
    found = notes(columns(x=noise(160), label=[code[kind] for kind in kinds], kind=kinds))

    assert "Feature 'label' repeats the target 'kind': each of its values stands for one value" in found


def test_a_feature_whose_values_occur_with_one_class_only_is_noted() -> None:
    places = np.random.default_rng(0).integers(0, 6, 160)
    kinds = ["north" if place < 3 else "south" for place in places]
    found = notes(columns(x=noise(160), place=[f"place {place}" for place in places], kind=kinds))

    assert "Feature 'place' determines the target 'kind': each of its 6 values" in found


def test_a_strong_feature_is_no_copy() -> None:
    y = noise(160, 1)

    assert notes(columns(x=y + 0.1 * noise(160), y=y)) == ""


@pytest.mark.parametrize("values", [(0, 1, 2), (1, 2, 3, 4, 5), (10, 20, 30)])
def test_a_few_whole_numbers_taken_as_a_quantity_are_noted_and_can_be_set_otherwise(
    values: tuple[int, ...],
) -> None:
    rows = columns(x=noise(200), y=np.random.default_rng(1).choice(values, 200))
    found = answer(table(rows), epochs=1).result
    as_classes = answer(table(rows), epochs=1, target_as="classes").result
    as_quantity = answer(table(rows), epochs=1, target_as="quantity").result

    assert found["task"] == as_quantity["task"] == "regression"
    assert (
        f"The {len(values)} distinct whole numbers in 'y' ({', '.join(map(str, values))})"
        in found["notes"][0]
    )
    assert as_classes["classes"] == sorted(map(str, values))
    assert as_classes["notes"] == as_quantity["notes"] == []


def test_two_numbers_can_be_set_as_a_quantity() -> None:
    rows = columns(x=noise(200), y=np.random.default_rng(1).integers(0, 2, 200))

    assert answer(table(rows), epochs=1, target_as="quantity").result["task"] == "regression"
    with pytest.raises(InputError, match="set the target as classes"):
        answer(table(rows), target_as="quantity", method="logistic regression")


def rare(count: int, of: int, seed: int = 0) -> list[list[Any]]:
    """`count` rows of class b among `of`, not separable."""
    is_rare = np.arange(of) < count
    x = noise(of, seed) + 1.0 * is_rare
    return columns(x=x.round(4), kind=np.where(is_rare, "b", "a"))


def test_a_rare_class_is_noted_and_its_recall_is_in_the_result() -> None:
    found = answer(table(rare(30, 600)), epochs=1).result
    weighted = answer(table(rare(30, 600)), epochs=1, class_weight="balanced").result
    by_class = {each["class"]: each for each in found["by_class"]}

    assert "Rare classes in 'kind': 'b' (30)" in found["notes"][0]
    assert "accuracy of 95%" in found["notes"][0]
    assert by_class["b"]["rows"] == 6
    assert by_class["b"]["recall"] == 0.0
    assert by_class["b"]["precision"] is None
    assert found["quality"]["test"]["accuracy"] == pytest.approx(0.95)
    assert {each["class"]: each["recall"] for each in weighted["by_class"]}["b"] > 0.5


def test_balanced_classes_are_not_noted_as_rare() -> None:
    kinds = [f"class {index % 12}" for index in range(600)]

    assert notes(columns(x=noise(600), kind=kinds)) == ""


def test_balanced_class_weights_equal_those_of_scikit_learn() -> None:
    rows = rare(40, 400)
    found = answer(table(rows), epochs=1, class_weight="balanced")
    split = parts(found)
    x = np.array([[float(row[0])] for row in rows[1:]])
    y = np.array([row[1] for row in rows[1:]])
    model = LogisticRegression(class_weight="balanced", max_iter=10_000, tol=1e-8)
    reference = make_pipeline(StandardScaler(), model).fit(x[split["training"]], y[split["training"]])
    expected = metrics.log_loss(y[split["test"]], reference.predict_proba(x[split["test"]]))

    assert found.result["quality"]["test"]["log_loss"] == pytest.approx(expected, abs=1e-6)


def test_classes_with_fewer_than_five_rows_are_named() -> None:
    kinds = [*(["a", "b"] * 100), "c", "d", "d"]
    found = notes(columns(x=noise(203), kind=kinds))

    assert "Classes with fewer than 5 rows in 'kind': 'c' (1), 'd' (2)." in found
    assert "No test row has one of the classes 'c', 'd'" in found


def test_a_constant_target_and_more_columns_than_rows_are_noted() -> None:
    wide = {f"c{index}": noise(40, index) for index in range(60)}

    assert "All values of the target 'y' are the same, 7" in notes(columns(x=noise(200), y=[7] * 200))
    assert "60 columns to learn from and only 32 training rows" in notes(columns(**wide, y=noise(40, 99)))


def test_an_interval_of_the_mean_error_agrees_with_scipy() -> None:
    actual, predicted = noise(120), noise(120, 1) * 0.3
    errors = np.abs(actual - predicted)
    reference = bootstrap((errors,), np.mean, n_resamples=20_000, method="percentile").confidence_interval
    found = intervals(actual, predicted, 0, seed=0)

    assert found["resamples"] == 1_000
    assert found["metrics"]["mae"] == pytest.approx((reference.low, reference.high), abs=0.03)


def test_the_figures_of_a_resample_are_those_of_its_rows() -> None:
    """Every figure, computed from weights, against scikit-learn on the rows that were drawn."""
    random = np.random.default_rng(5)
    for classes in (2, 3):
        actual = random.integers(0, classes, 40)
        predicted = random.dirichlet(np.ones(classes), 40).round(1) + 0.001  # with ties
        predicted /= predicted.sum(axis=1, keepdims=True)
        drawn = random.integers(40, size=(6, 40))
        found = classification_figures(weights_of(drawn, 40), actual, predicted)
        for index, rows in enumerate(drawn):
            expected = classification_quality(actual[rows], predicted[rows])
            assert {name: values[index] for name, values in found.items()} == pytest.approx(expected)


def test_the_figures_of_numbers_in_a_resample_are_those_of_its_rows() -> None:
    actual, predicted = 1e6 + noise(30), 1e6 + noise(30, 1)
    drawn = np.random.default_rng(0).integers(30, size=(5, 30))
    drawn[4] = 7  # one row again and again: R² is not defined
    with np.errstate(divide="ignore", invalid="ignore"):
        from_weights = regression_figures(weights_of(drawn, 30), actual, predicted)

    for index, rows in enumerate(drawn[:4]):
        assert from_weights["r2"][index] == pytest.approx(
            metrics.r2_score(actual[rows], predicted[rows]), rel=1e-6
        )
    assert np.isnan(from_weights["r2"][4])


def test_the_interval_of_a_perfect_accuracy_is_the_exact_one() -> None:
    actual = np.arange(36) % 2
    predicted = np.eye(2)[actual] * 0.8 + 0.1
    found = intervals(actual, predicted, 2, seed=0)["metrics"]

    assert found["accuracy"] == pytest.approx((0.9026, 1.0), abs=1e-4)
    assert found["f1_macro"] is None  # all resamples agree


def test_an_interval_contains_the_true_quality_in_about_95_of_100_cases() -> None:
    """The share of 400 samples of 100 rows whose interval contains the true accuracy, 0.8."""
    random = np.random.default_rng(0)
    hits = 0
    for seed in range(400):
        is_right = random.random(100) < 0.8
        predicted = np.where(is_right[:, None], [0.9, 0.1], [0.1, 0.9])
        low, high = intervals(np.zeros(100, dtype=int), predicted, 2, seed=seed)["metrics"]["accuracy"]
        hits += low <= 0.8 <= high

    assert 0.91 <= hits / 400 <= 0.98


def test_intervals_are_beside_the_test_figures_and_have_their_number_of_resamples() -> None:
    found = opened(IRIS, epochs=1)
    result = found.prediction.result
    rows = {row[0]: row[2:] for row in stage(found, "quality").data["rows"]}
    low, high = result["intervals"]["metrics"]["accuracy"]

    assert low < result["quality"]["test"]["accuracy"] <= high
    assert [rows["95% interval from"][0], rows["95% interval to"][0]] == pytest.approx([low, high], rel=1e-5)
    assert "from 1,000 bootstrap resamples of the 30 rows" in stage(found, "quality").explanation
    assert result["intervals"]["resamples"] == 1_000
    assert result["measured_on"] == "test"
    assert answer(IRIS, epochs=1).result["intervals"] == result["intervals"]  # seeded


def test_two_test_rows_have_no_interval() -> None:
    found = opened(table(columns(x=noise(10), y=noise(10, 1))), epochs=1)
    quality = stage(found, "quality")

    assert found.prediction.result["intervals"]["metrics"] == {"r2": None, "mae": None, "rmse": None}
    assert [row[0] for row in quality.data["rows"]] == ["test", "baseline, test", "training"]
    assert "interval" not in quality.explanation


def test_large_tables_take_fewer_resamples() -> None:
    assert [resamples_of(rows, 0) for rows in (100, 50_000, 1_000_000)] == [1_000, 400, 200]


def test_folds_test_every_row_once_and_are_stratified() -> None:
    targets = np.array([0] * 50 + [1] * 23 + [2] * 7 + [3])
    fold_of = folds(targets, True, count=5, seed=0)

    assert fold_of[-1] == -1  # the only row of its class
    sizes = np.bincount(fold_of[:-1])
    assert sizes.max() - sizes.min() <= 1
    for kind, rows in ((0, 50), (1, 23), (2, 7)):
        counts = np.bincount(fold_of[targets == kind], minlength=5)
        assert counts.max() - counts.min() <= 1
        assert counts.sum() == rows


def test_a_cross_validation_equals_scikit_learn_on_the_same_folds() -> None:
    diabetes = next(sample for sample in CARD.samples if sample.name == "diabetes")
    x, y = numbers_of(diabetes)
    actual = y.astype(float)
    found = answer(content(diabetes), epochs=1, folds=4).result["cross_validation"]
    fold_of = folds(actual, False, count=4, seed=0)
    scores = []
    for fold in range(4):
        model = make_pipeline(StandardScaler(), LinearRegression()).fit(
            x[fold_of != fold], actual[fold_of != fold]
        )
        scores.append(metrics.r2_score(actual[fold_of == fold], model.predict(x[fold_of == fold])))

    assert [each["r2"] for each in found["by_fold"]] == pytest.approx(scores)
    assert found["mean"]["r2"] == pytest.approx(np.mean(scores))
    assert found["std"]["r2"] == pytest.approx(np.std(scores, ddof=1))
    assert found["tested"] == 442


def test_a_cross_validation_learns_its_preprocessing_in_each_fold() -> None:
    """A category that only one fold has is unknown to the model that is tested on it."""
    kinds = ["a", "b"] * 30
    data = table(columns(color=["odd", *(["plain", "spotted"] * 30)[1:]], x=noise(60), kind=kinds))
    params = PredictParams.model_validate({"folds": 3, "types": {"color": "category"}})
    found = cross_validate(table_of(data, params), params, device="cpu", progress=Progress())

    assert found is not None
    assert sum(each["rows"] for each in found["by_fold"]) == 60


def test_a_cross_validation_is_a_stage_and_is_kept_with_the_model(tmp_path: Path) -> None:
    found = opened(IRIS, epochs=1, folds=5)
    rows = stage(found, "folds").data["rows"]
    kept = Kept(tmp_path, folds=5, epochs=1).predict(IRIS).result

    assert [row[0] for row in rows] == ["mean", "standard deviation", *(f"fold {n}" for n in range(1, 6))]
    assert kept["cross_validation"] == found.prediction.result["cross_validation"]
    assert answer(IRIS, epochs=1).result["cross_validation"] is None


def test_a_network_is_cross_validated_with_its_own_validation_rows() -> None:
    found = answer(IRIS, method="neural network", epochs=15, folds=2).result["cross_validation"]

    assert [each["rows"] for each in found["by_fold"]] == [75, 75]
    assert found["mean"]["accuracy"] > 0.7


def test_more_folds_than_rows_are_an_input_error() -> None:
    with pytest.raises(InputError, match=r"12 folds need at least 12 rows .* only 8"):
        answer(table(columns(x=noise(8), y=noise(8, 1))), folds=12)


def test_rows_for_validation_are_training_rows_where_nothing_is_chosen_on_them() -> None:
    linear = opened(IRIS, epochs=1)
    network = opened(IRIS, epochs=2, method="neural network")

    assert linear.prediction.result["rows"] == {
        "total": 150, "used": 150, "training": 120, "validation": 0, "test": 30,
    }  # fmt: skip
    assert linear.prediction.result["chosen_on_validation"] is None
    assert "all rows but the test rows are for training" in stage(linear, "split").explanation
    assert network.prediction.result["rows"]["validation"] == 30
    assert network.prediction.result["chosen_on_validation"] == "epoch"


@pytest.mark.parametrize(("method", "name"), [("ridge regression", "alpha"), ("logistic regression", "C")])
def test_an_automatic_regularization_has_the_lowest_validation_loss(method: str, name: str) -> None:
    sample = next(each for each in CARD.samples if each.name == ("diabetes" if name == "alpha" else "wine"))
    found = opened(content(sample), method=method, regularization="automatic", epochs=1)
    result = found.prediction.result
    tried = {each["value"]: each["validation_loss"] for each in result["regularization"]["tried"]}
    chosen = result["regularization"]["value"]
    fixed = answer(content(sample), method=method, epochs=1, **{name: chosen})

    assert result["chosen_on_validation"] == result["regularization"]["name"] == name
    assert result["rows"]["validation"] > 0
    assert chosen == min(tried, key=lambda value: tried[value])
    assert len(stage(found, "strength").data["rows"]) == len(tried) == 9
    assert fixed.result["regularization"] == {"name": name, "value": chosen, "tried": []}


def test_an_automatic_regularization_without_validation_rows_is_an_input_error() -> None:
    with pytest.raises(InputError, match="Set a validation share above 0"):
        answer(IRIS, regularization="automatic", validation_share=0.0)


def test_the_coefficients_of_categories_are_differences_from_a_reference() -> None:
    """y = 10 for red, 13 for green, 8 for blue, plus 2 x; red is the most frequent."""
    colors = np.random.default_rng(0).choice(["red", "green", "blue"], 200, p=[0.5, 0.3, 0.2])
    x = noise(200)
    level = {"red": 10.0, "green": 13.0, "blue": 8.0}
    rows = columns(
        color=colors, x=x, y=[level[color] + 2 * value for color, value in zip(colors, x, strict=True)]
    )
    found = opened(table(rows), epochs=1)
    result = found.prediction.result
    coefficients = {each["feature"]: each["y"] for each in result["coefficients"]}
    shown = {row[0]: row[1] for row in stage(found, "coefficients").data["rows"]}

    assert result["references"] == {"color": "red"}
    assert coefficients == pytest.approx(
        {"color = red": 0.0, "color = blue": -2.0, "color = green": 3.0, "x": 2.0, "intercept": 10.0},
        abs=1e-5,
    )
    assert shown["color = green"] == "y compared with color = red"
    assert shown["color = red"] == "reference"


@pytest.mark.parametrize("alpha", [0.0, 1.0, 100.0, 1e7])
@pytest.mark.parametrize("with_categories", [False, True])
def test_gradient_descent_diverges_above_the_critical_rate_and_never_below_it(
    alpha: float, with_categories: bool
) -> None:
    x = noise(60)
    kinds = [["a", "b", "c", "d"][index % 4] for index in range(60)] if with_categories else noise(60, 4)
    data = table(columns(x=x, z=x + 0.1 * noise(60, 3), k=kinds, y=x - noise(60, 2)))
    params = {"method": "ridge regression", "alpha": alpha}
    explanation = stage(opened(data, epochs=1, **params), "loss").explanation
    critical = float(explanation.split("above ")[1].split(" ")[0])
    below = answer(data, learning_rate=0.9 * critical, epochs=3_000, **params).result
    above = answer(data, learning_rate=1.1 * critical, epochs=3_000, **params).result

    assert below["diverged_at"] is None
    assert above["diverged_at"] is not None


def test_the_loss_shown_is_the_objective_with_its_penalty() -> None:
    """J of the exact solution by hand, and the curve of gradient descent ends there."""
    diabetes = content(next(sample for sample in CARD.samples if sample.name == "diabetes"))
    found = opened(diabetes, method="ridge regression", alpha=50.0, features=["bmi", "bp"], epochs=500)
    series = {each["name"]: each["y"] for each in stage(found, "loss").data["series"]}
    header, rows = read(found.prediction.outputs[0].data)
    training = [row for row in rows if row[header.index("part")] == "training"]
    actual = np.array([float(row[header.index("progression")]) for row in training])
    predicted = np.array([float(row[header.index("predicted progression")]) for row in training])
    scaled = [row[3] for row in stage(found, "coefficients").data["rows"][:2]]
    loss = 0.5 * np.mean(((actual - predicted) / actual.std()) ** 2)
    expected = loss + 50.0 / (2 * len(training)) * np.sum(np.square(scaled))

    assert series["exact solution, training"][0] == pytest.approx(expected, rel=1e-4)
    assert series["training"][-1] == pytest.approx(expected, rel=1e-4)
    assert "plus penalty" in stage(found, "loss").data["y_label"]
    assert stage(opened(diabetes, epochs=1), "loss").data["y_label"] == "half the mean squared error, scaled"
