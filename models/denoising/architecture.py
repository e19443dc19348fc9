"""A denoising autoencoder, a residual U-Net that takes the noise level as an input, and a level estimator.

Papers: Vincent et al. 2008, Extracting and Composing Robust Features with Denoising Autoencoders: an encoder
and a decoder learn to undo noise that was added to clean data. Zhang et al. 2017, DnCNN, arXiv:1608.03981,
section III: predict the noise, not the image. Zhang et al. 2018, FFDNet, arXiv:1710.04026, section III: work
on 2 x 2 blocks of pixels as channels, together with a map of the noise level. Skip connections from encoder
to decoder, added as in Mao et al. 2016, RED-Net, arXiv:1603.09056; residual blocks without normalization as
in EDSR, arXiv:1707.02921.

Where is z? No single code z holds the image. The bottleneck is a map of 96 x H/8 x W/8 values, half as many
as the image has. Skip connections carry the finer maps past it, and the image itself bypasses the network,
because only its noise is predicted. Only in an autoencoder without skips does everything pass through z.

Differences from the papers: the predicted noise is multiplied by a gate that opens with the level, so that a
level of zero changes nothing. The level is estimated by a separate network, as a mean weighted by confidence.

Shapes: B batch, H and W height and width of the image, multiples of `STRIDE`. Images and levels in [0, 1] of
the full range; a level is the standard deviation of the noise.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

STRIDE = 8  # pixels per cell of the bottleneck
GATE = 0.02  # the level at which the gate is half open: about 5 of 255
ESTIMATE_STRIDE = 4  # pixels per estimate of the level
ESTIMATE_REACH = 16  # farthest pixels on which an estimate depends; a multiple of `ESTIMATE_STRIDE`
INITIAL_GAIN = 0.1  # of residual branches and the last layer before training
ESTIMATE_UNIT = 0.1  # the level for an output of 1 of the estimator
MAX_CONFIDENCE = 5.0  # bound of the log of an estimate's weight; keeps exp() finite


@dataclass(frozen=True)
class Config:
    """What fixes the architecture's shape; saved with the weights."""

    widths: tuple[int, int, int] = (24, 48, 96)  # channels at 1/2, 1/4 and 1/8 of the size
    encoder_blocks: tuple[int, int, int] = (1, 2, 2)  # the last two: the bottleneck
    decoder_blocks: tuple[int, int] = (1, 1)  # at 1/2 and 1/4
    estimator_width: int = 32

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Config":
        fine, middle, coarse = values["widths"]
        first, second, bottleneck = values["encoder_blocks"]
        last, before = values["decoder_blocks"]
        return cls(
            (int(fine), int(middle), int(coarse)),
            (int(first), int(second), int(bottleneck)),
            (int(last), int(before)),
            int(values["estimator_width"]),
        )

    def to_json(self) -> dict[str, Any]:
        return {"architecture": "denoising-autoencoder", **asdict(self)}

    @property
    def reach(self) -> int:
        """The distance in pixels from which inputs influence an output pixel; a multiple of `STRIDE`."""
        cells = 2 * (
            2 + 2 * (self.encoder_blocks[0] + self.decoder_blocks[0])
        )  # first and last layer, and blocks
        cells += 4 * 2 * (self.encoder_blocks[1] + self.decoder_blocks[1])
        cells += 8 * 2 * self.encoder_blocks[2]
        return (cells + STRIDE - 1 + STRIDE - 1) // STRIDE * STRIDE  # plus the rest of its own cell


class Residual(nn.Module):
    """(B, c, h, w) -> (B, c, h, w): two convolutions, added to the input."""

    def __init__(self, channels: int):
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.second(F.relu(self.first(x)))


@torch.no_grad()
def initialize(module: nn.Module) -> None:
    """Initial kernels: activations keep their scale (He 2015, arXiv:1502.01852), blocks are near identity."""
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, nonlinearity="linear" if module.stride == (2, 2) else "relu")
    elif isinstance(module, nn.ConvTranspose2d):
        nn.init.normal_(module.weight, std=module.in_channels**-0.5)  # each pixel comes from one cell
    elif isinstance(module, Residual):
        module.second.weight.mul_(INITIAL_GAIN)
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d) and module.bias is not None:
        nn.init.zeros_(module.bias)


