"""Files as people have them, each with the types and values that its author meant."""
# ruff: noqa: E501  a file a line

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from models.core.contract.errors import InputError
from models.core.tables import csv_reader
from models.core.tables.extent import extent
from models.core.tables.profile import profile
from models.core.tables.read_options import MISSING_VALUES, ColumnType, ReadOptions

NAN = float("nan")
N, C, D, T = "number", "category", "date", "text"

# name -> (file, column, its type, its values: numbers, ISO dates or words)
FILES: dict[str, tuple[str, str, str, list[Any]]] = {
    # numbers
    "thousands by what another column proves": ("c;p;q\nA;1.234;2,50\nB;10.500;3,25\n", "p", N, [1234, 10500]),
    "millions with points": ("c;p\nA;1.234.567\nB;54.908\n", "p", N, [1234567, 54908]),
    "thousands with commas in quotes": ('c,p,q\nA,"1,234",0.5\nB,"10,500",1.5\n', "p", N, [1234, 10500]),
    "a comma in quotes": ('a,b\n"1,7",2\n"2,7",3\n', "a", N, [1.7, 2.7]),
    "a leading zero proves a decimal comma": ("a;b\n0,125;1\n1,500;2\n", "a", N, [0.125, 1.5]),
    "four digits prove a decimal comma": ("a;b\n1234,500;x\n1,500;y\n", "a", N, [1234.5, 1.5]),
    "apostrophes": ("a;b\n1'234.5;x\n2'345'678;y\n", "a", N, [1234.5, 2345678]),
    "typographic apostrophes": ("a;b\n1’234.5;x\n12’345;y\n", "a", N, [1234.5, 12345]),
    "spaces": ("a;b\n1 234,5;x\n12 345 678;y\n", "a", N, [1234.5, 12345678]),
    "no-break spaces": ("a;b\n1\u00a0234,5;x\n12\u00a0345;y\n", "a", N, [1234.5, 12345]),
    "narrow no-break spaces": ("a;b\n1\u202f234,5;x\n12\u202f345;y\n", "a", N, [1234.5, 12345]),
    "as in India": ('a,b\n"12,34,567.5",x\n"1,00,000",y\n', "a", N, [1234567.5, 100000]),
    "a typographic minus": ("a,b\n\u22123.5,x\n2,y\n", "a", N, [-3.5, 2]),
    "parentheses of accountants": ("a,b\n(3.50),x\n2.25,y\n", "a", N, [-3.5, 2.25]),
    "parentheses and a currency": ('a,b\n"($1,234.50)",x\n$2.25,y\n', "a", N, [-1234.5, 2.25]),
    "a minus behind": ("a;b\n3,50-;x\n2,25;y\n", "a", N, [-3.5, 2.25]),
    "a minus before a currency": ("a,b\n-$3.50,x\n$2.25,y\n", "a", N, [-3.5, 2.25]),
    "exponents": ("a,b\n1.5e3,x\n2E-2,y\n", "a", N, [1500, 0.02]),
    "plus signs": ("a,b\n+1.5,x\n-2,y\n", "a", N, [1.5, -2]),
    "dollars": ('a,b\n"$1,100.00",x\n$5.25,y\n', "a", N, [1100, 5.25]),
    "euros behind": ("a;b\n210,00 €;x\n5,50 €;y\n", "a", N, [210, 5.5]),
    "a code of a currency": ("a,b\nCHF 5.50,x\nCHF 7.25,y\n", "a", N, [5.5, 7.25]),
    "yen": ('a,b\n"¥1,100",x\n"¥22,300",y\n', "a", N, [1100, 22300]),
    "percent": ("a,b\n10%,x\n12.5 %,y\n", "a", N, [10, 12.5]),
    "kilograms": ("a,b\n5 kg,x\n6.5kg,y\n", "a", N, [5, 6.5]),
    "degrees": ("a,b\n5 °C,x\n-6.5 °C,y\n", "a", N, [5, -6.5]),
    "square meters": ("a;b\n55,5 m²;x\n60 m²;y\n", "a", N, [55.5, 60]),
    "speeds": ("a,b\n5 km/h,x\n60 km/h,y\n", "a", N, [5, 60]),
    "a missing number": ("a,b\n5 kg,x\nn/a,y\n7 kg,z\n", "a", N, [5, NAN, 7]),
    # no numbers
    "different units": ("a,b\n5 kg,1\n60 g,2\n2 lb,3\n3 oz,4\n1 t,5\n", "a", T, []),
    "postal codes": ("a,b\n01067,1\n80331,2\n04109,3\n", "a", T, ["01067", "80331", "04109"]),
    "telephone numbers": ("a,b\n+49 30 123456,1\n+49 171 2345678,2\n+1 555 0100,3\n", "a", T, []),
    "versions": ("a,b\n1.2.3,1\n1.10.0,2\n2.0.1,3\n", "a", T, []),
    "addresses of computers": ("a,b\n192.168.100.200,1\n192.168.100.201,2\n192.168.100.202,3\n", "a", T, []),
    "times of day": ("a,b\n10:30,1\n11:45,2\n12:15,3\n", "a", T, []),
    "tickets of which a quarter are no numbers": (
        "a,b\n" + "".join(f"{f'PC {n}' if n % 4 == 0 else n},{n % 7}\n" for n in range(100, 200)), "a", T, [],
    ),
    "integers beyond 2^53 as numbers": ("a,b\n9007199254740993,1\n9007199254740992,2\n", "a", N, []),
    # headers
    "the line of Excel": ("sep=;\nx;y\n1;2\n3;4\n", "x", N, [1, 3]),
    "years as names": ("country,2019,2021\na,1,2\nb,3,4\n", "2021", N, [2, 4]),
    "the index of pandas": (",x\n0,5\n1,7\n", "x", N, [5, 7]),
    "the index of pandas is not used": (",x\n0,5\n1,7\n", "column 1", T, ["0", "1"]),
    "a named index of pandas": ("Unnamed: 0,x\n0,5\n1,7\n", "Unnamed: 0", T, ["0", "1"]),
    "row names of R": ("x,y\na,1,2\nb,3,4\n", "y", N, [2, 4]),
    "runs of spaces": ("  a    b c\n 1.5  20 x\n 2.5   3 y\n10    4 z\n", "b", N, [20, 3, 4]),
    "runs of spaces without names": (" 0.1  20 1\n 2.5   3 0\n10    4 1\n", "column 2", N, [20, 3, 4]),
    "spaces between thousands": ("a\n1 234 567\n2 345 678\n3 456 789\n", "a", N, [1234567, 2345678, 3456789]),
    "names of two words": ("name\nAnna Lena Meier\nBen Tim Roth\nCem Ali Can\n", "name", T, []),
    "a title above": ("Report 2024\nby: me\n\na;b;c\n1;2;3\n4;5;6\n", "c", N, [3, 6]),
    "a title in a sheet's first cell": ("Report,,\n,,\na,b,c\n1,2,3\n4,5,6\n", "b", N, [2, 5]),
    "a title above a name of two lines": ('T\r\n"a\r\na",b\r\n1,2\r\n3,4\r\n', "b", N, [2, 4]),
    "comments above": ("# by me\n# on Monday\na,b\n1,2\n3,4\n", "b", N, [2, 4]),
    "a first row that lacks values": ("5,,\n1,2,3\n4,5,6\n", "column 2", N, [NAN, 2, 5]),
    "a name in decomposed letters": ("Gro\u0308ße,b\n1,2\n3,4\n", "Größe", N, [1, 3]),
    "repeated names": ("x,x,\n1,2,3\n4,5,6\n", "x (2)", N, [2, 5]),
    # rows
    "a short row": ("a,b\n1,2\n3\n5,6\n", "b", N, [2, NAN, 6]),
    "empty cells too many": ("a,b\n1,2,\n3,4,\n", "b", N, [2, 4]),
    "a delimiter at the end of every row": ("a;b;\n1;2;\n3;4;\n", "b", N, [2, 4]),
    "line breaks in quotes": ('a,b\n"x\ny",2\n"z",4\n', "b", N, [2, 4]),
    "carriage returns only": ("a,b\r1,2\r3,4\r", "b", N, [2, 4]),
    "lines of spaces": ("a,b\n1,2\n   \n3,4\n", "b", N, [2, 4]),
    # missing values and truth values
    "Namibia": ("a,b\nNA,1\nDE,2\nNA,3\nDE,4\n", "a", C, ["NA", "DE", "NA", "DE"]),
    "none as a level": ("a,b\nNone,1\nLow,2\nLow,3\nNone,4\n", "a", C, ["None", "Low", "Low", "None"]),
    "NA as R writes it": ("a,b\nmale,1\nNA,2\nmale,3\nfemale,4\nfemale,5\n", "a", C, ["male", None, "male", "female", "female"]),
    "None among numbers": ("a,b\n1,1\nNone,2\n3,3\n", "a", N, [1, NAN, 3]),
    "truth values": ("a,b\nTRUE,1\ntrue,2\nFalse,3\n1,4\n0,5\n", "a", C, ["true", "true", "false", "true", "false"]),
    "yes and no": ("a,b\nYes,1\ny,2\nNO,3\nno,4\n", "a", C, ["yes", "yes", "no", "no"]),
    # dates
    "dashes": ("a,b\n31-01-2024,1\n01-02-2024,2\n", "a", D, ["2024-01-31", "2024-02-01"]),
    "two-digit years": ("a,b\n31.01.24,1\n01.02.99,2\n", "a", D, ["2024-01-31", "1999-02-01"]),
    "a month in words first": ("a,b\nJan 31 2024,1\nFeb 1 2024,2\n", "a", D, ["2024-01-31", "2024-02-01"]),
    "a comma within": ('a,b\n"January 31, 2024",1\n"May 1, 2024",2\n', "a", D, ["2024-01-31", "2024-05-01"]),
    "a month in words second": ("a,b\n31 January 2024,1\n1 May 2024,2\n", "a", D, ["2024-01-31", "2024-05-01"]),
    "a German month": ("a;b\n31. Januar 2024;1\n1. März 2024;2\n", "a", D, ["2024-01-31", "2024-03-01"]),
    "a month between dashes": ("a,b\n31-Jan-2024,1\n01-Feb-2024,2\n", "a", D, ["2024-01-31", "2024-02-01"]),
    "a time and a zone": ("a,b\n2024-02-01T23:00:00-05:00,1\n2024-02-03T00:00:00Z,2\n", "a", D, ["2024-02-02T04", "2024-02-03"]),
    "a time of twelve hours": ("a,b\n1/31/2024 5:30 PM,1\n2/1/2024 12:00 AM,2\n", "a", D, ["2024-01-31T17:30", "2024-02-01"]),
    "the month first, as one date shows": ("a,b\n1/2/2024,1\n3/14/2024,2\n", "a", D, ["2024-01-02", "2024-03-14"]),
    "the month first, as another column shows": (
        "a,b\n1/2/2024,1/31/2024\n3/4/2024,3/14/2024\n", "a", D, ["2024-01-02", "2024-03-04"],
    ),
    "months": ("a,b\n2024-01,1\n2024-12,2\n", "a", D, ["2024-01-01", "2024-12-01"]),
}  # fmt: skip

