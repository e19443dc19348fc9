"""The objects of an answer as files for other programs. Loads no torch: the web process writes them.

COCO: https://cocodataset.org/#format-results and #format-data; category ids are the places in `labels`, from
1. YOLO: one line an object, `class x y width height score`, with the box's center and size as shares of the
picture, and the classes, by their place from 0, in classes.txt.
"""

import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

COLUMNS = ("id", "label", "score", "xmin", "ymin", "xmax", "ymax", "width", "height")
_SAVED = (1980, 1, 1, 0, 0, 0)  # of files in an archive: the same answer gives the same bytes


def write(name: str, result: Mapping[str, Any], picture: str) -> bytes:
    """The file `name` of the card's exports, from the result for the file `picture`."""
    return {"coco": _coco, "yolo": _yolo, "csv": _csv}[name](result, picture)


def _coco(result: Mapping[str, Any], picture: str) -> bytes:
    labels = labels_of(result)
    size = result["image"]
    annotations = []
    for found in result["objects"]:
        left, top, right, bottom = corners(found)
        width, height = round(right - left, 2), round(bottom - top, 2)
        annotations.append(
            {
                "id": found["id"],
                "image_id": 1,
                "category_id": labels.index(found["label"]) + 1,
                "bbox": [left, top, width, height],
                "area": round(width * height, 2),
                "iscrowd": 0,
                "score": found["score"],
            }
        )
    document = {
        "images": [{"id": 1, "file_name": picture, "width": size["width"], "height": size["height"]}],
        "categories": [{"id": place, "name": label} for place, label in enumerate(labels, 1)],
        "annotations": annotations,
    }
    return json.dumps(document, indent=1, ensure_ascii=False).encode()


def _yolo(result: Mapping[str, Any], picture: str) -> bytes:
    labels, lines = labels_of(result), []
    width, height = result["image"]["width"], result["image"]["height"]
    for found in result["objects"]:
        left, top, right, bottom = corners(found)
        shares = (
            (left + right) / 2 / width,
            (top + bottom) / 2 / height,
            (right - left) / width,
            (bottom - top) / height,
        )
        numbers = " ".join(f"{value:.6f}" for value in shares)
        lines.append(f"{labels.index(found['label'])} {numbers} {found['score']}\n")
    stem = picture.rpartition(".")[0] or picture
    return zipped({f"{stem}.txt": "".join(lines).encode(), "classes.txt": "\n".join([*labels, ""]).encode()})


def _csv(result: Mapping[str, Any], picture: str) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(("picture", *COLUMNS))
    for found in result["objects"]:
        left, top, right, bottom = corners(found)
        size = round(right - left, 2), round(bottom - top, 2)
        writer.writerow(
            (picture, found["id"], found["label"], found["score"], left, top, right, bottom, *size)
        )
    return text.getvalue().encode()


def labels_of(result: Mapping[str, Any]) -> Sequence[str]:
    """The model's classes in its order; of an answer that does not list them, those that it contains."""
    return result.get("labels") or sorted({found["label"] for found in result["objects"]})


def corners(found: Mapping[str, Any]) -> tuple[float, float, float, float]:
    box = found["box"]
    return box["xmin"], box["ymin"], box["xmax"], box["ymax"]


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A ZIP whose names have no folders."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name.replace("/", "_").replace("\\", "_"), _SAVED)
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
