"""An uploaded picture in the frame of the pictures that a network learned from.

In color it is cropped to its middle square, as pictures in a ZIP are for training. In gray, as in banks of
single things on a dark background, all of it is kept: its sides are filled up to a square with the gray of
its border, and it is inverted if that is bright, such as in a product photo on white.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from models.core.generative.pictures import square

MIDDLE_GRAY = 128
DARK = 64  # the border of the training pictures is darker on average


@dataclass(frozen=True)
class Framed:
    """uint8 (side, side) or (side, side, 3), and whether black and white were exchanged."""

    pixels: np.ndarray
    is_inverted: bool


def frame(picture: Image.Image, side: int, channels: int, *, is_dark: bool) -> Framed:
    """The picture with `side` pixels and 1 or 3 channels; `is_dark`: as the training pictures' border is."""
    if channels == 3:
        return Framed(square(np.asarray(picture.convert("RGB")), side), is_inverted=False)
    gray = np.asarray(picture.convert("L"))
    is_inverted = is_dark and float(np.median(border_of(gray))) >= MIDDLE_GRAY
    gray = 255 - gray if is_inverted else gray
    fill = round(float(np.median(border_of(gray))))
    (height, width), longer = gray.shape, max(gray.shape)
    top, left = (longer - height) // 2, (longer - width) // 2
    sides = ((top, longer - height - top), (left, longer - width - left))
    return Framed(square(np.pad(gray, sides, constant_values=fill), side), is_inverted)


def has_dark_border(pictures: np.ndarray) -> bool:
    """Whether gray pictures (N, H, W) show things on a dark background."""
    return pictures.ndim == 3 and float(np.mean([border_of(each).mean() for each in pictures])) < DARK


def border_of(gray: np.ndarray) -> np.ndarray:
    """The outermost pixels of (H, W), as a list."""
    return np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]])
