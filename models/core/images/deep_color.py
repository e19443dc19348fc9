"""Color images of 16 bits a sample, of which Pillow decodes the upper 8."""

from collections.abc import Callable
from typing import Any

import numpy as np
from PIL.ImageFile import ImageFile

_OTHER_ENDS = {"L": "B", "B": "L", "N": "B"}  # the last letter of a raw mode such as RGB;16L
_DEPTH = ";16"


def rawmode_of(image: ImageFile) -> str:
    """How the samples of an image that is not decoded yet are stored; empty if not as whole bytes."""
    args = image.tile[0].args if image.tile else None
    first = args[0] if isinstance(args, tuple) and args else args
    return first if isinstance(first, str) else ""


def is_deep_color(rawmode: str) -> bool:
    return rawmode.startswith(("RGB", "CMYK")) and _DEPTH in rawmode


def samples(upper: ImageFile, reopen: Callable[[], ImageFile], rawmode: str) -> np.ndarray:
    """All 16 bits, uint16, (H, W, channels).

    Args:
        upper: the image as Pillow decodes it.
        reopen: opens the same image again, without decoding it.
        rawmode: how its samples are stored.
    """
    other = rawmode[:-1] + _OTHER_ENDS[rawmode[-1]]  # with the bytes of each sample exchanged
    with reopen() as image:
        image.tile = [tile._replace(args=_with_mode(tile.args, other)) for tile in image.tile]
        image.load()
        lower = np.asarray(image)
    return np.asarray(upper).astype(np.uint16) << 8 | lower


def _with_mode(args: Any, rawmode: str) -> Any:
    return (rawmode, *args[1:]) if isinstance(args, tuple) else rawmode
