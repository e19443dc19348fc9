"""A denoising autoencoder that is told the noise level, and a small network that estimates it.

Papers: Vincent et al. 2008, Extracting and Composing Robust Features with Denoising Autoencoders: an encoder
and a decoder learn to undo noise that was added to clean data. Zhang et al. 2017, DnCNN, arXiv:1608.03981,
section III: predict the noise, not the picture. Zhang et al. 2018, FFDNet, arXiv:1710.04026, section III:
work on 2 x 2 blocks of pixels laid into channels, with a map of the noise level beside them. Skips added
between encoder and decoder as in Mao et al. 2016, RED-Net, arXiv:1603.09056; residual blocks without
normalization as in EDSR, arXiv:1707.02921.
Differences: what is found is multiplied by a gate that opens with the level, so that a level of zero changes
nothing. The level is estimated by a network of its own, whose places vote by how sure they are.

Shapes: B batch, H and W picture height and width, multiples of `STRIDE`. Pictures and levels in [0, 1] of
the full range; a level is the standard deviation of the noise.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

STRIDE = 8  # pixels to one cell of the bottleneck
GATE = 0.02  # the level at which the gate is half open: about 5 of 255
GUESS_STRIDE = 4  # pixels to one guess of the level
GUESS_REACH = 16  # pixels around its own that a guess can depend on, at most; a multiple of `GUESS_STRIDE`
QUIET = 0.1  # how much blocks and the last layer say before training, beside what passes them by
GUESS_UNIT = 0.1  # what the estimator's output of 1 means
MOST_SURE = 5.0  # the log of a guess's weight stays within this: keeps exp() finite


@dataclass(frozen=True)
class Config:
    """What fixes the architecture's shape; saved with the weights."""

    widths: tuple[int, int, int] = (24, 48, 96)  # channels at 1/2, 1/4 and 1/8 of the size
    encoder_blocks: tuple[int, int, int] = (1, 2, 2)  # the last are the bottleneck's
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
        """How many pixels around it an answer's pixel can depend on, at most; a multiple of `STRIDE`."""
        cells = 2 * (
            2 + 2 * (self.encoder_blocks[0] + self.decoder_blocks[0])
        )  # first, last layer and blocks
        cells += 4 * 2 * (self.encoder_blocks[1] + self.decoder_blocks[1])
        cells += 8 * 2 * self.encoder_blocks[2]
        return (cells + STRIDE - 1 + STRIDE - 1) // STRIDE * STRIDE  # and the rest of its own cell


class Residual(nn.Module):
    """(B, c, h, w) -> (B, c, h, w): two convolutions, added to the input."""

    def __init__(self, channels: int):
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.second(F.relu(self.first(x)))


@torch.no_grad()
def begin(module: nn.Module) -> None:
    """Kernels before training: signals keep their size (He 2015, arXiv:1502.01852), blocks do little."""
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, nonlinearity="linear" if module.stride == (2, 2) else "relu")
    elif isinstance(module, nn.ConvTranspose2d):
        nn.init.normal_(module.weight, std=module.in_channels**-0.5)  # each pixel comes from one cell
    elif isinstance(module, Residual):
        module.second.weight.mul_(QUIET)
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d) and module.bias is not None:
        nn.init.zeros_(module.bias)


def blocks(channels: int, count: int) -> nn.Sequential:
    return nn.Sequential(*(Residual(channels) for _ in range(count)))


class Autoencoder(nn.Module):
    """Picture (B, 3, H, W) and level (B, 1, H, W) -> the noise in it (B, 3, H, W)."""

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
        self.apply(begin)
        with torch.no_grad():
            self.last.weight.mul_(QUIET)

    def encode(
        self, picture: torch.Tensor, level: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Features at 1/2, 1/4 and, the bottleneck, 1/8 of the size."""
        pieces = F.pixel_unshuffle(picture - 0.5, 2)  # (B, 12, H/2, W/2)
        fine = self.encode_fine(self.first(torch.cat([pieces, F.avg_pool2d(level, 2)], dim=1)))
        middle = self.encode_middle(self.down_middle(fine))
        return fine, middle, self.bottleneck(self.down_coarse(middle))

    def decode(self, fine: torch.Tensor, middle: torch.Tensor, coarse: torch.Tensor) -> torch.Tensor:
        """(B, 3, H, W): what looks like noise, before the gate."""
        middle = self.decode_middle(self.up_middle(coarse) + middle)
        fine = self.decode_fine(self.up_fine(middle) + fine)
        return F.pixel_shuffle(self.last(fine), 2)

    def forward(self, picture: torch.Tensor, level: torch.Tensor) -> torch.Tensor:
        return level / (level + GATE) * self.decode(*self.encode(picture, level))


@dataclass(frozen=True)
class Guesses:
    """What each place thinks of the noise level. (B, H/4, W/4) each."""

    level: torch.Tensor
    sure: torch.Tensor  # log of the guess's weight

    def together(self) -> torch.Tensor:
        """(B,): the guesses' mean, each weighted by how sure it is."""
        weight = self.sure.flatten(1).softmax(dim=1)
        return (weight * self.level.flatten(1)).sum(dim=1)

    def cut(self, rows: slice, columns: slice) -> "Guesses":
        """The guesses of a part of the places."""
        return Guesses(self.level[:, rows, columns], self.sure[:, rows, columns])


class Estimator(nn.Module):
    """(B, 3, H, W) -> a guess of the noise level for every 4 x 4 pixels, from the 26 x 26 around them."""

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

    def forward(self, picture: torch.Tensor) -> Guesses:
        level, sure = self.layers(F.pixel_unshuffle(picture - 0.5, 2)).unbind(dim=1)
        return Guesses(F.softplus(level) * GUESS_UNIT, sure.clamp(-MOST_SURE, MOST_SURE))


class Denoiser(nn.Module):
    """The autoencoder and the estimator beside it."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.autoencoder = Autoencoder(config)
        self.estimator = Estimator(config.estimator_width)

    def forward(self, picture: torch.Tensor, level: torch.Tensor) -> torch.Tensor:
        """Picture (B, 3, H, W) without the noise of `level` (B, 1, H, W); not clipped."""
        return picture - self.autoencoder(picture, level)
