"""Enlarges a picture: `python answer.py picture.jpg enlarged.png`."""

import json
import sys

import numpy as np
from PIL import Image

from models.core.exporting.pictures import manifest, read, run, to_input, to_picture


def answer(path: str) -> Image.Image:
    """The enlarged picture, computed in tiles that overlap, so that large pictures fit into memory."""
    options = manifest()["defaults"]
    scale, margin, tile = options["scale"], options["margin"], options["tile"]
    image = to_input(read(path))
    height, width = image.shape[2:]
    enlarged = np.empty((3, height * scale, width * scale), np.float32)
    for top in range(0, height, tile):
        for left in range(0, width, tile):
            bottom, right = min(top + tile, height), min(left + tile, width)
            above, before = max(0, top - margin), max(0, left - margin)
            part = image[:, :, above : bottom + margin, before : right + margin]
            ((values,),) = run({"image": part})
            inner = values[
                :,
                (top - above) * scale : (bottom - above) * scale,
                (left - before) * scale : (right - before) * scale,
            ]
            enlarged[:, top * scale : bottom * scale, left * scale : right * scale] = inner
    return to_picture(enlarged)


if __name__ == "__main__":
    picture = answer(sys.argv[1])
    picture.save(sys.argv[2] if len(sys.argv) > 2 else "enlarged.png")
    print(json.dumps({"width": picture.width, "height": picture.height}))
