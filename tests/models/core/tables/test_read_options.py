"""Options that override the detection, and the errors if they do not fit the table."""

import pytest

from models.core.contract.errors import InputError
from models.core.tables import csv_reader
from models.core.tables.column_types import MAX_NAMED
from models.core.tables.profile import profile
from models.core.tables.read_options import DEFAULT_OPTIONS, ReadOptions


def _values(data: bytes, column: int = 0, **options: object) -> list[float]:
    return csv_reader.read(data, ReadOptions.model_validate(options)).columns[column].values.tolist()


def test_another_delimiter_makes_other_columns() -> None:
    data = b"a;b,c\n1;2,3\n4;5,6\n"

    assert csv_reader.read(data, ReadOptions(delimiter="semicolon")).names == ("a", "b,c")
    assert csv_reader.read(data, ReadOptions(delimiter="comma")).names == ("a;b", "c")
    assert csv_reader.read(data, ReadOptions(delimiter="tab")).names == ("a;b,c",)
    assert csv_reader.read(b"a|b\n1|2\n", ReadOptions(delimiter="bar")).names == ("a", "b")


def test_a_chosen_decimal_separator_is_used() -> None:
    data = b"a;b\n1.234;x\n5.678;y\n"

    assert _values(data) == [1.234, 5.678]
    assert _values(data, decimal="point") == [1.234, 5.678]
    assert _values(data, decimal="comma") == [1234.0, 5678.0]
    assert _values(b"a;b\n1,5;x\n2,5;y\n3.5;z\n", decimal="comma")[:2] == [1.5, 2.5]
    assert csv_reader.read(b"a;b\n1,5;x\n2,5;y\n", ReadOptions(decimal="point")).columns[0].type != "number"


def test_a_decimal_comma_is_the_last_resort_as_a_delimiter() -> None:
    data = b"1,5;2,5\n3,5;4,5\n"

    assert csv_reader.read(data).notation.delimiter == ","  # it makes three cells per line, the semicolon two
    assert _values(data, 1, decimal="comma") == [2.5, 4.5]


def test_a_comma_as_delimiter_and_decimal_separator_needs_quotation_marks() -> None:
    options = ReadOptions(delimiter="comma", decimal="comma")

    assert csv_reader.read(b'a,b\n"1,5",2\n"2,5",3\n', options).columns[0].values.tolist() == [1.5, 2.5]
    with pytest.raises(InputError, match="unless cells with decimals are in quotation marks"):
        csv_reader.read(b"a,b\n1,5,2,5\n", options)
    found = csv_reader.read(
        b'a,b\n"1,5",2\n"2,5",3\n', ReadOptions(decimal="comma")
    )  # only the comma splits it
    assert found.names == ("a", "b")
    assert _values(b"a\n1,5\n2,5\n", decimal="comma") == [1.5, 2.5]  # nothing needs to split it


def test_the_first_row_is_a_header_or_not_as_chosen() -> None:
    texts, numbers = b"a,b\n1,2\n", b"1,2\n3,4\n"

    assert csv_reader.read(texts, ReadOptions(header="none")).names == ("column 1", "column 2")
    assert len(csv_reader.read(texts, ReadOptions(header="none"))) == 2
    assert csv_reader.read(numbers, ReadOptions(header="first row")).names == ("1", "2")
    with pytest.raises(InputError, match="header in row 1 and no rows"):
        csv_reader.read(b"1,2\n", ReadOptions(header="first row"))


