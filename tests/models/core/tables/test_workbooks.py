"""Workbooks of every format: their sheets, cells and types, and what cannot be read, named in words."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from openpyxl import Workbook

from models.core.contract.errors import InputError
from models.core.images import file_types
from models.core.tables import csv_reader, workbook_cells, workbooks
from models.core.tables.read_options import ReadOptions

HERE = Path(__file__).parent / "workbooks"
CELLS = "String,1,1.1,TRUE,FALSE,2010-10-10,2010-10-10 10:10:10,10:10:10,10:10:10.100000,255:10:10"
TYPES = {
    "code": "text",  # 01067: a postal code
    "length": "number",
    "leaves": "number",
    "day": "date",
    "seen": "date",
    "fresh": "category",
    "tree": "category",
}


def _read(name: str) -> bytes:
    return (HERE / name).read_bytes()


def _xlsx() -> bytes:
    book, buffer = Workbook(), io.BytesIO()
    assert book.active is not None
    book.active.append(["x"])
    book.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("name", ["leaves.xls", "leaves.ods"])
def test_the_columns_of_the_first_sheet_with_cells_have_their_types_and_values(name: str) -> None:
    frame = csv_reader.read(_read(name))

    assert {column.name: column.type for column in frame.columns} == TYPES
    np.testing.assert_allclose(frame.column("length").values.to_numpy(), [0.1, 1.35, 2.6, np.nan, 5.1, 6.35])
    assert list(frame.column("leaves").values) == [2**40 + n for n in range(6)]
    days = ["2024-02-27", "2024-02-28", "2024-02-29", "2024-03-01", "2024-03-02", "2024-03-03"]
    assert list(frame.column("day").values.dt.tz_localize(None)) == [np.datetime64(day) for day in days]
    times = [np.datetime64(f"{day}T10:30") for day in days]
    assert list(frame.column("seen").values.dt.tz_localize(None)) == times
    assert list(frame.column("fresh").values) == ["TRUE", "FALSE"] * 3
    assert list(frame.column("tree").values) == ["oak", "ash", "Bäume"] * 2
    assert frame.column("code").values.iloc[0] == "01067"


@pytest.mark.parametrize("name", ["base.xlsb", "base.ods"])
def test_cells_of_every_type_are_written_as_they_are_shown(name: str) -> None:
    book = workbooks.read(_read(name))

    assert book.sheet == "Sheet1"
    assert book.data.decode() == f"\n{CELLS}\n"


@pytest.mark.parametrize("name", ["leaves.xls", "leaves.ods"])
def test_a_sheet_is_chosen_by_name_and_an_empty_or_absent_one_refused(name: str) -> None:
    chosen = csv_reader.read(_read(name), ReadOptions(sheet="more"))

    assert list(chosen.column("y").values) == [7]
    assert workbooks.read(_read(name)).sheets == ("empty", "leaves", "more")
    with pytest.raises(InputError, match="'empty' has no cells"):
        workbooks.read(_read(name), "empty")
    with pytest.raises(InputError, match=r"no sheet 'other'\. Its sheets are: 'empty', 'leaves', 'more'"):
        workbooks.read(_read(name), "other")


def test_a_sheet_of_a_binary_workbook_is_chosen_by_name() -> None:
    book = workbooks.read(_read("base.xlsb"), "Sheet3")

    assert book.data == b"\nline1,line1,line1\nline2,line2,line2\nline3,line3,line3\n"


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("leaves.xls", "application/vnd.ms-excel"),
        ("base.xlsb", "application/vnd.ms-excel.sheet.binary.macroEnabled.12"),
        ("base.ods", "application/vnd.oasis.opendocument.spreadsheet"),
        ("leaves.ods", "application/vnd.oasis.opendocument.spreadsheet"),
    ],
)
def test_a_workbook_is_recognized_by_its_content(name: str, media_type: str) -> None:
    for source in (_read(name), HERE / name):
        media = file_types.identify(source)

        assert (media.kind, media.media_type) == ("table", media_type)


@pytest.mark.parametrize("name", ["password.xls", "password.ods"])
def test_an_encrypted_workbook_is_named_as_such_when_it_is_sent(name: str) -> None:
    with pytest.raises(file_types.UnsupportedFile, match="encrypted"):
        file_types.identify(_read(name))
    with pytest.raises(InputError, match="encrypted"):
        csv_reader.read(_read(name))


@pytest.mark.parametrize("name", ["leaves.xls", "leaves.ods", "base.xlsb"])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_workbook_that_is_cut_off_is_named_as_damaged(name: str, share: float) -> None:
    whole = _read(name)

    with pytest.raises(InputError, match="cannot be read"):
        workbooks.read(whole[: int(share * len(whole))])


@pytest.mark.parametrize(
    ("whole", "part"),
    [
        (_read("leaves.ods"), "content.xml"),
        (_read("base.xlsb"), "xl/workbook.bin"),
        (_xlsx(), "xl/workbook.xml"),
    ],
    ids=["ods", "xlsb", "xlsx"],
)
def test_a_workbook_with_a_damaged_part_is_refused_with_a_message(whole: bytes, part: str) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as good, zipfile.ZipFile(buffer, "w") as bad:
        for name in good.namelist():
            bad.writestr(name, b"<broken" if name == part else good.read(name))

    with pytest.raises(InputError, match="cannot be read: its parts are incomplete or damaged"):
        workbooks.read(buffer.getvalue())


def test_a_workbook_that_needs_too_much_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    book, buffer = Workbook(), io.BytesIO()
    assert book.active is not None
    book.active["XFD1048576"] = 1  # the reader reserves the cells before it
    book.save(buffer)
    monkeypatch.setattr(workbooks, "_MEGABYTES", 20)

    with pytest.raises(InputError, match="needs more memory or time"):
        workbooks.read(buffer.getvalue())


def test_a_bug_of_the_reader_is_not_blamed_on_the_workbook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = tmp_path / "reader.py"
    reader.write_text("raise ValueError('a bug')")
    monkeypatch.setattr(workbooks, "_READER", reader)

    with pytest.raises(RuntimeError, match=r"code 1:(?s:.*)ValueError: a bug"):
        workbooks.read(_read("leaves.ods"))


def test_files_beside_the_reader_do_not_replace_modules_of_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = tmp_path / "reader.py"
    reader.write_bytes(Path(workbook_cells.__file__).read_bytes())
    (tmp_path / "csv.py").write_text("raise ValueError('not the one of Python')")
    monkeypatch.setattr(workbooks, "_READER", reader)

    assert workbooks.read(_read("leaves.ods")).data
