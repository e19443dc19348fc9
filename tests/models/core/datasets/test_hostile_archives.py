"""Archives made by mistake or malice: refused with the name of the file, or read with a stated problem."""

import io
import json
import stat
import struct
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from models.core.contract.errors import InputError
from models.core.datasets.importing import read
from tests.models.core.datasets.archives import archive, boxed, coco, encoded, picture

PNG = picture()
CAT = coco(["a.png"], [boxed(1, 10, 1, 1, 5, 5)], "cat")
VOC = (
    "<annotation><filename>a.png</filename><object><name>cat</name><bndbox>{}</bndbox></object></annotation>"
)
CORNERS = "<xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax>"
Files = dict[str, Any]


def changed(*steps: str | int, to: Any) -> dict[str, Any]:
    """COCO's JSON with another value at one place."""
    data = json.loads(json.dumps(CAT))
    place = data
    for step in steps[:-1]:
        place = place[step]
    place[steps[-1]] = to
    return data


def labeled(data: Any) -> Files:
    return {"a.png": PNG, "labels.json": data}


def yolo(lines: str, names: str = "cat\n") -> Files:
    return {"a.png": PNG, "a.txt": lines, "classes.txt": names}


def masked(data: bytes, name: str = "masks/a.png") -> Files:
    return {"images/a.png": PNG, name: data}