# name -> (options, file, column, its type, its values)
CHOSEN: dict[str, tuple[Mapping[str, Any], str, str, str, list[Any]]] = {
    "Namibia is missing": ({"missing_values": ["NA", "x"]}, "a,b\nNA,1\nDE,2\nDE,3\nFR,4\nFR,5\n", "a", C, [None, "DE", "DE", "FR", "FR"]),
    "only empty cells are missing": ({"missing_values": []}, "a,b\nNA,1\n-,2\nNA,3\n-,4\n", "a", C, ["NA", "-", "NA", "-"]),
    "another word is missing": ({"missing_values": ["-999"]}, "a,b\n1,1\n-999,2\n", "a", N, [1, NAN]),
    "comments": ({"comment": "#"}, "# made by a meter\na,b\n1,2\n# paused\n3,4\n", "b", N, [2, 4]),
    "a comment sign in quotes": ({"comment": "#"}, 'a,b\n"x\n#y",2\n#"z\n"w",4\n', "b", N, [2, 4]),
    "no thousands": ({"thousands": "none"}, 'a,b\n"1,234",1\n"5,678",2\n"9,012",3\n', "a", T, []),
    "the day first": ({"dates": "day first"}, "a,b\n1/2/2024,1\n3/4/2024,2\n", "a", D, ["2024-02-01", "2024-04-03"]),
    "the month first": ({"dates": "month first"}, "a,b\n1/2/2024,1\n3/4/2024,2\n", "a", D, ["2024-01-02", "2024-03-04"]),
    "a decimal comma": ({"decimal": "comma"}, "a;b\n1.234;x\n5.678;y\n", "a", N, [1234, 5678]),
    "codes are numbers": ({"types": {"a": "number"}}, "a,b\n01067,1\n80331,2\n", "a", N, [1067, 80331]),
    "a name in decomposed letters": ({"types": {"Gro\u0308ße": "category"}}, "Größe,b\n1,2\n1,4\n3,3\n", "Gro\u0308ße", C, ["1", "1", "3"]),
}  # fmt: skip


