"""Picture files written by hand, chunk by chunk and tag by tag, as few writers make them."""

import io
import struct
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

GAMMA = 256  # shades in `shades`
SRGB_PRIMARIES = (0.3127, 0.329, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
P3_PRIMARIES = (0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06)
_FORMATS = {3: "H", 4: "I", 8: "h", 9: "i", 11: "f", 12: "d"}  # of TIFF's tags


def shades() -> np.ndarray:
    """All 256 gray values, (16, 16)."""
    return np.arange(256).reshape(16, 16)


def colors() -> np.ndarray:
    """256 colors, (16, 16, 3)."""
    return np.stack([shades(), shades()[::-1], shades().T], axis=-1)


def saved(image: Image.Image, name: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, name, **options)
    return buffer.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(samples: np.ndarray, color_type: int, *, bits: int = 8, extra: bytes = b"") -> bytes:
    """A PNG file of samples of 8 or 16 bits, with further chunks before the pixels."""
    height, width = samples.shape[:2]
    lines = samples.astype(">u2" if bits == 16 else np.uint8)
    packed = zlib.compress(b"".join(b"\0" + line.tobytes() for line in lines))
    header = struct.pack(">IIBBBBB", width, height, bits, color_type, 0, 0, 0)
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra
    return start + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def gamma(value: int) -> bytes:
    """A gAMA chunk, in 100,000ths."""
    return chunk(b"gAMA", struct.pack(">I", value))


def primaries(values: Sequence[float]) -> bytes:
    return chunk(b"cHRM", struct.pack(">8I", *(round(value * 100_000) for value in values)))


def tiff(
    samples: np.ndarray,
    *,
    photometric: int = 1,
    kind: int = 1,
    more: Sequence[tuple[int, int, list[Any]]] = (),
) -> bytes:
    """An uncompressed TIFF file.

    Args:
        samples: (H, W) or (H, W, channels), whose type gives bits and byte order.
        kind: 1 for unsigned, 2 for signed, 3 for floating-point samples.
        more: further tags: number, type, values.
    """
    end = ">" if samples.dtype.byteorder == ">" else "<"
    height, width = samples.shape[:2]
    channels = samples.shape[2] if samples.ndim == 3 else 1
    data, bits = samples.tobytes(), samples.dtype.itemsize * 8
    tags = [(256, 4, [width]), (257, 4, [height]), (258, 3, [bits] * channels), (259, 3, [1]),
            (262, 3, [photometric]), (273, 4, [0]), (277, 3, [channels]), (278, 4, [height]),
            (279, 4, [len(data)]), (339, 3, [kind] * channels), *more]  # fmt: skip
    place = 8 + 2 + 12 * len(tags) + 4
    long = {tag: struct.pack(end + _FORMATS[form] * len(values), *values) for tag, form, values in tags}
    extra = b"".join(value for value in long.values() if len(value) > 4)
    listing, used = b"", 0
    for tag, form, values in sorted(tags):
        value = struct.pack(end + "I", place + len(extra)) if tag == 273 else long[tag].ljust(4, b"\0")
        listing += struct.pack(end + "HHI", tag, form, len(values))
        if len(value) > 4:
            extra_place = place + extra.index(long[tag])
            value, used = struct.pack(end + "I", extra_place), used + 1
        listing += value
    head = (b"II*\0" if end == "<" else b"MM\0*") + struct.pack(end + "IH", 8, len(tags))
    return head + listing + bytes(4) + extra + data


def gif(canvas: tuple[int, int], frame: tuple[int, int, int, int], transparent: int | None = None) -> bytes:
    """A GIF file of one frame (left, top, width, height) in the colors green, blue, black, green, ..."""
    palette = bytes((255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9))
    data = b"GIF89a" + struct.pack("<HHBBB", *canvas, 0x91, 0, 0) + palette
    if transparent is not None:
        data += b"\x21\xf9\x04" + struct.pack("<BHB", 1, 0, transparent) + b"\0"
    codes = [code for index in range(frame[2] * frame[3]) for code in (4, index % 3 + 1)] + [5]
    packed = sum(code << 3 * place for place, code in enumerate(codes))  # every second one clears the table
    lzw = packed.to_bytes((3 * len(codes) + 7) // 8, "little")
    pieces = [lzw[start : start + 255] for start in range(0, len(lzw), 255)]
    body = b"".join(bytes([len(piece)]) + piece for piece in pieces)
    return data + b"," + struct.pack("<HHHHB", *frame, 0) + b"\x02" + body + b"\0;"


def bmp(pixels: np.ndarray, version: int, masks: tuple[int, ...] = ()) -> bytes:
    """A BMP file of 32 bits a pixel, from (H, W, 4) in the order blue, green, red, alpha."""
    size = {3: 40, 4: 108, 5: 124}[version]
    height, width = pixels.shape[:2]
    header = struct.pack("<IiiHHIIiiII", size, width, height, 1, 32, 3 if masks else 0, 0, 0, 0, 0, 0)
    header += struct.pack(f"<{len(masks)}I", *masks)
    header = header.ljust(size, b"\0")
    data = pixels[::-1].astype(np.uint8).tobytes()
    return b"BM" + struct.pack("<IHHI", 14 + len(header) + len(data), 0, 0, 14 + len(header)) + header + data
