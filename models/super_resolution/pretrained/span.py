"""SPAN: six blocks whose features are weighted by a parameter-free attention.

Paper: Wan et al. 2023, Swift Parameter-free Attention Network for Efficient Super-Resolution,
arXiv:2311.12770. The last features H of a block show where they matter: the attention sigmoid(H) - 1/2 is
odd, so it is large where H is far from zero, at edges and texture, and it needs no parameters. Each
convolution is the one into which the paper's several are merged after the training.

Shapes: B batch, H and W height and width at low resolution, C channels, r the scale.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from models.super_resolution.architecture import convolution

ARCHITECTURE = "span"
RANGE = 255.0  # the network computes with colors from 0 to 255, less their mean
BLOCKS = 6
PARTS = ("first", "second", "third")  # convolutions of a block


@dataclass(frozen=True)
class Config:
    """What fixes the architecture's shape; saved with the weights."""

    scale: int
    channels: int = 48

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Config":
        return cls(scale=int(values["scale"]), channels=int(values["channels"]))

    def to_json(self) -> dict[str, Any]:
        return {"architecture": ARCHITECTURE, **asdict(self)}

    loss = "psnr"

    @property
    def reach(self) -> int:
        """Radius of the receptive field in pixels of the upload: one for each 3 × 3 convolution."""
        return 3 * BLOCKS + 3


class Block(nn.Module):
    """(B, C, H, W) -> the same: three convolutions, a residual connection and the attention."""

    def __init__(self, channels: int):
        super().__init__()
        self.first = convolution(channels, channels)
        self.second = convolution(channels, channels)
        self.third = convolution(channels, channels)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The block's output, and its features after the first convolution."""
        first = F.silu(self.first(x))
        features = self.third(F.silu(self.second(first)))
        attention = features.sigmoid() - 0.5
        return (features + x) * attention, first


class Span(nn.Module):
    """(B, 3, H, W) in [0, 1] -> (B, 3, r*H, r*W), not clipped."""

    mean: torch.Tensor

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.register_buffer("mean", torch.zeros(3, 1, 1))
        self.head = convolution(3, config.channels)
        self.blocks = nn.ModuleList(Block(config.channels) for _ in range(BLOCKS))
        self.body = convolution(config.channels, config.channels)
        self.merge = nn.Conv2d(4 * config.channels, config.channels, 1)
        self.tail = convolution(config.channels, 3 * config.scale**2)

    def features(self, x: torch.Tensor) -> Iterator[torch.Tensor]:
        """(B, C, H, W) after the first convolution, after each block, and after all of them."""
        head = x = self.head((x - self.mean) * RANGE)
        yield head
        after_first = inner = head
        for number, block in enumerate(self.blocks):
            x, inner = block(x)
            after_first = x if number == 0 else after_first
            yield x
        # early, middle and late features together
        yield self.merge(torch.cat([head, self.body(x), after_first, inner], dim=1))

    def to_pixels(self, features: torch.Tensor) -> torch.Tensor:
        """The last features (B, C, H, W) -> the picture (B, 3, r*H, r*W)."""
        return F.pixel_shuffle(self.tail(features), self.config.scale)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.to_pixels(deque(self.features(x), maxlen=1)[0])
