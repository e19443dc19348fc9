"""Odd pictures through every capability that takes pictures: an answer of the right size, or plain words."""

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
from models.core.contract.card import Kind
from models.core.contract.errors import InputError
from models.core.contract.prediction import Prediction, Wants

# the tests' own capability, which other files include, reads pictures in a way of its own
PICTURES = [
    card.name
    for card in registry.cards().values()
    if card.accepts == Kind.IMAGE and card.predict_params.__module__.startswith("models.")
]
PROBE = np.random.default_rng(5).integers(0, 256, (24, 36, 3), dtype=np.uint8)
GRAY = PROBE[..., 0]

each_capability = pytest.mark.parametrize("capability", PICTURES)


@cache
def predictor(capability: str) -> Any:
    torch.set_num_threads(1)
    weights = registry.cards()[capability].models[0].weights
    return registry.code(capability, "predict").Predictor(weights, "cpu")


@cache
def answer(capability: str, data: bytes) -> Prediction:
    params = registry.cards()[capability].predict_params()
    return predictor(capability)(data, params, Wants(inspection=True, picture=True))


def scale(capability: str) -> int:
    """How much larger the answer is than the upload."""
    return predictor(capability).network.scale if capability == "super_resolution" else 1


def seen(prediction: Prediction) -> np.ndarray:
    """The pixels of the first file of an answer; detection's boxes where there is none."""
    if not prediction.outputs:
        return np.array([list(each["box"].values()) for each in prediction.result["objects"]])
    return np.asarray(Image.open(io.BytesIO(prediction.outputs[0].data)))


def saved(image: Image.Image, name: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, name, **options)
    return buffer.getvalue()


def png(width: int, height: int, depth: int, color: int, rows: bytes) -> bytes:
    """A PNG by hand, as Pillow writes none of 16 bits in color and none that lies about its size."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def sixteen_bits(values: np.ndarray) -> bytes:
    """The same picture with 257 times as large numbers, of 65535."""
    rows = b"".join(b"\0" + row.tobytes() for row in (values.astype(np.uint16) * 257).astype(">u2"))
    return png(values.shape[1], values.shape[0], 16, 2 if values.ndim == 3 else 0, rows)


def rotated() -> bytes:
    """Stored lying, to be shown upright: 24 wide and 36 high."""
    exif = Image.Exif()
    exif[0x112] = 6
    return saved(Image.fromarray(PROBE), exif=exif)


def animated() -> bytes:
    first, second = Image.fromarray(GRAY), Image.fromarray(255 - GRAY)
    return saved(first, "GIF", save_all=True, append_images=[second], duration=100)


def see_through() -> bytes:
    """A palette picture, one of whose colors is transparent."""
    image = Image.fromarray(PROBE).quantize(16)
    return saved(image, transparency=3)


def noise(width: int, height: int) -> Callable[[], bytes]:
    values = np.random.default_rng(6).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return lambda: saved(Image.fromarray(values))


TAKEN: dict[str, tuple[Callable[[], bytes], tuple[int, int]]] = {
    "one pixel": (noise(1, 1), (1, 1)),
    "one column": (noise(1, 5000), (1, 5000)),
    "one row": (noise(5000, 1), (5000, 1)),
    "16 bits, gray": (lambda: sixteen_bits(GRAY), (36, 24)),
    "16 bits, color": (lambda: sixteen_bits(PROBE), (36, 24)),
    "printing's colors": (lambda: saved(Image.fromarray(PROBE).convert("CMYK"), "JPEG"), (36, 24)),
    "animated": (animated, (36, 24)),
    "lying": (rotated, (24, 36)),
    "palette with transparency": (see_through, (36, 24)),
    "gray with transparency": (lambda: saved(Image.merge("LA", [Image.fromarray(GRAY)] * 2)), (36, 24)),
    "one bit": (lambda: saved(Image.fromarray(GRAY).convert("1")), (36, 24)),
    "nothing but transparency": (lambda: saved(Image.new("RGBA", (36, 24), (9, 9, 9, 0))), (36, 24)),
}


@each_capability
@pytest.mark.parametrize("name", TAKEN)
def test_an_odd_picture_gets_an_answer_of_its_size(capability: str, name: str) -> None:
    make, size = TAKEN[name]
    prediction = answer(capability, make())

    assert (prediction.result["image"]["width"], prediction.result["image"]["height"]) == size
    assert prediction.stages
    if prediction.outputs:
        drawn = Image.open(io.BytesIO(prediction.outputs[0].data))
        assert drawn.size == (size[0] * scale(capability), size[1] * scale(capability))


@each_capability
def test_bits_frames_and_orientation_do_not_change_the_answer(capability: str) -> None:
    gray, color = saved(Image.fromarray(GRAY)), saved(Image.fromarray(PROBE))
    upright = saved(Image.fromarray(np.rot90(PROBE, -1)))

    for odd, plain in [
        (sixteen_bits(GRAY), gray),
        (sixteen_bits(PROBE), color),
        (animated(), gray),
        (rotated(), upright),
    ]:
        assert np.array_equal(seen(answer(capability, odd)), seen(answer(capability, plain)))


@each_capability
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (png(60_000, 60_000, 8, 2, bytes(1000)), r"60000 × 60000 .* at most 64,000,000"),
        (saved(Image.fromarray(PROBE), "JPEG")[:300], "damaged"),
        (b"", "not an image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not an image"),
    ],
    ids=["huge", "torn", "empty", "drawing"],
)
def test_what_cannot_be_answered_is_refused_in_words(capability: str, data: bytes, words: str) -> None:
    with pytest.raises(InputError, match=words):
        predictor(capability).decode(data, registry.cards()[capability].predict_params())
