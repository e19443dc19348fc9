"""Photos to lightness and colors: crops for training, whole pictures for measuring. All augmentation is here.

Shapes: B batch, S side of the lightness picture.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

from models.colorization.architecture import COLOR_STRIDE
from models.colorization.lab import rgb_to_lab
from models.colorization.metrics import colorfulness
from models.core.contract.errors import InputError
from models.core.images.codec import to_tensor
from models.core.training.photos import load

GRAY_BELOW = 8.0  # colorfulness under which a photo is a gray one and teaches or tests nothing
KEPT_SIDE = 320  # photos are kept with at most this many pixels on the shorter side
SMALLEST_CROP = 0.4  # of the shorter side
MOST_STRETCH = 1.33
CONTRAST, GAMMA = 0.15, 0.15  # spread of the lightness jitter


@dataclass(frozen=True)
class Photo:
    """One photo in color."""

    name: str
    picture: Image.Image


def photos(dataset: Path, split: str) -> list[Photo]:
    """The photos of one split that are in color, shrunk.

    Raises:
        InputError: `dataset` is no ZIP of pictures, or none of them is in color.
    """
    kept = []
    for photo in load(dataset, split):
        picture = shrunk(Image.fromarray(photo.pixels))
        if is_colored(picture):
            kept.append(Photo(photo.name, picture))
    if not kept:
        raise InputError(f"The dataset has no picture in color for {split}: only gray ones.")
    return kept


def shrunk(picture: Image.Image) -> Image.Image:
    """With `KEPT_SIDE` pixels on the shorter side, if it has more."""
    scale = KEPT_SIDE / min(picture.size)
    if scale >= 1:
        return picture
    width, height = (max(1, round(length * scale)) for length in picture.size)
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def is_colored(picture: Image.Image) -> bool:
    return colorfulness(to_tensor(picture)) >= GRAY_BELOW


def crop(picture: Image.Image, side: int, random: np.random.Generator) -> torch.Tensor:
    """sRGB (3, S, S): some part of the photo, a little stretched, mirrored or not."""
    shorter = min(picture.size)
    size = shorter * random.uniform(SMALLEST_CROP, 1.0)
    stretch = MOST_STRETCH ** random.uniform(-1, 1) if random.random() < 0.7 else 1.0
    width = min(picture.width, size * stretch)
    height = min(picture.height, size / stretch)
    if random.random() < 0.3:  # the whole picture, squeezed to a square
        width, height = picture.size
    left = random.uniform(0, picture.width - width)
    top = random.uniform(0, picture.height - height)
    box = (left, top, left + width, top + height)
    cut = picture.resize((side, side), Image.Resampling.BILINEAR, box=box, reducing_gap=2.0)
    if random.random() < 0.5:
        cut = cut.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return to_tensor(cut)


def batch(
    chosen: Sequence[Photo], side: int, random: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """L* (B, 1, S, S), as other cameras and other light would give it, and the true ab (B, 2, S/2, S/2)."""
    lab = rgb_to_lab(torch.stack([crop(photo.picture, side, random) for photo in chosen]))
    gamma = np.exp(random.normal(0, GAMMA, len(chosen))).astype(np.float32)
    contrast = np.exp(random.normal(0, CONTRAST, len(chosen))).astype(np.float32)
    gamma, contrast = (torch.from_numpy(each)[:, None, None, None] for each in (gamma, contrast))
    lightness = (lab[:, :1] / 100).clamp(0, 1) ** gamma
    lightness = ((lightness - 0.5) * contrast + 0.5).clamp(0, 1) * 100
    return lightness, F.avg_pool2d(lab[:, 1:], COLOR_STRIDE)


def draw(count: int, size: int, random: np.random.Generator) -> list[int]:
    """`size` of `count` photos, none twice while there are others."""
    order = np.concatenate([random.permutation(count) for _ in range(-(-size // count))])
    return order[:size].tolist()
