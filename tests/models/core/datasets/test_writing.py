"""Datasets out, and in again."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools.coco import COCO

from models.core.contract.dataset import DatasetKind, Manifest, Mask
from models.core.contract.errors import InputError
from models.core.datasets import areas
from models.core.datasets.archive import load
from models.core.datasets.importing import Imported, read
from models.core.datasets.outlines import outlines
from models.core.datasets.run_lengths import BrokenMask, compress, runs_of
from models.core.datasets.writing import Form, write_zip
from tests.models.core.datasets.archives import archive, boxed, coco, picture


def written(path: Path, imported: Imported, form: Form) -> Path:
    with path.open("wb") as file:
        write_zip(file, imported.manifest, imported.read, form)
    return path


def coco_of(data: dict[str, Any], path: Path) -> Any:
    path.write_text(json.dumps(data), "utf-8")
    return COCO(str(path))


def by_picture(data: Any) -> dict[str, list[dict[str, Any]]]:
    """Picture -> its objects, in the order of the file."""
    return {
        image["file_name"].rpartition("/")[2]: data.imgToAnns[image["id"]] for image in data.imgs.values()
    }


def labels(data: Any, objects: list[dict[str, Any]]) -> list[str]:
    return [data.cats[each["category_id"]]["name"] for each in objects]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # pycocotools on NumPy 2
def test_coco_comes_out_as_it_went_in(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).random((30, 40)) < 0.3
    packed = areas.encode(pixels)
    listed = coco(
        ["one/a.png", "b.png", "c.png"],
        [
            boxed(1, 20, 1 / 3, 2.7, 10.1, 20, segmentation=[[1, 3, 9, 4.5, 5, 20]], iscrowd=0),
            boxed(1, 10, 0, 0, 40, 30, segmentation={"size": [30, 40], "counts": packed.counts}, iscrowd=1),
            boxed(2, 10, 5, 5, 5, 5, segmentation={"size": [30, 40], "counts": runs_of(packed)}, iscrowd=0),
            boxed(2, 20, 7, 7, 1e-3, 5, segmentation=[], iscrowd=0),
        ],
        "zebra",
        "ant",
    )
    files = {"one/a.png": picture(), "b.png": picture(seed=1), "c.png": picture(seed=2)}
    with read(archive(tmp_path / "in.zip", {"labels.json": listed, **files})) as imported:
        written(tmp_path / "canonical.zip", imported, "glassbox")
    with read(tmp_path / "canonical.zip") as again:
        assert (again.form, again.problems) == ("glassbox", [])
        written(tmp_path / "out.zip", again, "coco")
    with zipfile.ZipFile(tmp_path / "out.zip") as archived:
        result = json.loads(archived.read("annotations/instances_all.json"))
        assert archived.read("images/one/a.png") == files["one/a.png"]
    before, after = coco_of(listed, tmp_path / "before.json"), coco_of(result, tmp_path / "after.json")

    assert [each["name"] for each in after.cats.values()] == ["zebra", "ant"]
    found = by_picture(after)
    for name, objects in by_picture(before).items():
        assert labels(after, found[name]) == labels(before, objects)
        for old, new in zip(objects, found[name], strict=True):
            assert np.allclose(old["bbox"], new["bbox"], atol=1e-6, rtol=0)
            assert old["iscrowd"] == new["iscrowd"]
            assert not old["segmentation"] or (before.annToMask(old) == after.annToMask(new)).all()


def test_equal_datasets_are_equal_bytes(tmp_path: Path) -> None:
    path = archive(tmp_path / "own.zip", {"a/1.png": picture(), "b/2.png": picture(seed=1)})
    with read(path) as imported:
        first = written(tmp_path / "1.zip", imported, "glassbox").read_bytes()
        second = written(tmp_path / "2.zip", imported, "glassbox").read_bytes()

    assert first == second
    with load(tmp_path / "1.zip") as dataset:
        assert [each.file for each in dataset.manifest.pictures] == ["pictures/a/1.png", "pictures/b/2.png"]


def test_a_dataset_without_objects_is_no_coco() -> None:
    manifest = Manifest(kind=DatasetKind.CLASSES, classes=[], pictures=[])
    with pytest.raises(InputError, match="COCO lists objects"):
        write_zip(io.BytesIO(), manifest, lambda _: b"", "coco")


def test_the_outline_of_a_mask_runs_along_its_pixels() -> None:
    #  . 1 1
    #  1 1 .      pixels that touch at a corner are apart
    #  . . 1
    pixels = np.array([[0, 1, 1], [1, 1, 0], [0, 0, 1]], bool)
    found = outlines(runs_of(areas.encode(pixels)), 3)

    assert found == [
        [(0, 1), (1, 1), (1, 0), (3, 0), (3, 1), (2, 1), (2, 2), (0, 2)],
        [(2, 2), (3, 2), (3, 3), (2, 3)],
    ]


@pytest.mark.parametrize("seed", range(8))
def test_masks_equal_their_outlines_and_their_text(seed: int) -> None:
    pixels = np.random.default_rng(seed).random((23, 17)) < (0.2 + 0.1 * seed)
    mask = areas.encode(pixels)
    runs = runs_of(mask)
    drawn = np.zeros_like(pixels)
    for outline in outlines(runs, 23):
        drawn ^= areas.of_polygons([[float(value) for point in outline for value in point]], 23, 17)

    assert compress(runs) == mask.counts
    assert (areas.decode(mask) == pixels).all()
    assert (areas.decode(Mask(size=(23, 17), counts=runs)) == pixels).all()
    assert (drawn == pixels).all()


@pytest.mark.parametrize("counts", ["0", "\n", "PPPPPPPPPPPPPPPP0", [4, 5, 6], [-1, 7], [], "é"])
def test_damaged_run_lengths_are_refused(counts: str | list[int]) -> None:
    with pytest.raises(BrokenMask):
        runs_of(Mask(size=(2, 3), counts=counts))


def test_yolo_comes_out_as_it_went_in(tmp_path: Path) -> None:
    listed = coco(
        ["a.png", "b.png"],
        [boxed(1, 20, 1 / 3, 2.7, 10.1, 20), boxed(1, 10, 0, 0, 40, 30)],
        "ant",
        'bee: "wild"',
    )
    files = {"train/a.png": picture(), "val/b.png": picture(seed=1), "val/a.jpg": picture(seed=2)}
    with read(archive(tmp_path / "in.zip", {"labels.json": listed, **files})) as before:
        path = written(tmp_path / "yolo.zip", before, "yolo")
    with read(path) as after:
        splits = {each.file: each.split for each in after.pictures}
        objects = [list(each.annotation.objects) if each.annotation else None for each in after.pictures]

    assert (after.form, after.classes, after.problems) == ("yolo", before.classes, [])
    assert splits == {
        "images/train/train/a.png": "train",
        "images/validation/val/a.jpg": "validation",
        "images/validation/val/b.png": "validation",
    }
    assert [each and [own.label for own in each] for each in objects] == [['bee: "wild"', "ant"], None, []]
    assert np.allclose(
        [own.box for own in objects[0] or []], [(1 / 3, 2.7, 313 / 30, 22.7), (0, 0, 40, 30)], atol=1e-5
    )


def test_areas_come_out_of_yolo_as_they_went_in(tmp_path: Path) -> None:
    pixels = np.zeros((30, 40), bool)
    pixels[3:20, 5:30] = True
    pixels[6:9, 10:20] = pixels[12:15, 10:20] = False  # two holes
    pixels[25:28, 1:4] = True  # and an island
    mask = areas.encode(pixels)
    listed = coco(
        ["a.png"],
        [boxed(1, 10, 0, 0, 9, 9, segmentation={"size": [30, 40], "counts": mask.counts})],
        "cat",
    )
    with read(archive(tmp_path / "in.zip", {"l.json": listed, "a.png": picture()})) as before:
        path = written(tmp_path / "yolo.zip", before, "yolo")
    with load(path) as after:
        (shown,) = after.manifest.pictures
        assert shown.annotation is not None
        (found,) = shown.annotation.objects
        assert (after.mask(shown, found) == pixels).all()


def test_classes_come_out_of_yolo_as_folders(tmp_path: Path) -> None:
    files = {
        "train/cat/1.png": picture(),
        "train/cat/1.jpg": picture(seed=1),
        "test/dog/1.png": picture(seed=2),
    }
    with read(archive(tmp_path / "in.zip", files)) as before:
        path = written(tmp_path / "yolo.zip", before, "yolo")
    with read(path) as after:
        found = [(each.annotation and each.annotation.label, each.split) for each in after.pictures]

    assert (after.form, after.classes) == ("folders", ["cat", "dog"])
    assert found == [("dog", "test"), ("cat", "train"), ("cat", "train")]