def blocks(channels: int, count: int) -> nn.Sequential:
    return nn.Sequential(*(Residual(channels) for _ in range(count)))


class Autoencoder(nn.Module):
    """Image (B, 3, H, W) and level (B, 1, H, W) -> its noise (B, 3, H, W)."""

    def __init__(self, config: Config):
        super().__init__()
        fine, middle, coarse = config.widths
        self.first = nn.Conv2d(13, fine, 3, padding=1)
        self.encode_fine = blocks(fine, config.encoder_blocks[0])
        self.down_middle = nn.Conv2d(fine, middle, 2, stride=2)
        self.encode_middle = blocks(middle, config.encoder_blocks[1])
        self.down_coarse = nn.Conv2d(middle, coarse, 2, stride=2)
        self.bottleneck = blocks(coarse, config.encoder_blocks[2])
        self.up_middle = nn.ConvTranspose2d(coarse, middle, 2, stride=2)
        self.decode_middle = blocks(middle, config.decoder_blocks[1])
        self.up_fine = nn.ConvTranspose2d(middle, fine, 2, stride=2)
        self.decode_fine = blocks(fine, config.decoder_blocks[0])
        self.last = nn.Conv2d(fine, 12, 3, padding=1)
        self.apply(initialize)
        with torch.no_grad():
            self.last.weight.mul_(INITIAL_GAIN)

    def encode(
        self, image: torch.Tensor, level: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Features at 1/2, 1/4 and, in the bottleneck, 1/8 of the size."""
        pixels = F.pixel_unshuffle(image - 0.5, 2)  # (B, 12, H/2, W/2)
        fine = self.encode_fine(self.first(torch.cat([pixels, F.avg_pool2d(level, 2)], dim=1)))
        middle = self.encode_middle(self.down_middle(fine))
        return fine, middle, self.bottleneck(self.down_coarse(middle))

    def decode(self, fine: torch.Tensor, middle: torch.Tensor, coarse: torch.Tensor) -> torch.Tensor:
        """(B, 3, H, W): the noise before the gate. The sums are the skip connections."""
        middle = self.decode_middle(self.up_middle(coarse) + middle)
        fine = self.decode_fine(self.up_fine(middle) + fine)
        return F.pixel_shuffle(self.last(fine), 2)

    def forward(self, image: torch.Tensor, level: torch.Tensor) -> torch.Tensor:
        return level / (level + GATE) * self.decode(*self.encode(image, level))


@dataclass(frozen=True)
class Estimates:
    """An estimate of the noise level at each place. (B, H/4, W/4) each."""

    level: torch.Tensor
    confidence: torch.Tensor  # log of the estimate's weight

    def combined(self) -> torch.Tensor:
        """(B,): the mean of the estimates, weighted by confidence."""
        weight = self.confidence.flatten(1).softmax(dim=1)
        return (weight * self.level.flatten(1)).sum(dim=1)

    def crop(self, rows: slice, columns: slice) -> "Estimates":
        return Estimates(self.level[:, rows, columns], self.confidence[:, rows, columns])


class Estimator(nn.Module):
    """(B, 3, H, W) -> an estimate of the noise level for every 4 x 4 pixels, from the 26 x 26 around them."""

    def __init__(self, width: int):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(12, width, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(width, 2, 1),
        )

    def forward(self, image: torch.Tensor) -> Estimates:
        level, confidence = self.layers(F.pixel_unshuffle(image - 0.5, 2)).unbind(dim=1)
        return Estimates(F.softplus(level) * ESTIMATE_UNIT, confidence.clamp(-MAX_CONFIDENCE, MAX_CONFIDENCE))


class Denoiser(nn.Module):
    """The autoencoder and the estimator, which share no weights."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.autoencoder = Autoencoder(config)
        self.estimator = Estimator(config.estimator_width)

    def forward(self, image: torch.Tensor, level: torch.Tensor) -> torch.Tensor:
        """Image (B, 3, H, W) without the noise of `level` (B, 1, H, W); not clipped."""
        return image - self.autoencoder(image, level)
