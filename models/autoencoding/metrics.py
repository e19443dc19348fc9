"""Measures of a reconstruction. Pictures are (..., C, S, S) in [0, 1]."""

import math

import numpy as np
import torch

MAX_PSNR = 100.0  # dB, of equal pictures


def mean_squared_error(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """Of each picture, (N,)."""
    return (one - other).square().flatten(-3).mean(dim=-1)


def psnr(mean_squared: torch.Tensor) -> torch.Tensor:
    """Peak signal-to-noise ratio in dB for values from 0 to 1; at most `MAX_PSNR`."""
    return (-10 * mean_squared.clamp(min=10 ** (-MAX_PSNR / 10)).log10()).clamp(max=MAX_PSNR)


def distance(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """||x - x^||, the Euclidean distance of each picture, (N,)."""
    return (one - other).flatten(-3).norm(dim=-1)


def normal_density(x: np.ndarray, mean: np.ndarray, deviation: np.ndarray) -> np.ndarray:
    """The density of N(mean, deviation^2) at x; the arrays are broadcast."""
    return np.exp(-(((x - mean) / deviation) ** 2) / 2) / (deviation * math.sqrt(2 * math.pi))
