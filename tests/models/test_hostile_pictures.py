"""Unusual images through every capability that takes one image: an answer of the right size, or an error."""

import io
import struct
import zlib
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from models.core.contract import registry
from models.core.contract.card import MediaKind
from models.core.contract.errors import InputError
from models.core.contract.prediction import Opened, answer_opened

# the capabilities of the tests, which other files include, read images in a way of their own
CAPABILITIES = [
    card.name
    for card in registry.cards().values()
    if [each.kind for each in card.inputs] == [MediaKind.IMAGE]
    and card.predict_params.__module__.startswith("models.")
]
PROBE = np.random.default_rng(5).integers(0, 256, (24, 36, 3), dtype=np.uint8)
GRAY = PROBE[..., 0]

each_capability = pytest.mark.parametrize("capability", CAPABILITIES)


@cache
def predictor(capability: str) -> Any:
    torch.set_num_threads(1)
    weights = registry.cards()[capability].models[0].weights
    return registry.code(capability, "predict").Predictor(weights, "cpu")


def inputs(capability: str, data: bytes) -> dict[str, bytes]:
    (taken,) = registry.cards()[capability].inputs
    return {taken.name: data}


@cache
def opened(capability: str, data: bytes) -> Opened:
    params = registry.cards()[capability].predict_params()
    return answer_opened(predictor(capability), inputs(capability, data), params)


def compared(answer: Opened) -> Any:
    """The pixels of the first output; the result if there are no outputs."""
    prediction = answer.prediction
    if not prediction.outputs:
        return prediction.result
    return np.asarray(Image.open(io.BytesIO(prediction.outputs[0].data))).tolist()


def encoded(image: Image.Image, name: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, name, **options)
    return buffer.getvalue()


def png(width: int, height: int, depth: int, color: int, rows: bytes) -> bytes:
    """A PNG by hand: Pillow writes neither 16 bits in color nor a wrong size."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def sixteen_bits(values: np.ndarray) -> bytes:
    """The same image with values multiplied by 257, of 65535."""
    rows = b"".join(b"\0" + row.tobytes() for row in (values.astype(np.uint16) * 257).astype(">u2"))
    return png(values.shape[1], values.shape[0], 16, 2 if values.ndim == 3 else 0, rows)


def rotated() -> bytes:
    """Stored on its side: 24 wide and 36 high after EXIF rotation."""
    exif = Image.Exif()
    exif[0x112] = 6
    return encoded(Image.fromarray(PROBE), exif=exif)


def animated() -> bytes:
    first, second = Image.fromarray(GRAY), Image.fromarray(255 - GRAY)
    return encoded(first, "GIF", save_all=True, append_images=[second], duration=100)


def palette_with_transparency() -> bytes:
    """A palette image with one transparent color."""
    image = Image.fromarray(PROBE).quantize(16)
    return encoded(image, transparency=3)


def noise(width: int, height: int) -> Callable[[], bytes]:
    values = np.random.default_rng(6).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return lambda: encoded(Image.fromarray(values))


IMAGES: dict[str, tuple[Callable[[], bytes], tuple[int, int]]] = {
    "one pixel": (noise(1, 1), (1, 1)),
    "one column": (noise(1, 5000), (1, 5000)),
    "one row": (noise(5000, 1), (5000, 1)),
    "16 bits, gray": (lambda: sixteen_bits(GRAY), (36, 24)),
    "16 bits, color": (lambda: sixteen_bits(PROBE), (36, 24)),
    "CMYK": (lambda: encoded(Image.fromarray(PROBE).convert("CMYK"), "JPEG"), (36, 24)),
    "animated": (animated, (36, 24)),
    "rotated by EXIF": (rotated, (24, 36)),
    "palette with transparency": (palette_with_transparency, (36, 24)),
    "gray with transparency": (lambda: encoded(Image.merge("LA", [Image.fromarray(GRAY)] * 2)), (36, 24)),
    "one bit": (lambda: encoded(Image.fromarray(GRAY).convert("1")), (36, 24)),
    "entirely transparent": (lambda: encoded(Image.new("RGBA", (36, 24), (9, 9, 9, 0))), (36, 24)),
}


@each_capability
@pytest.mark.parametrize("name", IMAGES)
def test_an_unusual_image_gets_an_answer_of_its_size(capability: str, name: str) -> None:
    make, size = IMAGES[name]
    answer = opened(capability, make())
    result, outputs = answer.prediction.result, answer.prediction.outputs

    assert (result["image"]["width"], result["image"]["height"]) == size
    assert answer.stages
    if outputs:
        scale = result.get("scale", 1)
        own = result.get("answer")  # the size of pictures that are drawn, whatever the upload's
        expected = (own["width"], own["height"]) if own else (size[0] * scale, size[1] * scale)
        assert Image.open(io.BytesIO(outputs[0].data)).size == expected


@each_capability
def test_bits_frames_and_orientation_do_not_change_the_answer(capability: str) -> None:
    gray, color = encoded(Image.fromarray(GRAY)), encoded(Image.fromarray(PROBE))
    upright = encoded(Image.fromarray(np.rot90(PROBE, -1)))

    for unusual, plain in [
        (sixteen_bits(GRAY), gray),
        (sixteen_bits(PROBE), color),
        (animated(), gray),
        (rotated(), upright),
    ]:
        assert compared(opened(capability, unusual)) == compared(opened(capability, plain))


@each_capability
@pytest.mark.parametrize(
    ("data", "message"),
    [
        (png(60_000, 60_000, 8, 2, bytes(1000)), r"60,000 × 60,000 .* limit is 64,000,000"),
        (encoded(Image.fromarray(PROBE), "JPEG")[:300], "damaged"),
        (b"", "not an image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing"),
    ],
    ids=["huge", "truncated", "empty", "drawing"],
)
def test_an_unreadable_image_is_an_input_error(capability: str, data: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        predictor(capability).decode(inputs(capability, data), registry.cards()[capability].predict_params())
