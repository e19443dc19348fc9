"""The sheet of real photos that `glassbox sheet` draws: with noise, denoised, and as they are."""

import numpy as np
from PIL import Image

from models.core.recipe.photo_sheet import PhotoSheet, held_out
from models.denoising.noise import add

LEVEL = 25.0


def with_noise(photo: Image.Image, number: int) -> Image.Image:
    return Image.fromarray(add(np.asarray(photo), LEVEL, seed=number))


SHEET = PhotoSheet(held_out, with_noise, is_cropped=True)
