"""Reduces a picture to z and rebuilds it: `python answer.py picture.png reconstruction.png` prints z."""

import json
import sys

import numpy as np
from PIL import Image

from models.core.exporting.pictures import manifest, read, run, to_input, to_picture


def answer(path: str) -> tuple[list[float], Image.Image]:
    about = manifest()["preprocessing"]["picture"]
    picture = read(path)
    if about["channels"] == "gray":
        picture = framed(np.asarray(picture.convert("L")), is_dark=about["dark_background"])
    (z,), (reconstruction,) = run({"picture": to_input(square(picture, about["size"][0]))})
    return z.tolist(), to_picture(reconstruction)


def framed(gray: np.ndarray, *, is_dark: bool) -> Image.Image:
    """All of a gray picture on a square of its border's gray; inverted if that is bright and must be dark."""

    def border(values: np.ndarray) -> float:
        return float(np.median(np.concatenate([values[0], values[-1], values[:, 0], values[:, -1]])))

    gray = 255 - gray if is_dark and border(gray) >= 128 else gray
    (height, width), longer = gray.shape, max(gray.shape)
    top, left = (longer - height) // 2, (longer - width) // 2
    sides = ((top, longer - height - top), (left, longer - width - left))
    return Image.fromarray(np.pad(gray, sides, constant_values=round(border(gray))))


def square(picture: Image.Image, side: int) -> Image.Image:
    """The middle square, resized."""
    crop = min(picture.size)
    left, top = (picture.width - crop) // 2, (picture.height - crop) // 2
    middle = picture.crop((left, top, left + crop, top + crop))
    return middle.resize((side, side), Image.Resampling.LANCZOS, reducing_gap=3.0)


if __name__ == "__main__":
    code, rebuilt = answer(sys.argv[1])
    rebuilt.save(sys.argv[2] if len(sys.argv) > 2 else "reconstruction.png")
    print(json.dumps([round(number, 4) for number in code]))
