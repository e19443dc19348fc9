"""Whether a picture was compressed with loss: from its file, or from the traces that a JPEG leaves in pixels.

Paper: Fan and de Queiroz 2003, Identification of Bitmap Compression History: JPEG Detection and Quantizer
Estimation, IEEE Transactions on Image Processing 12(2). A JPEG holds the DCT coefficients of blocks of 8 × 8
pixels, each as a multiple of a step. Whoever computes the DCT of its pixels on the same blocks finds those
multiples again, most of them 0, and on no other blocks. Differences: the blocks are sought at all 64 places,
since a picture may have been cropped, and by the share of zeros instead of the differences at their borders;
a step is the lower quartile of the coefficients that are not 0, instead of the likeliest one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy import fft

from models.core.contract.messages import Message, Text
from models.core.images.codec import MAX_PIXELS
from models.core.images.picture_files import open_picture
from models.super_resolution.detail import find_detail

BLOCK = 8  # pixels: side of a JPEG's blocks
# The steps for luma at quality 50, by frequency: ITU-T T.81, table K.1
STEPS = np.array([
    [16, 11, 10, 16, 24, 40, 51, 61],
    [12, 12, 14, 19, 26, 58, 60, 55],
    [14, 13, 16, 24, 40, 57, 69, 56],
    [14, 17, 22, 29, 51, 87, 80, 62],
    [18, 22, 37, 56, 68, 109, 103, 77],
    [24, 35, 55, 64, 81, 104, 113, 92],
    [49, 64, 78, 87, 103, 121, 120, 101],
    [72, 92, 95, 98, 112, 100, 103, 99],
])  # fmt: skip
CROSSOVER = 90  # quality up to which the network for compressed pictures is closer: recipe/crossover.py
DCT = np.asarray(fft.dct(np.eye(BLOCK, dtype=np.float32), axis=0, norm="ortho"))  # of a column: DCT @ column
WINDOW = 256  # pixels: side of the part whose traces are sought
SMALLEST_WINDOW = 128  # smaller pictures have too few blocks
MIN_BLOCKS = 16  # that are not of one color
MIN_EXCESS = 0.015  # of the share of zeros at the likeliest place over that at the next
ZERO = 1.0  # of 255: below it, a coefficient counts as 0, as pixels were rounded
NOT_ZERO = 1.5  # above it, it counts as one step or more
MIN_COUNT = 4  # coefficients of a frequency that are not 0

JPEG = Text("super_resolution.compression.jpeg", "The file is a JPEG of quality {quality} (of 100).")
WEBP = Text("super_resolution.compression.webp", "The file is a WebP picture that was compressed with loss.")
TRACES = Text(
    "super_resolution.compression.traces",
    "The pixels have the traces of a JPEG of quality {quality} (of 100).",
)
NONE = Text("super_resolution.compression.none", "The picture has no traces of compression.")


@dataclass(frozen=True)
class Compression:
    """What is known about an upload's compression."""

    is_strong: bool  # the network for compressed pictures is closer to the truth
    finding: Message


def find_compression(data: bytes, color: Image.Image) -> Compression:
    """Of an image file and of its decoded colors (RGB). Raises InputError: not a readable image."""
    opened = open_picture(data, MAX_PIXELS)
    with opened.image as image:
        tables: Mapping[int, Sequence[int]] | None = getattr(image, "quantization", None)
    quality = quality_of(tables[min(tables)]) if tables else None
    if quality is not None and quality <= CROSSOVER:
        return Compression(True, JPEG(quality=quality))
    if opened.format == "WebP" and is_lossy_webp(data):  # mostly of quality 75 to 80; AVIF is finer
        return Compression(True, WEBP())
    earlier = traced_quality(color)  # an editor may have saved a JPEG as PNG, or again with less loss
    if earlier is not None and earlier <= CROSSOVER:
        return Compression(True, TRACES(quality=earlier))
    if quality is not None:
        return Compression(False, JPEG(quality=quality))
    return Compression(False, NONE() if earlier is None else TRACES(quality=earlier))


