"""Colors a picture: `python answer.py picture.jpg colorized.png`."""

import json
import sys
from math import sqrt
from typing import Any

import numpy as np
from PIL import Image

from models.core.exporting.pictures import manifest, read, run, stretched, to_input, to_picture

TO_XYZ = np.array(
    [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])  # D65
ROWS = 128  # of the picture that are colored at once


def answer(path: str) -> Image.Image:
    """The picture with its own lightness and the predicted colors."""
    about = manifest()
    picture, saturation = read(path), about["defaults"]["saturation"]
    small = resized(picture, about["preprocessing"]["image"]["size"])
    (slope,), (offset,) = run({"image": to_input(small)})
    width, height = picture.size
    slope, offset = (np.stack([stretched(each, height, width) for each in both]) for both in (slope, offset))
    pixels = np.asarray(picture)
    bands = []
    for top in range(0, height, ROWS):
        rows = slice(top, top + ROWS)
        lightness = lightness_of(pixels[rows])
        ab = (slope[:, rows] * (lightness / 100) + offset[:, rows]) * saturation
        bands.append(to_rgb(lightness, into_gamut(lightness, ab)))
    return to_picture(np.concatenate(bands, axis=1))


def resized(picture: Image.Image, size: dict[str, Any]) -> Image.Image:
    aspect = min(max(picture.width / picture.height, 1 / size["max_aspect"]), size["max_aspect"])
    sides = sqrt(size["pixels"] * aspect), sqrt(size["pixels"] / aspect)
    width, height = (
        max(size["multiple"], round(side / size["multiple"]) * size["multiple"]) for side in sides
    )
    return picture.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=3.0)


def lightness_of(pixels: np.ndarray) -> np.ndarray:
    """sRGB (h, w, 3) of 8 bits -> L* (h, w)."""
    values = pixels / 255
    linear = np.where(values > 0.04045, ((values + 0.055) / 1.055) ** 2.4, values / 12.92)
    luminance = linear @ TO_XYZ[1]
    root = np.where(luminance > (6 / 29) ** 3, np.cbrt(luminance), (29 / 6) ** 2 / 3 * luminance + 4 / 29)
    return (116 * root - 16).clip(0, 100)


def linear_rgb(lightness: np.ndarray, ab: np.ndarray) -> np.ndarray:
    """L* (h, w) and ab (2, h, w) -> linear RGB (3, h, w), which may lie outside [0, 1]."""
    y = (lightness + 16) / 116
    root = np.stack([y + ab[0] / 500, y, y - ab[1] / 200])
    xyz = np.where(root > 6 / 29, root**3, (root - 4 / 29) / ((29 / 6) ** 2 / 3)) * WHITE[:, None, None]
    return np.einsum("oc,chw->ohw", np.linalg.inv(TO_XYZ), xyz)


def into_gamut(lightness: np.ndarray, ab: np.ndarray) -> np.ndarray:
    """The same hue with no more chroma than sRGB can show, by bisection."""

    def fits(colors: np.ndarray) -> np.ndarray:
        linear = linear_rgb(lightness, colors)
        return np.all((linear >= -1e-4) & (linear <= 1 + 1e-4), axis=0)

    is_inside, kept = fits(ab), np.zeros_like(lightness)
    for halving in range(1, 8):
        tried = kept + 0.5**halving
        kept = np.where(fits(ab * tried), tried, kept)
    return np.where(is_inside, ab, ab * kept)


def to_rgb(lightness: np.ndarray, ab: np.ndarray) -> np.ndarray:
    """sRGB (3, h, w) in [0, 1]."""
    linear = linear_rgb(lightness, ab).clip(0, 1)
    return np.where(linear > 0.0031308, 1.055 * linear ** (1 / 2.4) - 0.055, 12.92 * linear)


if __name__ == "__main__":
    colored = answer(sys.argv[1])
    colored.save(sys.argv[2] if len(sys.argv) > 2 else "colorized.png")
    print(json.dumps({"width": colored.width, "height": colored.height}))
