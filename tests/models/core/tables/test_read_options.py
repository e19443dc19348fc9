"""What is told of a table instead of guessed, and what is said where it cannot be right."""

import pytest

from models.core.contract.errors import InputError
from models.core.tables import csv_reader
from models.core.tables.column_types import MOST_NAMED
from models.core.tables.profile import report
from models.core.tables.read_options import GUESSED, Reading


def _values(data: bytes, column: int = 0, **told: object) -> list[float]:
    return csv_reader.read(data, Reading.model_validate(told)).columns[column].values.tolist()


def test_another_delimiter_makes_other_columns() -> None:
    data = b"a;b,c\n1;2,3\n4;5,6\n"

    assert csv_reader.read(data, Reading(delimiter="semicolon")).names == ("a", "b,c")
    assert csv_reader.read(data, Reading(delimiter="comma")).names == ("a;b", "c")
    assert csv_reader.read(data, Reading(delimiter="tab")).names == ("a;b,c",)
    assert csv_reader.read(b"a|b\n1|2\n", Reading(delimiter="bar")).names == ("a", "b")


def test_a_decimal_sign_that_is_told_is_kept_to() -> None:
    data = b"a;b\n1.234;x\n5.678;y\n"

    assert _values(data) == [1.234, 5.678]
    assert _values(data, decimal="point") == [1.234, 5.678]
    assert _values(data, decimal="comma") == [1234.0, 5678.0]
    assert _values(b"a;b\n1,5;x\n2,5;y\n3.5;z\n", decimal="comma")[:2] == [1.5, 2.5]
    assert csv_reader.read(b"a;b\n1,5;x\n2,5;y\n", Reading(decimal="point")).columns[0].type != "number"


def test_a_comma_before_decimals_is_the_last_sign_to_cut_cells() -> None:
    data = b"1,5;2,5\n3,5;4,5\n"

    assert csv_reader.read(data).notation.delimiter == ","  # three cells to a line are more than two
    assert _values(data, 1, decimal="comma") == [2.5, 4.5]


def test_one_sign_for_cells_and_decimals_needs_quotation_marks() -> None:
    told = Reading(delimiter="comma", decimal="comma")

    assert csv_reader.read(b'a,b\n"1,5",2\n"2,5",3\n', told).columns[0].values.tolist() == [1.5, 2.5]
    with pytest.raises(InputError, match="works only where such cells are in quotation marks"):
        csv_reader.read(b"a,b\n1,5,2,5\n", told)
    found = csv_reader.read(b'a,b\n"1,5",2\n"2,5",3\n', Reading(decimal="comma"))  # only the comma cuts it
    assert found.names == ("a", "b")
    assert _values(b"a\n1,5\n2,5\n", decimal="comma") == [1.5, 2.5]  # nothing needs to cut it


def test_a_first_row_is_a_header_or_none_as_told() -> None:
    words, numbers = b"a,b\n1,2\n", b"1,2\n3,4\n"

    assert csv_reader.read(words, Reading(header="none")).names == ("column 1", "column 2")
    assert len(csv_reader.read(words, Reading(header="none"))) == 2
    assert csv_reader.read(numbers, Reading(header="first row")).names == ("1", "2")
    with pytest.raises(InputError, match="header in row 1 and no rows"):
        csv_reader.read(b"1,2\n", Reading(header="first row"))


