"""U-Net: an encoder halves the image level by level, a decoder enlarges it again, skip connections join them.

Paper: Ronneberger et al. 2015, U-Net: Convolutional Networks for Biomedical Image Segmentation,
arXiv:1505.04597, figure 1. As there: four skip connections; in the decoder, transposed 2x2 convolutions with
stride 2, each followed by concatenation with the encoder's map of the same size and two 3x3 convolutions.
Differences: each encoder level is a strided convolution with residual units, instead of pooling and two plain
convolutions, so that the encoder has the shape of the grid detector's backbone and can start from its
weights; or it is the backbone of NanoDet, which knows photos (`models.core.training.cross_stage`). Padded
convolutions, so that no skip connection has to be cropped; batch normalization; the finest level has
half the image's height and width, which takes a quarter of the computation.

Shapes: B batch, H and W height and width of the image (multiples of 32), C classes including the background.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from models.core.training.backbone import Backbone, convolution
from models.core.training.cross_stage import Encoder

BACKGROUND = "background"
RESIDUAL, CROSS_STAGE = "residual", "cross-stage"  # encoders: the grid detector's, and NanoDet's


@dataclass(frozen=True)
class Config:
    """The shape of the architecture; saved with the weights."""

    classes: tuple[str, ...]  # the background comes first
    widths: tuple[int, ...] = (16, 32, 64, 128, 256)  # the last one is that of the bottleneck
    depths: tuple[int, ...] = (0, 1, 2, 2, 2)
    image_size: int = 160
    encoder: str = RESIDUAL
    decoder: tuple[int, ...] = ()  # channels of its levels, fine to coarse; empty: those of the encoder

    @classmethod
    def of_photos(cls, classes: tuple[str, ...], image_size: int) -> "Config":
        """With the backbone of NanoDet as the encoder."""
        return cls(classes, Encoder.CHANNELS, (), image_size, CROSS_STAGE, (24, 32, 64, 128))

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Config":
        return cls(
            classes=tuple(values["classes"]),
            widths=tuple(values["widths"]),
            depths=tuple(values["depths"]),
            image_size=int(values["image_size"]),
            encoder=str(values.get("encoder", RESIDUAL)),  # earlier files have no choice
            decoder=tuple(values.get("decoder", ())),
        )

    def to_json(self) -> dict[str, Any]:
        return {"architecture": "unet", **asdict(self)}

    @property
    def strides(self) -> tuple[int, ...]:
        """Of the levels with a skip connection, fine to coarse."""
        return tuple(2 ** (level + 1) for level in range(len(self.widths) - 1))


class Up(nn.Module):
    """One level of the decoder: (B, below, h, w) and (B, skip, 2h, 2w) -> (B, channels, 2h, 2w)."""

    def __init__(self, below: int, skip: int, channels: int):
        super().__init__()
        self.enlarge = nn.ConvTranspose2d(below, channels, 2, stride=2)
        self.merge = nn.Sequential(
            convolution(skip + channels, channels, 3), convolution(channels, channels, 3)
        )

    def forward(self, x: torch.Tensor, skip: torch.Tensor) -> torch.Tensor:
        return self.merge(torch.cat([skip, self.enlarge(x)], dim=1))


@dataclass(frozen=True)
class Maps:
    """The feature maps of a U-Net, each (B, channels, h, w), and its output."""

    encoder: list[torch.Tensor]  # fine to coarse; the last one is the bottleneck
    decoder: list[torch.Tensor]  # coarse to fine
    logits: torch.Tensor  # (B, C, H / 2, W / 2)


class UNet(nn.Module):
    """(B, 3, H, W) in [0, 1] -> logits (B, C, H / 2, W / 2)."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        is_residual = config.encoder == RESIDUAL
        self.encoder = Backbone(3, config.widths, config.depths) if is_residual else Encoder()
        *skips, lowest = config.widths
        widths = (*(config.decoder or skips), lowest)
        coarse_to_fine = range(len(skips) - 1, -1, -1)
        self.decoder = nn.ModuleList(Up(widths[i + 1], skips[i], widths[i]) for i in coarse_to_fine)
        self.classify = nn.Conv2d(widths[0], len(config.classes), 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.decode(self.encoder(x)).logits

    def decode(self, encoded: list[torch.Tensor], cut: Collection[int] = ()) -> Maps:
        """Decode the encoder's maps; the skip connections at the strides in `cut` carry zeros."""
        x, decoded = encoded[-1], []
        for up, skip, stride in zip(
            self.decoder, reversed(encoded[:-1]), reversed(self.config.strides), strict=True
        ):
            x = up(x, torch.zeros_like(skip) if stride in cut else skip)
            decoded.append(x)
        return Maps(encoded, decoded, self.classify(x))


def enlarge(values: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """(B, C, h, w) -> (B, C, height, width), bilinear."""
    return F.interpolate(values, (height, width), mode="bilinear", align_corners=False)
