"""The encoder that detection and segmentation share, so that each can reuse the weights of the other.

Residual units as in YOLOv3's Darknet (arXiv:1804.02767, table 1); leaky ReLU of slope 0.1 as in YOLOv1
(arXiv:1506.02640, section 2.2).

Shapes: B batch, C channels of the image, c channels of a map, H and W height and width of the image.
"""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn

from models.core.contract import checkpoint, registry

LEAKY_SLOPE = 0.1
_PREFIX = "backbone."  # the name that a detector gives it


def detector_weights() -> Path:
    """The weights of the detector that ships, whose backbone others start from."""
    return registry.weights("detection", "grid-detector")


def backbone_state(detector: Path) -> dict[str, torch.Tensor]:
    """The backbone's tensors in a detector's weights. Raises WeightsError."""
    return checkpoint.below(checkpoint.load(detector)[1], _PREFIX)


def convolution(inputs: int, outputs: int, size: int, stride: int = 1) -> nn.Sequential:
    """Convolution, batch normalization, leaky ReLU; height and width are divided by `stride`."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, stride, padding=size // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.LeakyReLU(LEAKY_SLOPE, inplace=True),
    )


class Residual(nn.Module):
    """(B, c, h, w) -> (B, c, h, w): 1 × 1 to half the channels, 3 × 3 back, added to the input."""

    def __init__(self, channels: int):
        super().__init__()
        self.body = nn.Sequential(
            convolution(channels, channels // 2, 1), convolution(channels // 2, channels, 3)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.body(x)


class Backbone(nn.Module):
    """(B, C, H, W) -> features at strides 2, 4, 8 and so on, fine to coarse: one map for each of `widths`.

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
