"""Each form of labeled pictures: small archives whose content is known."""

from pathlib import Path

import numpy as np
from PIL import Image

from models.core.contract.dataset import DatasetKind
from models.core.datasets import archive as archives
from models.core.datasets import areas
from models.core.datasets.importing import Imported, read
from tests.models.core.datasets.archives import archive, boxed, coco, encoded, picture


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


def test_files_that_could_be_labels_are_not_passed_over_in_silence(tmp_path: Path) -> None:
    found = imported(tmp_path, {"a.png": picture(), "labels.json": "[1, 2]", "README.txt": "hi"})

    assert [(each.code, each.files) for each in found.problems] == [("unused_file", ["labels.json"])]


def test_folders_with_names_too_long_for_classes_are_named(tmp_path: Path) -> None:
    found = imported(tmp_path, {"c" * 101 + "/1.png": picture(), "dog/1.png": picture(seed=1)})

    assert found.kind == DatasetKind.PICTURES
    assert codes(found) == {"long_folder_name": 1}


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


YOLO_BOX = "1 0.5 0.5 0.25 0.4\n"  # of 40 x 30 pixels: center (20, 15), 10 wide, 12 high


def test_yolo_lines_are_shares_of_the_picture(tmp_path: Path) -> None:
    found = imported(
        tmp_path,
        {
            "data.yaml": "train: ../train/images\nval: ../valid/images\n\nnames: ['ant', \"bee, wild\"]\n",
            "README.dataset.txt": "https://example.org",
            "train/images/a.png": picture(),
            "train/labels/a.txt": "1 0.5 0.5 0.25 0.4\n\n0 0.5 0.5 1 1\n",
            "valid/images/a.png": picture(seed=1),
            "valid/labels/a.txt": "",
            "valid/images/b.png": picture(seed=2),
        },
    )

    assert (found.kind, found.form, found.classes) == (DatasetKind.BOXES, "yolo", ["ant", "bee, wild"])
    assert objects(found) == {
        "train/images/a.png": [("bee, wild", 15, 9, 25, 21), ("ant", 0, 0, 40, 30)],
        "valid/images/a.png": [],  # an empty file: nothing to find
    }
    assert [each.split for each in found.pictures] == ["train", "validation", "validation"]
    assert found.problems == []


def test_yolo_polygons_are_areas(tmp_path: Path) -> None:
    names = "path: .\ntrain: images\nval: images\nnames:\n  0: ant  # the first\n  3: 'bee'\n"
    found = imported(
        tmp_path,
        {"own.yml": names, "images/a.png": picture(), "labels/a.txt": "3 0.1 0.1 0.5 0.1 0.5 0.9"},
    )
    (own,) = found.pictures

    assert (found.kind, found.classes, own.split) == (DatasetKind.MASKS, ["ant", "bee"], None)
    assert own.annotation is not None
    assert own.annotation.objects[0].polygons == [[4, 3, 20, 3, 20, 27]]


def test_yolo_names_may_be_missing_or_in_a_text_file(tmp_path: Path) -> None:
    files = {"a.png": picture(), "a.txt": YOLO_BOX}

    assert imported(tmp_path, files).classes == ["class 1"]
    assert imported(tmp_path, {**files, "classes.txt": "ant\nbee\n"}).classes == ["ant", "bee"]
    assert imported(tmp_path, {**files, "data.yaml": "names:\n- ant\n- bee\n"}).classes == ["ant", "bee"]
    assert imported(tmp_path, {"a.png": picture(), "a.txt": "a photo of a bee"}).form == "pictures"


def voc(name: str, *corners: int, size: str = "<size><width>40</width><height>30</height></size>") -> str:
    box = "".join(
        f"<{side}>{value}</{side}>"
        for side, value in zip(("xmin", "ymin", "xmax", "ymax"), corners, strict=True)
    )
    return (
        f"<annotation><filename>a.png</filename>{size}<object><name>{name}</name><part><name>head</name></part>"
        f"<difficult>1</difficult><bndbox>{box}</bndbox></object></annotation>"
    )


def test_voc_corners_count_from_one(tmp_path: Path) -> None:
    found = imported(
        tmp_path,
        {
            "Annotations/a.xml": voc("cat", 1, 1, 40, 30),
            "JPEGImages/a.png": picture(),
            "Annotations/b.xml": voc("dog", 5, 6, 10, 12, size=""),  # with the file name of another picture
            "JPEGImages/b.png": picture(seed=1),
            "JPEGImages/c.png": picture(seed=2),
            "ImageSets/Main/train.txt": "a\n",
            "ImageSets/Main/val.txt": "b  1\n",
        },
    )

    assert (found.kind, found.form, found.classes) == (DatasetKind.BOXES, "voc", ["cat", "dog"])
    assert objects(found) == {
        "JPEGImages/a.png": [("cat", 0, 0, 40, 30)],
        "JPEGImages/b.png": [("dog", 4, 5, 10, 12)],
    }
    assert [each.split for each in found.pictures] == ["train", "validation", None]
    assert codes(found) == {"difficult": 2}


