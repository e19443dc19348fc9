"""From a box in a picture to the square crop that the network receives, and back."""

from dataclasses import dataclass

import torch
from PIL import Image

MARGIN = 1.3  # side of the crop over the longer side of the box: it includes some surroundings


@dataclass(frozen=True)
class Box:
    """Corners in pixels of the picture."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top


def box_iou(one: Box, other: Box) -> float:
    """Intersection over union."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    shared = max(0.0, width) * max(0.0, height)
    union = one.width * one.height + other.width * other.height - shared
    return shared / union if union > 0 else 0.0


@dataclass(frozen=True)
class Square:
    """A square in the picture, whole pixels; parts of it may lie outside the picture."""

    left: int
    top: int
    side: int

    @property
    def corners(self) -> tuple[int, int, int, int]:
        return self.left, self.top, self.left + self.side, self.top + self.side

    def inside(self, box: Box, size: int) -> Box:
        """The box in pixels of the square after it was resized to `size`."""
        scale = size / self.side
        return Box(
            (box.left - self.left) * scale,
            (box.top - self.top) * scale,
            (box.right - self.left) * scale,
            (box.bottom - self.top) * scale,
        )


def square_around(box: Box) -> Square:
    """The square of `MARGIN` times the longer side, centered on the box."""
    side = max(2, round(MARGIN * max(box.width, box.height)))
    left = round((box.left + box.right - side) / 2)
    top = round((box.top + box.bottom - side) / 2)
    return Square(left, top, side)


def cut(picture: Image.Image, square: Square, size: int) -> Image.Image:
    """The square at `size` x `size` pixels, black where it lies outside the picture."""
    return picture.crop(square.corners).resize(
        (size, size), Image.Resampling.BILINEAR, reducing_gap=3.0
    )  # Pillow's bilinear filter averages when it shrinks


def box_map(box: Box, size: int) -> torch.Tensor:
    """(1, size, size): 1 inside the box, 0 outside."""
    rows, columns = torch.arange(size) + 0.5, torch.arange(size) + 0.5
    down = (rows >= box.top) & (rows < box.bottom)
    across = (columns >= box.left) & (columns < box.right)
    return (down[:, None] & across[None, :]).float()[None]
