"""What is measured of a picture or a box besides its label: groups by which a model can be compared."""

from typing import Literal

import numpy as np
from PIL import Image

BoxSize = Literal["small", "medium", "large"]
_SIDE = 256  # pixels of the longer side: sharpness does not depend on the camera's resolution
# COCO's 32² and 96² pixels as shares of its usual picture of 640 x 480
SMALL_BELOW, LARGE_FROM = 1 / 300, 3 / 100


def brightness(picture: Image.Image) -> float:
    """Mean luma, from 0 (black) to 1 (white)."""
    return float(np.asarray(picture.convert("L"), np.float32).mean()) / 255


def sharpness(picture: Image.Image) -> float:
    """log10 of the variance of the Laplacian, low where edges are blurred (Pech-Pacheco et al. 2000).

    The picture is shrunk to 256 pixels first; luma is in 0 to 255, and a picture of one color has -3.
    """
    gray = picture.convert("L")
    if max(gray.size) > _SIDE:
        scale = _SIDE / max(gray.size)
        size = (max(1, round(gray.width * scale)), max(1, round(gray.height * scale)))
        gray = gray.resize(size, Image.Resampling.BOX)
    values = np.pad(np.asarray(gray, np.float32), 1, mode="edge")
    middle = values[1:-1, 1:-1]
    around = values[:-2, 1:-1] + values[2:, 1:-1] + values[1:-1, :-2] + values[1:-1, 2:]
    return float(np.log10(max(1e-3, np.var(around - 4 * middle))))


def box_size(box: tuple[float, float, float, float], width: int, height: int) -> BoxSize:
    """By the share of the picture that the box (xmin, ymin, xmax, ymax in pixels) covers."""
    share = max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1]) / (width * height)
    if share < SMALL_BELOW:
        return "small"
    return "medium" if share < LARGE_FROM else "large"
