"""A U-Net that turns a box into a mask: the crop around a detected thing in, the thing's pixels out.

Papers: the idea, a mask for each detected box, is that of He et al. 2017, Mask R-CNN, arXiv:1703.06870,
section 3; the shape is that of Ronneberger et al. 2015, U-Net, arXiv:1505.04597, figure 1. Differences from
Mask R-CNN: the mask network sees the pixels of the box, not the detector's features, so that any detector can
find the box; one mask for all classes. Differences from the U-Net: a pretrained encoder; every decoder level
also gets a map of the box, because a crop often shows two things and only one is meant; the last level
computes four logits per place and rearranges them to full resolution (Shi et al. 2016, arXiv:1609.05158,
section 2.2).

Shapes: B batch, H and W height and width of the crop (multiples of 32), c channels of a map.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from models.core.training.cross_stage import Encoder

ARCHITECTURE = "box-unet"


@dataclass(frozen=True)
class Config:
    """The shape of the architecture; saved with the weights."""

    widths: tuple[int, ...] = (96, 64, 48, 32, 16)  # of the decoder, coarse to fine
    image_size: int = 160

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Config":
        return cls(widths=tuple(values["widths"]), image_size=int(values["image_size"]))

    def to_json(self) -> dict[str, Any]:
        return {"architecture": ARCHITECTURE, **asdict(self)}


@dataclass(frozen=True)
class Maps:
    """The feature maps of one forward pass, each (B, c, h, w), and its output."""

    encoder: list[torch.Tensor]  # fine to coarse
    decoder: list[torch.Tensor]  # coarse to fine
    logits: torch.Tensor  # (B, 1, H, W)


class Level(nn.Module):
    """One level of the decoder: what comes from below, the encoder's map and the box -> (B, width, h, w)."""

    def __init__(self, below: int, skip: int, width: int):
        super().__init__()
        self.reduce = nn.Conv2d(skip, width, 1)
        self.merge = nn.Sequential(
            nn.Conv2d(below + width + 1, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.LeakyReLU(0.1, inplace=True),
        )

    def forward(self, below: torch.Tensor | None, skip: torch.Tensor, box: torch.Tensor) -> torch.Tensor:
        height, width = skip.shape[2:]
        parts = [self.reduce(skip), F.adaptive_avg_pool2d(box, (height, width))]
        if below is not None:
            parts.append(enlarge(below, height, width))
        return self.merge(torch.cat(parts, dim=1))


class BoxUNet(nn.Module):
    """RGB (B, 3, H, W) in [0, 1] and the box as a map of 0 and 1 (B, 1, H, W) -> logits (B, 1, H, W)."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.encoder = Encoder()
        belows = (0, *config.widths[:-1])
        skips = reversed(Encoder.CHANNELS)
        self.decoder = nn.ModuleList(map(Level, belows, skips, config.widths))
        self.classify = nn.Conv2d(config.widths[-1], 4, 3, padding=1)
        self.shuffle = nn.PixelShuffle(2)

    def forward(self, x: torch.Tensor, box: torch.Tensor) -> torch.Tensor:
        return self.decode(self.encoder(x), box).logits

    def decode(self, encoded: list[torch.Tensor], box: torch.Tensor, cut: Collection[int] = ()) -> Maps:
        """Decode the encoder's maps; the skip connections at the strides in `cut` carry zeros."""
        x: torch.Tensor | None = None
        decoded = []
        for level, skip, stride in zip(
            self.decoder, reversed(encoded), reversed(Encoder.STRIDES), strict=True
        ):
            x = level(x, torch.zeros_like(skip) if stride in cut else skip, box)
            decoded.append(x)
        return Maps(encoded, decoded, self.shuffle(self.classify(decoded[-1])))


def enlarge(values: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """(B, c, h, w) -> (B, c, height, width), bilinear."""
    return F.interpolate(values, (height, width), mode="bilinear", align_corners=False)
