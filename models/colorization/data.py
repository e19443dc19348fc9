"""Photos to lightness and colors: random crops for training, whole pictures for prediction and validation.

All augmentation is here.

Shapes: B batch, S side of the lightness picture, h and w height and width of a whole picture for the network.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from models.colorization.architecture import STRIDE, shrink_to_color
from models.colorization.lab import rgb_to_lab
from models.colorization.metrics import colorfulness
from models.core.contract.errors import InputError
from models.core.contract.messages import Text
from models.core.images.codec import to_tensor
from models.core.training.photos import load

ONLY_GRAY = Text(
    "colorization.dataset.only_gray", "The {split} split of the dataset has no color photo; all are gray."
)

GRAY_BELOW = 8.0  # colorfulness below which a photo counts as gray and is left out
STORED_SIDE = 320  # photos are kept in memory with at most this many pixels on the shorter side
MIN_CROP = 0.4  # of the shorter side
MAX_STRETCH = 1.33
CONTRAST, GAMMA = 0.15, 0.15  # standard deviations of the lightness jitter, on a log scale
MAX_ASPECT = 4.0  # longer pictures are squeezed to this


@dataclass(frozen=True)
class Photo:
    """One color photo."""

    name: str
    picture: Image.Image


@dataclass(frozen=True)
class Item:
    """One upload, decoded and resized for the network."""

    upload: Image.Image
    resized: Image.Image  # the whole upload at the network's size, still with its colors
    lab: torch.Tensor  # (3, h, w) of `resized`; the network receives L* only
    notes: tuple[str, ...] = ()  # about reading the picture


def color_photos(dataset: Path, split: str) -> list[Photo]:
    """The color photos of one split, shrunk to `STORED_SIDE`.

    Raises:
        InputError: `dataset` is not a ZIP of pictures, or all of them are gray.
    """
    found = []
    for photo in load(dataset, split):
        picture = shrink(Image.fromarray(photo.pixels))
        if is_colored(picture):
            found.append(Photo(photo.name, picture))
    if not found:
        raise InputError(ONLY_GRAY(split=split))
    return found


def shrink(picture: Image.Image) -> Image.Image:
    """The picture with at most `STORED_SIDE` pixels on the shorter side."""
    scale = STORED_SIDE / min(picture.size)
    if scale >= 1:
        return picture
    width, height = (max(1, round(length * scale)) for length in picture.size)
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def is_colored(picture: Image.Image) -> bool:
    return colorfulness(to_tensor(picture)) >= GRAY_BELOW


def crop(picture: Image.Image, side: int, random: np.random.Generator) -> torch.Tensor:
    """sRGB (3, S, S): a random part of the photo, slightly stretched, sometimes mirrored."""
    shorter = min(picture.size)
    size = shorter * random.uniform(MIN_CROP, 1.0)
    stretch = MAX_STRETCH ** random.uniform(-1, 1) if random.random() < 0.7 else 1.0
    width = min(picture.width, size * stretch)
    height = min(picture.height, size / stretch)
    if random.random() < 0.3:  # the whole picture, squeezed to a square
        width, height = picture.size
    left = random.uniform(0, picture.width - width)
    top = random.uniform(0, picture.height - height)
    box = (left, top, left + width, top + height)
    part = picture.resize((side, side), Image.Resampling.BILINEAR, box=box, reducing_gap=2.0)
    if random.random() < 0.5:
        part = part.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return to_tensor(part)


def make_batch(
    chosen: Sequence[Photo], side: int, random: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """L* (B, 1, S, S), varied as other cameras and light would, and the true ab (B, 2, S/4, S/4)."""
    lab = rgb_to_lab(torch.stack([crop(photo.picture, side, random) for photo in chosen]))
    gamma = np.exp(random.normal(0, GAMMA, len(chosen))).astype(np.float32)
    contrast = np.exp(random.normal(0, CONTRAST, len(chosen))).astype(np.float32)
    gamma, contrast = (torch.from_numpy(each)[:, None, None, None] for each in (gamma, contrast))
    lightness = (lab[:, :1] / 100).clamp(0, 1) ** gamma
    lightness = ((lightness - 0.5) * contrast + 0.5).clamp(0, 1) * 100
    return lightness, shrink_to_color(lab[:, 1:])


def draw_indices(count: int, size: int, random: np.random.Generator) -> list[int]:
    """`size` of `count` photos; none repeats before every photo has been drawn."""
    order = np.concatenate([random.permutation(count) for _ in range(-(-size // count))])
    return order[:size].tolist()


def prepare(upload: Image.Image, image_size: int) -> Item:
    """The upload and its version for the network, of about `image_size` squared pixels."""
    resized = resize_for_network(upload, image_size)
    return Item(upload, resized, rgb_to_lab(to_tensor(resized)))


def lightness_and_color(picture: Image.Image, image_size: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Of a whole photo: L* (1, h, w) as the network receives it, and the true ab (2, h/4, w/4)."""
    lab = rgb_to_lab(to_tensor(resize_for_network(picture, image_size)))
    return lab[:1], shrink_to_color(lab[None, 1:])[0]


def network_size(width: int, height: int, image_size: int) -> tuple[int, int]:
    """Width and height in multiples of 32: about `image_size` squared pixels in the picture's proportions."""
    aspect = min(max(width / height, 1 / MAX_ASPECT), MAX_ASPECT)
    sides = image_size * sqrt(aspect), image_size / sqrt(aspect)
    width, height = (max(STRIDE, round(side / STRIDE) * STRIDE) for side in sides)
    return width, height


def resize_for_network(picture: Image.Image, image_size: int) -> Image.Image:
    """The whole picture at the network's size."""
    size = network_size(*picture.size, image_size)
    # shrinking averages areas, which preserves how much of the picture a color covers
    return picture.resize(size, Image.Resampling.BILINEAR, reducing_gap=3.0)
