"""Pictures of colors alone, of colors on a lightness, and of verdicts."""

import torch
from PIL import Image
from torch.nn import functional as F

from models.colorization.lab import into_gamut, lab_to_rgb
from models.core.contract.card import Kind
from models.core.contract.prediction import Output
from models.core.images.codec import encode_jpeg, encode_png_quickly, from_tensor

EVEN_LIGHTNESS = 65.0  # L* under which colors are shown without the picture: most of them exist there
# Okabe and Ito's blue and orange, told apart by color-blind eyes too
GUESSED, TRUE = (0.0, 0.447, 0.698), (0.902, 0.624, 0.0)
PLAIN_SIDE = 320  # pixels up to which a picture is kept as PNG
COVER = 0.7  # of a verdict over the gray picture below it


def colors_alone(ab: torch.Tensor) -> Image.Image:
    """ab (2, h, w) at one lightness everywhere."""
    lightness = torch.full_like(ab[:1], EVEN_LIGHTNESS)
    return from_tensor(lab_to_rgb(into_gamut(torch.cat([lightness, ab]))))


def gray(lightness: torch.Tensor) -> Image.Image:
    """L* (1, h, w) as a gray picture."""
    return from_tensor(lab_to_rgb(torch.cat([lightness, torch.zeros_like(lightness).expand(2, -1, -1)])))


def verdict_over(verdict: torch.Tensor, lightness: torch.Tensor) -> Image.Image:
    """Probabilities (1, rows, columns) that patches are a photo's, over L* (1, h, w): blue 0, orange 1.

    A patch reaches beyond its cell, so the map has one cell less on each side; there the next one is drawn.
    """
    cells = F.pad(verdict[None], (1, 1, 1, 1), mode="replicate")
    share = F.interpolate(cells, lightness.shape[1:], mode="nearest")[0]
    ends = torch.tensor([GUESSED, TRUE])[:, :, None, None]
    below = lightness.clamp(0, 100) / 100
    return from_tensor(COVER * torch.lerp(ends[0], ends[1], share) + (1 - COVER) * below)


def colors_on(lightness: torch.Tensor, ab: torch.Tensor) -> Image.Image:
    """ab (2, h, w) on L* (1, h, w)."""
    return from_tensor(lab_to_rgb(into_gamut(torch.cat([lightness.clamp(0, 100), ab]))))


def encoded(name: str, picture: Image.Image) -> Output:
    """A stage's picture as a file: PNG where it is small, else JPEG with every pixel's own color."""
    if max(picture.size) <= PLAIN_SIDE:
        return Output(f"{name}.png", Kind.IMAGE, encode_png_quickly(picture), "image/png")
    return Output(f"{name}.jpg", Kind.IMAGE, encode_jpeg(picture, quality=90), "image/jpeg")
