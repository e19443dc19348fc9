"""CSV files as people have them, and as nobody should."""

import numpy as np
import pytest

from models.core import table
from models.core.errors import InputError

PLAIN = "a,b\n1,2\n3,4\n"


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
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("\n", "\n\n").encode(),
    ],
)
def test_the_same_table_is_read_from_every_form(data: bytes) -> None:
    read = table.read(data)

    assert read.names == ("a", "b")
    assert table.numbers(read, 1).values.tolist() == [2, 4]


def test_latin_1_is_read() -> None:
    assert table.read("größe,b\n1,2\n".encode("latin-1")).names == ("größe", "b")


def test_decimals_may_follow_a_comma() -> None:
    read = table.read(b"a;b\n1,5;1.234,5\n2,25;7\n")

    assert table.numbers(read, 0).values.tolist() == [1.5, 2.25]
    assert table.numbers(read, 1).values.tolist() == [1234.5, 7]


def test_a_quoted_cell_may_hold_lines_and_delimiters() -> None:
    read = table.read(b'name,b\n"two\nlines, one cell",2\nx,3\n')

    assert read.rows[0] == ("two\nlines, one cell", "2")


def test_without_a_header_columns_are_numbered() -> None:
    read = table.read(b"1,2\n3,4\n")

    assert read.names == ("column 1", "column 2")
    assert read.numbers == (1, 2)


def test_names_that_are_twice_there_are_told_apart() -> None:
    assert table.read(b"x,x,,x\n1,2,3,4\n").names == ("x", "x (2)", "column 3", "x (3)")


def test_missing_values_are_counted() -> None:
    column = table.numbers(table.read(b"a,b\n1,2\n,3\nNA,4\nnan,5\n"), 0)

    assert column.missing == 3
    np.testing.assert_array_equal(column.values, [1, np.nan, np.nan, np.nan])


@pytest.mark.parametrize("cell", ["inf", "-Infinity", "1e999"])
def test_endless_numbers_are_named(cell: str) -> None:
    bad = table.numbers(table.read(f"a,b\n1,2\n{cell},3\n".encode()), 0).bad

    assert bad is not None
    assert (bad.row, bad.text, bad.why) == (3, cell, "is not a finite number")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"a,b\n", "header in row 1 and no rows"),
        (b"a,b\n1,2\n3\n", "Row 3 has 1 cells; the first row has 2"),
        (b"a,b\n1,2\n3,4,5\n", "Row 3 has 3 cells"),
        (b'a,b\n1,"2\n', "cannot be read as CSV"),
        ("ä,b\n1,2\nö".encode() + b"\xe9,3\n", "Line 3: byte 0xe9 is not UTF-8"),
        (",".join("a" * 10_000).encode(), "Row 1 has 10,000 columns"),
        (b"a\0b" * 100, "not a table|no rows"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(data: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        table.read(data)


def test_more_rows_than_are_taken_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MAX_ROWS", 3)

    with pytest.raises(InputError, match="more than 3 rows"):
        table.read(b"a\n" + b"1\n" * 5)


def test_more_bytes_than_are_taken_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MAX_BYTES", 3)

    with pytest.raises(InputError, match="at most 3"):
        table.read(PLAIN.encode())


def test_formulas_are_written_as_text() -> None:
    assert table.write(["a", "=b"], [["-1", "=1+1"], ["1,5", "@x"]]) == b"a,'=b\n-1,'=1+1\n\"1,5\",'@x\n"
