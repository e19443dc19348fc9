"""Coarse ab and full-size L* to one picture: colors end at the edges of L*.

Paper: He and Sun 2015, Fast Guided Filter, arXiv:1505.00996. Within a window, color is a linear function of
lightness: ab = slope * L + offset. Slope and offset are fitted at the network's size and enlarged. Applied to
the full-size L*, they place a border between two colors where the lightness has one, not where the coarse
grid has one.

Shapes: h and w of the lightness picture for the network, H and W of the full-size one.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

from models.colorization.lab import into_gamut, lab_to_rgb, lightness_of
from models.core.images.bilinear import stretched

RADIUS = 4  # of a window, in pixels of the picture for the network
EPSILON = 1e-3  # variance of L*/100 below which a window counts as even and its color as constant
PIECE = 1 << 19  # pixels in memory as floats at one time


@dataclass(frozen=True)
class LinearColor:
    """Color as a linear function of lightness: ab = slope * L*/100 + offset, each (2, h, w)."""

    slope: torch.Tensor
    offset: torch.Tensor


def fit(lightness: torch.Tensor, ab: torch.Tensor) -> LinearColor:
    """Slope and offset for L* (1, h, w) and its predicted ab (2, h/4, w/4): least squares in each window."""
    guide = lightness[None] / 100
    color = F.interpolate(ab[None], guide.shape[2:], mode="bilinear", align_corners=False)
    mean_guide, mean_color = _window_mean(guide), _window_mean(color)
    variance = (_window_mean(guide * guide) - mean_guide**2).clamp(min=0)
    slope = (_window_mean(guide * color) - mean_guide * mean_color) / (variance + EPSILON)
    offset = mean_color - slope * mean_guide
    return LinearColor(_window_mean(slope)[0], _window_mean(offset)[0])


def _window_mean(values: torch.Tensor) -> torch.Tensor:
    """The mean of each window; at the border, of the part inside the picture."""
    return F.avg_pool2d(values, 2 * RADIUS + 1, stride=1, padding=RADIUS, count_include_pad=False)


def colored_bands(upload: Image.Image, color: LinearColor, saturation: float = 1.0) -> Iterator[np.ndarray]:
    """The colored picture from top to bottom, uint8 (rows, W, 3); the lightness is the upload's."""
    width, height = upload.size
    across = min(width, PIECE)
    down = max(1, PIECE // across)
    both = torch.cat([color.slope, color.offset])  # (4, h, w)
    for top in range(0, height, down):
        bottom = min(top + down, height)
        band = stretched(both, 1, height, top, bottom)  # (4, rows, w)
        pieces = []
        for left in range(0, width, across):
            right = min(left + across, width)
            slope, offset = stretched(band, 2, width, left, right).split(2)
            lightness = lightness_of(np.asarray(upload.crop((left, top, right, bottom))))
            ab = (slope * (lightness / 100) + offset) * saturation
            rgb = lab_to_rgb(into_gamut(torch.cat([lightness, ab])))
            pieces.append(rgb.mul_(255).round_().to(torch.uint8).permute(1, 2, 0).numpy())
        yield np.concatenate(pieces, axis=1)


def colorize(upload: Image.Image, color: LinearColor, saturation: float = 1.0) -> Image.Image:
    """The colored picture in one piece, for small ones."""
    return Image.fromarray(np.concatenate(list(colored_bands(upload, color, saturation))))
