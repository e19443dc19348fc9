"""The way down that detection, segmentation and colorization share: each can start from another's weights.

Residual units as in YOLOv3's Darknet (arXiv:1804.02767, table 1); leaky ReLU of slope 0.1 as in YOLOv1
(arXiv:1506.02640, section 2.2).

Shapes: B batch, C channels of the picture, c those of a map, H and W picture height and width.
"""

from collections.abc import Sequence

import torch
from torch import nn

LEAKY_SLOPE = 0.1


def convolution(inputs: int, outputs: int, size: int, stride: int = 1) -> nn.Sequential:
    """Convolution, batch normalization, leaky ReLU; height and width shrink by `stride`."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, stride, padding=size // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.LeakyReLU(LEAKY_SLOPE, inplace=True),
    )


class Residual(nn.Module):
    """(B, c, h, w) -> (B, c, h, w): squeeze to half the channels, look around, add to the input."""

    def __init__(self, channels: int):
        super().__init__()
        self.body = nn.Sequential(
            convolution(channels, channels // 2, 1), convolution(channels // 2, channels, 3)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.body(x)


class Backbone(nn.Module):
    """(B, C, H, W) -> features at strides 2, 4, 8 and so on, fine to coarse: a map for each of `widths`.

    Args:
        widths: channels of each map.
        depths: residual units of each level.
    """

    def __init__(self, channels: int, widths: Sequence[int], depths: Sequence[int]):
        super().__init__()
        stages, inputs = [], channels
        for width, depth in zip(widths, depths, strict=True):
            blocks = [Residual(width) for _ in range(depth)]
            stages.append(nn.Sequential(convolution(inputs, width, 3, stride=2), *blocks))
            inputs = width
        self.stages = nn.ModuleList(stages)

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        features = []
        for stage in self.stages:
            x = stage(x)  # halves height and width
            features.append(x)
        return features
