"""The encoder: stem and stages of NanoDet-g, a detector of COCO's 80 classes.

Source: RangiLyu/nanodet (2021), whose NanoDet-g has a backbone after CSPNet (Wang et al. 2020,
arXiv:1911.11929, figure 2): each stage divides its channels' work between a chain of blocks and a shortcut,
and concatenates both. Its batch normalization is folded into the convolutions.

Shapes: B batch, c channels of a map, H and W height and width of the image (multiples of 32).
"""

import torch
from torch import nn
from torch.nn import functional as F

LEAKY_SLOPE = 0.1
STAGES = (
    (32, 32, 1, 1),
    (64, 64, 2, 2),
    (128, 128, 2, 2),
    (256, 256, 3, 2),
)  # inputs, channels, blocks, stride
CHANNELS = (32, 64, 128, 256, 512)  # of the maps, fine to coarse
STRIDES = (2, 4, 8, 16, 32)
# of blue, green and red in 0 ... 255
MEAN = (103.53, 116.28, 123.675)
DEVIATION = (57.375, 57.12, 58.395)


def convolution(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """3 × 3 convolution with bias, leaky ReLU; height and width are divided by `stride`."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, padding=1), nn.LeakyReLU(LEAKY_SLOPE, inplace=True)
    )


class Stage(nn.Module):
    """(B, inputs, h, w) -> (B, 2 * channels, h / stride, w / stride), cross-stage partial (CSP)."""

    def __init__(self, inputs: int, channels: int, blocks: int, stride: int):
        super().__init__()
        half = channels // 2
        self.entry = convolution(inputs, channels, stride)
        self.blocks = nn.ModuleList(
            nn.ModuleList((convolution(channels, half), convolution(half, half))) for _ in range(blocks)
        )
        self.exit = convolution(channels, channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = shortcut = self.entry(x)
        for first, second in self.blocks:  # type: ignore[misc]  pairs of convolutions
            a = first(x)
            x = torch.cat([second(a), a], dim=1)
        return torch.cat([self.exit(x), shortcut], dim=1)


class Encoder(nn.Module):
    """RGB (B, 3, H, W) in [0, 1] -> maps of `CHANNELS` channels at `STRIDES`, fine to coarse."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("deviation", torch.tensor(DEVIATION).view(1, 3, 1, 1), persistent=False)
        self.stem = convolution(3, 32, 2)
        self.stages = nn.ModuleList(Stage(*shape) for shape in STAGES)

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        features = [self.stem((255 * x.flip(1) - self.mean) / self.deviation)]
        x = F.max_pool2d(features[0], 3, stride=2, padding=1)
        for stage in self.stages:
            x = stage(x)
            features.append(x)
        return features
