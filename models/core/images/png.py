"""A PNG written band by band, so that an image of hundreds of megapixels is never copied as a whole."""

import io
import struct
import zlib
from collections.abc import Iterable, Iterator

import numpy as np

from models.core.contract import cancellation

_COLOR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}  # channels to PNG's number: gray, gray + alpha, RGB, RGBA
_UP = 2  # the filter that stores the difference to the row above


def encode(width: int, height: int, bands: Iterable[np.ndarray]) -> bytes:
    """PNG bytes of the rows in `bands`, each uint8, (h, width, channels), from top to bottom.

    One filter for all rows and run-length compression only: much faster than Pillow, which tries every filter
    on every row, and somewhat larger.

    Raises:
        ValueError: a band is not `width` wide, or all together are not `height` high.
        Canceled: the job was canceled.
    """
    file = io.BytesIO()  # not join(), which would hold all chunks and the result at once
    file.writelines(_chunks(width, height, bands))
    return file.getvalue()


def _chunks(width: int, height: int, bands: Iterable[np.ndarray]) -> Iterator[bytes]:
    packer = zlib.compressobj(1, strategy=zlib.Z_RLE)  # which zlib's manual recommends for PNG
    above: np.ndarray | None = None
    rows = 0
    for band in bands:
        cancellation.check()
        if band.shape[1] != width:
            raise ValueError(f"a band is {band.shape[1]} pixels wide, the image {width}")
        if above is None:
            header = struct.pack(">IIBBBBB", width, height, 8, _COLOR_TYPES[band.shape[2]], 0, 0, 0)
            yield b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header)
            above = np.zeros((1, width, band.shape[2]), np.uint8)
        lines = np.empty((len(band), 1 + band[0].size), np.uint8)
        lines[:, 0] = _UP
        lines[:, 1:] = np.diff(band, axis=0, prepend=above).reshape(
            len(band), -1
        )  # modulo 256, as PNG requires
        packed = packer.compress(lines.data)
        if packed:
            yield _chunk(b"IDAT", packed)
        above, rows = band[-1:].copy(), rows + len(band)
    if rows != height:
        raise ValueError(f"the bands have {rows} rows in all, the image {height}")
    yield _chunk(b"IDAT", packer.flush()) + _chunk(b"IEND", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
