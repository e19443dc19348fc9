"""Files that cost a reader of headers far more than their size suggests."""

import io
import struct
import zipfile
import zlib


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG file."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(*extra: bytes) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(bytes(14)))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(extra) + pixels + chunk(b"IEND", b"")


def png_of_chunks(number: int) -> bytes:
    return _png(chunk(b"tEXt", b"a\0b") * number)


def png_of_empty_pixels(number: int) -> bytes:
    """Its chunks follow the header, as parts of the pixels."""
    return _png(chunk(b"IDAT", b"") * number)


def png_of_packed_texts(number: int) -> bytes:
    """Each text takes 1 kB, and a megabyte once it is unpacked."""
    return _png(chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(1_000_000), 9)) * number)


def png_of_named_texts(number: int) -> bytes:
    """As above, each under a name of its own."""
    packed = zlib.compress(bytes(1_000_000), 9)
    return _png(*(chunk(b"zTXt", b"%d\0\0" % each + packed) for each in range(number)))


def png_of_profiles(number: int) -> bytes:
    return _png(chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(1_000_000), 9)) * number)


_JPEG_END = (
    b"\xff\xc0\x00\x0b\x08\x00\x02\x00\x02\x01\x01\x11\x00"  # 2 x 2 gray
    b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x00\xff\xd9"
)


def jpeg_of_markers(number: int, marker: int = 0xFE) -> bytes:
    return b"\xff\xd8" + (bytes([0xFF, marker]) + b"\x00\x03a") * number + _JPEG_END


def jpeg_of_exif(tags: int) -> bytes:
    """Each of its EXIF tags refers to the directory itself."""
    block = b"Exif\0\0" + _directory(tags, 12 * tags, at=8)
    return b"\xff\xd8\xff\xe1" + struct.pack(">H", len(block) + 2) + block + _JPEG_END


def _directory(tags: int, data: int, at: int) -> bytes:
    """A TIFF file's header and one directory, whose tags all refer to the same bytes."""
    entries = b"".join(struct.pack("<HHII", 1_000 + tag, 1, data, at) for tag in range(tags))
    return b"II*\0" + struct.pack("<IH", 8, tags) + entries + bytes(4)


def tiff_of_tags(tags: int, data: int) -> bytes:
    return _directory(tags, data, at=8) + bytes(data)


def tiff_that_refers_to_itself() -> bytes:
    """Its directory names itself as the next one."""
    entries = b"".join(
        struct.pack("<HHII", tag, 4, 1, value)
        for tag, value in ((256, 2), (257, 2), (258, 8), (259, 1), (262, 1), (273, 8), (278, 2), (279, 4))
    )
    return b"II*\0" + struct.pack("<IH", 8, 8) + entries + struct.pack("<I", 8)


def gif_of_blocks(number: int) -> bytes:
    comments = b"\x21\xfe\x01a\x00" * number
    return (
        b"GIF89a\x02\x00\x02\x00\x00\x00\x00"
        + comments
        + b"\x2c"
        + bytes(4)
        + b"\x02\0\x02\0\0\x02\x02\x44\x01\0;"
    )


def gif_of_frames(number: int) -> bytes:
    frame = b"\x2c" + bytes(4) + b"\x02\0\x02\0\0\x02\x02\x44\x01\0"
    return b"GIF89a\x02\x00\x02\x00\x80\x00\x00" + b"\0\0\0\xff\xff\xff" + frame * number + b";"


def zip_of_entries(number: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for entry in range(number):
            archive.writestr(f"{entry}.jpg", b"")
    return buffer.getvalue()


def blank_lines(size: int) -> bytes:
    return b"a,b\n1,2\n" + b"\n" * size


def quotation_marks(size: int) -> bytes:
    return b"a,b\n1,2\n" + b'"' * size


FILES = {
    "PNG of 300,000 chunks": lambda: png_of_chunks(300_000),
    "PNG of 90,000 parts without pixels": lambda: png_of_empty_pixels(90_000),
    "PNG of 2,000 packed texts": lambda: png_of_packed_texts(2_000),
    "PNG of 2,000 packed texts with names": lambda: png_of_named_texts(2_000),
    "PNG of 2,000 color profiles": lambda: png_of_profiles(2_000),
    "JPEG of 2,000,000 comments": lambda: jpeg_of_markers(2_000_000),
    "JPEG of 100,000 application segments": lambda: jpeg_of_markers(100_000, 0xE5),
    "JPEG with EXIF tags that share their bytes": lambda: jpeg_of_exif(5_000),
    "TIFF with tags that share their bytes": lambda: tiff_of_tags(60_000, 1_000_000),
    "TIFF that refers to itself": tiff_that_refers_to_itself,
    "GIF of 3,000,000 comments": lambda: gif_of_blocks(3_000_000),
    "GIF of 100,000 frames": lambda: gif_of_frames(100_000),
    "ZIP of 50,000 entries": lambda: zip_of_entries(50_000),
    "5 MB of empty lines": lambda: blank_lines(5_000_000),
    "5 MB of quotation marks": lambda: quotation_marks(5_000_000),
}
