"""Draws pictures: `python answer.py generated.png [CLASS] [SEED]`; without a class, one of each in turn."""

import json
import sys

import numpy as np
from PIL import Image

from models.core.exporting.pictures import manifest, run, to_picture

COLUMNS = 10


def answer(name: str = "", seed: int | None = None) -> Image.Image:
    """A sheet of pictures; the same z is used for every class before the next is drawn."""
    about = manifest()
    classes, options = about["labels"], about["defaults"]
    count, latent = options["count"], about["preprocessing"]["z"]["size"][0]
    if name:
        labels, numbers = np.full(count, classes.index(name)), np.arange(count)
    else:
        labels, numbers = np.arange(count) % len(classes), np.arange(count) // len(classes)
    z = draw_z(numbers.max() + 1, latent, options["seed"] if seed is None else seed, options["truncation"])
    (pictures,) = run({"z": z[numbers], "label": labels.astype(np.int64)})
    columns = len(classes) if not name and 1 < len(classes) <= COLUMNS else COLUMNS
    return sheet(pictures, min(count, columns))


def draw_z(count: int, latent: int, seed: int, truncation: float | None) -> np.ndarray:
    """(count, latent) from N(0, I); numbers beyond the truncation are drawn again."""
    random = np.random.default_rng(seed)
    rows = []
    for _ in range(count):
        z = random.standard_normal(latent)
        while truncation is not None and (outside := np.abs(z) > truncation).any():
            z[outside] = random.standard_normal(outside.sum())
        rows.append(z)
    return np.array(rows, np.float32)


def sheet(pictures: np.ndarray, columns: int) -> Image.Image:
    """The pictures in rows, without gaps."""
    count, channels, height, width = pictures.shape
    rows = -(-count // columns)
    padded = np.zeros((rows * columns, channels, height, width), np.float32)
    padded[:count] = pictures
    tiles = padded.reshape(rows, columns, channels, height, width).transpose(2, 0, 3, 1, 4)
    return to_picture(tiles.reshape(channels, rows * height, columns * width))


if __name__ == "__main__":
    drawn = answer(sys.argv[2] if len(sys.argv) > 2 else "", int(sys.argv[3]) if len(sys.argv) > 3 else None)
    drawn.save(sys.argv[1] if len(sys.argv) > 1 else "generated.png")
    print(json.dumps({"width": drawn.width, "height": drawn.height}))