def _check(data: str, column: str, kind: str, values: list[Any], options: ReadOptions) -> None:
    found = csv_reader.read(data.encode(), options).column(column)

    assert found.type == kind
    if kind == N and values:
        np.testing.assert_allclose(found.values.to_numpy(), values)
    elif kind == D:
        assert list(found.values.dt.tz_localize(None)) == [np.datetime64(value) for value in values]
    elif values:
        assert [value if isinstance(value, str) else None for value in found.values] == values


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_read_as_its_author_meant_it(name: str) -> None:
    _check(*FILES[name], ReadOptions())


@pytest.mark.parametrize("name", CHOSEN)
def test_a_file_is_read_as_the_options_have_it(name: str) -> None:
    options, data, column, kind, values = CHOSEN[name]
    _check(data, column, kind, values, ReadOptions.model_validate(options))


@pytest.mark.parametrize(
    ("data", "unit"),
    [
        ("a\n$5\n$6\n", "$"),
        ("a\n5 kg\n6\n", "kg"),
        ("a\n5 %\n6%\n", "%"),
        ("a\n5\n6\n", ""),
        ("a\n5 €\n7 €\n", "€"),
    ],
)
def test_the_unit_stands_beside_the_numbers(data: str, unit: str) -> None:
    assert profile(csv_reader.read(data.encode())).columns[0].unit == unit


