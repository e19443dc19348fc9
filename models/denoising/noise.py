"""Noise as cameras and courses make it. Levels are standard deviations, in [0, 1] of the full range."""

import numpy as np
import torch
from torch.nn import functional as F

BITS = 255.0  # levels are told in 8-bit units, as the literature does: 25 means 25 / 255


def add(pixels: np.ndarray, level: float, seed: int, *, gray: bool = False) -> np.ndarray:
    """A picture (H, W, 3), uint8, with white Gaussian noise of `level` in 8-bit units, rounded and clipped.

    It is drawn row by row from `seed`, so that a large picture needs no second one of noise. `gray`: the same
    noise in all three channels.
    """
    random = np.random.default_rng(seed)
    noisy = np.empty_like(pixels)
    shape = (pixels.shape[1], 1 if gray else 3)
    for source, target in zip(pixels, noisy, strict=True):
        drawn = random.standard_normal(shape, dtype=np.float32)
        target[...] = (source + level * drawn).round().clip(0, 255)
    return noisy


def gaussian(shape: tuple[int, ...], random: np.random.Generator) -> torch.Tensor:
    """White noise of standard deviation 1."""
    return torch.from_numpy(random.standard_normal(shape, dtype=np.float32))


def by_light(clean: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """Noise as of counted photons: its variance grows with the light. (3, H, W), mean variance about 1."""
    share = random.uniform(0.3, 1.0)  # of the variance that follows the light
    variance = (1 - share) + share * clean / clean.mean().clamp(min=0.05)
    return variance.sqrt() * gaussian(tuple(clean.shape), random)


def soft(shape: tuple[int, int, int], random: np.random.Generator) -> torch.Tensor:
    """Noise whose neighbors are alike, as after a camera's own processing; standard deviation about 1."""
    blur = random.uniform(0.0, 0.25)
    line = torch.tensor([blur, 1.0, blur])
    kernel = torch.outer(line, line)
    kernel = (kernel / kernel.square().sum().sqrt()).expand(3, 1, 3, 3)
    wide = gaussian((1, shape[0], shape[1] + 2, shape[2] + 2), random)
    return F.conv2d(wide, kernel, groups=3)[0]
