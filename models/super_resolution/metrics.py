"""Metrics of super-resolution as papers report them: on luma, without the border.

Luma is that of ITU-R BT.601 in studio range, as in MATLAB's rgb2ycbcr.
"""

import numpy as np

PEAK = 255.0
LUMA = np.array([65.481, 128.553, 24.966]) / 255


def luma(picture: np.ndarray) -> np.ndarray:
    """uint8 (H, W, 3) to float64 (H, W), from 16 (black) to 235 (white)."""
    return picture.astype(np.float64) @ LUMA + 16


def without_border(picture: np.ndarray, border: int) -> np.ndarray:
    """The picture without `border` pixels on each side."""
    return picture[border : picture.shape[0] - border, border : picture.shape[1] - border]


def psnr(answer: np.ndarray, truth: np.ndarray) -> float:
    """Peak signal-to-noise ratio in dB of two arrays of one shape for a peak of 255; infinite if equal."""
    error = float(np.mean((np.asarray(answer, np.float64) - np.asarray(truth, np.float64)) ** 2))
    return float("inf") if error == 0 else 10 * float(np.log10(PEAK**2 / error))


def psnr_y(answer: np.ndarray, truth: np.ndarray, border: int) -> float:
    """PSNR in dB of two uint8 (H, W, 3) pictures' luma, without `border` pixels on each side."""
    return psnr(without_border(luma(answer), border), without_border(luma(truth), border))


def sharpness(picture: np.ndarray) -> float:
    """Mean magnitude of the gradient of luma; higher is sharper, or noisier."""
    values = luma(picture)
    down, right = np.diff(values, axis=0)[:, :-1], np.diff(values, axis=1)[:-1]
    return float(np.hypot(down, right).mean())
