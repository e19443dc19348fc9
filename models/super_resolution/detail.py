"""The part of a picture that the stages show: all of a small one, the most textured window of a large one."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from models.core.images.canvas import Canvas

MAX_PIXELS = 150_000  # up to which the whole picture is shown,
MAX_SIDE = 4_000  # unless a side is longer: enlarged four times it must still fit a JPEG and a screen
SIDE = 320  # pixels of the upload: side of the detail of a larger picture
SUPPORT = 2  # radius of the bicubic kernel in pixels
BLOCK = 32  # pixels: details begin at multiples of it

Box = tuple[int, int, int, int]  # left, top, right, bottom


@dataclass(frozen=True)
class Detail:
    """A window on the upload, in its pixels."""

    left: int
    top: int
    width: int
    height: int
    is_whole: bool  # the window is the whole picture

    @property
    def box(self) -> Box:
        return self.left, self.top, self.left + self.width, self.top + self.height

    def crop(self, picture: np.ndarray, *, scale: int = 1, margin: int = 0) -> np.ndarray:
        """The window of an array (scale * H, scale * W, ...), with up to `margin` pixels around it."""
        height, width = picture.shape[0] // scale, picture.shape[1] // scale
        left, top, right, bottom = self.box
        rows = slice(max(0, top - margin) * scale, min(height, bottom + margin) * scale)
        columns = slice(max(0, left - margin) * scale, min(width, right + margin) * scale)
        return picture[rows, columns]

    def crop_canvas(self, canvas: Canvas, scale: int) -> np.ndarray:
        """The window of a canvas (scale * H, scale * W, ...)."""
        left, top, right, bottom = (scale * edge for edge in self.box)
        return canvas.rows(top, bottom)[:, left:right]

    def without_margin(self, cropped: np.ndarray, margin: int, scale: int = 1) -> np.ndarray:
        """The window alone, of an array (..., h, w) computed from a crop with that margin."""
        left, top = min(margin, self.left) * scale, min(margin, self.top) * scale
        return cropped[..., top : top + self.height * scale, left : left + self.width * scale]


def enlarge_part(picture: Image.Image, box: Box, scale: int) -> Image.Image:
    """The part in `box` of the bicubically enlarged picture, without enlarging all of it."""
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


def find_detail(color: Image.Image, *, max_pixels: int = MAX_PIXELS, side: int = SIDE) -> Detail:
    """The whole picture if it is small, else the window in which neighboring pixels differ most."""
    width, height = color.size
    if width * height <= max_pixels and max(width, height) <= MAX_SIDE:
        return Detail(0, 0, width, height, is_whole=True)
    wide, high = min(side, width), min(side, height)
    across, down = max(1, wide // BLOCK), max(1, high // BLOCK)
    sums = np.pad(block_texture(color).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    windows = sums[down:, across:] - sums[:-down, across:] - sums[down:, :-across] + sums[:-down, :-across]
    row, column = np.unravel_index(int(windows.argmax()), windows.shape)
    left, top = min(int(column) * BLOCK, width - wide), min(int(row) * BLOCK, height - high)
    return Detail(left, top, wide, high, is_whole=False)


def block_texture(color: Image.Image) -> np.ndarray:
    """Mean difference of neighboring pixels' luma in each whole block of `BLOCK` pixels."""
    rows = []
    for top in range(0, max(1, color.height // BLOCK) * BLOCK, BLOCK):  # in bands: pictures may be large
        band = color.crop((0, top, color.width, min(top + BLOCK, color.height))).convert("L")
        values = np.asarray(band, np.int16)
        steps = np.abs(np.diff(values, axis=0, append=values[-1:])).mean(axis=0)
        steps += np.abs(np.diff(values, axis=1, append=values[:, -1:])).mean(axis=0)
        across = max(1, color.width // BLOCK)
        size = min(BLOCK, color.width)
        rows.append(steps[: across * size].reshape(across, size).mean(axis=1))
    return np.stack(rows)
