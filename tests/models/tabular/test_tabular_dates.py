"""Dates as features: their encoding, the rows it is learned from, and dates outside those rows."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.core.contract.errors import InputError
from models.core.contract.progress import Progress
from models.tabular.card import PredictParams
from models.tabular.data import table_of
from models.tabular.fit import fit
from tests.models.tabular.test_tabular import answer, opened, stage, table
from tests.models.tabular.test_tabular_fitted_model import Kept

START = date(2020, 1, 6)  # a Monday


def _daily(days: int, *, step: int = 1) -> list[list[Any]]:
    """A trend of 2 per day, plus 10 in March, plus 5 on Sundays."""
    rows: list[list[Any]] = [["day", "y"]]
    for number in range(0, days * step, step):
        at = START + timedelta(days=number)
        y = 100 + 2 * number + (10 if at.month == 3 else 0) + (5 if at.weekday() == 6 else 0)
        rows.append([at.isoformat(), y])
    return rows


def _trend(days: int) -> list[list[Any]]:
    """A trend of 2 per day."""
    return [
        ["day", "y"],
        *([(START + timedelta(days=number)).isoformat(), 100 + 2 * number] for number in range(days)),
    ]


def _coefficients(rows: list[list[Any]], **params: Any) -> dict[str, float]:
    result = answer(table(rows), **{"features": ["day"], **params}).result
    return {row["feature"]: row["y"] for row in result["coefficients"]}


def _kept(folder: Path, rows: list[list[Any]], **params: Any) -> Kept:
    return Kept(folder, table(rows), **{"features": ["day"], **params})


def test_trend_month_and_weekday_are_separated_and_have_units() -> None:
    found = _coefficients(_daily(900), test_share=0.0, validation_share=0.0)
    stages = opened(table(_daily(900)), features=["day"])
    units = {row[0]: row[1] for row in stage(stages, "coefficients").data["rows"]}

    assert found["day, days since 2020-01-06"] == pytest.approx(2.0)
    assert found["day, month = March"] - found["day, month = June"] == pytest.approx(10.0)
    assert found["day, weekday = Sunday"] - found["day, weekday = Friday"] == pytest.approx(5.0)
    assert units["day, month = March"] == "y compared with day, month = May"
    assert next(unit for name, unit in units.items() if "days since" in name) == "y per day"


@pytest.mark.parametrize(
    ("rows", "cycles"),
    [
        (_daily(9), set()),  # less than two weeks
        (_daily(30), set()),  # too few rows for seven weekdays
        (_daily(100), {"weekday"}),  # less than two years
        (_daily(150, step=7), {"month"}),  # only Mondays
    ],
)
def test_month_and_weekday_are_added_only_if_they_can_be_separated_from_the_trend(
    rows: list[list[Any]], cycles: set[str]
) -> None:
    found = _coefficients(rows, test_share=0.0, validation_share=0.0)

    assert {name.split(", ")[1].split(" = ")[0] for name in found if " = " in name} == cycles


def test_dates_are_used_only_if_chosen_or_declared() -> None:
    rows = [[*row, index % 7] for index, row in enumerate(_daily(60)[1:])]
    data = table([["day", "y", "n"], *rows])
    automatic = answer(data, target="y").result

    assert automatic["features"] == ["n"]
    assert automatic["left_out"] == [
        {"column": "day", "why": "it contains dates; choose it as a feature to use them"}
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


def test_missing_dates_are_filled_and_dates_outside_are_listed(tmp_path: Path) -> None:
    model = _kept(tmp_path, _trend(100), test_share=0.0, validation_share=0.0)
    rows = [["day"], [START.isoformat()], [""], ["2031-01-01"], ["2031-01-02"]]
    result = model.predict(table([[*row, "x"] for row in rows])).result

    first, missing, later, _ = result["predictions"]
    assert first == pytest.approx(100)
    assert missing == pytest.approx(100 + 2 * 49.5, abs=0.1)
    assert later > 5_000
    assert result["notes"] == [
        "Row 4, column 'day': 2031-01-01 and 1 more are outside the training dates, 2020-01-06 to "
        "2020-04-14; the linear trend is extrapolated.",
        "Row 3, column 'day': the value is missing; the usual one of the training rows, 2020-02-24, is used "
        "instead.",
    ]
    with pytest.raises(InputError, match="Row 3, column 'day': 'soon' is not a date of the form"):
        model.predict(table([["day", "x"], ["2020-01-07", 1], ["soon", 2]]))


def test_a_fitted_model_reads_ambiguous_dates_as_those_of_its_fit(tmp_path: Path) -> None:
    def american(rows: list[list[Any]]) -> list[list[Any]]:
        return [[date.fromisoformat(row[0]).strftime("%m/%d/%Y"), *row[1:]] for row in rows]

    header, *rows = _trend(60)
    model = _kept(tmp_path, [header, *american(rows)], test_share=0.0, validation_share=0.0)
    result = model.predict(table([["day", "x"], ["02/03/2020", 1], ["02/04/2020", 2]])).result

    assert result["predictions"] == pytest.approx([100 + 2 * 28, 100 + 2 * 29], abs=1e-3)


def test_times_of_day_count_as_parts_of_a_day() -> None:
    rows = [[f"2024-01-0{1 + hour // 24}T{hour % 24:02}:00:00", hour] for hour in range(72)]

    found = _coefficients([["day", "y"], *rows], test_share=0.0, validation_share=0.0)
    assert found["day, days since 2024-01-01"] == pytest.approx(24.0)


def test_the_read_options_of_the_fit_apply_to_other_tables(tmp_path: Path) -> None:
    rows = [["north", index, 2 * index] for index in range(20)]
    model = _kept(tmp_path, rows, features=["column 2"], header="none", types={"column 2": "number"})

    result = model.predict(b"a,b,y\nnorth,7,0\n").result  # as in the fit, row 1 is not a header
    assert result["predictions"][1] == pytest.approx(14)
    with pytest.raises(InputError, match=r"needs: 'column 2'\. Its columns are: 'a', 'b', 'y'"):
        model.predict(b"a,b,y\nnorth,7,0\n", header="first row")
    semicolons = model.predict(b"north;7,5;0\n", delimiter="semicolon", decimal="comma").result
    assert semicolons["predictions"] == pytest.approx([15])
    with pytest.raises(
        InputError, match="with 'column 2' as a number; the column cannot be read as a category"
    ):
        model.predict(b"a,7,2\n", types={"column 2": "category"})


def test_a_target_of_two_numbers_can_be_declared_a_number() -> None:
    rows = [["x", "y"], *([index, index % 2] for index in range(30))]

    assert answer(table(rows)).result["task"] == "classification"
    assert answer(table(rows), types={"y": "number"}).result["task"] == "regression"
