"""An uploaded picture as the denoiser takes it: color, and beside it what is not to be touched."""

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps

from models.core.images import decode
from models.core.media import IMAGE_FORMATS


@dataclass(frozen=True)
class Upload:
    """One picture, upright, 8 bits a channel."""

    pixels: np.ndarray  # (H, W, 3), uint8
    alpha: np.ndarray | None  # (H, W), uint8; None: no transparency
    gray: bool  # the three channels are equal


def read(data: bytes) -> Upload:
    """The picture with its transparency apart, not laid on white.

    Raises:
        InputError: not an image that can be read, damaged, or too large.
    """
    laid = decode(data)  # refuses what cannot be read, before anything else is done with it
    alpha = None
    with Image.open(io.BytesIO(data), formats=IMAGE_FORMATS) as opened:
        if opened.has_transparency_data:
            upright = ImageOps.exif_transpose(opened).convert("RGBA")
            alpha, laid = np.asarray(upright.getchannel("A")), upright.convert("RGB")
    pixels = np.array(laid)
    gray = all(bool((row[:, :1] == row[:, 1:]).all()) for row in pixels)
    return Upload(pixels, alpha, gray)
