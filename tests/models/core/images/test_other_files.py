"""Broken metadata is passed over, broken pictures are named as such, and other files by what they are."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from models.core.contract.card import MediaKind
from models.core.contract.errors import InputError
from models.core.images.codec import decode, read
from models.core.images.file_types import identify
from models.core.images.limits import Limits, TooLarge, UnsupportedFile
from tests.models.core.images.pictures import chunk, colors, png, saved

RGB = 2
PICTURE = Image.fromarray(np.kron(colors(), np.ones((4, 4, 1))).astype(np.uint8))


@pytest.mark.parametrize(
    "extra",
    [
        chunk(b"iTXt", b"no separators"),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0garbage"),
        chunk(b"zTXt", b"k\0\0garbage"),
        chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(b"\nexif\n 10\nno hex digits\n")),
        chunk(b"zTXt", b"long\0\0" + zlib.compress(bytes(50_000_000))),
        chunk(b"tEXt", b""),
        chunk(b"eXIf", b"garbage"),
        chunk(b"eXIf", b"II*\0\xff\xff\xff\xff"),
        chunk(b"pHYs", b"x"),
        chunk(b"tIME", b""),
        chunk(b"iCCP", b"x\0\0" + b"garbage"),
        chunk(b"iCCP", b""),
        chunk(b"gAMA", b"\0"),
        chunk(b"cHRM", b"\0"),
        chunk(b"sBIT", b""),
        chunk(b"acTL", b""),
        b"\0\0\0\3tEXtabc" + bytes(4),
    ],
)
def test_metadata_of_a_png_that_cannot_be_read_is_passed_over(extra: bytes) -> None:
    data = png(colors(), RGB, extra=extra)

    assert (identify(data).width, identify(data).height) == (16, 16)
    assert np.array_equal(np.asarray(decode(data)), colors())


def exif_blocks() -> list[bytes]:
    exif = Image.Exif()
    exif[0x0112] = 6
    sound = exif.tobytes()
    return [b"Exif\0\0garbage", b"Exif\0\0II*\0\xff\xff\xff\x7f", sound[:12], sound[:-3], b"", b"\xff" * 40]


@pytest.mark.parametrize("exif", exif_blocks())
@pytest.mark.parametrize("name", ["JPEG", "WEBP", "PNG"])
def test_broken_exif_is_passed_over(name: str, exif: bytes) -> None:
    data = saved(PICTURE, name, exif=exif)

    assert decode(data).size == (identify(data).width, identify(data).height)


@pytest.mark.parametrize("name", ["JPEG", "WEBP", "PNG", "TIFF", "AVIF", "HEIF"])
def test_a_broken_color_profile_is_passed_over(name: str) -> None:
    plain, broken = saved(PICTURE, name), saved(PICTURE, name, icc_profile=b"no profile at all")

    assert np.array_equal(np.asarray(decode(plain)), np.asarray(decode(broken)))


@pytest.mark.parametrize("name", ["JPEG", "WEBP", "PNG", "AVIF", "HEIF"])
def test_broken_xmp_is_passed_over(name: str) -> None:
    data = saved(PICTURE, name, xmp=b"\xff\xfe<tiff:Orientation>9")

    assert decode(data).size == PICTURE.size


@pytest.mark.parametrize("name", ["JPEG", "PNG", "GIF", "TIFF", "BMP", "PPM"])
def test_a_picture_that_is_cut_short_is_damaged_in_plain_terms(name: str) -> None:
    data = saved(PICTURE, name)

    with pytest.raises(
        InputError, match=r"picture is damaged: (the file ends before|its data cannot be)"
    ) as error:
        read(data[: len(data) * 2 // 3])
    assert "bytes" not in str(error.value)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "JPEG"),
        (b"II*\0\x08\0\0\0\xff\xff", "TIFF"),
        (b"MM\0*\0\0\0\x08\xff\xff", "TIFF"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "PNG"),
        (b"GIF89a\1", "GIF"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "WebP"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x18ftypavif\0\0\0\0mif1avif", "AVIF"),
    ],
)
def test_a_broken_header_is_that_of_a_picture_and_no_table(head: bytes, name: str) -> None:
    with pytest.raises(UnsupportedFile, match=f"^The file has the signature of the {name} format, but"):
        identify(head)


OTHERS = {
    "a PDF document": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "an SVG drawing": b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>',
    "a PostScript file": b"%!PS-Adobe-3.0\n",
    "a JPEG XL picture": b"\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl ",
    "a JPEG 2000 picture": b"\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x14ftypjp2 ",
    "a Photoshop document": b"8BPS\0\1" + bytes(20),
    "an icon file": b"\0\0\1\0\1\0\x10\x10" + bytes(20),
    "a RAW photo of a camera": b"II*\0\x10\0\0\0CR\2\0" + bytes(20),
    "a video": b"\0\0\0\x18ftypmp42" + bytes(20),
    "a sound file": b"RIFF\x24\0\0\0WAVEfmt ",
    "an archive of another type than ZIP": b"\x1f\x8b\x08\0" + bytes(20),
    "an HTML or XML document": b"\xef\xbb\xbf<!DOCTYPE html>\n<html><body>404, not found</body></html>\n",
    "an RTF document": b"{\\rtf1\\ansi a, b\n}",
    "a Parquet file": b"PAR1\x15\4" + bytes(20),
    "a program": b"\x7fELF\2\1\1" + bytes(20),
}


@pytest.mark.parametrize("what", OTHERS)
def test_a_file_of_another_type_is_named_with_what_to_do(what: str) -> None:
    for reads in (identify, decode):
        with pytest.raises(UnsupportedFile, match=rf"^The file is {what}, which cannot be read here\. [A-Z]"):
            reads(OTHERS[what])


def test_a_targa_picture_is_no_icon_though_it_begins_as_one() -> None:
    data = saved(PICTURE, "TGA")

    assert data.startswith(b"\0\0\2\0")
    for reads in (identify, decode):
        with pytest.raises(UnsupportedFile) as error:
            reads(data)
        assert "icon" not in str(error.value)


def test_a_raw_photo_is_not_read_as_its_preview() -> None:
    for tags in ({254: 1, 330: 8}, {50706: b"\1\4\0\0"}):
        data = saved(PICTURE, "TIFF", tiffinfo=tags)

        with pytest.raises(UnsupportedFile, match="is a RAW photo"):
            identify(data)


@pytest.mark.parametrize(
    "text",
    [
        "BM,PAR1,ID3\n1,2,3\n",
        "P1,P2,P3\n1,2,3\n",
        "P5;P6\n1;2\n",
        "GIF,icns\n1,2\n",
        "qoif,8BPS\n1,2\n",
        "II,MM\n1,2\n",
    ],
)
def test_a_table_whose_header_looks_like_the_start_of_a_picture_is_a_table(text: str) -> None:
    assert identify(text.encode()).kind == MediaKind.TABLE


def test_a_phones_photo_is_read_without_more_than_its_main_picture() -> None:
    images = [Image.new("RGB", (64, 48), color) for color in ("red", "blue")]
    data = saved(images[0], "HEIF", save_all=True, append_images=images[1:], primary_index=1)

    found = identify(data)

    assert (found.media_type, found.width, found.height) == ("image/heic", 64, 48)
    np.testing.assert_allclose(np.asarray(decode(data))[20, 20], (0, 0, 255), atol=8)


@pytest.mark.parametrize("name", ["AVIF", "HEIF", "WEBP", "PNG", "TIFF", "JPEG"])
def test_a_picture_of_too_many_pixels_is_refused_by_its_header(name: str) -> None:
    data = saved(PICTURE, name)

    with pytest.raises(TooLarge, match="64 × 64 = 4,096 pixels"):
        identify(data, Limits(pixels=4_000))
    with pytest.raises(TooLarge):
        decode(data, 4_000)


def test_a_png_bomb_is_refused_by_its_header() -> None:
    header = struct.pack(">IIBBBBB", 2**31 - 1, 2**31 - 1, 8, RGB, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")

    with pytest.raises(TooLarge):
        identify(data)
    assert io.BytesIO(data).read(8)
