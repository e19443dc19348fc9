"""RRDBNet, the generator of ESRGAN and Real-ESRGAN: residual-in-residual dense blocks.

Papers: Wang et al. 2018, ESRGAN, arXiv:1809.00219, section 3.1 and figure 4; Wang et al. 2021, Real-ESRGAN,
arXiv:2107.10833, which trains the same network on pictures that were blurred, shrunk, made noisy and
compressed twice over, so that it also removes what JPEG adds. In a dense block every convolution sees the
outputs of all before it.

Shapes: B batch, H and W height and width at low resolution, C = 64 channels.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from models.super_resolution.architecture import convolution

ARCHITECTURE = "rrdbnet"
SCALE = 4
SLOPE = 0.2  # of LeakyReLU below zero
RESIDUAL = 0.2  # weight of a block's output beside its input (ESRGAN, section 3.1)


@dataclass(frozen=True)
class Config:
    """What fixes the architecture's shape; saved with the weights."""

    channels: int = 64
    growth: int = 32  # channels that each convolution of a dense block adds
    blocks: int = 23

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Config":
        return cls(*(int(values[name]) for name in ("channels", "growth", "blocks")))

    def to_json(self) -> dict[str, Any]:
        return {"architecture": ARCHITECTURE, **asdict(self)}

    scale = SCALE
    loss = "gan"
    reach = (
        32  # pixels of the upload; the receptive field is far wider, but hardly anything arrives from there
    )


class DenseBlock(nn.Module):
    """(B, C, H, W) -> the same."""

    def __init__(self, channels: int, growth: int):
        super().__init__()
        self.growing = nn.ModuleList(convolution(channels + n * growth, growth) for n in range(4))
        self.last = convolution(channels + 4 * growth, channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        seen = x
        for layer in self.growing:
            seen = torch.cat([seen, F.leaky_relu(layer(seen), SLOPE, inplace=True)], dim=1)
        return x + RESIDUAL * self.last(seen)


class ResidualBlock(nn.Module):
    """(B, C, H, W) -> the same: three dense blocks, added to the input."""

    def __init__(self, channels: int, growth: int):
        super().__init__()
        self.dense = nn.Sequential(*(DenseBlock(channels, growth) for _ in range(3)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + RESIDUAL * self.dense(x)


class RRDBNet(nn.Module):
    """(B, 3, H, W) in [0, 1] -> (B, 3, 4*H, 4*W), not clipped."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.head = convolution(3, config.channels)
        self.blocks = nn.ModuleList(
            ResidualBlock(config.channels, config.growth) for _ in range(config.blocks)
        )
        self.body = convolution(config.channels, config.channels)
        self.enlarging = nn.ModuleList(convolution(config.channels, config.channels) for _ in range(2))
        self.detail = convolution(config.channels, config.channels)
        self.tail = convolution(config.channels, 3)

    def features(self, x: torch.Tensor) -> Iterator[torch.Tensor]:
        """(B, C, H, W) after the first convolution, after each block, and after all of them."""
        head = x = self.head(x)
        yield head
        for block in self.blocks:
            x = block(x)
            yield x
        yield head + self.body(x)

    def to_pixels(self, features: torch.Tensor) -> torch.Tensor:
        """The last features (B, C, H, W) -> the picture (B, 3, 4*H, 4*W), doubled twice."""
        x = features
        for layer in self.enlarging:
            x = F.leaky_relu(layer(F.interpolate(x, scale_factor=2.0, mode="nearest")), SLOPE, inplace=True)
        return self.tail(F.leaky_relu(self.detail(x), SLOPE, inplace=True))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.to_pixels(deque(self.features(x), maxlen=1)[0])