def png_header(width: int, height: int) -> bytes:
    """A PNG file that claims a size and has no pixels."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + chunk


def photo_as_mask() -> bytes:
    colors = np.random.default_rng(0).integers(0, 256, (30, 40, 3), np.uint8)
    return encoded(Image.fromarray(colors))


REFUSED: dict[str, tuple[Files, str]] = {
    "no file at all": ({}, r"no picture that can be read"),
    "no picture": ({"notes.md": "hello"}, r"no picture that can be read, only other files: notes.md"),
    "a text file called .jpg": ({"a.jpg": "hello"}, r"a\.jpg: .*not an image"),
    "a header alone, of a picture too large": (
        {"a.png": png_header(50_000, 50_000)},
        r"a\.png: .*2,500,000,000",
    ),
    "broken JSON": (labeled("{"), r"labels\.json is not valid JSON: .*line 1"),
    "NaN in JSON": (labeled('{"images": NaN}'), r"labels\.json is not valid JSON"),
    "numbers beyond all floats": (
        labeled(json.dumps(CAT).replace("[1, 1, 5, 5]", "[1, 1, 1e999, 5]")),
        r"labels\.json is not valid JSON: .*infinity",
    ),
    "JSON nested 100,000 times": (labeled("[" * 100_000), r"labels\.json is not valid JSON"),
    "JSON that is not UTF-8": (labeled(b'{"a": "\xff"}'), r"labels\.json is not valid JSON"),
    "a category without a name": (
        labeled(changed("categories", 0, "name", to="")),
        r"labels\.json: categories\[0\] has no name",
    ),
    "a category of 5,000 letters": (
        labeled(changed("categories", 0, "name", to="x" * 5_000)),
        r"categories\[0\]",
    ),
    "a category that is a number": (
        labeled(changed("categories", 0, to=3)),
        r"categories\[0\] is not an object",
    ),
    "two images of one id": (
        labeled(changed("images", to=CAT["images"] * 2)),
        r"labels\.json: images\[1\] has the id 1 of an earlier one",
    ),
    "an image without a file name": (
        labeled(changed("images", 0, "file_name", to=None)),
        r"images\[0\] has no file_name",
    ),
    "an id that is a list": (labeled(changed("images", 0, "id", to=[1])), r"images\[0\] has no id"),
    "an annotation without a box": (
        labeled(changed("annotations", 0, "bbox", to=[1, 2])),
        r"labels\.json: annotations\[0\] has neither a bbox",
    ),
    "a segmentation that is a text": (
        labeled(changed("annotations", 0, "segmentation", to="all")),
        r"annotations\[0\] has a segmentation that is neither",
    ),
    "run lengths that are floats": (
        labeled(changed("annotations", 0, "segmentation", to={"size": [30, 40], "counts": [0.5]})),
        r"annotations\[0\] has a segmentation that is neither",
    ),
    "broken XML": ({"a.png": PNG, "a.xml": "<annotation>"}, r"a\.xml is not valid XML: .*line 1"),
    "XML of an unknown encoding": (
        {"a.png": PNG, "a.xml": '<?xml version="1.0" encoding="x-y"?><a/>'},
        r"a\.xml",
    ),
    "an XML entity bomb": (
        {
            "a.png": PNG,
            "a.xml": '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><annotation>&c;</annotation>',
        },
        r"a\.xml has a document type definition",
    ),
    "XML nested 10,000 times": (
        {"a.png": PNG, "a.xml": "<annotation>" * 10_000},
        r"a\.xml is nested more than 20",
    ),
    "an XML object without a name": (
        {"a.png": PNG, "a.xml": VOC.format(CORNERS).replace("cat", " ")},
        r"a\.xml: object 1 has no name",
    ),
    "YAML with an alias": (
        {**yolo("0 .5 .5 .1 .1"), "data.yaml": "names: &a [x]\ntrain: *a"},
        r"data\.yaml, line 1: anchors",
    ),
    "YAML without an end": (
        {**yolo(""), "data.yaml": "nc: 1\nnames: ['x',\n'y'"},
        r"data\.yaml, line 2: a bracket",
    ),
    "an empty name of a class": (yolo("0 .5 .5 .1 .1", "cat\n\ndog\n"), r"classes\.txt: class 1 has no name"),
    "a class of number 9,999,999": (
        {**yolo(""), "data.yaml": "names:\n  9999999: cat\n"},
        r"data\.yaml: '9999999' is not the number",
    ),
    "labels in two forms": (
        {**labeled(CAT), "a.xml": VOC.format(CORNERS)},
        r"two forms: COCO JSON \(labels\.json\) and Pascal VOC XML \(a\.xml\)",
    ),
    "a photo as a mask": (masked(photo_as_mask()), r"masks/a\.png has 1,\d\d\d colors"),
    "masks of levels and of colors": (
        {
            **masked(encoded(Image.new("L", (40, 30), 1))),
            "images/b.png": PNG,
            "masks/b.png": encoded(Image.new("RGB", (40, 30), "red")),
        },
        r"masks/a\.png.*masks/b\.png",
    ),
    "a table with an unknown split": (
        {"a.png": PNG, "l.csv": "file,label,split\na.png,cat,sometimes\n"},
        r"l\.csv, row 2: the split 'sometimes'",
    ),
    "a table with an endless cell": (
        {"a.png": PNG, "l.csv": "file,label\na.png," + "x" * 200_000},
        r"l\.csv, row 2: field larger",
    ),
    "a table that is not UTF-8": (
        {"a.png": PNG, "l.csv": b"file,label\na.png,k\xe4fer\n"},
        r"l\.csv is not UTF-8",
    ),
    "a manifest of another picture": (
        {
            "pictures/a.png": PNG,
            "dataset.json": {
                "format": "glassbox-dataset-1",
                "kind": "pictures",
                "classes": [],
                "pictures": [{"file": "pictures/a.png", "width": 40, "height": 30, "sha256": "0"}],
            },
        },
        r"'pictures/a\.png' is not the one that dataset\.json names",
    ),
    "a manifest of another version": (
        {"a.png": PNG, "dataset.json": {"format": "glassbox-dataset-9", "kind": "pictures"}},
        r"dataset\.json is not a manifest: format",
    ),
}

STATED: dict[str, tuple[Files, str, str]] = {
    "a picture of 0 bytes": ({"a.png": PNG, "b.png": b""}, "empty_picture", "b.png"),
    "half a header": ({"a.png": PNG, "b.png": PNG[:20]}, "unreadable_picture", "b.png"),
    "an animated picture": (
        {
            "a.gif": encoded(
                Image.new("RGB", (9, 9), "red"),
                "GIF",
                save_all=True,
                append_images=[Image.new("RGB", (9, 9), "blue")],
            )
        },
        "animated",
        "a.gif",
    ),
    "names that differ by case": ({"a.png": PNG, "A.png": PNG}, "same_but_case", "a.png"),
    "an image that is missing": (
        labeled(changed("images", to=[*CAT["images"], {"id": 2, "file_name": "gone.png"}])),
        "missing_picture",
        "labels.json, images[1]: gone.png",
    ),
    "an image that is one of two": (
        {"x/a.png": PNG, "y/a.png": PNG, "labels.json": CAT},
        "ambiguous_picture",
        "labels.json, images[0]: a.png",
    ),
    "an annotation of no image": (
        labeled(changed("annotations", 0, "image_id", to=99)),
        "unknown_image",
        "labels.json, annotations[0]",
    ),
    "an annotation of no category": (
        labeled(changed("annotations", 0, "category_id", to=None)),
        "unknown_category",
        "labels.json, annotations[0]",
    ),
    "an annotation whose category is a list": (
        labeled(changed("annotations", 0, "category_id", to=[10])),
        "unknown_category",
        "labels.json, annotations[0]",
    ),
    "a box outside": (
        labeled(changed("annotations", 0, "bbox", to=[90, 90, 5, 5])),
        "entirely_outside",
        "labels.json, annotations[0]",
    ),
    "a box half outside": (
        labeled(changed("annotations", 0, "bbox", to=[-9, 0, 20, 5])),
        "outside",
        "labels.json, annotations[0]",
    ),
    "huge coordinates": (
        labeled(changed("annotations", 0, "bbox", to=[-1e300, 0, 1e307, 5])),
        "outside",
        "labels.json, annotations[0]",
    ),
    "a width below 0": (
        labeled(changed("annotations", 0, "bbox", to=[9, 9, -5, 5])),
        "degenerate",
        "labels.json, annotations[0]",
    ),
    "coordinates that are texts": (
        labeled(changed("annotations", 0, "bbox", to=["1", None, True, 5])),
        "not_finite",
        "labels.json, annotations[0]",
    ),
    "run lengths of another size": (
        labeled(changed("annotations", 0, "segmentation", to={"size": [3, 4], "counts": [12]})),
        "wrong_mask",
        "labels.json, annotations[0]",
    ),
    "run lengths without an end": (
        labeled(changed("annotations", 0, "segmentation", to={"size": [30, 40], "counts": "o" * 9_999})),
        "wrong_mask",
        "labels.json, annotations[0]",
    ),
    "3,000 objects in a picture": (
        labeled(changed("annotations", to=[{**CAT["annotations"][0], "id": n} for n in range(3_000)])),
        "too_many_objects",
        "a.png",
    ),
    "a polygon of 20,000 points": (
        labeled(changed("annotations", 0, "segmentation", to=[[1, 1, 5, 5] * 10_000])),
        "too_many_points",
        "labels.json, annotations[0]",
    ),
    "a size that is not the picture's": (
        labeled(changed("images", 0, "width", to=80)),
        "other_size",
        "a.png",
    ),
    "a line of three columns": (yolo("0 .5 .5\n0 .5 .5 .1 .1"), "broken_line", "a.txt, line 1"),
    "a line of words": (yolo("0 .5 .5 .1 .1\ncat on a mat x"), "broken_line", "a.txt, line 2"),
    "a negative class number": (yolo("-1 .5 .5 .1 .1"), "unknown_number", "a.txt, line 1"),
    "a class number beyond the names": (yolo("1 .5 .5 .1 .1"), "unknown_number", "a.txt, line 1"),
    "a huge class number without names": (
        {"a.png": PNG, "a.txt": "99999999999999999999 .5 .5 .1 .1"},
        "unknown_number",
        "a.txt, line 1",
    ),
    "NaN in a line": (yolo("0 nan .5 .1 .1"), "not_finite", "a.txt, line 1"),
    "pixels instead of shares": (yolo("0 200 150 20 20"), "entirely_outside", "a.txt, line 1"),
    "names that are equal": (yolo("0 .5 .5 .1 .1", "cat\ncat\n"), "same_name", "1: cat"),
    "labels without a picture": (
        {"images/a.png": PNG, "labels/a.txt": "0 .5 .5 .1 .1", "labels/b.txt": "0 .5 .5 .1 .1"},
        "missing_picture",
        "labels/b.txt",
    ),
    "two pictures of one name": (
        {"x/a.png": PNG, "y/a.jpg": picture(kind="JPEG"), "labels/a.txt": "0 .5 .5 .1 .1"},
        "ambiguous_picture",
        "labels/a.txt",
    ),
    "XML with three corners": (
        {"a.png": PNG, "a.xml": VOC.format("<xmin>1</xmin><ymin>1</ymin><xmax>9</xmax>")},
        "no_corners",
        "a.xml, object 1",
    ),
    "XML with words as corners": (
        {"a.png": PNG, "a.xml": VOC.format(CORNERS.replace("9", "nine"))},
        "not_finite",
        "a.xml, object 1",
    ),
    "a mask of another size": (masked(encoded(Image.new("L", (4, 3), 1))), "wrong_mask", "masks/a.png"),
    "a mask without a picture": (
        {**masked(encoded(Image.new("L", (40, 30), 1))), "masks/b.png": encoded(Image.new("L", (40, 30)))},
        "missing_picture",
        "masks/b.png",
    ),
    "a torn mask": (
        masked(encoded(Image.effect_noise((40, 30), 90).quantize(4))[:-40]),
        "unreadable_picture",
        "masks/a.png",
    ),
    "a table of missing files": (
        {"a.png": PNG, "l.csv": "file,label\na.png,cat\ngone.png,dog\n"},
        "missing_picture",
        "l.csv, row 3",
    ),
    "a table with short rows": ({"a.png": PNG, "l.csv": "file,label\na.png\n"}, "short_row", "l.csv, row 2"),
    "a table that contradicts itself": (
        {"a.png": PNG, "l.csv": "file,label\na.png,cat\na.png,dog\n"},
        "listed_twice",
        "l.csv, row 3",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_by_name(name: str, tmp_path: Path) -> None:
    files, message = REFUSED[name]
    with pytest.raises(InputError, match=message):
        read(archive(tmp_path / "own.zip", files))


@pytest.mark.parametrize("name", STATED)
def test_what_can_be_passed_over_is_stated(name: str, tmp_path: Path) -> None:
    files, code, place = STATED[name]
    with read(archive(tmp_path / "own.zip", files)) as found:
        assert code in [problem.code for problem in found.problems]
        assert [problem.files for problem in found.problems if problem.code == code] == [[place]]
        assert all(problem.parts and str(problem.count) in problem.message for problem in found.problems)
        assert found.manifest.to_json()  # what is left is a dataset


def entry(name: str, **fields: Any) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    for key, value in fields.items():
        setattr(info, key, value)
    return info


def packed(*entries: tuple[zipfile.ZipInfo | str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archived:
        for info, data in entries:
            archived.writestr(info, data)
    return buffer.getvalue()


def encrypted() -> bytes:
    data = bytearray(packed(("a.png", PNG)))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def corrupt() -> bytes:
    whole = packed(("a.png", PNG), ("b.png", PNG))
    return whole.replace(PNG[-20:], bytes(20), 1)


def listing_of_60_000() -> bytes:
    """The list of files of a ZIP, without the files."""
    one = packed(("a.png", b""))
    start, end = one.index(b"PK\x01\x02"), one.index(b"PK\x05\x06")
    listing = one[start:end] * 60_000
    return listing + struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 60_000, 60_000, len(listing), 0, 0)


ARCHIVES: dict[str, tuple[Callable[[], bytes], str]] = {
    "no ZIP": (lambda: b"hello", r"cannot be read"),
    "0 bytes": (lambda: b"", r"cannot be read"),
    "an empty ZIP": (packed, r"no picture"),
    "a truncated ZIP": (lambda: packed(("a.png", PNG))[:-30], r"cannot be read"),
    "a file above the folder": (lambda: packed(("../a.png", PNG)), r"'\.\./a\.png' would be written outside"),
    "an absolute path": (lambda: packed(("/etc/a.png", PNG)), r"'/etc/a\.png' would be written outside"),
    "a drive letter": (lambda: packed(("C:\\a.png", PNG)), r"would be written outside"),
    "a path above the folder, with backslashes": (
        lambda: packed(("x\\..\\..\\a.png", PNG)),
        r"outside its folder",
    ),
    "a symbolic link": (
        lambda: packed((entry("a.png", external_attr=(stat.S_IFLNK | 0o777) << 16), b"/etc/passwd")),
        r"'a\.png' is a link",
    ),
    "an encrypted file": (encrypted, r"'a\.png' is encrypted"),
    "a name of 5,000 letters": (lambda: packed(("x" * 5_000 + ".png", PNG)), r"a name of 5,004 characters"),
    "a bomb": (
        lambda: packed((entry("a.bmp", compress_type=zipfile.ZIP_DEFLATED), bytes(30_000_000))),
        r"'a\.bmp' would grow to 1,\d\d\d times",
    ),
    "60,000 files": (listing_of_60_000, r"contains 60,000 files; the limit is 50,000"),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_hostile_archives_are_refused(name: str, tmp_path: Path) -> None:
    make, message = ARCHIVES[name]
    path = tmp_path / "own.zip"
    path.write_bytes(make())
    with pytest.raises(InputError, match=message):
        read(path)
    assert [each.name for each in tmp_path.iterdir()] == ["own.zip"]  # nothing was extracted


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_file_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    composed, decomposed = "caf\u00e9.png", "cafe\u0301.png"
    for first, second in (("a.png", "a.png"), ("x/a.png", "x\\a.png"), (composed, decomposed)):
        (tmp_path / "own.zip").write_bytes(packed((first, PNG), (second, PNG)))
        with pytest.raises(InputError, match=r"has the file '.*' twice"):
            read(tmp_path / "own.zip")


def test_a_damaged_entry_is_left_out_by_name(tmp_path: Path) -> None:
    (tmp_path / "own.zip").write_bytes(corrupt())
    with read(tmp_path / "own.zip") as found:
        assert [each.file for each in found.pictures] == ["b.png"]
        assert [(each.code, each.files) for each in found.problems] == [("unreadable_picture", ["a.png"])]


def test_names_of_other_systems_are_found(tmp_path: Path) -> None:
    """Windows writes backslashes, macOS decomposed letters and files of its own."""
    listed = coco(["K\u00e4fer/gr\u00fcn.png"], [boxed(1, 10, 1, 1, 5, 5)], "K\u00e4fer \u865f")
    names = ("own\\Ka\u0308fer\\gru\u0308n.png", "__MACOSX/own/._gru\u0308n.png", "own/.DS_Store")
    entries = [
        (names[0], PNG),
        (names[1], b"x"),
        (names[2], b"x"),
        ("own\\l.json", json.dumps(listed).encode()),
    ]
    (tmp_path / "own.zip").write_bytes(packed(*entries))
    with read(tmp_path / "own.zip") as found:
        (own,) = found.pictures
        assert (found.classes, found.problems) == (["K\u00e4fer \u865f"], [])
        assert own.file == "own/K\u00e4fer/gr\u00fcn.png"
        assert own.annotation is not None
        assert found.read(own) == PNG


def test_deep_folders_and_pictures_of_16_bits_are_read(tmp_path: Path) -> None:
    deep = "/".join(["x"] * 200)
    gray = encoded(Image.fromarray(np.full((30, 40), 40_000, np.uint16)))
    with read(archive(tmp_path / "own.zip", {f"{deep}/a.png": gray, f"{deep}/b.png": PNG})) as found:
        assert [(each.width, each.height) for each in found.pictures] == [(40, 30), (40, 30)]
        assert found.form == "pictures"


def test_a_report_can_stop_the_reading(tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        if done == 1:
            raise KeyboardInterrupt(total)

    with pytest.raises(KeyboardInterrupt):
        read(archive(tmp_path / "own.zip", {"a.png": PNG, "b.png": PNG}), progress=stop)


def test_60_000_files_cost_little(tmp_path: Path) -> None:
    path = tmp_path / "own.zip"
    path.write_bytes(listing_of_60_000())
    tracemalloc.start()
    started = time.process_time()
    with pytest.raises(InputError):
        read(path)
    taken, peak = time.process_time() - started, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert taken < 1
    assert peak < 30_000_000
