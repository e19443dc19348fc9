"""The backbone of NanoDet-g: a stem and four cross stage partial stages, which know photos.

Paper: Wang et al. 2019, CSPNet, arXiv:1911.11929, figure 2. A stage computes part of its channels by a path
through blocks and passes the others by, and joins both. Batch normalization is part of the weights: every
convolution has a bias instead.

Shapes: B batch, c channels of a map, H and W height and width of the image, h and w those of a map.
"""

from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from models.core.contract import checkpoint, registry
from models.core.contract.errors import WeightsError
from models.core.contract.messages import Text

NOT_INSTALLED = Text(
    "core.training.nanodet_not_installed",
    "The training starts from NanoDet-g, which is not installed: glassbox models pull nanodet-g.",
)

LEAKY_SLOPE = 0.1
STAGES = ((32, 32, 1, 1), (64, 64, 2, 2), (128, 128, 2, 2), (256, 256, 3, 2))  # of `CrossStagePartial`
MEAN = (103.53, 116.28, 123.675)  # of blue, green and red, in 0 to 255
DEVIATION = (57.375, 57.12, 58.395)


def convolution(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """3 x 3 convolution with a bias, leaky ReLU; height and width are divided by `stride`."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, padding=1), nn.LeakyReLU(LEAKY_SLOPE, inplace=True)
    )


class Block(nn.Module):
    """(B, c, h, w) -> (B, c, h, w): half of the channels, from them the other half."""

    def __init__(self, channels: int):
        super().__init__()
        self.first = convolution(channels, channels // 2)
        self.second = convolution(channels // 2, channels // 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        first = self.first(x)
        return torch.cat([self.second(first), first], dim=1)


class CrossStagePartial(nn.Module):
    """(B, inputs, h, w) -> (B, 2 * channels, h / stride, w / stride): through blocks, and past them."""

    def __init__(self, inputs: int, channels: int, blocks: int, stride: int):
        super().__init__()
        self.entry = convolution(inputs, channels, stride)
        self.blocks = nn.Sequential(*(Block(channels) for _ in range(blocks)))
        self.exit = convolution(channels, channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        past = self.entry(x)
        return torch.cat([self.exit(self.blocks(past)), past], dim=1)


class Encoder(nn.Module):
    """RGB (B, 3, H, W) in [0, 1] -> maps, fine to coarse: `CHANNELS` at `STRIDES`.

    Args:
        levels: how many of the five maps.
    """

    CHANNELS = (32, 64, 128, 256, 512)
    STRIDES = (2, 4, 8, 16, 32)

    def __init__(self, levels: int = len(STRIDES)) -> None:
        super().__init__()
        self.stem = convolution(3, 32, 2)
        self.stages = nn.ModuleList(CrossStagePartial(*shape) for shape in STAGES[: levels - 1])

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        features = [self.stem(normalized(x))]
        x = F.max_pool2d(features[0], 3, stride=2, padding=1)
        for stage in self.stages:
            x = stage(x)
            features.append(x)
        return features


def normalized(images: torch.Tensor) -> torch.Tensor:
    """(B, 3, H, W) red, green, blue in [0, 1] -> blue, green, red as in the network's training."""
    mean = torch.tensor(MEAN, device=images.device).view(3, 1, 1)
    deviation = torch.tensor(DEVIATION, device=images.device).view(3, 1, 1)
    return (images.flip(1) * 255 - mean) / deviation


def encoder_state(detector: Path) -> dict[str, torch.Tensor]:
    """The stem and the stages in the weights of NanoDet. Raises WeightsError."""
    known = checkpoint.load(detector)[1]
    return {name: value for name, value in known.items() if name.startswith(("stem.", "stages."))}


def shipped_encoder() -> tuple[dict[str, torch.Tensor], Path]:
    """The encoder in the shipped mask network, which is NanoDet's trained further, and its file.

    Raises:
        WeightsError: the file is missing or damaged.
    """
    file = registry.weights("segmentation", "box-unet")
    return checkpoint.below(checkpoint.load(file)[1], "encoder."), file


def pretrained_encoder() -> tuple[dict[str, torch.Tensor], Path]:
    """The encoder in the installed weights of NanoDet-g, and their file.

    Raises:
        WeightsError: they are not installed.
    """
    models = registry.cards()["detection"].models
    model = next(each for each in models if each.name == "nanodet-g")
    file = registry.installed_weights(model)
    if file is None:
        raise WeightsError(NOT_INSTALLED())
    return encoder_state(file), file
