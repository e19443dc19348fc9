"""Finds objects: `python answer.py picture.jpg` prints their labels, scores and boxes as JSON."""

import json
import sys
from typing import Any

import numpy as np
from PIL import Image

from models.core.exporting.pictures import letterbox, manifest, read, run, to_input


def answer(path: str) -> list[dict[str, Any]]:
    about = manifest()
    labels, options, expected = about["labels"], about["defaults"], about["preprocessing"]["image"]
    picture = read(path)
    find = in_square if expected["resize"] == "letterbox" else at_its_size
    boxes, scores, classes = find(picture, expected, options)

    boxes = boxes.clip(0, np.array([picture.width, picture.height] * 2))
    has_area = (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])
    boxes, scores, classes = boxes[has_area], scores[has_area], classes[has_area]

    kept = suppress(boxes, scores, classes, options["iou"])
    if options["iou_across"] < 1:
        chosen = suppress(boxes[kept], scores[kept], np.zeros(len(kept)), options["iou_across"])
        kept = [kept[index] for index in chosen]
    return [
        {
            "label": labels[classes[index]],
            "score": round(float(scores[index]), 4),
            "box": dict(zip(("xmin", "ymin", "xmax", "ymax"), boxes[index].round(2).tolist(), strict=True)),
        }
        for index in kept[: options["max_objects"]]
    ]


def in_square(
    picture: Image.Image, expected: dict[str, Any], options: dict[str, Any]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Boxes in pixels of the picture, scores and classes of the candidates above the threshold."""
    square, (left, top, width, height) = letterbox(picture, expected["size"][0], expected["border"])
    (boxes,), (scores,) = run({"image": to_input(square)})
    if options["several_classes_per_box"]:
        cells, classes = np.nonzero(scores >= options["score"])
    else:
        best = scores.argmax(axis=1)
        cells = np.flatnonzero(scores.max(axis=1) >= options["score"])
        classes = best[cells]
    scale = np.array([picture.width / width, picture.height / height] * 2)
    return (boxes[cells] - np.array([left, top, left, top])) * scale, scores[cells, classes], classes


def at_its_size(
    picture: Image.Image, expected: dict[str, Any], options: dict[str, Any]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same for a network that resizes the picture itself; huge ones are shrunk first."""
    scale = min(1.0, (expected["max_pixels"] / (picture.width * picture.height)) ** 0.5)
    if scale < 1:
        width, height = (max(1, round(side * scale)) for side in picture.size)
        small = picture.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=3.0)
    else:
        small = picture
    boxes, scores, classes = run({"image": to_input(small)})
    is_sure = scores >= options["score"]
    factors = np.array([picture.width / small.width, picture.height / small.height] * 2)
    return boxes[is_sure] * factors, scores[is_sure], classes[is_sure]


def suppress(boxes: np.ndarray, scores: np.ndarray, classes: np.ndarray, threshold: float) -> list[int]:
    """The boxes that overlap no better one of their class by more than the threshold, best first."""
    kept: list[int] = []
    for index in np.argsort(-scores, kind="stable"):
        others = [other for other in kept if classes[other] == classes[index]]
        if all(iou(boxes[index], boxes[other]) <= threshold for other in others):
            kept.append(int(index))
    return kept


def iou(one: np.ndarray, other: np.ndarray) -> float:
    """Intersection over union of two boxes."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(0.0, width) * max(0.0, height)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return float(shared / (sum(areas) - shared))


if __name__ == "__main__":
    print(json.dumps(answer(sys.argv[1]), indent=1))
