"""Shrinks a picture to a few gray cells and restores it: `python answer.py picture.png restored.png`."""

import json
import sys

import numpy as np
from PIL import Image

from models.core.exporting.pictures import framed, manifest, read, run, square, to_input, to_picture

LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601


def answer(path: str) -> Image.Image:
    about = manifest()["preprocessing"]["cells"]
    expected, picture = about["picture"], read(path)
    if expected["channels"] == "gray":
        picture = framed(np.asarray(picture.convert("L")), is_dark=expected["dark_background"])
    values = to_input(square(picture, expected["size"][0]))[0]
    gray = np.tensordot(LUMA, values, 1) if len(values) == len(LUMA) else values[0]
    if expected["exposure"]:
        gray = np.minimum(0.5 / max(float(gray.mean()), 1e-3) * gray, 1)
    cells = shrunk(gray, about["size"][0])
    ((restored,),) = run({"cells": cells[None, None].astype(np.float32)})
    return to_picture(restored)


def shrunk(gray: np.ndarray, small: int) -> np.ndarray:
    """(S, S) -> (small, small): the mean of each part, rounded to 256 levels; parts may share a row."""
    side = len(gray)
    parts = [slice(i * side // small, -(-(i + 1) * side // small)) for i in range(small)]
    cells = np.array([[gray[rows, columns].mean() for columns in parts] for rows in parts])
    return np.round(255 * cells) / 255


if __name__ == "__main__":
    restored_picture = answer(sys.argv[1])
    restored_picture.save(sys.argv[2] if len(sys.argv) > 2 else "restored.png")
    print(json.dumps({"size": restored_picture.size}))
