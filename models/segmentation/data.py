"""Pictures as the network takes them: one upload to answer, or a batch of composites to train on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image

from models.core.images.codec import to_tensor
from models.core.images.letterbox import Letterbox, letterbox
from models.core.training.composites import Composite


@dataclass(frozen=True)
class Picture:
    """One upload, prepared for the network."""

    upload: Image.Image
    scaled: Image.Image  # as the network receives it
    tensor: torch.Tensor  # (3, H, W) in [0, 1]
    placement: Letterbox  # of the upload in the scaled picture
    notes: tuple[str, ...] = ()  # about reading the picture

    @property
    def frame(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom of the upload in the scaled picture."""
        height = max(1, round(self.placement.height * self.placement.scale_y))
        width = max(1, round(self.placement.width * self.placement.scale_x))
        left, top = self.placement.left, self.placement.top
        return left, top, min(left + width, self.scaled.width), min(top + height, self.scaled.height)

    def crop(self, values: torch.Tensor) -> torch.Tensor:
        """(..., H, W) of the scaled picture -> only the frame of the upload."""
        left, top, right, bottom = self.frame
        return values[..., top:bottom, left:right]


@dataclass(frozen=True)
class Raw:
    """The network's output for one picture, on the CPU."""

    logits: torch.Tensor  # (C, h, w)
    encoder: tuple[torch.Tensor, ...] = ()  # (c, h, w) per level, fine to coarse; the last is the bottleneck
    decoder: tuple[torch.Tensor, ...] = ()  # (c, h, w) per level, coarse to fine


def prepare(upload: Image.Image, size: int) -> Picture:
    """Letterbox the upload into a square of `size` pixels."""
    scaled, placement = letterbox(upload, size)
    return Picture(upload, scaled, to_tensor(scaled), placement)


def batch(composites: Sequence[Composite]) -> tuple[torch.Tensor, torch.Tensor]:
    """Images (B, 3, H, W) and class indices (B, H / 2, W / 2), from one pixel of every four."""
    images = torch.stack([composite.image for composite in composites])
    classes = np.stack([composite.classes[1::2, 1::2] for composite in composites])
    return images, torch.from_numpy(classes.astype(np.int64))
