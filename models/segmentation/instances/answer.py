"""The mask of one object: `python answer.py picture.jpg XMIN YMIN XMAX YMAX mask.png`, a box in pixels.

Without a box, the middle of the picture is taken. The box is that of a detector, or drawn.
"""

import json
import sys

import numpy as np
from PIL import Image, ImageOps

from models.core.exporting.pictures import manifest, read, run, stretched, to_input


def answer(path: str, box: list[float] | None = None) -> Image.Image:
    """White where the object is, black elsewhere; as large as the picture."""
    about = manifest()
    options, size = about["defaults"], about["preprocessing"]["image"]["size"][0]
    picture = read(path)
    width, height = picture.size
    xmin, ymin, xmax, ymax = box or (0.1 * width, 0.1 * height, 0.9 * width, 0.9 * height)

    # the square around the box, black where it lies outside the picture
    side = max(2, round(options["margin"] * max(xmax - xmin, ymax - ymin)))
    left, top = round((xmin + xmax - side) / 2), round((ymin + ymax - side) / 2)
    square = picture.crop((left, top, left + side, top + side))
    larger = options["larger"]
    logits = logits_of(square, (xmin - left, ymin - top, xmax - left, ymax - top), larger)
    of_mirrored = logits_of(
        ImageOps.mirror(square), (left + side - xmax, ymin - top, left + side - xmin, ymax - top), size
    )
    logits = (logits + stretched(of_mirrored[..., ::-1], larger, larger)) / 2

    # the object does not reach far beyond its box
    across, down = options["widened"] * (xmax - xmin), options["widened"] * (ymax - ymin)
    beyond = (xmin - across - left, ymin - down - top, xmax + across - left, ymax + down - top)
    near = inside_box(larger, *(edge * larger / side for edge in beyond))
    certain = np.where(near, logits, -np.abs(logits))
    mask = Image.fromarray((stretched(certain, side, side) > 0).astype(np.uint8) * 255)
    whole = Image.new("L", picture.size)
    whole.paste(mask, (left, top))
    return whole


def logits_of(square: Image.Image, box: tuple[float, ...], size: int) -> np.ndarray:
    """(size, size) above 0 where the object is; the box is in pixels of the square."""
    crop = square.resize((size, size), Image.Resampling.BILINEAR, reducing_gap=3.0)
    inside = inside_box(size, *(edge * size / square.width for edge in box))
    ((logits,),) = run({"image": to_input(crop), "box": inside[None, None].astype(np.float32)})
    return logits[0]


def inside_box(size: int, xmin: float, ymin: float, xmax: float, ymax: float) -> np.ndarray:
    """(size, size) bool: pixels whose middle is in the box."""
    middles = np.arange(size) + 0.5
    columns, rows = (middles >= xmin) & (middles < xmax), (middles >= ymin) & (middles < ymax)
    return rows[:, None] & columns


if __name__ == "__main__":
    corners = [float(number) for number in sys.argv[2:6]] or None
    found = answer(sys.argv[1], corners)
    found.save(sys.argv[6] if len(sys.argv) > 6 else "mask.png")
    print(json.dumps({"pixels": int((np.asarray(found) > 0).sum()), "box": corners}))
