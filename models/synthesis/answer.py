"""Makes a picture of a drawing or a label map: `python answer.py drawing.png picture.png`."""

import json
import sys
from typing import Any

import numpy as np
from PIL import Image

from models.core.exporting.pictures import manifest, read, run, to_picture


def answer(path: str) -> Image.Image:
    about = manifest()
    prepared, drawing = about["preprocessing"], read(path)
    if "edges" in prepared:
        edges = lines(drawing, **prepared["edges"])
        ((picture,),) = run({"edges": edges[None, None].astype(np.float32)})
    else:
        labels = parts(drawing, **prepared["labels"])
        palette = np.array(about["defaults"]["palette"], np.float32)
        ((picture,),) = run({"labels": labels[None], "palette": palette[None]})
    return to_picture(picture)


def lines(
    drawing: Image.Image, size: list[int], ink: float, margin: float, longest: int, **_: Any
) -> np.ndarray:
    """(S, S) bool: the lines of the drawing, cropped and resized so that they fill the square."""
    gray, side = drawing.convert("L"), size[0]
    if max(gray.size) > longest:
        gray.thumbnail((longest, longest), Image.Resampling.BOX)
    values = np.asarray(gray).astype(np.int16)
    paper = int(np.bincount(values.ravel(), minlength=256).argmax())
    contrast = np.abs(values - paper)
    is_line = contrast > ink * max(int(contrast.max()), 1)
    if is_line.shape == (side, side) or not is_line.any():
        return is_line if is_line.shape == (side, side) else np.zeros((side, side), bool)
    rows, columns = np.flatnonzero(is_line.any(axis=1)), np.flatnonzero(is_line.any(axis=0))
    cropped = is_line[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = (side - 2 * max(1, round(margin * side))) / max(cropped.shape)
    height, width = (max(1, round(length * scale)) for length in cropped.shape)
    small = np.zeros((height, width), bool)
    if scale >= 1:
        across = np.arange(width) * cropped.shape[1] // width
        small = cropped[np.arange(height) * cropped.shape[0] // height][:, across]
    else:
        at = np.argwhere(cropped)
        small[at[:, 0] * height // cropped.shape[0], at[:, 1] * width // cropped.shape[1]] = True
    square = np.zeros((side, side), bool)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = small
    return square


def parts(drawing: Image.Image, size: list[int], colors: list[str], samples: int) -> np.ndarray:
    """(S, S) int64: the part whose color is nearest, in the middle of a square of the first part's."""
    side, longest = size[0], max(drawing.size)
    known = np.array([list(bytes.fromhex(color[1:])) for color in colors], np.float32)
    fine = side if longest <= side else side * min(samples, -(-longest // side))
    width, height = (max(1, round(length * fine / longest)) for length in drawing.size)
    small = np.asarray(drawing.resize((width, height), Image.Resampling.NEAREST), np.float32)
    labels = np.zeros((fine, fine), np.int64)
    top, left = (fine - height) // 2, (fine - width) // 2
    distances = np.linalg.norm(small[:, :, None] - known, axis=3)
    labels[top : top + height, left : left + width] = distances.argmin(axis=2)
    blocks = labels.reshape(side, fine // side, side, fine // side)
    votes = [(blocks == part).sum(axis=(1, 3)) for part in range(len(colors))]
    return np.argmax(votes, axis=0).astype(np.int64)


if __name__ == "__main__":
    made = answer(sys.argv[1])
    made.save(sys.argv[2] if len(sys.argv) > 2 else "picture.png")
    print(json.dumps({"width": made.width, "height": made.height}))
