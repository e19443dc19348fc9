"""Colors as a file declares them, as browsers draw them; `tests/browser` compares with a browser itself."""

import io
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from models.core.images.codec import read
from models.core.images.color_profile import matrix_profile
from tests.models.core.images.pictures import (
    P3_PRIMARIES,
    SRGB_PRIMARIES,
    bmp,
    chunk,
    colors,
    gamma,
    gif,
    png,
    primaries,
    saved,
    shades,
)

RGB, GRAY = 2, 0
SRGB = chunk(b"sRGB", b"\0")
PLACE = (8, 0)  # (128, 112, 8)


def icc(profile: bytes) -> bytes:
    return chunk(b"iCCP", b"x\0\0" + zlib.compress(profile))


def linear_profile() -> bytes:
    profile = matrix_profile(SRGB_PRIMARIES, (1.0,))
    assert profile is not None
    return profile


def drawn(extra: bytes) -> list[int]:
    return np.asarray(read(png(colors(), RGB, extra=extra)).color)[PLACE].tolist()


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        (b"", (128, 112, 8)),
        # 255 * (1.055 * light ** (1 / 2.4) - 0.055), light = (value / 255) ** (1 / gamma)
        (gamma(100_000), (188, 177, 50)),
        (gamma(100_000) + gamma(45_455), (188, 177, 50)),
        (gamma(45_455), (128, 112, 8)),
        (gamma(45_000), (128, 112, 8)),
        (gamma(0), (128, 112, 8)),
        (gamma(100_000)[:-4] + b"abcd", (128, 112, 8)),
        (gamma(45_455) + primaries(SRGB_PRIMARIES), (129, 113, 2)),
        (gamma(45_455) + primaries(P3_PRIMARIES), (132, 112, 0)),
        (primaries(P3_PRIMARIES), (128, 112, 8)),
        (gamma(100_000) + primaries((0.0,) * 8), (128, 112, 8)),
        (gamma(100_000) + SRGB, (128, 112, 8)),
        (icc(linear_profile()) + SRGB, (188, 177, 50)),
        (icc(linear_profile()) + gamma(45_455), (188, 177, 50)),
        (icc(b"no profile") + gamma(100_000), (188, 177, 50)),
        (chunk(b"iCCP", b"x\0\0" + zlib.compress(linear_profile())[:40]) + gamma(100_000), (188, 177, 50)),
        (chunk(b"cICP", bytes((12, 13, 0, 1))) + SRGB, (131, 111, 0)),
    ],
)
def test_of_the_colors_that_a_png_declares_the_first_that_can_be_read_counts(
    extra: bytes, expected: tuple[int, ...]
) -> None:
    np.testing.assert_allclose(drawn(extra), expected, atol=1)


def gray_profile() -> bytes:
    """Linear gray, by hand."""
    white = b"XYZ \0\0\0\0\0\0\xf6\xd6\0\1\0\0\0\0\xd3\x2d"
    curve = b"curv\0\0\0\0\0\0\0\0"
    place = 128 + 4 + 24
    tags = (2).to_bytes(4, "big") + b"wtpt" + place.to_bytes(4, "big") + len(white).to_bytes(4, "big")
    tags += b"kTRC" + (place + len(white)).to_bytes(4, "big") + len(curve).to_bytes(4, "big")
    size = place + len(white) + len(curve)
    head = size.to_bytes(4, "big") + bytes(4) + b"\x02\x10\0\0mntrGRAYXYZ " + bytes(12) + b"acsp" + bytes(28)
    return (head + white[8:]).ljust(128, b"\0") + tags + white + curve


def test_gray_of_a_gray_profile_is_converted() -> None:
    expected = [round(255 * (12.92 * v if v <= 0.0031308 else 1.055 * v ** (1 / 2.4) - 0.055))
                for v in np.arange(256) / 255]  # fmt: skip
    for samples, bits in ((shades(), 8), (shades() * 257, 16)):
        found = np.asarray(read(png(samples, GRAY, bits=bits, extra=icc(gray_profile()))).color)

        np.testing.assert_allclose(found[:, :, 0].reshape(-1), expected, atol=1)


