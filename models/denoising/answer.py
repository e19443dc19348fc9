"""Removes noise: `python answer.py picture.jpg denoised.png`, and the noise level if it is known (of 255)."""

import json
import sys

import numpy as np
from PIL import Image

from models.core.exporting.pictures import manifest, read, run, to_input, to_picture


def answer(path: str, level: float | None = None) -> tuple[Image.Image, float]:
    """The picture without its noise, and the noise level that was used."""
    options = manifest()["defaults"]
    image = to_input(read(path))
    height, width = image.shape[2:]
    sides = (-height % options["multiple"], -width % options["multiple"])
    image = np.pad(image, ((0, 0), (0, 0), (0, sides[0]), (0, sides[1])), mode="symmetric")
    given = np.array([options["level"] if level is None else level], np.float32)
    (denoised,), (used,) = run({"image": image, "level": given})
    denoised = denoised[:, :height, :width]
    if (image[0, :1] == image[0, 1:]).all():  # a gray picture stays gray
        denoised = denoised.mean(axis=0, keepdims=True)
    return to_picture(denoised), float(used)


if __name__ == "__main__":
    picture, used_level = answer(sys.argv[1], float(sys.argv[3]) if len(sys.argv) > 3 else None)
    picture.save(sys.argv[2] if len(sys.argv) > 2 else "denoised.png")
    print(json.dumps({"noise_level": round(used_level, 2)}))
