"""Data augmentation: changed colors, synthetic backgrounds and the flaws of cameras.

Images are (3, H, W) in [0, 1], cut-outs color times alpha. All randomness comes from the generator given.
"""

import numpy as np
import torch
from torch.nn import functional as F

_GRAY = np.tile([0.299, 0.587, 0.114], (3, 1))


def recolor(
    image: torch.Tensor, random: np.random.Generator, strength: float, alpha: torch.Tensor | None = None
) -> torch.Tensor:
    """Random hue, saturation, contrast and brightness by one 3 x 3 matrix. Colors stay below `alpha`."""
    if strength == 0.0:
        return image
    hue = np.deg2rad(
        random.normal(0, 12 * strength) if random.random() < 0.92 else random.uniform(-180, 180) * strength
    )
    saturation = np.exp(random.normal(0, 0.3 * strength)) if random.random() < 0.96 else 0.0
    contrast = np.exp(random.normal(0, 0.2 * strength))
    shift = random.normal(0, 0.08 * strength)
    # rotation about the gray axis
    cosine, sine = np.cos(hue), np.sin(hue) / np.sqrt(3)
    rest = (1 - cosine) / 3
    turn = np.full((3, 3), rest) + np.eye(3) * cosine + sine * np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]])
    matrix = contrast * (_GRAY * (1 - saturation) + np.eye(3) * saturation) @ turn
    offset = 0.5 * (1 - contrast) + shift
    flat = torch.from_numpy(matrix).float() @ image.reshape(3, -1)
    if alpha is None:
        return (flat + offset).clamp_(0, 1).view_as(image)
    cover = alpha.reshape(1, -1)
    return torch.minimum((flat + offset * cover).clamp_(min=0), cover).view_as(image)


def synthetic_background(random: np.random.Generator, size: int) -> torch.Tensor:
    """A synthetic background: smooth noise, blocks, rough texture or waves."""
    base = torch.from_numpy(random.random((3, 1, 1), dtype=np.float32))
    draw = random.random()
    if draw < 0.3:
        image = base + (_noise(random, int(random.integers(2, 9)), 3, size, "bicubic") - 0.5) * _spread(
            random
        )
    elif draw < 0.4:
        image = base + (_noise(random, int(random.integers(2, 9)), 3, size, "nearest") - 0.5) * _spread(
            random
        )
    elif draw < 0.8:
        image = textured(random, size)
    else:
        image = waves(random, size)
    if random.random() < 0.5:
        image = image + torch.from_numpy(
            random.normal(0, random.uniform(0.01, 0.12), (1, size, size)).astype(np.float32)
        )
    return image.clamp_(0, 1)


def _spread(random: np.random.Generator) -> float:
    """The contrast of a synthetic background around its base color."""
    return float(random.uniform(0.05, 1.0))


def _noise(random: np.random.Generator, cells: int, channels: int, size: int, mode: str) -> torch.Tensor:
    coarse = torch.from_numpy(random.random((1, channels, cells, cells), dtype=np.float32))
    return F.interpolate(coarse, (size, size), mode=mode)[0]


def textured(random: np.random.Generator, size: int) -> torch.Tensor:
    """Noise of many scales between two colors, like rock, grass or foliage."""
    roughness, cells, height = random.uniform(0.4, 1.0), 3, torch.zeros(1, size, size)
    weight = total = 1.0
    while cells < size:
        height = height + weight * (_noise(random, cells, 1, size, "bilinear") - 0.5)
        total += weight
        weight, cells = weight * roughness, cells * 2
    share = (0.5 + height * random.uniform(0.8, 3.0) / total**0.5).clamp_(0, 1)
    low, high = torch.from_numpy(random.random((2, 3, 1, 1), dtype=np.float32))
    return low + (high - low) * share


def waves(random: np.random.Generator, size: int) -> torch.Tensor:
    """Bent stripes between two colors, like sand, planks, water or bars."""
    rows, columns = torch.meshgrid(torch.linspace(0, 1, size), torch.linspace(0, 1, size), indexing="ij")
    angle, bend = random.uniform(0, np.pi), random.uniform(0.0, 0.4)
    along = np.cos(angle) * columns + np.sin(angle) * rows + bend * _noise(random, 4, 1, size, "bicubic")[0]
    share = 0.5 + 0.5 * torch.sin(along * 2 * np.pi * random.uniform(2, 24))
    if random.random() < 0.4:
        share = (share > 0.5).float()
    low, high = torch.from_numpy(random.random((2, 3, 1, 1), dtype=np.float32))
    return low + (high - low) * share


def blend(one: torch.Tensor, other: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """A blend of two images: the other shows where smooth noise is high, with soft or sharp borders."""
    share = _noise(random, int(random.integers(2, 6)), 1, one.shape[1], "bicubic") - random.uniform(0.3, 0.7)
    return torch.lerp(one, other, (share * random.uniform(1.0, 12.0) + 0.5).clamp_(0, 1))


def degrade(image: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """Blur, noise and color changes of the whole image, as by a camera."""
    if random.random() < 0.1:
        image = F.avg_pool2d(image[None], 3, stride=1, padding=1, count_include_pad=False)[0]
    if random.random() < 0.2:
        deviation = random.uniform(0.005, 0.06)
        image = image + deviation * torch.from_numpy(random.standard_normal(image.shape, dtype=np.float32))
    return recolor(image, random, 0.5) if random.random() < 0.2 else image
