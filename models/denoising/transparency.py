"""An uploaded picture as the denoiser takes it: color, and beside it what is not to be touched."""

from dataclasses import dataclass

import numpy as np

from models.core.images.codec import decode_layers


@dataclass(frozen=True)
class Upload:
    """One picture, upright, 8 bits a channel."""

    pixels: np.ndarray  # (H, W, 3), uint8
    alpha: np.ndarray | None  # (H, W), uint8; None: nothing is transparent
    gray: bool  # the three channels are equal


def read(data: bytes) -> Upload:
    """The picture with its transparency apart, not laid on white.

    Raises:
        InputError: not an image that can be read, damaged, or too large.
    """
    color, alpha = decode_layers(data)
    pixels = np.array(color)
    gray = all(bool((row[:, :1] == row[:, 1:]).all()) for row in pixels)  # by rows: pictures may be large
    return Upload(pixels, None if alpha is None else np.asarray(alpha), gray)
