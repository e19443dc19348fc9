"""A contact sheet: the answers to many photos side by side, for visual inspection."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

WIDTH, HEIGHT, HEADER = 240, 180, 16
SIDE_BY_SIDE = 2  # photos in a row of the sheet


def write_sheet(path: Path, rows: Sequence[Sequence[Image.Image]], names: Sequence[str]) -> None:
    """The answers to each photo from left to right, with their names at the top."""
    across = WIDTH * len(names)
    down = -(-len(rows) // SIDE_BY_SIDE)
    sheet = Image.new("RGB", (across * SIDE_BY_SIDE, HEADER + HEIGHT * down), "white")
    pen = ImageDraw.Draw(sheet)
    for column in range(len(names) * SIDE_BY_SIDE):
        pen.text((column * WIDTH + 4, 2), names[column % len(names)], fill="black")
    for index, answers in enumerate(rows):
        left, top = index % SIDE_BY_SIDE * across, HEADER + index // SIDE_BY_SIDE * HEIGHT
        for column, answer in enumerate(answers):
            small = answer.copy()
            small.thumbnail((WIDTH - 4, HEIGHT - 4))
            sheet.paste(small, (left + column * WIDTH, top))
    sheet.save(path)
