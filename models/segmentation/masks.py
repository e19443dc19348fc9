"""From the probabilities of a small map to the class of every pixel of the upload, its color, and COCO's RLE.

Shapes: C classes including the background (class 0), h and w of the small map, H and W of the upload.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from PIL import Image

from models.core.images.bilinear import stretched

# Distinct for normal color vision, protanopia and deuteranopia: for each of them, any two of the first ten
# differ by a CIEDE2000 of at least 17, and any two of all by 8.5, which a test checks
COLORS = (
    "#002abf", "#ffea00", "#159500", "#d42aff", "#d49580", "#009595", "#6a4000",
    "#bfbfff", "#952a55", "#55ffd4", "#eaaa40", "#805580", "#ff80bf", "#bfea95",
    "#ea2a6a", "#ff402a", "#6a1580", "#955540", "#8080bf", "#006aaa",
)  # fmt: skip
BACKGROUND_COLOR = "#000000"
_BLOCK_PIXELS = 200_000  # per block: their probabilities fit into the processor's cache


def color_of(index: int) -> str:
    """The color of a class; that of the background is black and not drawn."""
    return COLORS[(index - 1) % len(COLORS)] if index else BACKGROUND_COLOR


def palette(classes: int) -> np.ndarray:
    """(classes, 3) uint8."""
    return np.array(
        [list(bytes.fromhex(color_of(index).removeprefix("#"))) for index in range(classes)], np.uint8
    )


def most_likely(probabilities: torch.Tensor) -> torch.Tensor:
    """(C, h, w) -> (h, w) uint8: the most likely class of each pixel, the first one of equals."""
    best = probabilities[0].clone()
    classes = torch.zeros(best.shape, dtype=torch.uint8)
    for index, each in enumerate(probabilities):  # class by class: argmax over the first axis is far slower
        classes.masked_fill_(each > best, index)
        torch.maximum(best, each, out=best)
    return classes


def class_map(probabilities: torch.Tensor, width: int, height: int, least_share: float) -> np.ndarray:
    """(H, W) uint8: the most likely class of each pixel, from `probabilities` (C, h, w), enlarged bilinearly.

    A class with less than `least_share` of the small map is removed. The map is computed in blocks, so that a
    picture of 64 megapixels needs little more memory than its map, whatever its aspect ratio.
    """
    allowed = classes_of(probabilities, least_share)
    small, numbers = probabilities[allowed].float(), np.array(allowed, np.uint8)
    classes = np.empty((height, width), np.uint8)
    across = min(width, _BLOCK_PIXELS)
    down = max(1, _BLOCK_PIXELS // across)
    for top in range(0, height, down):
        band = stretched(small, 1, height, top, min(top + down, height))
        for left in range(0, width, across):
            block = stretched(band, 2, width, left, min(left + across, width))
            classes[top : top + down, left : left + across] = numbers[most_likely(block).numpy()]
    return classes


def classes_of(probabilities: torch.Tensor, least_share: float) -> list[int]:
    """The classes that are most likely on at least `least_share` of the map, and the background."""
    counts = torch.bincount(most_likely(probabilities).flatten(), minlength=len(probabilities))
    shares = counts / counts.sum()
    return [0, *(index for index in range(1, len(shares)) if counts[index] and shares[index] >= least_share)]


def palette_image(classes: np.ndarray, count: int) -> Image.Image:
    """A palette image: the index of a pixel is its class."""
    image = Image.fromarray(classes)
    image.putpalette(palette(count).reshape(-1).tolist())
    return image


def overlay(image: Image.Image, classes: np.ndarray, count: int, opacity: float) -> Iterator[np.ndarray]:
    """Bands of rows, uint8, (h, W, 3): the image with the colors of the classes over all but the background.

    Each band is blended in blocks, because one band of a very wide image may be all of it.
    """
    width, height = image.size
    colors = palette(count).astype(np.float32) * opacity
    across = min(width, _BLOCK_PIXELS)
    down = max(1, _BLOCK_PIXELS // across)
    for top in range(0, height, down):
        bottom = min(top + down, height)
        band = np.array(image.crop((0, top, width, bottom)))
        for left in range(0, width, across):
            block, labels = band[:, left : left + across], classes[top:bottom, left : left + across]
            blended = block * np.float32(1 - opacity) + colors[labels]
            np.copyto(block, blended.round().astype(np.uint8), where=labels[..., None] > 0)
        yield band


def run_lengths(mask: np.ndarray) -> list[int]:
    """The lengths of alternating runs of zeros and ones, column by column, as COCO counts: zeros first."""
    flat = np.asarray(mask, bool).reshape(-1, order="F")
    ends = np.flatnonzero(np.diff(flat)) + 1
    runs = np.diff(np.concatenate([[0], ends, [len(flat)]])).tolist()
    return [0, *runs] if len(flat) and flat[0] else runs


def compress(runs: Sequence[int]) -> str:
    """COCO's compressed RLE: from the fourth run on, the difference to the run two places before it.

    Each number takes one or more characters of five bits, plus one bit that marks a continuation.
    """
    characters: list[str] = []
    for index, run in enumerate(runs):
        value = run - runs[index - 2] if index > 2 else run
        continues = True
        while continues:
            bits, value = value & 0x1F, value >> 5
            continues = value != (-1 if bits & 0x10 else 0)
            characters.append(chr((bits | 0x20 if continues else bits) + 48))
    return "".join(characters)