def quality_of(steps: Sequence[int]) -> int:
    """The quality, 1 to 100, at which libjpeg's steps have this mean.

    libjpeg multiplies the steps of quality 50 by 50 / quality below 50, and by 2 - quality / 50 above. As it
    limits them to 255, qualities below 20 are overestimated.
    """
    return quality_at(float(np.mean(steps)) / float(STEPS.mean()))


def quality_at(factor: float) -> int:
    """The quality, 1 to 100, at which libjpeg multiplies the steps of quality 50 by `factor`."""
    return round(max(1.0, 50 / factor if factor > 1 else 100 - 50 * factor))


def is_lossy_webp(data: bytes) -> bool:
    """Whether the first frame of a WebP file is stored as VP8, not as VP8L."""
    start = 12  # after "RIFF", the size and "WEBP"
    while start + 8 <= len(data):
        name, size = data[start : start + 4], int.from_bytes(data[start + 4 : start + 8], "little")
        if name in (b"VP8 ", b"VP8L"):
            return name == b"VP8 "
        start += 8 + (16 if name == b"ANMF" else size + size % 2)  # the chunks of a frame stand in ANMF
    return False


def traced_quality(color: Image.Image) -> int | None:
    """The quality of the JPEG that an RGB picture was, from its most textured part; None: no traces."""
    if min(color.size) < SMALLEST_WINDOW:
        return None
    window = color.crop(find_detail(color, max_pixels=WINDOW**2, side=WINDOW).box)
    pixels = np.asarray(window)
    # colors at the ends of their range may have been clipped, and are not what the coefficients add up to
    is_clipped = (pixels == 0).any(axis=2) | (pixels == 255).any(axis=2)
    luma = np.asarray(window.convert("L"), np.float32)
    places = {
        (top, left): coefficients(luma[top:, left:], is_clipped[top:, left:])
        for top in range(BLOCK)
        for left in range(BLOCK)
    }
    shares = {place: share_of_zeros(values) for place, values in places.items()}
    second, first = sorted(shares, key=shares.__getitem__)[-2:]
    return quality_from(places[first]) if shares[first] - shares[second] > MIN_EXCESS else None


def coefficients(luma: np.ndarray, is_clipped: np.ndarray) -> np.ndarray:
    """(H, W) -> (B, 8, 8): absolute DCT coefficients of the B blocks without a clipped pixel."""
    blocks = into_blocks(luma)[~into_blocks(is_clipped).any(axis=(1, 2))]
    return np.abs(DCT @ blocks @ DCT.T)


def into_blocks(values: np.ndarray) -> np.ndarray:
    """(H, W) -> (B, 8, 8), from the top left; rows and columns that fill no block are left out."""
    down, across = (side // BLOCK for side in values.shape)
    whole = values[: down * BLOCK, : across * BLOCK]
    return whole.reshape(down, BLOCK, across, BLOCK).swapaxes(1, 2).reshape(-1, BLOCK, BLOCK)


def share_of_zeros(values: np.ndarray) -> float:
    """Of the coefficients (B, 8, 8) other than the mean; 0 if there are too few blocks.

    Blocks of one color do not count: wherever they begin, all of their coefficients are 0.
    """
    is_zero = values.reshape(-1, BLOCK**2)[:, 1:] < ZERO
    textured = is_zero[~is_zero.all(axis=1)]
    return float(textured.mean()) if len(textured) >= MIN_BLOCKS else 0.0


def quality_from(values: np.ndarray) -> int | None:
    """The JPEG quality that the coefficients (B, 8, 8) were rounded with.

    At most frequencies most coefficients are 0, and most others one step. The factor is the median over the
    frequencies of that step by the standard one. None: nearly all coefficients are 0.
    """
    factors = [
        np.quantile(steps, 0.25) / step
        for of_frequency, step in zip(values.reshape(-1, BLOCK**2).T[1:], STEPS.flat[1:], strict=True)
        if len(steps := of_frequency[of_frequency > NOT_ZERO]) >= MIN_COUNT
    ]
    return quality_at(float(np.median(factors))) if factors else None
