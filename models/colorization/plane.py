"""Draws distributions over colors: the ab plane with each color as strong as it is probable.

Shapes: Q colors, h and w cells of the color map.
"""

import torch
from PIL import Image, ImageDraw

from models.colorization.lab import into_gamut, lab_to_rgb
from models.colorization.quantization import STEP, centers
from models.core.images.codec import from_tensor

Place = tuple[int, int]  # row and column of a cell

PLACES = 4
SQUARE = 9  # pixels of one color in the plane
GAP = 12  # pixels between pictures
LIGHT = 65.0  # L* at which colors are shown: most of them exist there
EMPTY = 0.12  # of a color is shown where it is improbable, so that the plane stays visible
MARGIN = 0.08  # of the picture's sides, in which no place is chosen


def least_alike_places(probabilities: torch.Tensor, count: int = PLACES) -> list[Place]:
    """Up to `count` cells whose distributions (Q, h, w) differ most, beginning with the surest cell.

    Each next one is the cell whose distribution is furthest, in total variation, from all chosen before.
    """
    _, height, width = probabilities.shape
    top, left = round(MARGIN * height), round(MARGIN * width)
    inner = probabilities[:, top : height - top, left : width - left]
    flat = inner.flatten(1)
    chosen = [int(flat.amax(dim=0).argmax())]
    distance = torch.full((flat.shape[1],), torch.inf)
    while len(chosen) < min(count, flat.shape[1]):
        last = flat[:, chosen[-1]][:, None]
        distance = torch.minimum(distance, (flat - last).abs().sum(dim=0) / 2)
        chosen.append(int(distance.argmax()))
    return [(top + index // inner.shape[2], left + index % inner.shape[2]) for index in chosen]


def draw_choices(gray: Image.Image, probabilities: torch.Tensor, places: list[Place]) -> Image.Image:
    """The gray picture with numbered places, and beside it the plane of each of them."""
    planes = [draw_plane(probabilities[:, row, column]) for row, column in places]
    side = planes[0].width
    shown = gray.resize(
        (round(gray.width * (2 * side + GAP) / gray.height), 2 * side + GAP), Image.Resampling.BILINEAR
    )
    pen = ImageDraw.Draw(shown)
    cell = shown.height / probabilities.shape[1]
    columns = -(-len(planes) // 2)
    picture = Image.new("RGB", (shown.width + columns * (side + GAP), shown.height), "white")
    for number, ((row, column), plane) in enumerate(zip(places, planes, strict=True), start=1):
        across, down = divmod(number - 1, 2)
        write_number(pen, ((column + 0.5) * cell, (row + 0.5) * cell), number)
        write_number(ImageDraw.Draw(plane), (2 * GAP, 2 * GAP), number)
        picture.paste(plane, (shown.width + GAP + across * (side + GAP), down * (side + GAP)))
    picture.paste(shown, (0, 0))
    return picture


def draw_plane(probabilities: torch.Tensor) -> Image.Image:
    """The ab plane of one distribution (Q,), a* to the right and b* upwards, gray in the middle."""
    reach = int((centers().abs().max() / STEP).item())
    cells = torch.full((3, 2 * reach + 1, 2 * reach + 1), 1.0)
    columns = (centers()[:, 0] / STEP).long() + reach
    rows = reach - (centers()[:, 1] / STEP).long()
    light = torch.full((1, len(centers()), 1), LIGHT)
    colors = lab_to_rgb(into_gamut(torch.cat([light, centers().T[:, :, None]])))[:, :, 0]
    strength = EMPTY + (1 - EMPTY) * (probabilities / probabilities.max()).sqrt()
    cells[:, rows, columns] = torch.lerp(torch.ones_like(colors), colors, strength)
    picture = from_tensor(cells)
    return picture.resize((picture.width * SQUARE, picture.height * SQUARE), Image.Resampling.NEAREST)


def write_number(pen: ImageDraw.ImageDraw, center: tuple[float, float], number: int) -> None:
    """A white number in a black disk."""
    x, y = center
    pen.ellipse((x - GAP, y - GAP, x + GAP, y + GAP), fill="black", outline="white", width=2)
    pen.text((x, y), str(number), fill="white", anchor="mm", font_size=1.5 * GAP)
