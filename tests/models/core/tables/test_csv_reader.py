"""CSV files, well and badly formed: their tables, profiles and errors."""

from pathlib import Path

import numpy as np
import pytest

from models.core.contract.errors import InputError
from models.core.images.file_types import identify
from models.core.tables import csv_reader
from models.core.tables.number_notation import is_number
from models.core.tables.profile import profile
from models.core.tables.read_options import ColumnType, ReadOptions

PLAIN = "a,b\n1,2\n3,4\n"


def _values(data: bytes, name: str) -> list[float]:
    return csv_reader.read(data).as_type(name, ColumnType.NUMBER).values.tolist()


@pytest.mark.parametrize(
    "data",
    [
        PLAIN.encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("utf-16"),
        PLAIN.encode("utf-16-le"),
        PLAIN.encode("utf-16-be"),
        PLAIN.replace(",", ";").encode(),
        PLAIN.replace(",", "\t").encode(),
        PLAIN.replace(",", "|").encode(),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("\n", "\r").encode(),
        PLAIN.replace("\n", "\n\n").encode(),
        PLAIN.removesuffix("\n").encode(),
        PLAIN.replace("1", '"1"').encode(),
        PLAIN.replace("3", " 3 ").encode(),
    ],
)
def test_the_same_table_is_read_from_every_form(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(data)
    read = csv_reader.read(path)

    assert read.names == ("a", "b")
    assert read.data.to_numpy().tolist() == [[1, 2], [3, 4]]
    assert (identify(data).rows, identify(data).columns) == (3, 2)  # what the web process counts


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_letters_survive_every_encoding(encoding: str) -> None:
    read = csv_reader.read("größe,é\n1,ü\n2,ü\n".encode(encoding))

    assert read.names == ("größe", "é")
    assert read.columns[1].values.tolist() == ["ü", "ü"]


def test_a_decimal_comma_is_detected() -> None:
    read = csv_reader.read(b"a;b\n1,5;1.234,5\n2,25;7\n")

    assert read.data.to_numpy().tolist() == [[1.5, 1234.5], [2.25, 7]]


def test_a_quoted_cell_can_contain_lines_and_delimiters() -> None:
    read = csv_reader.read(b'name,b\n"two\nlines, ""one"" cell",2\nx,3\n')

    assert read.cells[0].to_pylist() == ['two\nlines, "one" cell', "x"]
    assert read.rows.tolist() == [2, 3]


def test_a_quotation_mark_within_a_cell_is_kept() -> None:
    assert csv_reader.read(b'size,b\n5" pipe,2\nx,3\n').cells[0].to_pylist() == ['5" pipe', "x"]


def test_without_a_header_columns_are_numbered() -> None:
    read = csv_reader.read(b"1,2\n3,4\n")

    assert read.names == ("column 1", "column 2")
    assert read.rows.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("lines", "has_header"),
    [
        ("country,code,1960,1961,1962\nDE,x,3,3,3", True),
        ("country,2020,2019\nDE,3,4", True),
        ("country,2019,2021\nDE,3,4\nFR,5,6", True),
        ("place,1990,2000,2010\nA,3,4,5", True),
        ("x,2019\n1,3\n2,4", True),
        ("1960,1961,1962\n3,4,5", True),
        ("0,1,2\n5.1,3.5,1.4\n4.9,3.0,1.4", True),
        ("x,1,2,3\na,5,5,6\nb,7,8,8", True),
        ("Washington,1789,1797\nAdams,1797,1801", False),  # from, to
        ("1960,1961,1962\n1963,1964,1965", False),
        ("5.1,3.5,1.4\n4.9,3.0,1.4", False),
        ("Bonn,5,6\nKiel,7,8", False),
        ("2024-01-01,5\n2024-01-02,6", False),
        ("5 kg,a\n6 kg,b", False),
    ],
)
def test_a_header_is_recognized_by_the_rows_below_it(lines: str, has_header: bool) -> None:
    read = csv_reader.read(f"{lines}\n".encode())

    assert read.has_header == has_header
    assert len(read) == len(lines.splitlines()) - has_header


