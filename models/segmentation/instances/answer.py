"""The mask of one object: `python answer.py picture.jpg XMIN YMIN XMAX YMAX mask.png`, a box in pixels.

Without a box, the middle of the picture is taken. The box is that of a detector, or drawn.
"""

import json
import sys

import numpy as np
from PIL import Image

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
    square = square.resize((size, size), Image.Resampling.BILINEAR, reducing_gap=3.0)
    scale = size / side
    inner = [(xmin - left) * scale, (ymin - top) * scale, (xmax - left) * scale, (ymax - top) * scale]
    inside = inside_box(size, *inner)
    image, box_map = to_input(square), inside[None, None].astype(np.float32)
    ((logits,),) = run({"image": image, "box": box_map})
    ((of_mirrored,),) = run({"image": image[..., ::-1].copy(), "box": box_map[..., ::-1].copy()})
    logits = (logits + of_mirrored[..., ::-1]) / 2

    # the object does not reach far beyond its box
    across, down = options["widened"] * (inner[2] - inner[0]), options["widened"] * (inner[3] - inner[1])
    near = inside_box(size, inner[0] - across, inner[1] - down, inner[2] + across, inner[3] + down)
    certain = np.where(near, logits[0], -np.abs(logits[0]))
    mask = Image.fromarray((stretched(certain, side, side) > 0).astype(np.uint8) * 255)
    whole = Image.new("L", picture.size)
    whole.paste(mask, (left, top))
    return whole


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