def mask(*levels: int, palette: bool = False, color: tuple[int, int, int] | None = None) -> bytes:
    """A mask of 40 x 30 pixels with one row of 4 pixels for each level, from the top."""
    pixels = np.zeros((30, 40), np.uint8)
    for row, level in enumerate(levels):
        pixels[row, :4] = level
    image = Image.fromarray(pixels)
    if palette:
        image = Image.frombytes("P", image.size, image.tobytes())
        image.putpalette([value for level in range(256) for value in (level, 0, 255 - level)])
    if color:
        image = Image.fromarray((pixels[:, :, None] > 0) * np.array(color, np.uint8))
    return encoded(image)


def mask_objects(found: Imported) -> dict[str, list[tuple]]:
    """File -> label, box and number of pixels of each object."""
    return {
        each.file: [
            (own.label, own.box, areas.of_object(own, 30, 40).sum()) for own in each.annotation.objects
        ]
        for each in found.pictures
        if each.annotation
    }


def test_levels_of_a_mask_are_classes(tmp_path: Path) -> None:
    found = imported(
        tmp_path,
        {
            "images/a.png": picture(),
            "masks/a.png": mask(1, 0, 1, 2),
            "images/b.jpg": picture(seed=1, kind="JPEG"),
            "masks/b.png": mask(2, 255, 7),
            "images/c.png": picture(seed=2),
            "classes.txt": "background\ncat\ndog\n",
        },
    )

    assert (found.kind, found.form, found.classes) == (DatasetKind.MASKS, "masks", ["cat", "dog", "class 7"])
    assert mask_objects(found) == {
        "images/a.png": [("cat", (0, 0, 4, 3), 8), ("dog", (0, 3, 4, 4), 4)],
        "images/b.jpg": [("dog", (0, 0, 4, 1), 4), ("class 7", (0, 2, 4, 3), 4)],
    }
    assert codes(found) == {"ignored_pixels": 1}


def test_white_masks_a_palette_and_colors_are_classes(tmp_path: Path) -> None:
    white = imported(tmp_path, {"a.png": picture(), "a_mask.png": mask(255)})
    palette = imported(tmp_path, {"image/a.png": picture(), "label/a.png": mask(3, palette=True)})
    colors = {"img/a.png": picture(), "gt/a.png": mask(1, color=(200, 0, 16))}

    assert mask_objects(white) == {"a.png": [("class 1", (0, 0, 4, 1), 4)]}
    assert mask_objects(palette) == {"image/a.png": [("class 3", (0, 0, 4, 1), 4)]}
    assert imported(tmp_path, colors).classes == ["color #c80010"]
    assert imported(tmp_path, {**colors, "labelmap.txt": "# name:color\ncat:200,0,16::\n"}).classes == ["cat"]


def test_photos_in_folders_named_mask_are_a_class(tmp_path: Path) -> None:
    photos = {"mask/1.png": picture(), "no_mask/1.png": picture(seed=1)}

    assert imported(tmp_path, photos).classes == ["mask", "no_mask"]


def test_a_table_names_the_classes(tmp_path: Path) -> None:
    table = 'file,label,split,group\n"a.png","cat, wild",train,s1\nsub/b.png,dog,val,\n\nc.png,,,\n'
    found = imported(
        tmp_path,
        {
            "labels.csv": table,
            "x/a.png": picture(),
            "x/sub/b.png": picture(seed=1),
            "x/c.png": picture(seed=2),
        },
    )

    assert (found.kind, found.form, found.classes) == (
        DatasetKind.CLASSES,
        "labels-table",
        ["cat, wild", "dog"],
    )
    assert labels(found) == {"x/a.png": "cat, wild", "x/c.png": None, "x/sub/b.png": "dog"}
    assert [(each.split, each.group) for each in found.pictures] == [
        ("train", "s1"),
        (None, None),
        ("validation", None),
    ]
    assert codes(found) == {"no_label": 1}


def test_a_table_without_header_or_with_boxes_is_read(tmp_path: Path) -> None:
    plain = imported(
        tmp_path, {"l.tsv": "a.png\tcat\nb.png\tdog\n", "a.png": picture(), "b.png": picture(seed=1)}
    )
    boxes = (
        "filename,width,height,class,xmin,ymin,xmax,ymax\na.png,40,30,cat,1,2,3,4\na.png,40,30,dog,5,5,9,9\n"
    )
    found = imported(tmp_path, {"_annotations.csv": boxes, "a.png": picture()})

    assert labels(plain) == {"a.png": "cat", "b.png": "dog"}
    assert found.kind == DatasetKind.BOXES
    assert objects(found) == {"a.png": [("cat", 1, 2, 3, 4), ("dog", 5, 5, 9, 9)]}
