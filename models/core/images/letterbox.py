"""An image of any size -> the square input of a network, and boxes back to the pixels of the image."""

from dataclasses import dataclass

import torch
from PIL import Image

Color = tuple[int, int, int]
BORDER: Color = (114, 114, 114)  # gray around the image, the usual choice of YOLO implementations


@dataclass(frozen=True)
class Letterbox:
    """The position of an image in its square."""

    width: int  # of the upload, pixels
    height: int
    left: int  # of the resized image in the square
    top: int
    scale_x: float  # pixels of the square per pixel of the upload
    scale_y: float

    def to_upload(self, boxes: torch.Tensor) -> torch.Tensor:
        """(..., 4) in pixels of the square -> in pixels of the upload, clipped to its edges."""
        shift = torch.tensor([self.left, self.top, self.left, self.top], dtype=boxes.dtype)
        scale = torch.tensor([self.scale_x, self.scale_y, self.scale_x, self.scale_y], dtype=boxes.dtype)
        limit = torch.tensor([self.width, self.height, self.width, self.height], dtype=boxes.dtype)
        return torch.minimum(((boxes - shift) / scale).clamp(min=0), limit)


def letterbox(image: Image.Image, size: int, border: Color = BORDER) -> tuple[Image.Image, Letterbox]:
    """Shrink or enlarge `image` to fit a square of `size` pixels, centered, with `border` around it."""
    scale = size / max(image.size)
    width, height = (max(1, round(length * scale)) for length in image.size)
    left, top = (size - width) // 2, (size - height) // 2
    square = Image.new("RGB", (size, size), border)
    square.paste(image.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=3.0), (left, top))
    return square, Letterbox(*image.size, left, top, width / image.width, height / image.height)
