"""A picture of any size to the size that the network sees."""

from dataclasses import dataclass
from math import sqrt

import torch
from PIL import Image

from models.colorization.architecture import STRIDE
from models.colorization.lab import rgb_to_lab
from models.core.images.codec import to_tensor

MOST_ASPECT = 4.0  # longer pictures are squeezed to this


@dataclass(frozen=True)
class Input:
    """One picture on its way to the network."""

    upload: Image.Image
    seen: Image.Image  # the whole of it, at the network's size, still with its colors
    lab: torch.Tensor  # (3, h, w) of `seen`; the network gets L* alone


def prepare(upload: Image.Image, image_size: int) -> Input:
    """The picture as the network wants it, of about `image_size` squared pixels."""
    seen = fit(upload, image_size)
    return Input(upload, seen, rgb_to_lab(to_tensor(seen)))


def fitted_size(width: int, height: int, image_size: int) -> tuple[int, int]:
    """Width and height in multiples of 32: about `image_size` squared pixels, the picture's proportions."""
    aspect = min(max(width / height, 1 / MOST_ASPECT), MOST_ASPECT)
    sides = image_size * sqrt(aspect), image_size / sqrt(aspect)
    across, down = (max(STRIDE, round(side / STRIDE) * STRIDE) for side in sides)
    return across, down


def fit(picture: Image.Image, image_size: int) -> Image.Image:
    """The whole picture at the size that the network sees."""
    size = fitted_size(*picture.size, image_size)
    # shrunk by area, as averaging keeps what a color covers; a small picture is enlarged smoothly
    return picture.resize(size, Image.Resampling.BILINEAR, reducing_gap=3.0)
