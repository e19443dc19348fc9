"""Photos on disk -> noisy crops with the noise that was added, and the map of its level."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from models.core.training.photos import load
from models.denoising.noise import BITS, by_light, gaussian, soft

# what becomes of a training crop's noise; the rest is white and everywhere alike, as the literature measures
BY_LIGHT, SOFT, UNEVEN = 0.12, 0.12, 0.12
AS_FILE = 0.5  # rounded and clipped to 8 bits, as an upload is; the rest stays as it was drawn
CLEAN = 0.03  # no noise at all
GRAY = 0.08  # without color, the noise the same in all three channels, as in a black and white photo


@dataclass(frozen=True)
class Crops:
    """B crops, (B, 3, P, P) each, and levels (B, 1, P, P); all in [0, 1] of the full range."""

    clean: torch.Tensor
    noisy: torch.Tensor  # may lie outside of [0, 1]
    level: torch.Tensor

    def to(self, device: str) -> "Crops":
        return Crops(*(each.to(device) for each in (self.clean, self.noisy, self.level)))


class Source:
    """Draws crops of one split's photos. Everything random comes from the generator it is given."""

    def __init__(self, photos: Sequence[np.ndarray]):
        self.photos = photos
        areas = np.array([photo.shape[0] * photo.shape[1] for photo in photos], float)
        self.share = areas**0.5 / (areas**0.5).sum()  # larger photos hold more to see, but not all of it

    @classmethod
    def of(cls, dataset: Path, split: str, smallest: int) -> "Source":
        """Raises InputError: no ZIP of photos, or none with a shorter side of `smallest` pixels."""
        return cls([photo.pixels for photo in load(dataset, split, smallest)])

    def crop(self, random: np.random.Generator, side: int) -> torch.Tensor:
        """(3, side, side) in [0, 1]: a piece of a photo, turned and flipped."""
        pixels = self.photos[random.choice(len(self.photos), p=self.share)]
        top = random.integers(pixels.shape[0] - side + 1)
        left = random.integers(pixels.shape[1] - side + 1)
        piece = np.rot90(pixels[top : top + side, left : left + side], int(random.integers(4)))
        if random.random() < 0.5:
            piece = piece[:, ::-1]
        return torch.from_numpy(piece.copy()).permute(2, 0, 1).float() / BITS

    def batch(self, random: np.random.Generator, count: int, side: int, highest: float) -> Crops:
        """`count` crops with noise of any level up to `highest`, in 8-bit units."""
        cleans = [self.crop(random, side) for _ in range(count)]
        cleans = [gray(clean) if random.random() < GRAY else clean for clean in cleans]
        noised = [spoiled(clean, random, highest / BITS) for clean in cleans]
        return Crops(
            torch.stack(cleans),
            torch.stack([noisy for noisy, _ in noised]),
            torch.stack([level for _, level in noised]),
        )


def gray(clean: torch.Tensor) -> torch.Tensor:
    """The crop without color, still in three channels."""
    return clean.mean(dim=0, keepdim=True).repeat(3, 1, 1)


def spoiled(
    clean: torch.Tensor, random: np.random.Generator, highest: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """A crop (3, P, P) with noise, and the map (1, P, P) of the noise's level."""
    level = 0.0 if random.random() < CLEAN else random.uniform(0.0, highest)
    side = clean.shape[1]
    levels = torch.full((1, side, side), level)
    draw = random.random()
    if draw < BY_LIGHT:
        noise = by_light(clean, random)
    elif draw < BY_LIGHT + SOFT:
        noise = soft((3, side, side), random)
    else:
        noise = gaussian((3, side, side), random)
        if draw < BY_LIGHT + SOFT + UNEVEN:
            levels = uneven(level, side, random)
    if bool((clean[0] == clean[1]).all() and (clean[1] == clean[2]).all()):
        noise = noise[:1].expand(3, -1, -1)
    noisy = clean + levels * noise
    if random.random() < AS_FILE:
        noisy = (noisy.clamp(0, 1) * BITS).round() / BITS
    return noisy, levels


def uneven(level: float, side: int, random: np.random.Generator) -> torch.Tensor:
    """(1, side, side): levels from half to one and a half times `level`, changing slowly."""
    corners = torch.from_numpy(random.uniform(0.5, 1.5, (1, 1, 2, 2)).astype(np.float32))
    return level * F.interpolate(corners, (side, side), mode="bilinear", align_corners=True)[0]
