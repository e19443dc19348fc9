"""A residual generator with pixel shuffle and a bicubic skip connection, and its discriminator.

Papers: Ledig et al. 2017, SRResNet and SRGAN, arXiv:1609.04802; Lim et al. 2017, EDSR, arXiv:1707.02921: no
batch normalization (section 3.1); Shi et al. 2016, ESPCN, arXiv:1609.05158: all layers at low resolution,
then channels are rearranged to pixels; Kim et al. 2016, VDSR, arXiv:1511.04587: the network learns only the
residual, which is added to the bicubic picture. Discriminator: Isola et al. 2017, PatchGAN, arXiv:1611.07004,
section 3.2.2, with the spectral normalization of Miyato et al. 2018, arXiv:1802.05957.
Differences: 48 channels and 8 blocks instead of 64 and 16, so that one CPU thread enlarges a small photo in a
second; a single last layer leads from features to pixels; it starts at zero, so that training starts with
bicubic resizing.

Shapes: B batch, H and W height and width at low resolution, C channels, r the scale.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import spectral_norm

ARCHITECTURE = "residual-shuffle"
SCALES = (2, 4)


@dataclass(frozen=True)
class Config:
    """What fixes the architecture's shape, and the kind of training; saved with the weights."""

    scale: int = 4
    channels: int = 48
    blocks: int = 8
    loss: str = "psnr"  # or "gan"

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Config":
        return cls(
            scale=int(values["scale"]),
            channels=int(values["channels"]),
            blocks=int(values["blocks"]),
            loss=str(values["loss"]),
        )

    def to_json(self) -> dict[str, Any]:
        return {"architecture": ARCHITECTURE, **asdict(self)}

    @property
    def reach(self) -> int:
        """Radius of the receptive field in pixels of the upload: the margin of a tile."""
        return 2 * self.blocks + 3  # one pixel per 3 × 3 convolution; the bicubic skip reaches 2


def convolution(inputs: int, outputs: int) -> nn.Conv2d:
    """3 × 3, zero padding."""
    return nn.Conv2d(inputs, outputs, 3, padding=1)


class Residual(nn.Module):
    """(B, C, H, W) -> (B, C, H, W): two convolutions, added to the input (EDSR, figure 2c)."""

    def __init__(self, channels: int):
        super().__init__()
        self.first = convolution(channels, channels)
        self.second = convolution(channels, channels)
        nn.init.kaiming_normal_(self.first.weight, nonlinearity="relu")
        nn.init.normal_(self.second.weight, std=0.01)  # a block starts near the identity
        nn.init.zeros_(self.second.bias)  # type: ignore[arg-type]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.second(F.relu(self.first(x)))


class Generator(nn.Module):
    """(B, 3, H, W) in [0, 1] -> (B, 3, r*H, r*W), not clipped."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.head = convolution(3, config.channels)
        self.blocks = nn.ModuleList(Residual(config.channels) for _ in range(config.blocks))
        self.body = convolution(config.channels, config.channels)
        self.tail = convolution(config.channels, 3 * config.scale**2)
        nn.init.zeros_(self.tail.weight)
        nn.init.zeros_(self.tail.bias)  # type: ignore[arg-type]

    def features(self, x: torch.Tensor) -> Iterator[torch.Tensor]:
        """(B, C, H, W) after the first convolution, after each block, and after all of them."""
        first = x = self.head(x - 0.5)
        yield first
        for block in self.blocks:
            x = block(x)
            yield x
        yield first + self.body(x)

    def to_pixels(self, features: torch.Tensor) -> torch.Tensor:
        """The last features (B, C, H, W) -> the residual (B, 3, r*H, r*W)."""
        return F.pixel_shuffle(self.tail(features), self.config.scale)

    def residual(self, x: torch.Tensor) -> torch.Tensor:
        """(B, 3, r*H, r*W): the difference from the bicubic picture."""
        return self.to_pixels(deque(self.features(x), maxlen=1)[0])  # keeps only the last, to save memory

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return bicubic(x, self.config.scale) + self.residual(x)


def bicubic(x: torch.Tensor, scale: int) -> torch.Tensor:
    """(B, 3, H, W) -> (B, 3, r*H, r*W), with Pillow's kernel (a = -0.5)."""
    # torch uses a = -0.75 unless `antialias` is set, which has no other effect on enlarging
    return F.interpolate(x, scale_factor=float(scale), mode="bicubic", antialias=True)


class Discriminator(nn.Module):
    """(B, 3, H, W) -> logits (B, 1, h, w), one per patch of 56 pixels; high: it looks like a photo.

    The first layer keeps the size, so that single pixels are examined before the others halve it: patterns of
    dots are what pixel shuffle produces most easily.
    """

    def __init__(self, width: int = 32, widths: tuple[int, ...] = (64, 128, 128)):
        super().__init__()
        layers: list[nn.Module] = [spectral_norm(convolution(3, width)), nn.LeakyReLU(0.2)]
        inputs = width
        for width in widths:
            layers += [spectral_norm(nn.Conv2d(inputs, width, 4, 2, 1)), nn.LeakyReLU(0.2)]
            inputs = width
        layers += [spectral_norm(convolution(inputs, inputs)), nn.LeakyReLU(0.2), convolution(inputs, 1)]
        self.layers = nn.Sequential(*layers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x - 0.5)
