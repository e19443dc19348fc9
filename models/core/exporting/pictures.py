"""Reads the pictures and the network of an exported model. Needs NumPy, Pillow and ONNX Runtime."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

HERE = Path(__file__).parent


def manifest() -> dict[str, Any]:
    """manifest.json: labels, preprocessing and the options of an answer."""
    return json.loads((HERE / "manifest.json").read_text("utf-8"))


def run(inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
    """The outputs of model.onnx."""
    return [np.asarray(output) for output in _session().run(None, inputs)]


@cache
def _session() -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(HERE / "model.onnx", providers=["CPUExecutionProvider"])


def read(path: str) -> Image.Image:
    """RGB, upright, with transparency laid over white."""
    picture = ImageOps.exif_transpose(Image.open(path))
    layers = picture.convert("RGBA")
    white = Image.new("RGBA", layers.size, "white")
    return Image.alpha_composite(white, layers).convert("RGB")


def to_input(picture: Image.Image) -> np.ndarray:
    """(1, 3, H, W) float32 in [0, 1]; of a gray picture (1, 1, H, W)."""
    values = np.asarray(picture, np.float32) / 255
    values = values[..., None] if values.ndim == 2 else values
    return np.ascontiguousarray(values.transpose(2, 0, 1)[None])


def to_picture(values: np.ndarray) -> Image.Image:
    """(1 or 3, H, W) in [0, 1] -> a picture."""
    pixels = (values.clip(0, 1) * 255).round().astype(np.uint8)
    return Image.fromarray(pixels[0] if len(pixels) == 1 else pixels.transpose(1, 2, 0))


def letterbox(
    picture: Image.Image, side: int, border: list[int]
) -> tuple[Image.Image, tuple[int, int, int, int]]:
    """The picture in a square, in the middle of `border`; and its left, top, width and height there."""
    scale = side / max(picture.size)
    width, height = (max(1, round(length * scale)) for length in picture.size)
    left, top = (side - width) // 2, (side - height) // 2
    square = Image.new("RGB", (side, side), tuple(border))
    square.paste(picture.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=3.0), (left, top))
    return square, (left, top, width, height)


def stretched(values: np.ndarray, height: int, width: int) -> np.ndarray:
    """(h, w) -> (height, width), bilinear; pixels are areas."""
    for axis, length in ((0, height), (1, width)):
        size = values.shape[axis]
        place = ((np.arange(length) + 0.5) * size / length - 0.5).clip(0, size - 1)
        lower = np.floor(place).astype(int)
        upper = np.minimum(lower + 1, size - 1)
        share = (place - lower).astype(np.float32)
        share = share[:, None] if axis == 0 else share
        below, above = values.take(lower, axis), values.take(upper, axis)
        values = below + (above - below) * share
    return values


def framed(gray: np.ndarray, *, is_dark: bool) -> Image.Image:
    """All of a gray picture on a square of its border's gray; inverted if that is bright and must be dark."""

    def border(values: np.ndarray) -> float:
        return float(np.median(np.concatenate([values[0], values[-1], values[:, 0], values[:, -1]])))

    gray = 255 - gray if is_dark and border(gray) >= 128 else gray
    (height, width), longer = gray.shape, max(gray.shape)
    top, left = (longer - height) // 2, (longer - width) // 2
    sides = ((top, longer - height - top), (left, longer - width - left))
    return Image.fromarray(np.pad(gray, sides, constant_values=round(border(gray))))


def square(picture: Image.Image, side: int) -> Image.Image:
    """The middle square, resized."""
    crop = min(picture.size)
    left, top = (picture.width - crop) // 2, (picture.height - crop) // 2
    middle = picture.crop((left, top, left + crop, top + crop))
    return middle.resize((side, side), Image.Resampling.LANCZOS, reducing_gap=3.0)
