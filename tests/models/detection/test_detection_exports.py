"""The objects of an answer in the formats of other programs, read back."""

import csv
import io
import json
import subprocess
import sys
import zipfile
from typing import Any

import numpy as np
import pytest
from PIL import Image

from models.core.contract.errors import InputError
from models.detection import crops
from models.detection.exports import write


def box(*corners: float) -> dict[str, float]:
    return dict(zip(("xmin", "ymin", "xmax", "ymax"), corners, strict=True))


RESULT: dict[str, Any] = {
    "image": {"width": 40, "height": 20},
    "labels": ["bird", "traffic light", "cat"],
    "objects": [
        {"id": 1, "label": "cat", "score": 0.875, "box": box(4.0, 2.5, 14.0, 12.5)},
        {"id": 7, "label": "bird", "score": 0.5, "box": box(30.0, 0.0, 40.0, 20.0)},
    ],
}
NONE = RESULT | {"objects": []}


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_coco_has_boxes_as_corner_and_size_and_all_categories() -> None:
    read = json.loads(write("coco", RESULT, "a b.jpg"))

    assert read["images"] == [{"id": 1, "file_name": "a b.jpg", "width": 40, "height": 20}]
    names = {category["id"]: category["name"] for category in read["categories"]}
    assert names == {1: "bird", 2: "traffic light", 3: "cat"}
    cat, bird = read["annotations"]
    assert (names[cat["category_id"]], cat["bbox"], cat["area"]) == ("cat", [4.0, 2.5, 10.0, 10.0], 100.0)
    assert (names[bird["category_id"]], bird["score"], bird["image_id"]) == ("bird", 0.5, 1)
    assert json.loads(write("coco", NONE, "a.jpg"))["annotations"] == []


def test_yolo_has_center_and_size_as_shares_of_the_picture() -> None:
    files = members(write("yolo", RESULT, "scene.one.jpg"))

    assert set(files) == {"scene.one.txt", "classes.txt"}
    classes = files["classes.txt"].decode().splitlines()
    lines = [line.split() for line in files["scene.one.txt"].decode().splitlines()]
    assert [classes[int(line[0])] for line in lines] == ["cat", "bird"]
    assert [[float(number) for number in line[1:]] for line in lines] == [
        pytest.approx([9 / 40, 7.5 / 20, 10 / 40, 10 / 20, 0.875]),
        pytest.approx([35 / 40, 10 / 20, 10 / 40, 1.0, 0.5]),
    ]
    assert members(write("yolo", NONE, "a"))["a.txt"] == b""


def test_names_within_an_archive_have_no_folder() -> None:
    assert set(members(write("yolo", RESULT, "../../up/a.jpg"))) == {".._.._up_a.txt", "classes.txt"}


def test_csv_has_a_row_for_each_object() -> None:
    first, second = csv.DictReader(io.StringIO(write("csv", RESULT, 'odd, "name".png').decode(), newline=""))

    assert (first["picture"], first["label"], float(first["score"])) == ('odd, "name".png', "cat", 0.875)
    assert [float(second[side]) for side in ("xmin", "ymin", "xmax", "ymax", "width", "height")] == [
        30, 0, 40, 20, 10, 20,
    ]  # fmt: skip


def test_an_answer_without_the_list_of_classes_has_those_of_its_objects() -> None:
    older = {name: value for name, value in RESULT.items() if name != "labels"}

    names = [each["name"] for each in json.loads(write("coco", older, "a.jpg"))["categories"]]
    assert names == ["bird", "cat"]


def test_crops_are_the_pixels_of_the_boxes() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (20, 40, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")

    found = members(crops.write("crops", RESULT, {"image": file.getvalue()}))

    assert list(found) == ["01-cat-0.88.png", "02-bird-0.50.png"]
    cat, bird = (np.asarray(Image.open(io.BytesIO(data))) for data in found.values())
    assert np.array_equal(cat, pixels[2:13, 4:14])  # whole pixels around 2.5 to 12.5
    assert np.array_equal(bird, pixels[:, 30:])
    with pytest.raises(InputError):
        crops.write("crops", RESULT, {"image": b"no picture"})


def test_the_web_process_writes_exports_without_torch() -> None:
    code = "import sys, models.detection.exports; sys.exit('torch' in sys.modules or 'PIL' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
