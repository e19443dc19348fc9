"""Photos on disk -> pairs of clean and noisy crops, with the map of the noise level."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from models.core.training.photos import load
from models.denoising.noise import FULL_SCALE, correlated_noise, photon_noise, white_noise

# shares of the training crops; the remaining noise is white and of one level, as the literature measures
PHOTON, CORRELATED, UNEVEN = 0.12, 0.12, 0.12
ROUNDED = 0.5  # rounded and clipped to 8 bits, like an upload
CLEAN = 0.03  # without noise
GRAY = 0.08  # without color, with equal noise in all three channels, like black-and-white photos


@dataclass(frozen=True)
class Crops:
    """B crops, (B, 3, P, P) each, and levels (B, 1, P, P); all in [0, 1] of the full range."""

    clean: torch.Tensor
    noisy: torch.Tensor  # not limited to [0, 1]
    level: torch.Tensor

    def to(self, device: str) -> "Crops":
        return Crops(*(each.to(device) for each in (self.clean, self.noisy, self.level)))


class Source:
    """Draws crops from the photos of one split. All randomness comes from the generator given."""

    def __init__(self, photos: Sequence[np.ndarray]):
        self.photos = photos
        areas = np.array([photo.shape[0] * photo.shape[1] for photo in photos], float)
        self.share = areas**0.5 / (areas**0.5).sum()  # larger photos have more content, but less per pixel

    @classmethod
    def of(cls, dataset: Path, split: str, smallest: int) -> "Source":
        """Raises InputError: not a ZIP of photos, or no photo has a shorter side of `smallest` pixels."""
        return cls([photo.pixels for photo in load(dataset, split, smallest)])

    def crop(self, random: np.random.Generator, side: int) -> torch.Tensor:
        """(3, side, side) in [0, 1]: a random crop of a photo, rotated by multiples of 90° and flipped."""
        pixels = self.photos[random.choice(len(self.photos), p=self.share)]
        top = random.integers(pixels.shape[0] - side + 1)
        left = random.integers(pixels.shape[1] - side + 1)
        crop = np.rot90(pixels[top : top + side, left : left + side], int(random.integers(4)))
        if random.random() < 0.5:
            crop = crop[:, ::-1]
        return torch.from_numpy(crop.copy()).permute(2, 0, 1).float() / FULL_SCALE

    def batch(self, random: np.random.Generator, count: int, side: int, highest: float) -> Crops:
        """`count` crops with noise of any level up to `highest`, in 8-bit units."""
        cleans = [self.crop(random, side) for _ in range(count)]
        cleans = [to_gray(clean) if random.random() < GRAY else clean for clean in cleans]
        pairs = [corrupt(clean, random, highest / FULL_SCALE) for clean in cleans]
        return Crops(
            torch.stack(cleans),
            torch.stack([noisy for noisy, _ in pairs]),
            torch.stack([level for _, level in pairs]),
        )


def to_gray(clean: torch.Tensor) -> torch.Tensor:
    """The crop without color, in three equal channels."""
    return clean.mean(dim=0, keepdim=True).repeat(3, 1, 1)


def corrupt(
    clean: torch.Tensor, random: np.random.Generator, highest: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """The crop (3, P, P) with noise of any level up to `highest`, and the map (1, P, P) of the level."""
    level = 0.0 if random.random() < CLEAN else random.uniform(0.0, highest)
    side = clean.shape[1]
    levels = torch.full((1, side, side), level)
    draw = random.random()
    if draw < PHOTON:
        noise = photon_noise(clean, random)
    elif draw < PHOTON + CORRELATED:
        noise = correlated_noise((3, side, side), random)
    else:
        noise = white_noise((3, side, side), random)
        if draw < PHOTON + CORRELATED + UNEVEN:
            levels = uneven_levels(level, side, random)
    if bool((clean[0] == clean[1]).all() and (clean[1] == clean[2]).all()):
        noise = noise[:1].expand(3, -1, -1)
    noisy = clean + levels * noise
    if random.random() < ROUNDED:
        noisy = (noisy.clamp(0, 1) * FULL_SCALE).round() / FULL_SCALE
    return noisy, levels


def uneven_levels(level: float, side: int, random: np.random.Generator) -> torch.Tensor:
    """(1, side, side): levels that vary smoothly between half and one and a half times `level`."""
    corners = torch.from_numpy(random.uniform(0.5, 1.5, (1, 1, 2, 2)).astype(np.float32))
    return level * F.interpolate(corners, (side, side), mode="bilinear", align_corners=True)[0]
