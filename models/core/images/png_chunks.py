"""The chunks of a PNG file: what it declares about its colors, and the file without its metadata.

Specification: https://www.w3.org/TR/png-3/. Chunks that are damaged or make no sense are passed over where
the picture can be drawn without them, as browsers do.

No torch and no NumPy: the web process reads the headers of every upload.
"""

import io
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GRAY, COLOR, PALETTE, GRAY_ALPHA, COLOR_ALPHA = 0, 2, 3, 4, 6  # color types
_COLORS = (b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM")
_TEXTS = (b"iTXt", b"zTXt", b"tEXt")
_DRAWN = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_MAX_CHUNKS = 100_000  # 64 million pixels take about 30,000 of the usual 8 kB
_MAX_BYTES = 4_000_000  # of a chunk of metadata, also after it is unpacked
_XMP = b"XML:com.adobe.xmp"
_RAW_EXIF = (b"Raw profile type exif", b"Raw profile type APP1")
_KEYWORDS = (_XMP, *_RAW_EXIF)  # of the texts that are read


@dataclass(frozen=True)
class Header:
    """What a PNG file declares, without its pixels."""

    width: int
    height: int
    bits: int  # of a sample
    color_type: int
    colors: dict[bytes, bytes] = field(default_factory=dict)  # the chunks about color, by their names
    exif: bytes | None = None
    xmp: bytes | None = None
    is_animated: bool = False
    is_transparent: bool = False

    @property
    def profile(self) -> bytes | None:
        """The ICC profile, unpacked; None: there is none that can be read."""
        packed = self.colors.get(b"iCCP", b"").partition(b"\0")[2]
        return _unpack(packed[1:]) if packed[:1] == b"\0" else None

    @property
    def gamma(self) -> float | None:
        """The exponent by which samples follow from light; None: not declared, or 0."""
        declared = self.colors.get(b"gAMA", b"")
        (value,) = struct.unpack(">I", declared) if len(declared) == 4 else (0,)
        return value / 100_000 or None

    @property
    def chromaticities(self) -> tuple[float, ...] | None:
        """x and y of white, red, green and blue; None: not declared."""
        declared = self.colors.get(b"cHRM", b"")
        if len(declared) != 32:
            return None
        return tuple(value / 100_000 for value in struct.unpack(">8I", declared))


def read_header(file: BinaryIO) -> Header:
    """What a PNG file declares before and after its pixels, which are not read.

    Raises:
        ValueError: the file does not begin as a PNG file.
    """
    chunks = _chunks(file)
    kind, _, data = next(chunks, (b"", 0, b""))
    if kind != b"IHDR" or len(data) != 13:
        raise ValueError("a PNG file without a header")
    width, height, bits, color_type = struct.unpack(">IIBB", data[:10])
    colors: dict[bytes, bytes] = {}
    texts: dict[bytes, bytes] = {}
    seen: set[bytes] = set()
    exif = None
    for kind, _, data in chunks:
        seen.add(kind)
        if kind in _COLORS and b"IDAT" not in seen:
            colors.setdefault(kind, data)
        elif kind == b"eXIf":
            exif = exif or data
        elif kind in _TEXTS and (keyword := data.partition(b"\0")[0]) in _KEYWORDS and keyword not in texts:
            # the others are not unpacked: a few kilobytes of each may become megabytes
            texts[keyword] = _text(kind, data)[1]
    exif = exif or next((_from_hex(texts[name]) for name in _RAW_EXIF if name in texts), None)
    is_transparent = b"tRNS" in seen or color_type in (GRAY_ALPHA, COLOR_ALPHA)
    xmp = texts.get(_XMP)
    return Header(width, height, bits, color_type, colors, exif, xmp, b"acTL" in seen, is_transparent)


def _chunks(file: BinaryIO) -> Iterator[tuple[bytes, int, bytes]]:
    """Name, length and data of each chunk; the data only of known metadata with a correct checksum."""
    file.seek(len(SIGNATURE))
    for _ in range(_MAX_CHUNKS):
        start = file.read(8)
        if len(start) < 8:
            return
        length, kind = struct.unpack(">I4s", start)
        is_read = kind in (b"IHDR", b"eXIf", *_COLORS, *_TEXTS) and length <= _MAX_BYTES
        if not is_read:
            yield kind, length, b""
            file.seek(length + 4, io.SEEK_CUR)  # data and checksum
            continue
        data = file.read(length)
        if file.read(4) == struct.pack(">I", zlib.crc32(kind + data)) or kind == b"IHDR":
            yield kind, length, data
        if kind == b"IEND":
            return


def _text(kind: bytes, data: bytes) -> tuple[bytes, bytes]:
    """Keyword and text of a text chunk, as bytes; both empty if it is malformed."""
    keyword, found, rest = data.partition(b"\0")
    if not found:
        return b"", b""
    if kind == b"tEXt":
        return keyword, rest
    if kind == b"zTXt":
        return keyword, _unpack(rest[1:]) or b""
    packed, rest = rest[:1] == b"\1", rest[2:]
    text = rest.split(b"\0", 2)[-1]  # after the language and the translated keyword
    return keyword, (_unpack(text) or b"") if packed else text


def _unpack(packed: bytes) -> bytes | None:
    """The unpacked data; None: it is damaged, incomplete, or too long."""
    unpacking = zlib.decompressobj()
    try:
        data = unpacking.decompress(packed, _MAX_BYTES)
    except zlib.error:
        return None
    return data if unpacking.eof else None


def _from_hex(text: bytes) -> bytes | None:
    """The block in a `Raw profile`: a name, a length and hexadecimal digits; None: it is malformed."""
    digits = re.sub(rb"\s", b"", re.sub(rb"^\s*\S+\s+\d+\s", b"", text, count=1))
    try:
        return bytes.fromhex(digits.decode("ascii")).removeprefix(b"Exif\0\0")
    except ValueError:
        return None


@dataclass(frozen=True)
class Drawn:
    """A PNG file of nothing but the first picture, and the place of that in the canvas."""

    data: bytes
    left: int = 0
    top: int = 0


def without_pixels(header: Header) -> bytes:
    """A PNG file of nothing but the header."""
    numbers = struct.pack(">IIBBBBB", header.width, header.height, header.bits, header.color_type, 0, 0, 0)
    return SIGNATURE + _chunk(b"IHDR", numbers) + _chunk(b"IDAT", b"")


def without_metadata(data: bytes) -> Drawn:
    """The file without metadata; of an animation the first frame, which need not be the main picture."""
    kept = [SIGNATURE]
    frame: list[memoryview] = []
    control = None
    is_first = True  # until a second frame begins
    view, place = memoryview(data), len(SIGNATURE)
    seen_picture = False
    while place + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        end = place + 12 + length
        body = view[place + 8 : place + 8 + length]
        if kind == b"fcTL" and length >= 26:
            is_first = control is None
            control = control or (struct.unpack_from(">4I", body, 4), seen_picture)
        elif kind == b"fdAT" and is_first and control is not None and control[1]:
            frame.append(body[4:])
        elif kind in _DRAWN:
            kept.append(bytes(view[place:end]))
        seen_picture = seen_picture or kind == b"IDAT"
        place = end
    if not frame or control is None:
        return Drawn(b"".join(kept))
    (width, height, left, top), _ = control
    return Drawn(b"".join(_as_picture(kept, width, height, frame)), left, top)


def _as_picture(kept: list[bytes], width: int, height: int, frame: list[memoryview]) -> Iterator[bytes]:
    """The chunks of a PNG file whose picture is a frame of an animation."""
    for chunk in kept:
        kind = chunk[4:8]
        if kind == b"IHDR":
            yield _chunk(b"IHDR", struct.pack(">II", width, height) + chunk[16:-4])
        elif kind == b"IEND":
            yield from (_chunk(b"IDAT", bytes(data)) for data in frame)
            yield chunk
        elif kind != b"IDAT":
            yield chunk


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
