"""How close one picture is to another. Pictures are (H, W, C)."""

from math import inf, log10

import numpy as np

BAND = 256  # rows that are measured at once: a large picture is never held as floating-point numbers


def mean_square(picture: np.ndarray, other: np.ndarray) -> float:
    """Mean squared difference over all pixels and channels."""
    total = 0.0
    for top in range(0, len(picture), BAND):
        rows = slice(top, top + BAND)
        difference = picture[rows].astype(np.float32) - other[rows].astype(np.float32)
        total += float(np.square(difference).sum(dtype=np.float64))
    return total / picture.size


def psnr(picture: np.ndarray, truth: np.ndarray, top: float = 255.0) -> float:
    """Peak signal-to-noise ratio in dB; infinite where nothing differs."""
    error = mean_square(picture, truth)
    return inf if error == 0.0 else 10 * log10(top**2 / error)
