"""Reduces a picture to z and rebuilds it: `python answer.py picture.png reconstruction.png` prints z."""

import json
import sys

import numpy as np
from PIL import Image

from models.core.exporting.pictures import framed, manifest, read, run, square, to_input, to_picture


def answer(path: str) -> tuple[list[float], Image.Image]:
    about = manifest()["preprocessing"]["picture"]
    picture = read(path)
    if about["channels"] == "gray":
        picture = framed(np.asarray(picture.convert("L")), is_dark=about["dark_background"])
    (z,), (reconstruction,) = run({"picture": to_input(square(picture, about["size"][0]))})
    return z.tolist(), to_picture(reconstruction)


if __name__ == "__main__":
    code, rebuilt = answer(sys.argv[1])
    rebuilt.save(sys.argv[2] if len(sys.argv) > 2 else "reconstruction.png")
    print(json.dumps([round(number, 4) for number in code]))
