"""Pictures of more than 8 bits a sample mean the same whatever their brightest pixel."""

import numpy as np
import pytest
from PIL import Image

from models.core.contract.errors import InputError
from models.core.images.codec import read
from tests.models.core.images.pictures import chunk, colors, gamma, png, saved, shades, tiff

RAMP = np.arange(4096).reshape(64, 64)  # 12 bits
S_MIN, S_MAX, MAX = 340, 341, 281  # TIFF's tags
HALF = 127.5


def mean(data: bytes) -> float:
    return float(np.asarray(read(data).color).mean())


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (tiff((RAMP * 16).astype("<u2")), 127.47),  # to 65520 of 65535
        (tiff((RAMP * 16).astype(">u2")), 127.47),
        (tiff((RAMP * 16).astype("<u2"), photometric=0), 255 - 127.47),
        (tiff(RAMP.astype("<u2")), 127.47 / 16),
        (tiff(RAMP.astype("<u2"), more=[(S_MAX, 3, [4095])]), HALF),
        (tiff(RAMP.astype("<u2"), more=[(MAX, 3, [4095])]), HALF),
        (tiff(RAMP.astype("<u2"), more=[(MAX, 3, [1])]), 127.47 / 16),  # cannot be meant
        (tiff(RAMP.astype("<i2"), kind=2, more=[(S_MIN, 8, [-4095]), (S_MAX, 8, [4095])]), 191.25),
        (tiff((RAMP / 4095).astype("<f4"), kind=3), HALF),
        (tiff((RAMP / 4095).astype(">f4"), kind=3), HALF),
        (tiff((RAMP / 8190).astype("<f4"), kind=3), HALF / 2),
        (tiff(RAMP.astype("<f4"), kind=3, more=[(S_MIN, 11, [0.0]), (S_MAX, 11, [8190.0])]), HALF / 2),
        (b"P5 64 64 4095\n" + RAMP.astype(">u2").tobytes(), HALF),
        (b"P5 64 64 65535\n" + RAMP.astype(">u2").tobytes(), 127.47 / 16),
        (b"Pf\n64 64\n-1.0\n" + (RAMP / 4095).astype("<f4").tobytes(), HALF),
        (png(RAMP * 16, 0, bits=16), 127.47),
        (png(RAMP, 0, bits=16), 127.47 / 16),
        (tiff(np.repeat(RAMP[:, :, None] * 16, 3, axis=2).astype("<u2"), photometric=2), HALF),
        (tiff(np.repeat(RAMP[:, :, None], 3, axis=2).astype(">u2"), photometric=2,
              more=[(S_MAX, 3, [4095] * 3)]), HALF),
    ],
)  # fmt: skip
def test_samples_span_the_range_that_the_file_declares(data: bytes, expected: float) -> None:
    assert mean(data) == pytest.approx(expected, abs=0.1)
    assert read(data).notes == ()


@pytest.mark.parametrize("brightest", [255, 256, 4096, 65535])
def test_a_16_bit_picture_means_the_same_whatever_its_brightest_pixel(brightest: int) -> None:
    values = np.full((8, 8), 200)
    values[0, 0] = brightest

    for data in (png(values, 0, bits=16), tiff(values.astype("<u2"))):
        assert np.asarray(read(data).color)[4, 4].tolist() == [1, 1, 1]  # 200 of 65535


@pytest.mark.parametrize(
    "data",
    [
        tiff((RAMP - 1000).astype("<i2"), kind=2),
        tiff((RAMP * 70_000).astype("<i4"), kind=2),
        tiff((RAMP * 70_000).astype("<u4")),
        tiff((RAMP / 16).astype("<f4"), kind=3),
        tiff((RAMP - 5000).astype("<f4"), kind=3),
    ],
)
def test_where_nothing_is_declared_the_values_are_stretched_with_a_note(data: bytes) -> None:
    found = read(data)

    assert mean(data) == pytest.approx(HALF, abs=0.1)
    assert "does not declare" in found.notes[0]


def test_values_that_are_no_numbers_do_not_count() -> None:
    values = (RAMP / 4095).astype("<f4")
    values[0, :3] = np.nan, np.inf, -np.inf

    assert mean(tiff(values, kind=3)) == pytest.approx(HALF, abs=0.2)


@pytest.mark.parametrize("value", [0, 7, -3])
def test_a_picture_of_one_value_without_a_range_is_gray(value: int) -> None:
    assert mean(tiff(np.full((4, 4), value, "<i4"), kind=2)) == 128


@pytest.mark.parametrize(
    ("samples", "kind", "named"),
    [
        (RAMP.astype("<f8"), 3, "1 channels of 64-bit floating-point numbers"),
        (np.zeros((4, 4, 3), "<f4"), 3, "3 channels of 32-bit floating-point numbers"),
        (np.zeros((4, 4, 2), "<u2"), 1, "2 channels of 16-bit integers"),
    ],
)
def test_samples_that_are_not_read_are_named(samples: np.ndarray, kind: int, named: str) -> None:
    photometric = 2 if samples.ndim == 3 and samples.shape[2] == 3 else 1
    with pytest.raises(InputError, match=f"^The TIFF picture has {named}, which cannot be read here"):
        read(tiff(samples, kind=kind, photometric=photometric))


def test_16_bit_gray_has_its_gamma_and_its_transparent_value() -> None:
    values = shades() * 257
    values[0, 0] = 300
    found = read(png(values, 0, bits=16, extra=gamma(100_000) + chunk(b"tRNS", b"\x01\x2c")))

    assert np.asarray(found.color)[8, 0].tolist() == [188, 188, 188]  # 128 of linear light
    assert found.alpha is not None
    assert np.argwhere(np.asarray(found.alpha) == 0).tolist() == [[0, 0]]


def test_the_transparent_color_of_16_bits_is_that_color_alone() -> None:
    values = colors() * 257
    values[1, 1], values[1, 2] = (300, 300, 300), (301, 300, 300)
    found = read(png(values, 2, bits=16, extra=chunk(b"tRNS", b"\x01\x2c" * 3)))

    assert found.alpha is not None
    assert np.argwhere(np.asarray(found.alpha) == 0).tolist() == [[1, 1]]


@pytest.mark.parametrize(
    "mode",
    [
        "1",
        "L",
        "LA",
        "La",
        "P",
        "PA",
        "RGB",
        "RGBA",
        "RGBa",
        "RGBX",
        "CMYK",
        "YCbCr",
        "LAB",
        "I;16",
        "I",
        "F",
    ],
)
@pytest.mark.parametrize("name", ["TIFF", "PNG", "WEBP", "BMP", "JPEG", "AVIF", "GIF"])
def test_a_picture_of_every_mode_is_read(mode: str, name: str) -> None:
    gray = Image.new("L", (16, 16), 255)
    makes = {"La": "LA", "RGBa": "RGBA", "PA": "P", "LAB": "RGB", "I;16": "I"}
    image = gray.convert(makes[mode]) if mode in makes else gray.convert(mode)
    try:
        image = image if image.mode == mode else image.convert(mode)
        data = saved(image, name)
    except (OSError, ValueError, KeyError):
        pytest.skip(f"{name} has no {mode}")

    read(data)
