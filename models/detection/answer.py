"""Finds objects: `python answer.py picture.jpg` prints their labels, scores and boxes as JSON."""

import json
import sys
from typing import Any

import numpy as np

from models.core.exporting.pictures import letterbox, manifest, read, run, to_input


def answer(path: str) -> list[dict[str, Any]]:
    about = manifest()
    labels, options, expected = about["labels"], about["defaults"], about["preprocessing"]["image"]
    picture = read(path)
    square, (left, top, width, height) = letterbox(picture, expected["size"][0], expected["border"])
    (boxes,), (scores,) = run({"image": to_input(square)})

    # one candidate for each box and class above the threshold
    if options["several_classes_per_box"]:
        cells, classes = np.nonzero(scores >= options["score"])
    else:
        best = scores.argmax(axis=1)
        cells = np.flatnonzero(scores.max(axis=1) >= options["score"])
        classes = best[cells]
    boxes, scores = boxes[cells], scores[cells, classes]

    # pixels of the square -> pixels of the picture, clipped to its edges
    scale = np.array([picture.width / width, picture.height / height] * 2)
    boxes = (boxes - np.array([left, top, left, top])) * scale
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
