"""Probabilities of a small map -> the class of every pixel of the upload, its colors, and COCO's run lengths.

Shapes: C classes with the background (class 0), h and w of the small map, H and W of the upload.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from PIL import Image

from models.core.images.bilinear import stretched

# Found by search to be far apart for usual eyes and for those without red or green cones: any two of the
# first ten by at least 17 of CIEDE2000 to each, any two of all by 8.5, which a test holds
COLORS = (
    "#002abf", "#ffea00", "#159500", "#d42aff", "#d49580", "#009595", "#6a4000",
    "#bfbfff", "#952a55", "#55ffd4", "#eaaa40", "#805580", "#ff80bf", "#bfea95",
    "#ea2a6a", "#ff402a", "#6a1580", "#955540", "#8080bf", "#006aaa",
)  # fmt: skip
BACKGROUND_COLOR = "#000000"
_BLOCK_PIXELS = 200_000  # worked on at once: their probabilities fit into a processor's cache


def color_of(index: int) -> str:
    """Of a class; the background's is black and not drawn."""
    return COLORS[(index - 1) % len(COLORS)] if index else BACKGROUND_COLOR


def palette(classes: int) -> np.ndarray:
    """(classes, 3) uint8."""
    return np.array(
        [list(bytes.fromhex(color_of(index).removeprefix("#"))) for index in range(classes)], np.uint8
    )


def likeliest(probabilities: torch.Tensor) -> torch.Tensor:
    """(h, w) uint8: the likeliest class of (C, h, w), the first of equals."""
    best = probabilities[0].clone()
    answer = torch.zeros(best.shape, dtype=torch.uint8)
    for index, each in enumerate(probabilities):  # class by class: argmax over the first axis is far slower
        answer.masked_fill_(each > best, index)
        torch.maximum(best, each, out=best)
    return answer


def class_map(probabilities: torch.Tensor, width: int, height: int, least_share: float) -> np.ndarray:
    """(H, W) uint8: the likeliest class of each pixel, from `probabilities` (C, h, w), enlarged bilinearly.

    A class with less than `least_share` of the small map is left out. Works in blocks, so that a picture of
    64 megapixels needs no more than its own map, however long and thin it is.
    """
    allowed = classes_of(probabilities, least_share)
    small, numbers = probabilities[allowed].float(), np.array(allowed, np.uint8)
    answer = np.empty((height, width), np.uint8)
    across = min(width, _BLOCK_PIXELS)
    down = max(1, _BLOCK_PIXELS // across)
    for top in range(0, height, down):
        band = stretched(small, 1, height, top, min(top + down, height))
        for left in range(0, width, across):
            block = stretched(band, 2, width, left, min(left + across, width))
            answer[top : top + down, left : left + across] = numbers[likeliest(block).numpy()]
    return answer


def classes_of(probabilities: torch.Tensor, least_share: float) -> list[int]:
    """The classes that are likeliest on at least `least_share` of the map; the background always."""
    counts = torch.bincount(likeliest(probabilities).flatten(), minlength=len(probabilities))
    shares = counts / counts.sum()
    return [0, *(index for index in range(1, len(shares)) if counts[index] and shares[index] >= least_share)]


def palette_image(classes: np.ndarray, count: int) -> Image.Image:
    """A palette picture: a pixel's index is its class."""
    image = Image.fromarray(classes)
    image.putpalette(palette(count).reshape(-1).tolist())
    return image


def overlay(image: Image.Image, classes: np.ndarray, count: int, opacity: float) -> Iterator[np.ndarray]:
    """Bands of rows, uint8, (h, W, 3): the picture with the classes' colors over all but the background.

    Only a block of a band is mixed at a time, as a band of a long and thin picture may be all of it.
    """
    width, height = image.size
    colors = palette(count).astype(np.float32) * opacity
    across = min(width, _BLOCK_PIXELS)
    down = max(1, _BLOCK_PIXELS // across)
    for top in range(0, height, down):
        bottom = min(top + down, height)
        band = np.array(image.crop((0, top, width, bottom)))
        for left in range(0, width, across):
            block, said = band[:, left : left + across], classes[top:bottom, left : left + across]
            mixed = block * np.float32(1 - opacity) + colors[said]
            np.copyto(block, mixed.round().astype(np.uint8), where=said[..., None] > 0)
        yield band


def run_lengths(mask: np.ndarray) -> list[int]:
    """Lengths of the runs of zeros and ones in turn, column by column, as COCO counts: zeros first."""
    flat = np.asarray(mask, bool).reshape(-1, order="F")
    ends = np.flatnonzero(np.diff(flat)) + 1
    runs = np.diff(np.concatenate([[0], ends, [len(flat)]])).tolist()
    return [0, *runs] if len(flat) and flat[0] else runs


def packed(runs: Sequence[int]) -> str:
    """The same as COCO's compressed string: each run less the one before the last, five bits a character."""
    signs: list[str] = []
    for index, run in enumerate(runs):
        value = run - runs[index - 2] if index > 2 else run
        is_open = True
        while is_open:
            bits, value = value & 0x1F, value >> 5
            is_open = value != (-1 if bits & 0x10 else 0)
            signs.append(chr((bits | 0x20 if is_open else bits) + 48))
    return "".join(signs)
