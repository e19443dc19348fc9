"""Datasets as ZIP files: the form of Glassbox, COCO, and YOLO. Loads nothing heavy.

The files are stored as they are, since pictures are compressed already, and dated the same, so that equal
datasets are equal bytes.
"""

import json
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import IO, Any, Literal

from models.core.contract.dataset import (
    MANIFEST,
    PICTURES,
    SPLITS,
    Annotation,
    DatasetKind,
    LabeledObject,
    Manifest,
    Picture,
)
from models.core.contract.errors import InputError
from models.core.contract.messages import Text
from models.core.datasets import run_lengths
from models.core.datasets.outlines import joined, outlines

Form = Literal["glassbox", "coco", "yolo"]
Read = Callable[[Picture], bytes]
_UNSPLIT = "all"  # the split of pictures without one, in file names
_DATE = (1980, 1, 1, 0, 0, 0)  # the first that ZIP knows
_DIGITS = 8

NO_OBJECTS = Text(
    "core.datasets.no_objects_to_write", "COCO lists objects, and this dataset has none: choose another form."
)
NO_LABELS = Text(
    "core.datasets.no_labels_to_write", "YOLO needs labels, and this dataset has none: choose another form."
)


def write_zip(file: IO[bytes], manifest: Manifest, read: Read, form: Form = "glassbox") -> None:
    """Write the dataset, one picture after another; `file` need not be seekable.

    Raises:
        InputError: a dataset of this kind cannot be written in this form.
    """
    for _ in written(file, manifest, read, form):
        pass


def written(file: IO[bytes], manifest: Manifest, read: Read, form: Form = "glassbox") -> Iterator[str]:
    """As `write_zip`, with a pause after each file, whose name is yielded: for answers that are streamed."""
    writer = {"glassbox": _glassbox, "coco": _coco, "yolo": _yolo}[form]
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, data in writer(manifest, read):
            archive.writestr(zipfile.ZipInfo(name, _DATE), data)
            yield name


def canonical(manifest: Manifest) -> Manifest:
    """The manifest with every picture in the folder of pictures."""
    pictures = [
        each.model_copy(update={"file": f"{PICTURES}{_own_name(each)}"}) for each in manifest.pictures
    ]
    return manifest.model_copy(update={"pictures": pictures})


def _own_name(picture: Picture) -> str:
    return picture.file.removeprefix(PICTURES)


def _glassbox(manifest: Manifest, read: Read) -> Iterator[tuple[str, bytes]]:
    written = canonical(manifest)
    yield MANIFEST, written.to_json()
    for picture, own in zip(manifest.pictures, written.pictures, strict=True):
        yield own.file, read(picture)


def _coco(manifest: Manifest, read: Read) -> Iterator[tuple[str, bytes]]:
    if manifest.kind not in (DatasetKind.BOXES, DatasetKind.MASKS):
        raise InputError(NO_OBJECTS())
    for split in (*SPLITS, None):
        own = [picture for picture in manifest.pictures if picture.split == split]
        if any(picture.annotation is not None for picture in own):
            listed = coco(manifest.model_copy(update={"pictures": own}))
            yield f"annotations/instances_{split or _UNSPLIT}.json", json.dumps(listed).encode()
    for picture in manifest.pictures:
        yield f"images/{_own_name(picture)}", read(picture)


def coco(manifest: Manifest) -> dict[str, Any]:
    """The labeled pictures and their objects as COCO's JSON; categories, images, annotations count from 1."""
    categories = {name: number for number, name in enumerate(manifest.classes, start=1)}
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for picture in manifest.pictures:
        if picture.annotation is None:
            continue
        image = {"id": len(images) + 1, "file_name": _own_name(picture)}
        images.append({**image, "width": picture.width, "height": picture.height})
        annotations += [
            {
                "id": number,
                "image_id": image["id"],
                "category_id": categories[found.label],
                **_coco_object(found),
            }
            for number, found in enumerate(picture.annotation.objects, start=len(annotations) + 1)
        ]
    listed = [{"id": number, "name": name, "supercategory": ""} for name, number in categories.items()]
    return {"images": images, "categories": listed, "annotations": annotations}


