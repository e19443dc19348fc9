"""The picture of an answer."""

from collections.abc import Sequence
from typing import Any

from PIL import Image, ImageDraw, ImageFont

# Okabe and Ito's colors, told apart by color-blind eyes too; text on them in black or white by lightness
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#f0e442", "#000000")
LIGHT = {"#e69f00", "#56b4e9", "#f0e442", "#cc79a7"}


def color_of(label: str, labels: Sequence[str]) -> str:
    return COLORS[labels.index(label) % len(COLORS)]


def draw_objects(image: Image.Image, objects: Sequence[dict[str, Any]], labels: Sequence[str]) -> Image.Image:
    """A copy of `image` with a frame and a label with the score around every object, the best on top."""
    picture = image.copy()
    pen = ImageDraw.Draw(picture)
    line = max(1, round(max(image.size) / 300))
    font = ImageFont.load_default(max(10, round(max(image.size) / 45)))
    for found in reversed(objects):
        box = found["box"]
        color = color_of(found["label"], labels)
        corners = (
            box["xmin"],
            box["ymin"],
            max(box["xmin"], box["xmax"] - 1),
            max(box["ymin"], box["ymax"] - 1),
        )
        pen.rectangle(corners, outline=color, width=line)
        text = f"{found['label']} {found['score']:.2f}"
        left, top, right, bottom = pen.textbbox((0, 0), text, font=font)
        width, height = right - left + 2 * line, bottom - top + 2 * line
        x = min(max(0, corners[0]), max(0, picture.width - width))
        y = corners[1] - height if corners[1] >= height else corners[1]
        pen.rectangle((x, y, x + width, y + height), fill=color)
        pen.text(
            (x + line - left, y + line - top), text, fill="black" if color in LIGHT else "white", font=font
        )
    return picture
