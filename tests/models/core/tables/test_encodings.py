"""Encodings of files that people have: recognized from a few words, chosen, and refused in words."""
# ruff: noqa: RUF001  texts of many scripts

import io
import time

import numpy as np
import pytest

from models.core.contract.errors import InputError
from models.core.images.file_types import UnsupportedFile, identify
from models.core.tables import csv_reader
from models.core.tables.encodings import codec_of, detect
from models.core.tables.extent import extent
from models.core.tables.read_options import ReadOptions

# name of the encoding -> a text in it
TEXTS = {
    "windows-1252": "Straße;Miete;Stadt\nMühlweg 3;900,00 €;München\n",
    "windows-1252 with one letter far down": "a;b\n" + "1;2\n" * 30_000 + "é;3\n",
    "windows-1252 with one euro sign": "id;price\n1;5 €\n2;6\n",
    "windows-1252 in French": "prénom,ville\nHélène,Nîmes\nFrançois,Besançon\n",
    "windows-1252 in Danish": "by,n\nKøbenhavn,1\nÅrhus,2\nÆrø,3\n",
    "windows-1252 with English quotes": "name,d\nO’Brien,“x”\nSmith – Co,…\n",
    "windows-1252 with pounds": "a,price\nx,£5\ny,£6\n",
    "windows-1250": "miasto;ludność\nŁódź;5\nKraków;6\nGdańsk;7\nWrocław;3\n",
    "windows-1250 in Czech": "město;počet\nPlzeň;5\nČeské Budějovice;6\nÚstí nad Labem;3\n",
    "windows-1251": "город;население\nМосква;5\nСанкт-Петербург;6\n",
    "windows-1251 with two words": "имя,n\nИван,1\n",
    "koi8-r": "город;население\nМосква;5\nСанкт-Петербург;6\n",
    "cp866": "город;n\nМосква;5\nСанкт-Петербург;6\n",
    "mac-roman": "Straße,Größe\nMühlweg,5\nHauptstraße,6\n",
    "mac-roman in French": "prénom,ville\nHélène,Nîmes\nFrançois,Besançon\n",
    "cp850": "Straße;Größe\nMühlweg;5\nKöln;3\n",
    "iso-8859-15": "nom;prix\nœuvre;5 €\nété;6 €\n",
    "windows-1253": "πόλη,n\nΑθήνα,5\nΘεσσαλονίκη,3\n",
    "windows-1254": "şehir,n\nİstanbul,5\nAğrı,3\nMuğla,2\n",
    "windows-1255": "עיר,n\nתל אביב,5\nירושלים,6\n",
    "windows-1256": "مدينة,n\nالقاهرة,5\nالرياض,6\n",
    "windows-874": "เมือง,n\nกรุงเทพ,5\nเชียงใหม่,3\n",
    "shift-jis": "名前,年齢\n田中,5\n佐藤,6\n鈴木,7\n",
    "shift-jis with one word": "name,n\nBob,1\n東京,2\n",
    "euc-jp": "名前,年齢\n田中,5\n佐藤,6\n鈴木,7\n",
    "gbk": "姓名,年龄\n张三,5\n李四,6\n王五,7\n",
    "big5": "姓名,年齡\n陳大文,5\n林小明,6\n黃美麗,3\n",
    "euc-kr": "이름,나이\n김철수,5\n이영희,6\n박민수,3\n",
    "utf-8": "größe,b\n1,2\n",
    "utf-8-sig": "größe,b\n1,2\n",
    "utf-16": "größe,b\n1,2\n",
    "utf-16-le": "größe,b\n1,2\n",
    "utf-16-be in Japanese": "名前,年齢\n田中,5\n佐藤,6\n",
    "utf-32": "größe,b\n1,2\n",
    "utf-32-le": "größe,b\n1,2\n",
    "utf-32-be": "größe,b\n1,2\n",
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_the_encoding_is_recognized_and_the_upload_is_taken(name: str) -> None:
    encoding, text = name.split()[0], TEXTS[name]
    data = text.encode(codec_of(encoding))
    found = detect([data])

    assert found is not None
    assert data.decode(codec_of(found)).removeprefix("\ufeff") == text
    lines = text.splitlines()
    delimiter = ";" if ";" in lines[0] else ","
    assert csv_reader.read(data).names == tuple(lines[0].split(delimiter))
    assert (identify(data).rows, identify(data).columns) == (len(lines), lines[0].count(delimiter) + 1)


def test_the_encoding_that_was_recognized_is_named() -> None:
    assert csv_reader.read(TEXTS["windows-1252"].encode("cp1252")).encoding == "windows-1252"
    assert csv_reader.read(TEXTS["gbk"].encode("gbk")).encoding == "gbk"


def test_a_chosen_encoding_replaces_the_guess() -> None:
    data = "имя,n\nИван,1\n".encode("koi8-r")

    assert csv_reader.read(data, ReadOptions(encoding="koi8-r")).names[0] == "имя"
    assert csv_reader.read(data, ReadOptions(encoding="windows-1252")).names[0] == "ÉÍÑ"


def _bytes(pair: np.ndarray) -> tuple[bytes, bytes]:
    return pair[:1].tobytes(), pair[1:].tobytes()


def test_text_in_an_unknown_encoding_is_taken_and_named_when_it_is_read() -> None:
    # letters with signs between them in every encoding
    signs = np.random.default_rng(0).integers(128, 192, (40, 2), np.uint8)
    data = b"a,b\n" + b"".join(b"a%bb%bc,2\n" % (first, second) for first, second in map(_bytes, signs))

    assert identify(data).columns == 2
    with pytest.raises(InputError, match="text in an encoding that is not recognized"):
        csv_reader.read(data)


@pytest.mark.parametrize("data", [bytes(range(256)) * 20, b"\x00\x01\x02\x03" * 50, b"%PDF-1.7\n1 0 obj\n"])
def test_a_binary_file_is_no_table(data: bytes) -> None:
    with pytest.raises(UnsupportedFile):
        identify(data)


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        (b"a,b\n1,2\n", 2),
        (b"\n\n\na,b\n\n\n1,2", 2),
        (b"a,b\r\n1,2\r\n\r\n", 2),
        (b"a,b\r1,2\r", 2),
        (b'a,b\n"one\ntwo",2\n"x",""\n', 3),
        (b'a,b\n5" pipe,2\n', 2),
    ],
)
def test_the_rows_of_an_upload_are_counted_without_blank_lines(data: bytes, rows: int) -> None:
    found = extent(io.BytesIO(data))

    assert found is not None
    assert (found.rows, found.columns) == (rows, 2)


@pytest.mark.parametrize(
    "data", [b"\n" * 5_000_000, b'"\n' * 2_500_000, b"a\n\n" * 1_700_000, b" " * 5_000_000]
)
def test_an_upload_is_looked_at_in_a_time_that_its_bytes_bound(data: bytes) -> None:
    plain = b"1.2345,2.3456,3.4567,text\n" * (5_000_000 // 26)
    started = time.process_time()
    extent(io.BytesIO(plain))
    expected = time.process_time() - started
    started = time.process_time()
    extent(io.BytesIO(data))

    assert time.process_time() - started < 20 * expected + 0.2  # a parser takes 100 times as long