def _coco_object(found: LabeledObject) -> dict[str, Any]:
    xmin, ymin, xmax, ymax = found.box
    area: float = (xmax - xmin) * (ymax - ymin)
    segmentation: Any = []
    if found.mask is not None:
        segmentation = {"size": list(found.mask.size), "counts": found.mask.counts}
        area = run_lengths.area(run_lengths.runs_of(found.mask))
    elif found.polygons:
        segmentation = found.polygons
        area = sum(map(_polygon_area, found.polygons))
    return {
        "bbox": [xmin, ymin, xmax - xmin, ymax - ymin],
        "area": area,
        "iscrowd": int(found.is_crowd),
        "segmentation": segmentation,
    }


def _polygon_area(points: Sequence[float]) -> float:
    """By the shoelace formula."""
    xs, ys = points[::2], points[1::2]
    following = zip(xs, ys, [*xs[1:], xs[0]], [*ys[1:], ys[0]], strict=True)
    return abs(sum(x * next_y - next_x * y for x, y, next_x, next_y in following)) / 2


def _yolo(manifest: Manifest, read: Read) -> Iterator[tuple[str, bytes]]:
    if manifest.kind == DatasetKind.CLASSES:
        yield from _yolo_classes(manifest, read)
        return
    if manifest.kind not in (DatasetKind.BOXES, DatasetKind.MASKS):
        raise InputError(NO_LABELS())
    used = [split for split in SPLITS if manifest.of(split)]
    paths = [f"{'val' if split == 'validation' else split}: images/{split}" for split in used]
    if not used:
        paths = [f"{key}: images/{_UNSPLIT}" for key in ("train", "val")]  # both keys are required
    names = [
        f"  {number}: {json.dumps(name, ensure_ascii=False)}" for number, name in enumerate(manifest.classes)
    ]
    yield "data.yaml", "\n".join(["path: .", *paths, "names:", *names, ""]).encode()
    numbers = {name: number for number, name in enumerate(manifest.classes)}
    for picture, name in _unique_stems(manifest.pictures):
        place = f"{picture.split or _UNSPLIT}/{name}"
        if picture.annotation is not None:
            lines = _yolo_lines(picture.annotation, picture, numbers, manifest.kind == DatasetKind.MASKS)
            yield f"labels/{PurePosixPath(place).with_suffix('.txt')}", "".join(lines).encode()
        yield f"images/{place}", read(picture)


def _yolo_classes(manifest: Manifest, read: Read) -> Iterator[tuple[str, bytes]]:
    """YOLO's form for classes: a folder for each, in a folder for each split; the others are left out."""
    flat = [each.model_copy(update={"file": _own_name(each).replace("/", "-")}) for each in manifest.pictures]
    for picture, (_, name) in zip(manifest.pictures, _unique_stems(flat), strict=True):
        if picture.annotation is not None and picture.annotation.label is not None:
            folder = picture.annotation.label.replace("/", "-")
            yield f"{picture.split or _UNSPLIT}/{folder}/{name}", read(picture)


def _unique_stems(pictures: Sequence[Picture]) -> Iterator[tuple[Picture, str]]:
    """The pictures with names that differ by more than their endings, as their label files need."""
    used: set[str] = set()
    for picture in pictures:
        path = PurePosixPath(_own_name(picture))
        stem, number = str(path.with_suffix("")), 1
        while stem.casefold() in used:
            number += 1
            stem = f"{path.with_suffix('')}-{number}"
        used.add(stem.casefold())
        yield picture, stem + path.suffix


def _yolo_lines(
    annotation: Annotation, picture: Picture, numbers: dict[str, int], has_areas: bool
) -> Iterator[str]:
    for found in annotation.objects:
        xmin, ymin, xmax, ymax = found.box
        if has_areas:
            points = _one_polygon(found, picture)
        else:
            points = [(xmin + xmax) / 2, (ymin + ymax) / 2, xmax - xmin, ymax - ymin]
        sides = (picture.width, picture.height)
        values = (f"{value / sides[index % 2]:.{_DIGITS}g}" for index, value in enumerate(points))
        yield f"{numbers[found.label]} {' '.join(values)}\n"


def _one_polygon(found: LabeledObject, picture: Picture) -> Sequence[float]:
    """The area as the one polygon that YOLO has for an object."""
    polygons: Sequence[Sequence[tuple[float, float]]] = []
    if found.mask is not None:
        polygons = outlines(run_lengths.runs_of(found.mask), picture.height)
    elif found.polygons:
        polygons = [list(zip(points[::2], points[1::2], strict=True)) for points in found.polygons]
    if not polygons:
        xmin, ymin, xmax, ymax = found.box
        return [xmin, ymin, xmax, ymin, xmax, ymax, xmin, ymax]
    return [value for point in joined(polygons) for value in point]
