"""Dates as features: what they become, from which rows, and what is said of new ones."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.core.contract.errors import InputError
from models.core.contract.progress import Progress
from models.tabular.card import PredictParams, TrainParams
from models.tabular.data import table_of
from models.tabular.fit import fit
from models.tabular.predict import Predictor
from models.tabular.train import train
from tests.models.tabular.test_tabular import answer, stage, table

START = date(2020, 1, 6)  # a Monday


def _daily(days: int, *, step: int = 1) -> list[list[Any]]:
    """Two more a day, ten more in March, five more on Sundays."""
    rows: list[list[Any]] = [["day", "y"]]
    for number in range(0, days * step, step):
        at = START + timedelta(days=number)
        y = 100 + 2 * number + (10 if at.month == 3 else 0) + (5 if at.weekday() == 6 else 0)
        rows.append([at.isoformat(), y])
    return rows


def _trend(days: int) -> list[list[Any]]:
    """Two more a day, and nothing else."""
    return [
        ["day", "y"],
        *([(START + timedelta(days=number)).isoformat(), 100 + 2 * number] for number in range(days)),
    ]


def _coefficients(rows: list[list[Any]], **params: Any) -> dict[str, float]:
    result = answer(table(rows), **{"features": ["day"], **params}).result
    return {row["feature"]: row["y"] for row in result["coefficients"]}


def _kept(folder: Path, rows: list[list[Any]], **params: Any) -> Predictor:
    (folder / "data.csv").write_bytes(table(rows))
    weights = folder / "kept.safetensors"
    told = TrainParams(**{"features": ["day"], **params})
    train(folder / "data.csv", told, weights=weights, device="cpu", progress=Progress())
    return Predictor(weights)


def test_trend_month_and_weekday_come_apart_with_their_units() -> None:
    found = _coefficients(_daily(900), test_share=0.0, validation_share=0.0)
    stages = answer(table(_daily(900)), stages=True, features=["day"])
    units = {row[0]: row[1] for row in stage(stages, "coefficients").data["rows"]}

    assert found["day, days since 2020-01-06"] == pytest.approx(2.0)
    assert found["day, month = March"] - found["day, month = June"] == pytest.approx(10.0)
    assert found["day, weekday = Sunday"] - found["day, weekday = Friday"] == pytest.approx(5.0)
    assert units["day, month = March"] == "y if so"
    assert next(unit for name, unit in units.items() if "days since" in name) == "y per day"


@pytest.mark.parametrize(
    ("rows", "turns"),
    [
        (_daily(9), set()),  # no two weeks
        (_daily(30), set()),  # too few rows for seven weekdays
        (_daily(100), {"weekday"}),  # no two years
        (_daily(150, step=7), {"month"}),  # always a Monday
    ],
)
def test_month_and_weekday_come_only_where_they_can_be_told_from_the_trend(
    rows: list[list[Any]], turns: set[str]
) -> None:
    found = _coefficients(rows, test_share=0.0, validation_share=0.0)

    assert {name.split(", ")[1].split(" = ")[0] for name in found if " = " in name} == turns


def test_dates_stay_out_unless_they_are_chosen_or_told() -> None:
    rows = [[*row, index % 7] for index, row in enumerate(_daily(60)[1:])]
    data = table([["day", "y", "n"], *rows])
    by_itself = answer(data, target="y").result

    assert by_itself["features"] == ["n"]
    assert by_itself["left_out"] == [
        {"column": "day", "why": "it holds dates; choose it as a feature to use them"}
    ]
    assert answer(data, target="y", features=["day"]).result["features"] == ["day"]
    assert answer(data, target="y", types={"day": "date"}).result["features"] == ["day", "n"]


def test_the_first_day_and_the_scale_are_those_of_training_rows() -> None:
    params = PredictParams(features=["day"])
    whole = table_of(table(_daily(200)), params)
    found = fit(whole, params, device="cpu", progress=Progress())
    training = whole.rows[found.split.training]
    days = np.array([(date.fromisoformat(row[0]) - date(1970, 1, 1)).days for row in _daily(200)[1:]])
    (part,) = found.model.preprocessing.parts
    assert part.outputs[0] == f"day, days since {START + timedelta(days=int(training.min()))}"
    assert part.scales[0][0] == pytest.approx((days[training] - days[training].min()).mean())
    assert part.scales[0][1] == pytest.approx(days[training].std())


def test_missing_dates_are_filled_and_new_ones_are_named(tmp_path: Path) -> None:
    model = _kept(tmp_path, _trend(100), test_share=0.0, validation_share=0.0)
    rows = [["day"], [START.isoformat()], [""], ["2031-01-01"], ["2031-01-02"]]
    result = model(table([[*row, "x"] for row in rows]), PredictParams()).result

    first, missing, later, _ = result["predictions"]
    assert first == pytest.approx(100)
    assert missing == pytest.approx(100 + 2 * 49.5, abs=0.1)
    assert later > 5_000
    assert result["notes"] == [
        "Row 4, column 'day': 2031-01-01, and 1 more, lie outside the training rows' dates, 2020-01-06 "
        "to 2020-04-14; the trend is drawn on straight."
    ]
    with pytest.raises(InputError, match="Row 3, column 'day': 'soon' is not a date of the form"):
        model(table([["day", "x"], ["2020-01-07", 1], ["soon", 2]]), PredictParams())


def test_a_kept_model_reads_doubtful_dates_as_those_of_its_fit(tmp_path: Path) -> None:
    def american(rows: list[list[Any]]) -> list[list[Any]]:
        return [[date.fromisoformat(row[0]).strftime("%m/%d/%Y"), *row[1:]] for row in rows]

    header, *rows = _trend(60)
    model = _kept(tmp_path, [header, *american(rows)], test_share=0.0, validation_share=0.0)
    result = model(table([["day", "x"], ["02/03/2020", 1], ["02/04/2020", 2]]), PredictParams()).result

    assert result["predictions"] == pytest.approx([100 + 2 * 28, 100 + 2 * 29], abs=1e-3)


def test_times_of_day_count_as_parts_of_a_day() -> None:
    rows = [[f"2024-01-0{1 + hour // 24}T{hour % 24:02}:00:00", hour] for hour in range(72)]

    found = _coefficients([["day", "y"], *rows], test_share=0.0, validation_share=0.0)
    assert found["day, days since 2024-01-01"] == pytest.approx(24.0)


def test_what_was_told_of_the_table_of_the_fit_holds_for_others(tmp_path: Path) -> None:
    rows = [["north", index, 2 * index] for index in range(20)]
    model = _kept(tmp_path, rows, features=["column 2"], header="none", types={"column 2": "number"})

    result = model(b"a,b,y\nnorth,7,0\n", PredictParams()).result  # without being told, row 1 is no header
    assert result["predictions"][1] == pytest.approx(14)
    with pytest.raises(InputError, match="columns that this table lacks: 'column 2'; it has: 'a', 'b', 'y'"):
        model(b"a,b,y\nnorth,7,0\n", PredictParams(header="first row"))
    semicolons = model(b"north;7,5;0\n", PredictParams(delimiter="semicolon", decimal="comma")).result
    assert semicolons["predictions"] == pytest.approx([15])
    with pytest.raises(InputError, match="fitted to 'column 2' as number; it cannot be read as category"):
        model(b"a,7,2\n", PredictParams.model_validate({"types": {"column 2": "category"}}))


def test_a_target_of_two_numbers_that_is_told_to_be_a_number_is_one() -> None:
    rows = [["x", "y"], *([index, index % 2] for index in range(30))]

    assert answer(table(rows)).result["task"] == "classification"
    assert answer(table(rows), types={"y": "number"}).result["task"] == "regression"