def test_gray_of_a_color_profile_is_converted_and_color_of_a_gray_one_is_not() -> None:
    gray = np.asarray(read(png(shades(), GRAY, extra=icc(linear_profile()))).color)

    assert gray[PLACE].tolist() == [188, 188, 188]
    assert drawn(icc(gray_profile())) == [128, 112, 8]


def test_a_linear_profile_that_is_called_srgb_is_no_srgb() -> None:
    profile = ImageCms.ImageCmsProfile(io.BytesIO(linear_profile())).tobytes()
    data = saved(Image.fromarray(colors().astype(np.uint8)), "PNG", icc_profile=profile)

    np.testing.assert_allclose(np.asarray(read(data).color)[PLACE], (188, 177, 50), atol=1)


def alpha_of(data: bytes) -> np.ndarray:
    found = read(data)
    return np.full(found.color.size[::-1], 255) if found.alpha is None else np.asarray(found.alpha)


def test_a_gif_is_transparent_where_its_first_frame_is_not() -> None:
    alpha = alpha_of(gif((8, 8), (2, 2, 4, 4)))

    assert (alpha[2:6, 2:6] == 255).all()
    assert alpha.sum() == 16 * 255


def test_a_transparent_color_is_transparent_at_every_depth() -> None:
    gray, rgb = png(shades(), GRAY, extra=chunk(b"tRNS", b"\0\7")), colors()[3, 3]
    color = png(colors(), RGB, extra=chunk(b"tRNS", b"".join(b"\0" + bytes([value]) for value in rgb)))

    assert np.argwhere(alpha_of(gray) == 0).tolist() == [[0, 7]]
    assert np.argwhere(alpha_of(color) == 0).tolist() == [[3, 3]]


MASKS = (0xFF0000, 0xFF00, 0xFF, 0xFF000000)


@pytest.mark.parametrize(
    ("version", "masks", "alpha", "is_seen"),
    [(3, (), 77, True), (4, MASKS, 77, False), (5, MASKS, 77, False), (4, MASKS, 0, True)],
)
def test_the_alpha_of_a_bmp_counts_where_it_is_declared_and_used(
    version: int, masks: tuple[int, ...], alpha: int, is_seen: bool
) -> None:
    pixels = np.dstack([colors()[:, :, ::-1], np.full((16, 16), alpha)])

    assert (alpha_of(bmp(pixels, version, masks)) == 255).all() == is_seen


@pytest.mark.parametrize(
    ("name", "options"),
    [("GIF", {}), ("WEBP", {"lossless": True}), ("PNG", {}), ("PNG", {"default_image": True})],
)
def test_an_animation_is_its_first_frame(name: str, options: dict[str, bool]) -> None:
    frames = [Image.new("RGB", (20, 10), color) for color in ("red", "blue")]
    first = Image.new("RGB", (20, 10), "green") if options.get("default_image") else frames[0]
    rest = frames if options.get("default_image") else frames[1:]

    found = read(saved(first, name, save_all=True, append_images=rest, **options)).color

    assert np.asarray(found)[5, 5].tolist() == [255, 0, 0]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_every_orientation_of_every_format_is_turned_upright(name: str, orientation: int) -> None:
    turns = {
        2: (0, True),
        3: (180, False),
        4: (180, True),
        5: (90, True),
        6: (270, False),
        7: (270, True),
        8: (90, False),
    }
    picture = Image.fromarray(np.kron(colors()[:4, :8], np.ones((16, 16, 1))).astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112] = orientation
    degrees, is_mirrored = turns.get(orientation, (0, False))
    expected = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if is_mirrored else picture
    expected = expected.rotate(degrees, expand=True)

    found = read(
        saved(picture, name, exif=exif.tobytes(), **({"quality": 100} if name not in ("PNG", "TIFF") else {}))
    )

    assert found.color.size == expected.size
    difference = np.abs(np.asarray(found.color).astype(int) - np.asarray(expected))
    assert difference.mean() < 6
