"""Each form of labeled pictures: small archives whose content is known."""

from pathlib import Path

import numpy as np

from models.core.contract.dataset import DatasetKind
from models.core.datasets import archive as archives
from models.core.datasets.importing import Imported, read
from tests.models.core.datasets.archives import archive, boxed, coco, picture


def imported(tmp_path: Path, files: dict) -> Imported:
    with read(archive(tmp_path / "own.zip", files)) as found:
        return found


def labels(found: Imported) -> dict[str, str | None]:
    return {each.file: each.annotation and each.annotation.label for each in found.pictures}


def objects(found: Imported) -> dict[str, list[tuple]]:
    """File -> label and box of each object; files without labels are left out."""
    return {
        each.file: [(own.label, *own.box) for own in each.annotation.objects]
        for each in found.pictures
        if each.annotation
    }


def codes(found: Imported) -> dict[str, int]:
    return {problem.code: problem.count for problem in found.problems}


def test_a_folder_is_a_class(tmp_path: Path) -> None:
    found = imported(
        tmp_path,
        {
            "own/cat/1.png": picture(),
            "own/dog/1.png": picture(seed=1),
            "own/dog/young/2.png": picture(64, 20, seed=2),
            "own/3.png": picture(seed=3),
        },
    )

    assert (found.kind, found.form, found.classes) == (DatasetKind.CLASSES, "folders", ["cat", "dog"])
    assert found.recognized == "A folder for each class (classes: 2, pictures: 4, labeled: 3)"
    assert labels(found) == {
        "own/3.png": None,
        "own/cat/1.png": "cat",
        "own/dog/1.png": "dog",
        "own/dog/young/2.png": "dog",
    }
    assert [(each.width, each.height) for each in found.pictures][3] == (64, 20)
    assert codes(found) == {"in_no_folder": 1}


def test_folders_of_splits_are_no_classes(tmp_path: Path) -> None:
    found = imported(
        tmp_path,
        {
            "train/cat/1.png": picture(),
            "train/dog/1.png": picture(seed=1),
            "valid/cat/2.png": picture(seed=2),
            "Test/dog/3.png": picture(seed=3),
        },
    )

    assert found.classes == ["cat", "dog"]
    assert [each.split for each in found.pictures] == ["test", "train", "train", "validation"]


def test_pictures_without_folders_have_no_labels(tmp_path: Path) -> None:
    found = imported(tmp_path, {"a.png": picture(), "b.jpg": picture(seed=1, kind="JPEG"), "notes.txt": "hi"})

    assert (found.kind, found.form) == (DatasetKind.PICTURES, "pictures")
    assert labels(found) == {"a.png": None, "b.jpg": None}


def test_coco_boxes_become_corners(tmp_path: Path) -> None:
    listed = coco(
        ["a.png", "sub/b.png", "c.png"],
        [boxed(1, 20, 1.5, 2, 10, 20), boxed(2, 10, 0, 0, 40, 30)],
        "cat",
        "dog",
    )
    found = imported(
        tmp_path,
        {
            "labels.json": listed,
            "images/a.png": picture(),
            "images/sub/b.png": picture(seed=1),
            "c.png": picture(seed=2),
            "other.png": picture(seed=3),
        },
    )

    assert (found.kind, found.form, found.classes) == (DatasetKind.BOXES, "coco", ["cat", "dog"])
    assert found.recognized == "COCO JSON (classes: 2, pictures: 4, boxes: 2)"
    assert objects(found) == {
        "images/a.png": [("dog", 1.5, 2, 11.5, 22)],
        "images/sub/b.png": [("cat", 0, 0, 40, 30)],
        "c.png": [],  # listed without objects: it shows none
    }
    assert found.problems == []


def test_coco_files_are_splits(tmp_path: Path) -> None:
    found = imported(
        tmp_path,
        {
            "annotations/instances_train2017.json": coco(["1.png"], [boxed(1, 10, 0, 0, 5, 5)], "cat"),
            "annotations/instances_val2017.json": coco(["1.png"], [boxed(1, 10, 1, 1, 5, 5)], "cat"),
            "annotations/person_keypoints_val2017.json": coco(["1.png"], [], "person"),
            "train2017/1.png": picture(),
            "val2017/1.png": picture(seed=1),
        },
    )

    assert [each.split for each in found.pictures] == ["train", "validation"]
    assert objects(found)["val2017/1.png"] == [("cat", 1, 1, 6, 6)]


def test_coco_areas_are_polygons_or_run_lengths(tmp_path: Path) -> None:
    ring = {"size": [30, 40], "counts": [31, 4, 26, 4, 1135]}  # rows 1 to 4 of columns 1 and 2
    listed = coco(
        ["a.png"],
        [
            boxed(1, 10, 2, 2, 4, 4, segmentation=[[2, 2, 6, 2, 6, 6, 2, 6]]),
            boxed(1, 10, 1, 1, 2, 4, segmentation=ring, iscrowd=1),
        ],
        "cat",
    )
    path = archive(tmp_path / "own.zip", {"a.json": listed, "a.png": picture()})

    with archives.load(path) as dataset:
        (shown,) = dataset.manifest.pictures
        assert shown.annotation is not None
        polygon, crowd = shown.annotation.objects
        square, rows = dataset.mask(shown, polygon), dataset.mask(shown, crowd)
    assert dataset.manifest.kind == DatasetKind.MASKS
    assert np.argwhere(square).min(axis=0).tolist() == [2, 2]
    assert square.sum() == 16
    assert np.argwhere(rows).tolist() == [[y, x] for y in range(1, 5) for x in (1, 2)]
    assert crowd.is_crowd
