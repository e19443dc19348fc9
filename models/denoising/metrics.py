"""The difference between two images (H, W, C)."""

from math import inf, log10

import numpy as np

BAND = 256  # rows processed at once, so that a large image is never in memory as floating-point numbers


def mean_square(image: np.ndarray, other: np.ndarray) -> float:
    """Mean squared difference over all pixels and channels."""
    total = 0.0
    for top in range(0, len(image), BAND):
        rows = slice(top, top + BAND)
        difference = image[rows].astype(np.float32) - other[rows].astype(np.float32)
        total += float(np.square(difference).sum(dtype=np.float64))
    return total / image.size


def psnr(image: np.ndarray, truth: np.ndarray, top: float = 255.0) -> float:
    """Peak signal-to-noise ratio in dB, 10 log10(top² / mean square); infinite for equal images."""
    error = mean_square(image, truth)
    return inf if error == 0.0 else 10 * log10(top**2 / error)
