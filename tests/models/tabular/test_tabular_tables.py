"""Unusual and hostile tables: an error with the place, or an answer with a note."""

from typing import Any

import pytest

from models.core.contract.errors import InputError
from tests.models.tabular.test_tabular import answer, opened, stage, table

ROWS = [[index, index % 3, "ab"[index % 2]] for index in range(1, 31)]
GOOD = [["x", "y", "kind"], *ROWS]


@pytest.mark.parametrize(
    ("rows", "params", "message"),
    [
        ([["x", "kind"], *([1, "a"] for _ in range(9))], {}, r"same class in column 'kind': 'a'"),
        (
            [["x", "y"], *([index, ""] for index in range(9))],
            {},
            r"All values of the target column 'y' are missing",
        ),
        ([["x", "y"], [1, 2], [2, 3]], {}, r"can be used: 2; at least 5"),
        ([["only"], *([index] for index in range(9))], {}, r"No column can serve as a feature for 'only'"),
        (
            [["x", "y"], *([f"text {index} and more", index] for index in range(60))],
            {},
            r"'x': it contains free text",
        ),
        (
            [["day", "y"], *([f"2024-01-{index + 1:02}", index] for index in range(20))],
            {},
            r"'day': it contains dates",
        ),
        ([["gap", "y"], *(["", index] for index in range(9))], {}, r"'gap': all values are missing"),
        (GOOD, {"target": "z"}, r"no column 'z'. The columns are: 'x', 'y', 'kind'"),
        (GOOD, {"features": ["x", "q"]}, r"no column 'q'"),
        (GOOD, {"features": ["kind", "x"]}, r"'kind' is the target and cannot also be a feature"),
        (GOOD, {"types": {"nowhere": "category"}}, r"no column 'nowhere'"),
        (
            GOOD,
            {"method": "linear regression"},
            r"'kind' holds classes, but the chosen method predicts numbers",
        ),
        (
            GOOD,
            {"target": "x", "method": "logistic regression"},
            r"30 distinct numbers, but logistic regression",
        ),
        (
            [["x", "y"], *([index, "1e300"] for index in range(9))],
            {},
            r"Row 2, column 'y': numbers beyond 1e100",
        ),
        ([["x", "y"], *(["-1e200", index] for index in range(9))], {}, r"Row 2, column 'x': numbers beyond"),
        (
            [["x", "y"], *([index, index] for index in range(9)), [9, "n/k"]],
            {},
            r"Row 11, column 'y': 'n/k' is not",
        ),
        (
            [["x", "y"], *([index, index] for index in range(9)), ["??", 1]],
            {"features": ["x"]},
            r"Column 'x' cannot be a feature: row 11: '\?\?' is not a number",
        ),
        (
            [["x", "id"], *([index, f"name {index}"] for index in range(150))],
            {},
            r"150 distinct values; a target can have at most 100",
        ),
        (
            [["w", "y"], *([f"w{index}", index] for index in range(250))],
            {"features": ["w"], "types": {"w": "category"}},
            r"250 distinct values; at most 200",
        ),
        (
            GOOD,
            {"method": "neural network", "epochs": 5_000, "batch_size": 1},
            r"takes too long for a prediction .*train a model",
        ),
    ],
)
def test_a_table_that_cannot_be_fitted_is_an_input_error(
    rows: list[list[Any]], params: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        answer(table(rows), **params)


@pytest.mark.parametrize(
    "data",
    [b"", b"\n\n", b"a,b\n", b"a,b\n1,2,3\n", b"\x89PNG\r\n\x1a\n" + bytes(64), b'a,b\n"1,2\n'],
    ids=["empty", "blank", "header only", "ragged", "picture", "open quote"],
)
def test_a_file_that_is_not_a_table_is_an_input_error(data: bytes) -> None:
    with pytest.raises(InputError, match=r"\w+ \w+"):
        answer(data)


def test_rows_without_a_target_are_left_out_and_counted() -> None:
    found = answer(table([["x", "y"], *([index, 2 * index if index % 4 else ""] for index in range(40))]))

    assert "10 rows have no value in 'y' and are not used." in found.result["notes"]
    assert found.result["rows"]["used"] == 30
    assert found.outputs[0].data.splitlines()[1] == b"0,,,"


def test_gaps_can_be_left_out_instead_of_filled() -> None:
    rows = [[index if index % 5 else "", index] for index in range(40)]
    found = answer(table([["x", "y"], *rows]), missing="leave out")

    assert found.result["rows"]["used"] == 32
    assert "8 rows have missing features and are left out." in found.result["notes"]


def test_constant_features_and_more_columns_than_rows_are_fitted() -> None:
    wide = [[f"c{place}" for place in range(30)] + ["y"]]
    wide += [[(row * place) % 7 if place else 5 for place in range(30)] + [row] for row in range(12)]
    found = opened(table(wide))
    coefficients = found.prediction.result["coefficients"]

    assert all(each["y"] is not None for each in coefficients)
    assert coefficients[0]["y"] == pytest.approx(0.0, abs=1e-12)
    assert all(stage.json for stage in found.stages)


def test_a_feature_that_is_the_target_fits_perfectly() -> None:
    found = answer(table([["x", "y"], *([index, index] for index in range(30))]))

    assert found.result["quality"]["test"]["rmse"] == pytest.approx(0.0, abs=1e-9)


def test_a_class_with_one_row_is_in_the_training_part() -> None:
    rows = [["x", "kind"], *([index, "ab"[index % 2]] for index in range(30)), [99, "rare"]]
    found = opened(table(rows))
    split = {
        row[0]: dict(zip(("a", "b", "rare"), row[2:], strict=True))
        for row in stage(found, "split").data["rows"]
    }

    assert [split[part]["rare"] for part in ("training", "validation", "test")] == [1, 0, 0]
    assert found.prediction.result["quality"]["test"]["roc_auc"] is None


def test_a_constant_target_is_predicted_exactly() -> None:
    found = answer(table([["x", "y"], *([index, 7] for index in range(30))]), method="linear regression")

    assert found.result["predictions"] == [7.0] * 30
    assert found.result["quality"]["test"]["r2"] is None


def test_numbers_can_be_treated_as_classes() -> None:
    as_numbers = answer(table(GOOD), target="y")
    as_classes = answer(table(GOOD), target="y", types={"y": "category"})
    only_two = answer(table([["x", "y"], *([index, index // 15] for index in range(30))]))

    assert as_numbers.result["task"] == "regression"
    assert as_classes.result["classes"] == ["0", "1", "2"]
    assert only_two.result["task"] == "classification"
    assert "The 2 distinct numbers in 'y' are treated as classes." in only_two.result["notes"]


def test_cells_that_look_like_formulas_are_escaped() -> None:
    rows = [["x", "kind"], *([index, "=1+1" if index % 2 else "b"] for index in range(30))]
    found = answer(table(rows))

    assert b",=1+1" not in found.outputs[0].data
    assert b"'=1+1" in found.outputs[0].data


def test_without_test_rows_the_quality_is_that_of_the_training_rows() -> None:
    found = answer(table(GOOD), test_share=0.0, validation_share=0.0)

    assert set(found.result["quality"]) == {"training"}
    assert found.result["rows"]["test"] == 0


def test_the_same_seed_gives_the_same_split_and_another_one_another() -> None:
    first, again, other = (answer(table(GOOD), seed=seed).outputs[0].data for seed in (1, 1, 2))

    assert first == again
    assert first != other