def test_a_chosen_encoding_is_used_or_refused_with_the_place() -> None:
    late = "a,b\n1,é\n".encode() + "2,ü\n".encode("latin-1")

    assert csv_reader.read(late, ReadOptions(encoding="latin-1")).cells[1].to_pylist() == ["Ã©", "ü"]
    with pytest.raises(InputError, match="Line 3: byte 0xfc is not UTF-8, the encoding chosen"):
        csv_reader.read(late, ReadOptions(encoding="utf-8"))
    with pytest.raises(InputError, match="Line 1: byte 0xff is not UTF-8"):
        csv_reader.read("a,b\n1,2\n".encode("utf-16"), ReadOptions(encoding="utf-8"))
    for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
        read = csv_reader.read("ä,b\n1,2\n".encode(encoding), ReadOptions(encoding="utf-16"))
        assert read.names == ("ä", "b")
    with pytest.raises(InputError, match=r"plain ASCII text and cannot be read as UTF-16"):
        csv_reader.read(b"a,b\n1,2\n", ReadOptions(encoding="utf-16"))
    with pytest.raises(InputError, match=r"chosen encoding. Byte \d+ is not utf-16"):
        csv_reader.read("ä,b\n1,2,3\n".encode(), ReadOptions(encoding="utf-16"))


def test_cells_that_do_not_fit_the_chosen_type_are_missing_and_named() -> None:
    found = csv_reader.read(
        b"n,b\n1,2\nx,3\n4,5\n?,6\ny,7\n", ReadOptions.model_validate({"types": {"n": "number"}})
    )
    column, problems = found.columns[0], profile(found).problems

    assert (column.missing, column.wrong, column.mismatch) == (3, 0, None)
    assert [(problem.row, problem.column) for problem in problems] == [(3, "n"), (6, "n")]
    assert str(problems[0]) == "Row 3, column 'n': 'x' is not a number; it counts as missing."


def test_a_column_of_texts_is_all_missing_as_numbers_and_named_up_to_a_limit() -> None:
    rows = "".join(f"word {index},1\n" for index in range(500))
    found = csv_reader.read(f"w,b\n{rows}".encode(), ReadOptions.model_validate({"types": {"w": "number"}}))
    about = profile(found)

    assert (found.columns[0].missing, about.columns[0].distinct) == (500, 0)
    named = [problem for problem in about.problems if problem.row]
    assert len(named) == MAX_NAMED == 200
    assert any(problem.what == "all values are missing" for problem in about.problems)


def test_digits_are_dates_if_chosen() -> None:
    data = b"d,b\n20240131,1\n20240229,2\n20240230,3\n"
    column = csv_reader.read(data, ReadOptions.model_validate({"types": {"d": "date"}})).columns[0]

    assert csv_reader.read(data).columns[0].type == "number"
    assert column.values.dt.day.tolist()[:2] == [31, 29]
    assert [(cell.row, cell.reason) for cell in column.mismatches] == [(4, "is not a date")]


def test_of_two_forms_of_dates_the_more_frequent_is_read() -> None:
    data = b"d,b\n2024-01-31,1\n31.01.2024,2\n2024-02-01,3\n"
    (guessed, _), chosen = (
        csv_reader.read(data).columns,
        csv_reader.read(data, ReadOptions.model_validate({"types": {"d": "date"}})),
    )

    assert guessed.mismatch is not None
    assert guessed.mismatch.reason == "is not a date of the form year-month-day"
    assert chosen.columns[0].missing == 1
    assert profile(chosen).problems[0].row == 3


@pytest.mark.parametrize(
    ("cells", "months", "note"),
    [
        ("1/2/2024\n3/4/2024", [2, 4], "day and month cannot be distinguished; read as day/month/year"),
        ("1/2/2024\n13/4/2024", [2, 4], ""),
        ("1/2/2024\n3/14/2024", [1, 3], ""),
    ],
)
def test_day_and_month_are_distinguished_by_the_whole_column(
    cells: str, months: list[int], note: str
) -> None:
    column = csv_reader.read(f"d\n{cells}\n".encode(), ReadOptions(delimiter="comma")).columns[0]

    assert column.values.dt.month.tolist() == months
    assert [remark.what for remark in column.remarks] == ([note] if note else [])


def test_a_type_for_an_unknown_column_is_refused_unless_it_is_only_expected() -> None:
    options = ReadOptions.model_validate({"types": {"z": "number"}})

    with pytest.raises(InputError, match=r"There is no column 'z'. The columns are: 'a', 'b'"):
        csv_reader.read(b"a,b\n1,2\n", options)
    assert csv_reader.read(b"a,b\n1,2\n", DEFAULT_OPTIONS, expected=options.types).names == ("a", "b")
