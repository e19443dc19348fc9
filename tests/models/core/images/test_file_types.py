"""The type of an upload by headers alone: nothing is decoded, and no long list of files is read."""

import io
import struct
import tracemalloc
import zlib
from pathlib import Path

import pytest
from PIL import Image

from models.core.images import png_chunks
from models.core.images.codec import decode
from models.core.images.file_types import identify
from models.core.images.limits import Limits, TooLarge
from models.core.images.picture_files import IMAGE_FORMATS

ORIENTATION = 0x0112
WITH_EXIF = ("JPEG", "PNG", "WEBP", "TIFF")
PNG_START = 33  # the signature and the header's chunk
ENTRY = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 0, 20, 0, 0, 0, 0, 33, *([0] * 10))


def saved(name: str, orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    buffer = io.BytesIO()
    options = {"exif": exif} if name in WITH_EXIF else {}
    Image.new("RGB", (20, 10)).save(buffer, name, **options)
    return buffer.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def plain_png() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (20, 10)).save(buffer, "PNG")
    return buffer.getvalue()


def rotated() -> bytes:
    """An EXIF block that swaps width and height."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    return exif.tobytes()[6:]


def decoded_formats(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The formats of the images decoded from now on."""
    seen: list[str] = []
    readers = {name: type(Image.open(io.BytesIO(saved(name)))).__mro__ for name in IMAGE_FORMATS}
    for name, kinds in readers.items():
        for kind in kinds:
            if "load" in vars(kind):
                monkeypatch.setattr(kind, "load", lambda *_, name=name: seen.append(name))
    return seen


@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize("name", IMAGE_FORMATS)
def test_an_image_is_identified_without_being_decoded(
    monkeypatch: pytest.MonkeyPatch, name: str, orientation: int
) -> None:
    data = saved(name, orientation)
    upright = decode(data).size
    decoded = decoded_formats(monkeypatch)

    found = identify(data)

    assert upright == ((10, 20) if orientation == 6 and name in WITH_EXIF else (20, 10))
    assert (found.width, found.height) == upright
    assert decoded == []


@pytest.mark.parametrize("place", [PNG_START, -12])
def test_a_png_is_rotated_by_exif_before_and_after_the_image_data(
    monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    data = plain_png()
    data = data[:place] + chunk(b"eXIf", rotated()) + data[place:]
    assert decode(data).size == (10, 20)
    decoded = decoded_formats(monkeypatch)

    found = identify(data)

    assert (found.width, found.height) == (10, 20)
    assert decoded == []


def test_a_png_of_very_many_chunks_is_not_searched_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(png_chunks, "_MAX_CHUNKS", 100)
    data = plain_png()
    pieces = chunk(b"IDAT", b"") * 200

    found = identify(data[:-12] + pieces + chunk(b"eXIf", rotated()) + data[-12:])

    assert (found.width, found.height) == (20, 10)


def end_of(directory: bytes, claimed: int) -> bytes:
    return struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, claimed, claimed, len(directory), 4, 0)


def end64_of(directory: bytes, claimed: int) -> bytes:
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, claimed, claimed, len(directory), 4)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, 4 + len(directory), 1)
    return (
        record + locator + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65535, 65535, 2**32 - 1, 2**32 - 1, 0)
    )


@pytest.mark.parametrize("end", [end_of, end64_of])
@pytest.mark.parametrize("claimed", [1, 60_000])
@pytest.mark.parametrize(
    ("entries", "message"),
    [
        (11_000, "contains 11,000 files; the limit is 1,000"),
        (60_000, "2,760,000 bytes; the limit is 512,000"),
    ],
)
def test_an_archive_of_too_many_files_is_refused_before_they_are_listed(
    tmp_path: Path, end, claimed: int, entries: int, message: str
) -> None:
    directory = ENTRY * entries
    (tmp_path / "many.zip").write_bytes(b"PK\x03\x04" + directory + end(directory, claimed))
    identify(plain_png())  # imports and caches do not count

    tracemalloc.start()
    try:
        with pytest.raises(TooLarge, match=message):
            identify(tmp_path / "many.zip", Limits(archive_files=1_000))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 1_200_000  # the bytes of the list and a copy; 11,000 entries read would be 5 MB


def test_an_archive_of_exactly_the_limit_is_accepted() -> None:
    directory = ENTRY * 1_000

    found = identify(b"PK\x03\x04" + directory + end_of(directory, 1_000), Limits(archive_files=1_000))

    assert found.rows == 1_000