@pytest.mark.parametrize(
    ("data", "column", "correction"),
    [
        ("a;b\n1.234;x\n5.678;y\n", "a", {"decimal": "comma"}),
        ("a;b\n1,234;x\n5,678;y\n", "a", {"decimal": "point"}),
        ("a,b\n1/2/2024,1\n3/4/2024,2\n", "a", {"dates": "month first"}),
        ("a,b\n01067,1\n80331,2\n", "a", {"types": {"a": "number"}}),
        ("a,b\n007,1\n12,2\n5,3\n", "a", {"types": {"a": "category"}}),
        (",x\n0,5\n1,7\n", "column 1", {"types": {"column 1": "number"}}),
        ("# a meter\na\n1\n2\n", None, {"comment": "#"}),
        ("Report\na,b\n1,2\n3,4\n", None, {"header": "first row"}),
        ("a b c\n1 2 3\n4 5 6\n", None, {"delimiter": "comma"}),
        ('a,b\n"1,7",2\n2.5,3\n2.5,3\n', "a", {"decimal": "comma"}),
        ("a,b\n1.5,2\n*,3\n2.5,3\n*,3\n3.5,4\n", "a", {"missing_values": [*MISSING_VALUES, "*"]}),
    ],
)
def test_what_could_be_meant_otherwise_is_named_with_its_correction(
    data: str, column: str | None, correction: dict[str, Any]
) -> None:
    problems = profile(csv_reader.read(data.encode())).problems

    assert correction in [problem.correction for problem in problems if problem.column == column]


@pytest.mark.parametrize(
    ("cell", "kind"), [("{}.5", N), ("2024-03-{:02}", D)], ids=["among numbers", "among dates"]
)
def test_a_text_that_seems_to_mean_a_missing_value_is_offered_as_one(cell: str, kind: str) -> None:
    cells = [("unknown", ".")[row % 8 == 0] if row % 4 == 0 else cell.format(row + 1) for row in range(28)]
    data = ("a,b\n" + "".join(f"{each},1\n" for each in cells)).encode()
    first = csv_reader.read(data)
    (remark,) = first.column("a").remarks
    mended = csv_reader.read(data, ReadOptions.model_validate(remark.correction))

    assert first.column("a").type == T
    assert str(remark.what).startswith("'.', 'unknown' in 7 cells among")
    assert (mended.column("a").type, mended.column("a").missing) == (kind, 7)


def test_texts_of_many_kinds_are_no_missing_values() -> None:
    data = "a,b\n" + "".join(f"{f'A/{row}' if row % 4 == 0 else row * 7919},1\n" for row in range(40))

    assert csv_reader.read(data.encode()).column("a").remarks == ()


def test_integers_beyond_2_53_are_exact() -> None:
    lines = "".join(f"{2**60 + n},{n}\n" for n in range(20))
    column = profile(csv_reader.read(f"id,y\n{lines}".encode())).columns[0]

    assert (column.distinct, column.smallest, column.largest) == (20, 2**60, 2**60 + 19)


def test_rows_below_a_title_keep_their_numbers() -> None:
    frame = csv_reader.read(b"Report\n\na,b\n1,2\n3,x\n5,6\n", ReadOptions(types={"b": ColumnType.NUMBER}))

    assert (frame.header_row, list(frame.rows)) == (3, [4, 5, 6])
    assert [problem.row for problem in profile(frame).problems] == [1, 5]


def test_the_size_of_a_table_with_spaces_is_known_before_it_is_read() -> None:
    found = extent(io.BytesIO(b" a  b c\n 1  2 3\n 4  5 6\n"))

    assert found is not None
    assert (found.rows, found.columns) == (3, 3)


def test_rows_that_were_mended_are_named() -> None:
    problems = profile(csv_reader.read(b"a,b\n1,2\n3\n4,5,\n")).problems

    assert [(problem.row, problem.column) for problem in problems] == [(3, None), (4, None)]


def test_all_rows_with_cells_too_many_are_named() -> None:
    with pytest.raises(
        InputError, match=r"Row 3 and the first row differ.*'9' belongs to no column.*too: 5, 6"
    ):
        csv_reader.read(b"a,b\n1,2\n3,4,9\n5,6\n7,8,9\n7,8,9\n")
