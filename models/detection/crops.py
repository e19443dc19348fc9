"""Each object of an answer as a picture of its own, in one ZIP."""

from collections.abc import Mapping
from math import ceil, floor
from typing import Any

from models.core.contract import cancellation
from models.core.contract.prediction import Inputs, content
from models.core.images.codec import encode_png, read
from models.detection.exports import corners, zipped


def write(name: str, result: Mapping[str, Any], inputs: Inputs) -> bytes:  # noqa: ARG001  the only one
    """PNG files such as `01-cat-0.58.png`, cut from the upright picture at whole pixels around the boxes.

    Raises:
        InputError: the picture is missing or cannot be read.
    """
    upload = read(content(inputs, "image")).on_white
    files: dict[str, bytes] = {}
    for place, found in enumerate(result["objects"], 1):
        cancellation.check()
        left, top, right, bottom = corners(found)
        box = floor(left), floor(top), min(ceil(right), upload.width), min(ceil(bottom), upload.height)
        files[f"{place:02d}-{found['label']}-{found['score']:.2f}.png"] = encode_png(upload.crop(box))
    return zipped(files)
