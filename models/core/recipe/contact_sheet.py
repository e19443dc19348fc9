"""A contact sheet: many pictures side by side in one, to be looked at."""

from collections.abc import Sequence

from PIL import Image, ImageDraw

GAP, HEADER = 4, 16  # pixels

Tile = tuple[str, Image.Image]  # a caption, drawn onto the picture; it may be empty


def contact_sheet(
    groups: Sequence[Sequence[Tile]], side: tuple[int, int], across: int = 1, names: Sequence[str] = ()
) -> Image.Image:
    """Groups of pictures, such as before and after, in lines of `across` groups.

    Args:
        groups: all of one length.
        side: width and height of a tile, in which each picture is placed whole, shrunk if it is larger.
        names: of the columns of a group, written above the first line.
    """
    columns, lines = len(groups[0]) * across, -(-len(groups) // across)
    width, height = side[0] + GAP, side[1] + GAP
    header = HEADER if names else 0
    sheet = Image.new("RGB", (columns * width, header + lines * height), "white")
    pen = ImageDraw.Draw(sheet)
    for column in range(columns if names else 0):
        pen.text((column * width + GAP, 2), names[column % len(names)], fill="black")
    for index, group in enumerate(groups):
        left, top = index % across * len(group) * width, header + index // across * height
        for place, (caption, picture) in enumerate(group):
            tile = picture.copy()
            tile.thumbnail(side)
            sheet.paste(tile, (left + place * width, top))
            corner = (left + place * width + GAP, top + GAP)
            pen.text(corner, caption, fill="white", stroke_width=2, stroke_fill="black")
    return sheet
