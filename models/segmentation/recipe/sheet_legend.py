"""The legend of a contact sheet of masks: the classes and their colors."""

from collections.abc import Sequence

from PIL import Image, ImageDraw

from models.segmentation.masks import color_of

ROW, GAP, SWATCH = 16, 12, 10  # pixels


def legend(classes: Sequence[str], width: int) -> Image.Image:
    """Every class but the background beside its color, in as many rows as needed."""
    places, left, row = [], GAP, 0
    for name in classes[1:]:
        length = SWATCH + 6 + round(ImageDraw.Draw(Image.new("L", (1, 1))).textlength(name)) + GAP
        if left + length > width and left > GAP:
            left, row = GAP, row + 1
        places.append((left, row))
        left += length
    strip = Image.new("RGB", (width, (row + 1) * ROW), "white")
    pen = ImageDraw.Draw(strip)
    for index, (left, row) in enumerate(places, start=1):
        top = row * ROW + (ROW - SWATCH) // 2
        pen.rectangle((left, top, left + SWATCH - 1, top + SWATCH - 1), fill=color_of(index))
        pen.text((left + SWATCH + 4, row * ROW + 2), classes[index], fill="black")
    return strip