@pytest.mark.parametrize(
    ("lines", "correction"),
    [
        ("country,2019,2021\nDE,3,4", {"header": "none"}),
        ("Bonn,5,6\nKiel,7,8", {"header": "first row"}),
        ("Anna,Bonn\nBert,Kiel\nAnna,Trier", {"header": "none"}),
    ],
)
def test_a_doubtful_header_is_named_with_its_correction(lines: str, correction: dict[str, str]) -> None:
    data = f"{lines}\n".encode()
    guessed = csv_reader.read(data)
    (problem,) = [each for each in profile(guessed).problems if each.column is None]
    corrected = csv_reader.read(data, ReadOptions.model_validate(problem.correction))

    assert (problem.row, problem.correction) == (1, correction)
    assert corrected.has_header != guessed.has_header
    assert corrected.remarks == ()


def test_rows_are_counted_with_blank_lines() -> None:
    assert csv_reader.read(b"\na,b\n\n1,2\n\n\n3,4\n").rows.tolist() == [4, 7]


def test_repeated_names_are_made_unique_and_reported() -> None:
    read = csv_reader.read(b"x,x,,x\n1,2,3,4\n")

    assert read.names == ("x", "x (2)", "column 3", "x (3)")
    assert "Row 1, column 'x (2)': the name 'x' occurs more than once." in [
        str(problem) for problem in profile(read).problems
    ]


def test_missing_values_are_counted() -> None:
    column = csv_reader.read(b"a,b\n1,2\n,3\nNA,4\nnan,5\n").columns[0]

    assert column.missing == 3
    np.testing.assert_array_equal(column.values, [1, np.nan, np.nan, np.nan])


def test_types_are_detected() -> None:
    lines = [f"{n},{'ab'[n % 2]},2024-01-{n + 1:02d},name {n}\n" for n in range(8)]
    read = csv_reader.read(("n,c,d,t\n" + "".join(lines)).encode())

    assert [column.type.value for column in read.columns] == ["number", "category", "date", "text"]


def test_types_can_be_chosen() -> None:
    read = csv_reader.read(b"code,b\n01,2\n10,3\n01,4\n", ReadOptions(types={"code": ColumnType.CATEGORY}))

    assert read.columns[0].values.tolist() == ["01", "10", "01"]
    with pytest.raises(InputError, match="There is no column 'c'"):
        csv_reader.read(PLAIN.encode(), ReadOptions(types={"c": ColumnType.TEXT}))


@pytest.mark.parametrize(
    ("cells", "days"),
    [
        ("2024-02-01,2024-02-03", [1, 3]),
        ("1.2.2024,3.2.2024", [1, 3]),
        ("1/2/2024,13/2/2024", [1, 13]),
        ("2/1/2024,2/13/2024", [1, 13]),
        ("2024/2/1,2024/2/3", [1, 3]),
        ("2024-02-01T05:00,2024-02-03 23:59:59.5", [1, 3]),
        ("2024-02-01T23:00:00-05:00,2024-02-03T00:00:00Z", [2, 3]),
    ],
)
def test_dates_are_read(cells: str, days: list[int]) -> None:
    column = csv_reader.read(
        ("d\n" + cells.replace(",", "\n") + "\n").encode(), ReadOptions(delimiter="comma")
    ).columns[0]

    assert column.type == "date"
    assert [moment.day for moment in column.values] == days
    assert {moment.month for moment in column.values} == {2}


def test_a_cell_that_is_not_a_date_is_named() -> None:
    column = csv_reader.read(b"d\n2024-01-02\n2024-02-30\n2024-01-04\n").columns[0]

    assert column.mismatch is not None
    assert (column.mismatch.row, column.mismatch.text, column.mismatch.reason) == (
        3,
        "2024-02-30",
        "is not a date",
    )


def test_ambiguous_dates_are_reported() -> None:
    problems = profile(csv_reader.read(b"d,n\n1/2/2024,1\n3/4/2024,2\n")).problems

    assert any("day and month cannot be distinguished" in problem.what for problem in problems)


