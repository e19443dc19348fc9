"""The sheet of real photos that `glassbox sheet` draws: without their colors, colorized, and as they are."""

from PIL import Image

from models.core.recipe.photo_sheet import PhotoSheet, held_out


def without_color(photo: Image.Image, number: int) -> Image.Image:  # noqa: ARG001  every photo loses its color
    return photo.convert("L").convert("RGB")


SHEET = PhotoSheet(held_out, without_color)
