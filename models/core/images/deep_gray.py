"""Gray images of more than 8 bits to 8 bits, by the range that the file declares.

The range never depends on the brightest pixel where a file declares one: unsigned samples span what their
number of bits can hold, and floating-point samples span 0 to 1 by convention. Only where neither is known
(signed and 32-bit integers, and floats beyond 0 to 1), the values are stretched, with a note.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image

from models.core.contract.messages import Message, Text

STRETCHED = Text(
    "core.images.stretched",
    "The picture does not declare which of its gray values are black and white: its values from {low:g} to "
    "{high:g} were stretched to that range, so that its brightness depends on its darkest and brightest "
    "pixel.",
)

_BITS, _PHOTOMETRIC, _SAMPLE_FORMAT = 258, 262, 339
_MINIMA, _MAXIMA = (340, 280), (341, 281)  # SMinSampleValue and the older MinSampleValue
_UNSIGNED, _WHITE_IS_ZERO = 1, 0
_EXCEEDING = 0.01  # share of values that a sound declaration can leave out
_TOLERANCE = 1e-3  # of floats that are meant to span 0 to 1


def is_deep(mode: str) -> bool:
    return mode.startswith("I") or mode == "F"


def to_8_bits(image: Image.Image, tags: Mapping[int, Any] | None) -> tuple[Image.Image, Message | None]:
    """The image as 8-bit gray, and a note if its range had to be guessed.

    Args:
        tags: of a TIFF file; other formats have samples of up to 16 bits, or floats.
    """
    values = np.asarray(image).astype(np.float64 if image.mode == "I" else np.float32)
    finite = np.isfinite(values)
    if not finite.all():
        values = np.where(finite, values, 0.0) if not finite.any() else np.nan_to_num(
            values, nan=values[finite].min(), posinf=values[finite].max(), neginf=values[finite].min()
        )  # fmt: skip
    span = declared_range(tags or {}, values) or _conventional(values, image.mode, tags)
    note = None
    if span is None:
        span = float(values.min()), float(values.max())
        note = STRETCHED(low=span[0], high=span[1])
    low, high = span
    if tags and tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO:
        low, high = high, low
    return Image.fromarray(scaled(values, low, high)), note


def scaled(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """uint8: `low` becomes 0 and `high` 255; the middle if they are equal."""
    if low == high:
        return np.full(values.shape, 128, np.uint8)
    return (((values - low) / (high - low)).clip(0, 1) * 255).round().astype(np.uint8)


def declared_range(tags: Mapping[int, Any], values: np.ndarray | None = None) -> tuple[float, float] | None:
    """The values of black and white by a TIFF file's tags; None: none, or many `values` exceed them."""
    low = next((value for tag in _MINIMA if (value := _number(tags.get(tag))) is not None), 0.0)
    high = next((value for tag in _MAXIMA if (value := _number(tags.get(tag))) is not None), None)
    if high is None or high <= low or (values is not None and (values > high).mean() > _EXCEEDING):
        return None
    return low, high


def _conventional(
    values: np.ndarray, mode: str, tags: Mapping[int, Any] | None
) -> tuple[float, float] | None:
    """The range that the type of the samples implies; None: it implies none."""
    if mode == "F":
        is_share = values.min() >= -_TOLERANCE and values.max() <= 1 + _TOLERANCE
        return (0.0, 1.0) if is_share else None
    if tags is None:
        return 0.0, 65535.0  # PNG has samples of 16 bits, and Pillow scales those of a PGM file to 16
    bits, kind = _number(tags.get(_BITS)) or 16, _number(tags.get(_SAMPLE_FORMAT, _UNSIGNED))
    return (0.0, 2.0**bits - 1) if kind == _UNSIGNED and bits <= 16 else None


def _number(value: Any) -> float | None:
    """The first of a tag's values; None: it has none that is a number."""
    if isinstance(value, tuple):
        value = value[0] if value else None
    try:
        number = float(value)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return number if math.isfinite(number) else None
