"""Every supported image format, color profiles, and errors for other files."""

import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from models.core.contract.card import MediaKind
from models.core.contract.errors import InputError
from models.core.images.codec import decode, read
from models.core.images.file_types import identify
from models.core.images.picture_files import IMAGE_FORMATS

# (60, 30, 200) of gamma 2.2 by sRGB's curve: 255 * (1.055 * (value / 255) ** (2.2 / 2.4) - 0.055)
EXCHANGED = (57, 24, 201)


def saved(image: Image.Image, name: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, name, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("name", IMAGE_FORMATS)
def test_every_format_is_identified_and_decoded(name: str) -> None:
    data = saved(Image.new("RGB", (20, 10), (200, 30, 60)), name)

    assert identify(data).kind == MediaKind.IMAGE
    assert (identify(data).width, identify(data).height) == (20, 10)
    np.testing.assert_allclose(np.asarray(decode(data))[5, 5], (200, 30, 60), atol=8)


def test_a_photo_of_several_frames_is_its_first_frame() -> None:
    frames = [Image.new("RGB", (16, 16), color) for color in ("red", "blue")]
    data = saved(frames[0], "MPO", save_all=True, append_images=frames[1:])

    assert identify(data).kind == MediaKind.IMAGE
    np.testing.assert_allclose(np.asarray(decode(data))[8, 8], (255, 0, 0), atol=8)


@pytest.mark.parametrize("data", [b"just a line of text\n", b"\0" * 64])
def test_a_file_that_is_not_an_image_is_an_input_error(data: bytes) -> None:
    with pytest.raises(InputError, match=r"^The file is not an image that can be read\.$"):
        decode(data)


def profile_with_red_and_blue_exchanged() -> bytes:
    """An ICC profile by hand: sRGB's primaries (adapted to D50) with two of them exchanged, gamma 2.2."""
    red, green, blue = (0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410)
    white = (0.9642, 1.0, 0.8249)

    def xyz(values: tuple[float, ...]) -> bytes:
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))

    curve = b"curv\0\0\0\0" + struct.pack(">IHH", 1, round(2.2 * 256), 0)
    description = b"desc\0\0\0\0" + struct.pack(">I", 10) + b"exchanged\0" + bytes(78)
    tags = [(b"desc", description), (b"wtpt", xyz(white)), (b"rXYZ", xyz(blue)), (b"gXYZ", xyz(green)),
            (b"bXYZ", xyz(red)), (b"rTRC", curve), (b"gTRC", curve), (b"bTRC", curve)]  # fmt: skip
    listed, body, place = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for name, value in tags:
        listed += name + struct.pack(">II", place + len(body), len(value))
        body += value + bytes(-len(value) % 4)
    head = struct.pack(">I4sI4s4s4s", place + len(body), bytes(4), 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    head += bytes(12) + b"acsp" + bytes(28) + xyz(white)[8:]
    return head.ljust(128, b"\0") + listed + body


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_the_colors_of_another_color_space_are_converted_to_srgb(mode: str) -> None:
    color = (200, 30, 60, 255)[: len(mode)]
    data = saved(Image.new(mode, (4, 4), color), "PNG", icc_profile=profile_with_red_and_blue_exchanged())

    np.testing.assert_allclose(np.asarray(decode(data))[0, 0], EXCHANGED, atol=1)


def test_colors_are_converted_even_if_alpha_is_kept_apart() -> None:
    data = saved(
        Image.new("RGBA", (4, 4), (200, 30, 60, 77)), "PNG", icc_profile=profile_with_red_and_blue_exchanged()
    )
    decoded = read(data)

    np.testing.assert_allclose(np.asarray(decoded.color)[0, 0], EXCHANGED, atol=1)
    assert decoded.alpha is not None
    assert decoded.alpha.getextrema() == (77, 77)


def test_a_palette_with_a_profile_is_converted() -> None:
    colors = Image.new("RGB", (4, 4), (200, 30, 60))
    profile = profile_with_red_and_blue_exchanged()
    plain = decode(saved(colors, "PNG", icc_profile=profile))
    palette = decode(saved(colors.quantize(4), "PNG", icc_profile=profile))

    assert np.array_equal(np.asarray(plain), np.asarray(palette))


def test_an_srgb_profile_changes_no_bit() -> None:
    values = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    assert np.array_equal(np.asarray(decode(saved(Image.fromarray(values), "PNG", icc_profile=srgb))), values)


@pytest.mark.parametrize("profile", [b"no profile at all", profile_with_red_and_blue_exchanged()[:150]])
def test_a_damaged_color_profile_is_ignored(profile: bytes) -> None:
    data = saved(Image.new("RGB", (4, 4), (200, 30, 60)), "PNG", icc_profile=profile)

    assert np.asarray(decode(data))[0, 0].tolist() == [200, 30, 60]


def test_a_profile_for_other_channels_is_ignored() -> None:
    data = saved(Image.new("CMYK", (16, 16)), "JPEG", icc_profile=profile_with_red_and_blue_exchanged())

    assert np.asarray(decode(data))[0, 0].tolist() == [255, 255, 255]