@pytest.mark.parametrize("cell", ["inf", "-Infinity", "1e999"])
def test_infinite_numbers_are_named(cell: str) -> None:
    mismatch = csv_reader.read(f"a,b\n1,2\n{cell},3\n".encode()).columns[0].mismatch

    assert mismatch is not None
    assert (mismatch.row, mismatch.text, mismatch.reason) == (3, cell, "is not a finite number")


def test_numbers_are_read_to_the_last_digit() -> None:
    random = np.random.default_rng(0)
    numbers = random.normal(size=500) * 10.0 ** random.integers(-300, 300, 500)

    assert _values(("x\n" + "".join(f"{number!r}\n" for number in numbers.tolist())).encode(), "x") == list(
        numbers
    )


def test_a_profile_counts() -> None:
    rows = "".join(f"{n},{'abc'[min(n // 10, 2)]},2024-01-01\n" for n in range(40))
    numbers, texts, dates = profile(csv_reader.read(f"n,c,d\n{rows},,\n".encode())).columns

    assert (numbers.missing, numbers.distinct, numbers.smallest, numbers.largest) == (1, 40, 0, 39)
    assert numbers.mean == pytest.approx(19.5)
    assert numbers.histogram is not None
    assert numbers.histogram.counts == (2,) * 20
    assert texts.histogram is not None
    assert dict(zip(texts.histogram.words, texts.histogram.counts, strict=True)) == {
        "c": 20,
        "a": 10,
        "b": 10,
    }
    assert (dates.smallest, dates.distinct) == ("2024-01-01T00:00:00", 1)


@pytest.mark.parametrize(
    ("numbers", "mean"),
    [([*range(60)], 29.5), ([1.5] * 39, 1.5), ([1.5e308, 1.7e308], 1.6e308), ([-1.7e308, 1.7e308], 0.0)],
)
def test_a_mean_has_no_error_of_its_own(numbers: list[float], mean: float) -> None:
    rows = "".join(f"{number!r}\n" for number in numbers)

    assert profile(csv_reader.read(f"x\n{rows}".encode())).columns[0].mean == mean


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"a,b\n", "header in row 1 and no rows"),
        (
            b"a,b\n1,2\n3,4,5\n",
            "Row 3 and the first row differ in length: 3 and 2 cells. The cell '5' belongs to no column.",
        ),
        (b'a,b\n1,"2\n', "Row 2 cannot be read as CSV: a quotation mark is opened and never closed"),
        ("ä,b\n1,2\nö".encode() + b"\xe9,3\n", "Line 3: byte 0xe9 is not UTF-8"),
        (",".join("a" * 10_000).encode(), "Row 1 has 10,000 columns"),
        (b"a\0b" * 100, "Row 1, column .*NUL"),
        (b"a,b\n1,2\n3,\0\n", "Row 3, column 'b': a NUL character"),
    ],
)
def test_an_unreadable_file_is_refused_with_the_place_of_the_error(data: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        csv_reader.read(data)


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        ("MAX_ROWS", "about 6 rows; the limit is 3"),
        ("MAX_BYTES", "the limit is 3"),
        ("MAX_CELLS", "12 cells; the limit is 3"),
    ],
)
def test_limits_are_checked_before_parsing(monkeypatch: pytest.MonkeyPatch, limit: str, message: str) -> None:
    monkeypatch.setattr(csv_reader, limit, 3)
    monkeypatch.delattr(csv_reader, "_parse")

    with pytest.raises(InputError, match=message):
        csv_reader.read(b"a,b\n" + b"1,2\n" * 5)


def test_lines_within_quotes_are_not_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_reader, "MAX_ROWS", 3)

    assert len(csv_reader.read(b'a,b\n"1\n\n\n\n\n",2\n')) == 1


def test_formulas_are_written_as_text() -> None:
    assert csv_reader.write(["a", "=b"], [["-1", "=1+1"], ["1,5", "@x"]]) == b"a,'=b\n-1,'=1+1\n\"1,5\",'@x\n"


@pytest.mark.parametrize("text", ["1", "-1.5e3", "1,234.5", ".5", "5.", "1.234,5", "+7", "-,5"])
def test_numbers_are_distinguished_from_texts(text: str) -> None:
    assert is_number(text)
    assert not is_number(f"{text}x")
