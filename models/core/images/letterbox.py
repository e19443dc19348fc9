"""A picture of any size -> the square that the network sees, and boxes back to the picture's own pixels."""

from dataclasses import dataclass

import torch
from PIL import Image

BORDER = (114, 114, 114)  # gray around the picture, the usual choice of YOLO implementations


@dataclass(frozen=True)
class Letterbox:
    """Where a picture lies in its square."""

    width: int  # of the upload, pixels
    height: int
    left: int  # of the shrunk picture in the square
    top: int
    scale_x: float  # square pixels for one of the upload
    scale_y: float

    def to_upload(self, boxes: torch.Tensor) -> torch.Tensor:
        """(..., 4) in pixels of the square -> the same in pixels of the upload, cut at its edges."""
        shift = torch.tensor([self.left, self.top, self.left, self.top], dtype=boxes.dtype)
        scale = torch.tensor([self.scale_x, self.scale_y, self.scale_x, self.scale_y], dtype=boxes.dtype)
        limit = torch.tensor([self.width, self.height, self.width, self.height], dtype=boxes.dtype)
        return torch.minimum(((boxes - shift) / scale).clamp(min=0), limit)


def letterbox(image: Image.Image, size: int) -> tuple[Image.Image, Letterbox]:
    """Shrink or enlarge `image` to fit a square of `size` pixels, in its middle, with gray around it."""
    scale = size / max(image.size)
    width, height = (max(1, round(length * scale)) for length in image.size)
    left, top = (size - width) // 2, (size - height) // 2
    square = Image.new("RGB", (size, size), BORDER)
    square.paste(image.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=3.0), (left, top))
    return square, Letterbox(*image.size, left, top, width / image.width, height / image.height)