def test_an_encoding_that_is_told_is_used_or_refused_by_its_place() -> None:
    late = "a,b\n1,é\n".encode() + "2,ü\n".encode("latin-1")

    assert csv_reader.read(late, Reading(encoding="latin-1")).cells[1].to_pylist() == ["Ã©", "ü"]
    with pytest.raises(InputError, match="Line 3: byte 0xfc is not UTF-8, as which the file was to be read"):
        csv_reader.read(late, Reading(encoding="utf-8"))
    with pytest.raises(InputError, match="Line 1: byte 0xff is not UTF-8"):
        csv_reader.read("a,b\n1,2\n".encode("utf-16"), Reading(encoding="utf-8"))
    for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
        read = csv_reader.read("ä,b\n1,2\n".encode(encoding), Reading(encoding="utf-16"))
        assert read.names == ("ä", "b")
    with pytest.raises(InputError, match=r"cannot be read as it was told. Byte 1: it is no utf-16 text"):
        csv_reader.read(b"a,b\n1,2\n", Reading(encoding="utf-16"))
    with pytest.raises(InputError, match=r"cannot be read as it was told. Byte \d+: it is no utf-16"):
        csv_reader.read("ä,b\n1,2,3\n".encode(), Reading(encoding="utf-16"))


def test_cells_that_are_no_numbers_are_missing_and_named_where_a_number_is_told() -> None:
    found = csv_reader.read(
        b"n,b\n1,2\nx,3\n4,5\n?,6\ny,7\n", Reading.model_validate({"types": {"n": "number"}})
    )
    column, problems = found.columns[0], report(found).problems

    assert (column.missing, column.wrong, column.bad) == (3, 0, None)
    assert [(problem.row, problem.column) for problem in problems] == [(3, "n"), (6, "n")]
    assert str(problems[0]) == "Row 3, column 'n': 'x' is not a number; it counts as missing."


def test_a_column_of_words_is_all_missing_as_numbers_and_named_up_to_a_limit() -> None:
    rows = "".join(f"word {index},1\n" for index in range(500))
    found = csv_reader.read(f"w,b\n{rows}".encode(), Reading.model_validate({"types": {"w": "number"}}))
    about = report(found)

    assert (found.columns[0].missing, about.columns[0].distinct) == (500, 0)
    named = [problem for problem in about.problems if problem.row]
    assert len(named) == MOST_NAMED == 200
    assert any(problem.what == "all values are missing" for problem in about.problems)


def test_digits_are_dates_where_they_are_told_to_be() -> None:
    data = b"d,b\n20240131,1\n20240229,2\n20240230,3\n"
    column = csv_reader.read(data, Reading.model_validate({"types": {"d": "date"}})).columns[0]

    assert csv_reader.read(data).columns[0].type == "number"
    assert column.values.dt.day.tolist()[:2] == [31, 29]
    assert [(bad.row, bad.why) for bad in column.found] == [(4, "is not a date")]


def test_of_two_forms_of_dates_the_commoner_is_read() -> None:
    data = b"d,b\n2024-01-31,1\n31.01.2024,2\n2024-02-01,3\n"
    (guessed, _), told = (
        csv_reader.read(data).columns,
        csv_reader.read(data, Reading.model_validate({"types": {"d": "date"}})),
    )

    assert guessed.bad is not None
    assert guessed.bad.why == "is not a date of the form year-month-day"
    assert told.columns[0].missing == 1
    assert report(told).problems[0].row == 3


@pytest.mark.parametrize(
    ("cells", "months", "note"),
    [
        ("1/2/2024\n3/4/2024", [2, 4], "day and month cannot be told apart; read as day/month/year"),
        ("1/2/2024\n13/4/2024", [2, 4], ""),
        ("1/2/2024\n3/14/2024", [1, 3], ""),
    ],
)
def test_day_and_month_are_told_apart_by_the_whole_column(cells: str, months: list[int], note: str) -> None:
    column = csv_reader.read(f"d\n{cells}\n".encode(), Reading(delimiter="comma")).columns[0]

    assert column.values.dt.month.tolist() == months
    assert column.note == note


def test_a_type_of_no_column_is_refused_and_one_that_is_expected_passed_over() -> None:
    told = Reading.model_validate({"types": {"z": "number"}})

    with pytest.raises(InputError, match="There is no column 'z'; there are: 'a', 'b'"):
        csv_reader.read(b"a,b\n1,2\n", told)
    assert csv_reader.read(b"a,b\n1,2\n", GUESSED, expected=told.types).names == ("a", "b")
