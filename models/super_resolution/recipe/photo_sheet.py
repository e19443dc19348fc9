"""The sheet of real photos that `glassbox sheet` draws: small JPEGs, enlarged, and as they are."""

import numpy as np
from PIL import Image

from models.core.recipe.photo_sheet import PhotoSheet, held_out
from models.super_resolution.data import shrink

SCALE = 4
QUALITY = 60  # of the JPEG as which the small photo is saved


def small_jpeg(photo: Image.Image, number: int) -> Image.Image:  # noqa: ARG001  every photo is treated alike
    return Image.fromarray(shrink(np.asarray(photo), SCALE, QUALITY).low)


SHEET = PhotoSheet(held_out, small_jpeg, is_cropped=True)
