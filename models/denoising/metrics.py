"""How close one picture is to another."""

from math import inf, log10

import numpy as np


def psnr(picture: np.ndarray, truth: np.ndarray, top: float = 255.0) -> float:
    """Peak signal-to-noise ratio in dB, over all pixels and channels; infinite where nothing differs."""
    error = float(np.mean((picture.astype(np.float64) - truth.astype(np.float64)) ** 2))
    return inf if error == 0.0 else 10 * log10(top**2 / error)
