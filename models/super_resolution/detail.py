"""The part of a picture that its stages open, and what other models make of it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from models.super_resolution.network import Network

WHOLE = 150_000  # pixels: a picture of at most so many is opened whole,
LONGEST = 4_000  # unless a side has more: four times enlarged it must still fit a JPEG, and a screen
SIDE = 320  # pixels of the upload: side of the detail of a larger one
SUPPORT = 2  # pixels that bicubic resizing sees around a place
BLOCK = 32  # pixels: details begin at multiples of it


@dataclass(frozen=True)
class Detail:
    """A window on the upload, in its pixels."""

    left: int
    top: int
    width: int
    height: int
    whole: bool  # the window is the whole picture

    def cut(self, picture: np.ndarray, *, scale: int = 1, margin: int = 0) -> np.ndarray:
        """The window of an array (scale * H, scale * W, ...), with up to `margin` pixels around it."""
        before, after = self._around(margin, picture.shape[1] // scale, picture.shape[0] // scale)
        rows = slice((self.top - before[1]) * scale, (self.top + self.height + after[1]) * scale)
        columns = slice((self.left - before[0]) * scale, (self.left + self.width + after[0]) * scale)
        return picture[rows, columns]

    def inside(self, cut: np.ndarray, margin: int, scale: int = 1) -> np.ndarray:
        """The window alone, of an array (..., h, w) that was made from a cut with that margin."""
        left, top = min(margin, self.left) * scale, min(margin, self.top) * scale
        return cut[..., top : top + self.height * scale, left : left + self.width * scale]

    def _around(self, margin: int, width: int, height: int) -> tuple[tuple[int, int], tuple[int, int]]:
        right, bottom = width - self.left - self.width, height - self.top - self.height
        return (min(margin, self.left), min(margin, self.top)), (min(margin, right), min(margin, bottom))

    @property
    def words(self) -> str:
        """Which part it is, as a sentence."""
        if self.whole:
            return "It is the whole picture."
        return (
            f"It is the part with most texture: {self.width} × {self.height} pixels of the upload, from "
            f"{self.left} pixels from the left and {self.top} from the top."
        )


def enlarged_part(picture: Image.Image, box: tuple[int, int, int, int], scale: int) -> Image.Image:
    """What lies in `box` (left, top, right, bottom) once the whole picture is enlarged bicubically."""
    left, top, right, bottom = box
    around = (
        max(0, left - SUPPORT),
        max(0, top - SUPPORT),
        min(picture.width, right + SUPPORT),
        min(picture.height, bottom + SUPPORT),
    )
    # resize(box=...) of Pillow 13.0 differs from the whole by up to 16 of 255
    part = picture.crop(around)
    large = part.resize((part.width * scale, part.height * scale), Image.Resampling.BICUBIC)
    x, y = (left - around[0]) * scale, (top - around[1]) * scale
    return large.crop((x, y, x + (right - left) * scale, y + (bottom - top) * scale))


def find_detail(color: Image.Image) -> Detail:
    """The whole picture if it is small, else the window in which neighboring pixels differ most."""
    width, height = color.size
    if width * height <= WHOLE and max(width, height) <= LONGEST:
        return Detail(0, 0, width, height, whole=True)
    wide, high = min(SIDE, width), min(SIDE, height)
    energy = _texture(color)  # a number for each block
    across, down = max(1, wide // BLOCK), max(1, high // BLOCK)
    sums = np.pad(energy.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    windows = sums[down:, across:] - sums[:-down, across:] - sums[down:, :-across] + sums[:-down, :-across]
    row, column = np.unravel_index(int(windows.argmax()), windows.shape)
    return Detail(
        min(int(column) * BLOCK, width - wide), min(int(row) * BLOCK, height - high), wide, high, whole=False
    )


def _texture(color: Image.Image) -> np.ndarray:
    """Mean difference of neighboring pixels' luma in each whole block of `BLOCK` pixels."""
    rows = []
    for top in range(0, max(1, color.height // BLOCK) * BLOCK, BLOCK):  # by bands: pictures may be large
        band = color.crop((0, top, color.width, min(top + BLOCK, color.height))).convert("L")
        values = np.asarray(band, np.int16)
        steps = np.abs(np.diff(values, axis=0, append=values[-1:])).mean(axis=0)
        steps += np.abs(np.diff(values, axis=1, append=values[:, -1:])).mean(axis=0)
        across = max(1, color.width // BLOCK)
        size = min(BLOCK, color.width)
        rows.append(steps[: across * size].reshape(across, size).mean(axis=1))
    return np.stack(rows)


def siblings(network: Network, files: dict[str, Path]) -> dict[str, Network]:
    """The shipped models of the same scale, by title; without the one that `network` is."""
    loaded = {title: Network(file, network.device) for title, file in files.items() if file.exists()}
    return {
        title: other
        for title, other in loaded.items()
        if other.scale == network.scale and not other.same_weights(network)
    }
