"""Classifies every pixel: `python answer.py picture.jpg mask.png` prints the classes, and writes the mask."""

import json
import sys
from typing import Any

import numpy as np
from PIL import Image

from models.core.exporting.pictures import letterbox, manifest, read, run, stretched, to_input


def answer(path: str) -> tuple[list[dict[str, Any]], Image.Image]:
    """The classes that occur with their share of the picture, and the mask: a pixel's value is its class."""
    about = manifest()
    labels, options, expected = about["labels"], about["defaults"], about["preprocessing"]["image"]
    picture = read(path)
    if expected["resize"] == "letterbox":
        scaled, (left, top, width, height) = letterbox(picture, expected["size"][0], expected["border"])
    else:
        scaled = resized(picture, **expected["size"])
        (left, top), (width, height) = (0, 0), scaled.size
    ((probabilities,),) = run({"image": to_input(scaled)})
    probabilities = probabilities[:, top : top + height, left : left + width]

    # classes that cover too small a share are left out
    shares = np.bincount(probabilities.argmax(axis=0).ravel(), minlength=len(labels)) / (width * height)
    allowed = [i for i in range(len(labels)) if i == 0 or 0 < shares[i] >= options["least_share"]]

    best = np.full((picture.height, picture.width), -np.inf, np.float32)
    mask = np.zeros(best.shape, np.uint8)
    for index in allowed:  # one after the other, to save memory
        values = stretched(probabilities[index], picture.height, picture.width)
        mask[values > best] = index
        best = np.maximum(best, values)
    image = Image.fromarray(mask)
    image.putpalette([byte for color in options["colors"] for byte in bytes.fromhex(color[1:])])
    counts = np.bincount(mask.ravel(), minlength=len(labels))
    found = [
        {"index": index, "name": labels[index], "share": round(float(counts[index] / mask.size), 4)}
        for index in np.flatnonzero(counts).tolist()
    ]
    return found, image


def resized(picture: Image.Image, short_side: int, max_side: int, min_side: int) -> Image.Image:
    scale = min(short_side / min(picture.size), max_side / max(picture.size))
    width, height = (max(min_side, round(length * scale)) for length in picture.size)
    return picture.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=3.0)


if __name__ == "__main__":
    classes, picture_of_classes = answer(sys.argv[1])
    picture_of_classes.save(sys.argv[2] if len(sys.argv) > 2 else "mask.png")
    print(json.dumps(classes, indent=1))
