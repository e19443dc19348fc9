"""Tables that were misread once, with the values that pandas, scikit-learn or arithmetic give."""

from pathlib import Path

import pytest

from models.core.tables import csv_reader
from models.core.tables.column_types import Column
from models.core.tables.csv_reader import Frame
from models.core.tables.profile import profile

FILES = Path(__file__).parent / "files"


def _read(name: str) -> Frame:
    return csv_reader.read(FILES / name)


def _mean(frame: Frame, column: str) -> float:
    return float(frame.column(column).values.mean())


@pytest.mark.parametrize(
    ("name", "rows", "means"),
    [
        ("01-euro-windows-1252.csv", 40, {"Miete": 848.325}),
        ("03-german-thousands.csv", 3, {"pop": 5880.667, "price": 3.5}),
        ("04-german-millions.csv", 3, {"pop": 430158.0}),
        ("06-excel-sep-line.csv", 3, {"x": 3, "y": 4}),
        ("07-currency-percent.csv", 60, {"price": 3329.0, "share": 38.5}),
        ("09-two-year-header.csv", 3, {"2019": 3, "2021": 4}),
        ("17-nfd-header.csv", 30, {"Größe": 85 / 30}),
        ("trailing-delimiter-rows.csv", 3, {"a": 4, "b": 5, "c": 6}),
        ("decimal-comma-in-comma-csv.csv", 3, {"a": 7.9 / 3}),
        ("28-table.xlsx", 20, {"a": 2}),
    ],
)
def test_a_table_has_its_rows_and_means(name: str, rows: int, means: dict[str, float]) -> None:
    frame = _read(name)

    assert len(frame) == rows
    assert {column: _mean(frame, column) for column in means} == pytest.approx(means, rel=1e-6)


def test_integers_beyond_2_53_are_distinct() -> None:
    ids = profile(_read("11-big-integers.csv")).columns[0]

    assert (ids.distinct, ids.smallest) == (20, 1234567890123456700)


def test_dates_are_read_in_three_forms() -> None:
    assert [column.type for column in _read("14-dates-dash-and-short.csv").columns[:3]] == ["date"] * 3


def test_na_and_none_are_values_where_they_are_categories() -> None:
    country, level = _read("10-NA-None-words.csv").columns[:2]

    assert [*country.values.cat.categories] == ["DE", "NA", "US"]
    assert [*level.values.cat.categories] == ["High", "Low", "None"]


def test_tickets_are_text() -> None:
    columns: dict[str, Column] = {column.name: column for column in _read("tickets.csv").columns}

    assert (columns["Ticket"].type, columns["Age"].type, columns["Age"].missing) == ("text", "number", 66)
