"""Batches of real pictures, and z and labels for generated ones."""

from pathlib import Path

import numpy as np
import torch

from models.core.generative.pictures import Pictures, Split, load

SIDES = (28, 32, 48, 64, 96, 128)  # that repeated doubling of a map of 4 to 7 pixels reaches


def load_pictures(dataset: Path, image_size: int | None) -> Pictures:
    """The dataset at `image_size`; None: at its own size, or the next smaller one that the networks can have.

    Raises:
        InputError: neither a bank nor a ZIP of pictures, or without pictures to train on.
    """
    pictures = load(dataset, image_size)
    if pictures.side in SIDES:
        return pictures
    return load(dataset, max((side for side in SIDES if side < pictures.side), default=SIDES[0]))


def to_tensor(pictures: np.ndarray) -> torch.Tensor:
    """uint8 (B, S, S) or (B, S, S, 3) -> (B, C, S, S) in [-1, 1]."""
    x = torch.tensor(pictures, dtype=torch.float32) / 127.5 - 1
    return x[:, None] if x.ndim == 3 else x.permute(0, 3, 1, 2).contiguous()


def from_tensor(x: torch.Tensor) -> np.ndarray:
    """(B, C, S, S) in [-1, 1] -> uint8 (B, S, S) or (B, S, S, 3)."""
    pixels = ((x.float().cpu() + 1) * 127.5).round().clamp(0, 255).byte()
    return (pixels[:, 0] if x.shape[1] == 1 else pixels.permute(0, 2, 3, 1)).contiguous().numpy()


def draw(split: Split, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures (count, C, S, S) in [-1, 1] and labels (count,), by torch's default generator."""
    indices = torch.randint(len(split), (count,)).numpy()
    return to_tensor(split.pictures[indices]), torch.from_numpy(split.labels[indices].astype(np.int64))


def noise(count: int, latent: int, seed: int, truncation: float | None = None) -> torch.Tensor:
    """z (count, latent) from N(0, I); with `truncation`, numbers beyond it are drawn again.

    The first z of a seed are the same for every count.
    """
    random = np.random.default_rng(seed)
    rows = []
    for _ in range(count):
        z = random.standard_normal(latent)
        while truncation is not None and (outside := np.abs(z) > truncation).any():
            z[outside] = random.standard_normal(outside.sum())
        rows.append(z)
    return torch.from_numpy(np.array(rows, np.float32).reshape(count, latent))
