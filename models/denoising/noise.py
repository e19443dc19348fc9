"""Noise models of textbooks and cameras. Levels are standard deviations, in [0, 1] of the full range."""

import numpy as np
import torch
from torch.nn import functional as F

FULL_SCALE = 255.0  # users give levels in 8-bit units, as in the literature: 25 means 25 / 255


def add(pixels: np.ndarray, level: float, seed: int, *, gray: bool = False) -> np.ndarray:
    """The image (H, W, 3), uint8, with white Gaussian noise of `level` in 8-bit units, rounded and clipped.

    The noise is drawn row by row from `seed`, so that it is never in memory as a whole. `gray`: the same
    noise in all three channels.
    """
    random = np.random.default_rng(seed)
    noisy = np.empty_like(pixels)
    shape = (pixels.shape[1], 1 if gray else 3)
    for source, target in zip(pixels, noisy, strict=True):
        sample = random.standard_normal(shape, dtype=np.float32)
        target[...] = (source + level * sample).round().clip(0, 255)
    return noisy


def white_noise(shape: tuple[int, ...], random: np.random.Generator) -> torch.Tensor:
    """White noise of standard deviation 1."""
    return torch.from_numpy(random.standard_normal(shape, dtype=np.float32))


def photon_noise(clean: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """Photon noise: its variance grows with the brightness. (3, H, W), mean variance about 1."""
    share = random.uniform(0.3, 1.0)  # of the variance that grows with the brightness
    variance = (1 - share) + share * clean / clean.mean().clamp(min=0.05)
    return variance.sqrt() * white_noise(tuple(clean.shape), random)


def correlated_noise(shape: tuple[int, int, int], random: np.random.Generator) -> torch.Tensor:
    """Noise with correlated neighbors, as after a camera's processing; standard deviation about 1."""
    blur = random.uniform(0.0, 0.25)
    line = torch.tensor([blur, 1.0, blur])
    kernel = torch.outer(line, line)
    kernel = (kernel / kernel.square().sum().sqrt()).expand(3, 1, 3, 3)
    wide = white_noise((1, shape[0], shape[1] + 2, shape[2] + 2), random)
    return F.conv2d(wide, kernel, groups=3)[0]
