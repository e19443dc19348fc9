"""Photos to pairs of patches: the network's input and its target. All augmentation is here.

The small picture is the photo shrunk by Pillow's bicubic filter (with antialiasing) and rounded to 8 bits. A
share of the patches is then degraded, as a JPEG from a camera would be.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from models.core.contract.errors import InputError
from models.core.training import photos
from models.core.training.photos import Photo
from models.super_resolution.degradation import degrade, jpeg

MIN_SIDE = 320  # pixels of a photo's shorter side
REDUCED = 0.7  # photos are also used at this size: other sharpness, other texture
CANDIDATES = 3  # patches drawn for each one kept: that with the most texture
MARGIN = 8  # pixels around a patch that is degraded: a JPEG's blocks may begin at any of them


@dataclass(frozen=True)
class Pair:
    """A photo and its small version, uint8, (r*h, r*w, 3) and (h, w, 3)."""

    name: str
    high: np.ndarray
    low: np.ndarray


def shrink(photo: np.ndarray, scale: int, quality: int | None = None) -> Pair:
    """The photo, cropped to a multiple of the scale, and its version at 1/scale.

    Args:
        quality: the small version is saved as a JPEG of this quality and read again; None: it stays as it is.
    """
    height, width = (side // scale * scale for side in photo.shape[:2])
    high = Image.fromarray(photo[:height, :width])
    low = np.asarray(high.resize((width // scale, height // scale), Image.Resampling.BICUBIC))
    return Pair("", np.asarray(high), low if quality is None else jpeg(low, quality))


def reduce(photo: np.ndarray) -> np.ndarray:
    """The photo at `REDUCED` times its size."""
    size = (round(photo.shape[1] * REDUCED), round(photo.shape[0] * REDUCED))
    return np.asarray(Image.fromarray(photo).resize(size, Image.Resampling.LANCZOS))


def validation_photos(dataset: Path) -> list[Photo]:
    """The validation photos; a very small dataset has none."""
    try:
        return photos.load(dataset, "validation", MIN_SIDE)
    except InputError:
        return []


class Patches:
    """Draws batches of pairs from photos.

    Args:
        degraded: the share of patches whose small version is degraded.

    Raises:
        InputError: `dataset` is not a ZIP of photos, or all of them are too small.
    """

    def __init__(self, dataset: Path, scale: int, size: int, degraded: float = 0.0):
        self.scale, self.size, self.degraded = scale, size, degraded
        full = [photo.pixels for photo in photos.load(dataset, "train", max(MIN_SIDE, scale * size))]
        reduced = [reduce(photo) for photo in full]
        pictures = full + [photo for photo in reduced if min(photo.shape[:2]) >= scale * size]
        self.pairs = [shrink(photo, scale) for photo in pictures]
        border = ((MARGIN, MARGIN), (MARGIN, MARGIN), (0, 0))
        self.mirrored = [np.pad(pair.low, border, "reflect") for pair in self.pairs]
        pixels = np.array([pair.low.shape[0] * pair.low.shape[1] for pair in self.pairs], float)
        self.shares = pixels / pixels.sum()

    def batch(self, random: np.random.Generator, count: int) -> tuple[torch.Tensor, torch.Tensor]:
        """(count, 3, size, size) and (count, 3, r*size, r*size), float32 in [0, 1]."""
        drawn = [self._draw(random) for _ in range(count)]
        return to_tensor([low for low, _ in drawn]), to_tensor([high for _, high in drawn])

    def _draw(self, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        index = random.choice(len(self.pairs), p=self.shares)
        pair = self.pairs[index]
        height, width = pair.low.shape[:2]
        tops = random.integers(0, height - self.size + 1, CANDIDATES)
        lefts = random.integers(0, width - self.size + 1, CANDIDATES)
        best = max(range(CANDIDATES), key=lambda at: self._texture(pair, tops[at], lefts[at]))
        high = crop(pair.high, tops[best] * self.scale, lefts[best] * self.scale, self.size * self.scale)
        if self.degraded and random.random() < self.degraded:
            wide = crop(self.mirrored[index], tops[best], lefts[best], self.size + 2 * MARGIN)
            wide, high = augment(wide, high, random)
            return degrade_center(wide, random), high
        return augment(crop(pair.low, tops[best], lefts[best], self.size), high, random)

    def _texture(self, pair: Pair, top: int, left: int) -> float:
        green = crop(pair.low, top, left, self.size)[:, :, 1].astype(np.int16)
        return float(np.abs(np.diff(green, axis=0)).mean() + np.abs(np.diff(green, axis=1)).mean())


def crop(picture: np.ndarray, top: int, left: int, size: int) -> np.ndarray:
    return picture[top : top + size, left : left + size]


def degrade_center(wide: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A degraded picture without the `MARGIN` around it, in which a JPEG's blocks begin at a random pixel."""
    top, left = random.integers(0, MARGIN, 2)
    inner = (
        slice(MARGIN - top, wide.shape[0] - MARGIN - top),
        slice(MARGIN - left, wide.shape[1] - MARGIN - left),
    )
    return degrade(wide[top:, left:], random)[inner]


def augment(low: np.ndarray, high: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Both rotated, mirrored and recolored alike: eight symmetries, channels permuted, contrast reduced."""
    turns, mirrored = int(random.integers(4)), bool(random.integers(2))
    order = random.permutation(3) if random.random() < 0.3 else np.arange(3)
    gain = random.uniform(0.6, 1.0) if random.random() < 0.3 else 1.0
    varied = []
    for picture in (low, high):
        rotated = np.rot90(picture[:, ::-1] if mirrored else picture, turns)[:, :, order]
        varied.append(rotated if gain == 1 else np.round(rotated * gain).astype(np.uint8))
    return varied[0], varied[1]


def to_tensor(pictures: Sequence[np.ndarray]) -> torch.Tensor:
    """uint8 (H, W, 3) pictures as float32 (B, 3, H, W) in [0, 1]."""
    stacked = np.stack([np.ascontiguousarray(picture) for picture in pictures])
    return torch.from_numpy(stacked).permute(0, 3, 1, 2).float() / 255
