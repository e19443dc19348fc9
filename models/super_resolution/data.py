"""Photos to pairs of patches: what the network gets, and what it should answer. All augmentation is here.

The small picture is the photo shrunk by Pillow's bicubic filter, which averages over what it drops, to
8 bits.
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

LEAST = 320  # pixels of a photo's shorter side
SMALLER = 0.7  # photos are also seen at this size: other sharpness, other texture
CANDIDATES = 3  # patches that are drawn for each that is kept, the one with most texture


@dataclass(frozen=True)
class Pair:
    """A photo and its small version, uint8, (r*h, r*w, 3) and (h, w, 3)."""

    name: str
    high: np.ndarray
    low: np.ndarray


def shrink(photo: np.ndarray, scale: int) -> Pair:
    """The photo, cut to a multiple of the scale, and what remains of it at 1/scale."""
    height, width = (side // scale * scale for side in photo.shape[:2])
    high = Image.fromarray(photo[:height, :width])
    low = high.resize((width // scale, height // scale), Image.Resampling.BICUBIC)
    return Pair("", np.asarray(high), np.asarray(low))


def smaller(photo: np.ndarray) -> np.ndarray:
    """The photo at `SMALLER` times its size."""
    size = (round(photo.shape[1] * SMALLER), round(photo.shape[0] * SMALLER))
    return np.asarray(Image.fromarray(photo).resize(size, Image.Resampling.LANCZOS))


def held_out(dataset: Path) -> list[Photo]:
    """The photos to validate on; those of the training where the dataset keeps none apart."""
    try:
        return photos.load(dataset, "validation", LEAST)
    except InputError:
        return photos.load(dataset, "train", LEAST)


class Patches:
    """Draws batches of pairs from photos.

    Raises:
        InputError: `dataset` is no ZIP of photos, or holds none that is large enough.
    """

    def __init__(self, dataset: Path, scale: int, size: int):
        self.scale, self.size = scale, size
        found = [photo.pixels for photo in photos.load(dataset, "train", max(LEAST, scale * size))]
        shrunk = [smaller(photo) for photo in found]
        pictures = found + [photo for photo in shrunk if min(photo.shape[:2]) >= scale * size]
        self.pairs = [shrink(photo, scale) for photo in pictures]
        pixels = np.array([pair.low.shape[0] * pair.low.shape[1] for pair in self.pairs], float)
        self.shares = pixels / pixels.sum()

    def batch(self, random: np.random.Generator, count: int) -> tuple[torch.Tensor, torch.Tensor]:
        """(count, 3, size, size) and (count, 3, r*size, r*size), float32 in [0, 1]."""
        drawn = [self._draw(random) for _ in range(count)]
        return tensor([low for low, _ in drawn]), tensor([high for _, high in drawn])

    def _draw(self, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        pair = self.pairs[random.choice(len(self.pairs), p=self.shares)]
        height, width = pair.low.shape[:2]
        tops = random.integers(0, height - self.size + 1, CANDIDATES)
        lefts = random.integers(0, width - self.size + 1, CANDIDATES)
        best = max(range(CANDIDATES), key=lambda at: self._texture(pair, tops[at], lefts[at]))
        low = cut(pair.low, tops[best], lefts[best], self.size)
        high = cut(pair.high, tops[best] * self.scale, lefts[best] * self.scale, self.size * self.scale)
        return vary(low, high, random)

    def _texture(self, pair: Pair, top: int, left: int) -> float:
        green = cut(pair.low, top, left, self.size)[:, :, 1].astype(np.int16)
        return float(np.abs(np.diff(green, axis=0)).mean() + np.abs(np.diff(green, axis=1)).mean())


def cut(picture: np.ndarray, top: int, left: int, size: int) -> np.ndarray:
    return picture[top : top + size, left : left + size]


def vary(low: np.ndarray, high: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Both turned, mirrored and recolored alike: the eight symmetries, colors swapped, contrast lowered."""
    turns, mirrored = int(random.integers(4)), bool(random.integers(2))
    order = random.permutation(3) if random.random() < 0.3 else np.arange(3)
    gain = random.uniform(0.6, 1.0) if random.random() < 0.3 else 1.0
    answers = []
    for picture in (low, high):
        turned = np.rot90(picture[:, ::-1] if mirrored else picture, turns)[:, :, order]
        answers.append(turned if gain == 1 else np.round(turned * gain).astype(np.uint8))
    return answers[0], answers[1]


def tensor(pictures: Sequence[np.ndarray]) -> torch.Tensor:
    """uint8 (H, W, 3) pictures as float32 (B, 3, H, W) in [0, 1]."""
    stacked = np.stack([np.ascontiguousarray(picture) for picture in pictures])
    return torch.from_numpy(stacked).permute(0, 3, 1, 2).float() / 255
