"""A U-Net that predicts colors from lightness, and a discriminator that judges them patch by patch.

Papers: Isola et al. 2017, Image-to-Image Translation with Conditional Adversarial Networks (pix2pix),
arXiv:1611.07004: an encoder and a decoder with skip connections (section 3.2.1), dropout as the only noise,
a discriminator that judges each patch separately (PatchGAN, section 3.2.2). Zhang et al. 2016, Colorful Image
Colorization, arXiv:1603.08511: L in, ab out, ab at a lower resolution than L.
Differences: the encoder has the residual units of the shipped grid detector, so that it can start from the
detector's weights; ab is predicted at half the size of L; nearest-neighbor upsampling and a convolution
replace transposed convolutions, which cause checkerboard patterns; the discriminator has spectral
normalization (Miyato et al. 2018, arXiv:1802.05957) instead of batch normalization; dropout is off in
predictions, so that a picture always gets the same colors.

Shapes: B batch, H and W height and width of the lightness picture, multiples of 32.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import spectral_norm

from models.core.contract import checkpoint
from models.core.contract.errors import WeightsError
from models.core.training.backbone import Backbone, convolution
from models.core.training.state import to_float16

ARCHITECTURE = "unet-ab"
GENERATOR, DISCRIMINATOR = "generator.", "discriminator."  # prefixes of the tensors in a weights file
STRIDE = 32  # of the coarsest features
COLOR_STRIDE = 2  # pixels of L for one of ab
MAX_AB = 110.0  # no color of sRGB is further from gray along a* or b*
LEAKY_SLOPE = 0.2  # of the discriminator (pix2pix, section 6.1)


@dataclass(frozen=True)
class Config:
    """What fixes the architecture's shape; saved with the weights."""

    image_size: int = 96  # the lightness picture has about this many pixels, squared
    widths: tuple[int, ...] = (16, 32, 64, 128, 256)  # of the encoder, strides 2 to 32
    depths: tuple[int, ...] = (0, 1, 2, 2, 2)  # residual units per level
    decoder: tuple[int, ...] = (96, 64, 48, 24)  # widths, strides 16 to 2
    patches: tuple[int, ...] = (32, 64, 128)  # widths of the discriminator
    dropout: float = 0.3
    strength: float = 1.0  # factor of the predicted colors, chosen on validation photos after training

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Config":
        return cls(
            image_size=int(values["image_size"]),
            widths=tuple(values["widths"]),
            depths=tuple(values["depths"]),
            decoder=tuple(values["decoder"]),
            patches=tuple(values["patches"]),
            dropout=float(values["dropout"]),
            strength=float(values["strength"]),
        )

    def to_json(self) -> dict[str, Any]:
        return {"architecture": ARCHITECTURE, **asdict(self)}


class Generator(nn.Module):
    """L* (B, 1, H, W) in [0, 100] -> a* and b* (B, 2, H/2, W/2) in [-110, 110]."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.encoder = Backbone(1, config.widths, config.depths)
        joins, inputs = [], config.widths[-1]
        for width, skip in zip(config.decoder, reversed(config.widths[:-1]), strict=True):
            joins.append(convolution(inputs + skip, width, 3))
            inputs = width
        self.joins = nn.ModuleList(joins)
        self.dropout = nn.Dropout2d(config.dropout)
        self.color = nn.Conv2d(inputs, 2, 3, padding=1)
        nn.init.normal_(self.color.weight, std=0.01)  # training begins near gray
        nn.init.zeros_(self.color.bias)  # type: ignore[arg-type]

    def forward(self, lightness: torch.Tensor) -> torch.Tensor:
        return self.decode(self.encode(lightness))

    def encode(self, lightness: torch.Tensor) -> list[torch.Tensor]:
        """Feature maps at strides 2 to 32, fine to coarse."""
        return self.encoder(lightness / 100)

    def decode(self, features: list[torch.Tensor]) -> torch.Tensor:
        """Coarse to fine; every level is joined with the encoder's map of the same size (skip connection)."""
        x = self.dropout(features[-1])
        for join, skip in zip(self.joins, reversed(features[:-1]), strict=True):
            x = F.interpolate(x, scale_factor=2.0, mode="nearest")
            x = join(torch.cat([x, skip], dim=1))  # (B, width, 2h, 2w)
        return self.config.strength * MAX_AB * torch.tanh(self.color(x))


class Discriminator(nn.Module):
    """L*, a*, b* (B, 3, h, w) -> logits (B, 1, h/4 - 2, w/4 - 2), one per patch of 34 x 34; high: a photo."""

    def __init__(self, config: Config):
        super().__init__()
        first, second, third = config.patches
        self.body = nn.Sequential(
            spectral_norm(nn.Conv2d(3, first, 4, 2, padding=1)),
            nn.LeakyReLU(LEAKY_SLOPE, inplace=True),
            spectral_norm(nn.Conv2d(first, second, 4, 2, padding=1)),
            nn.LeakyReLU(LEAKY_SLOPE, inplace=True),
            spectral_norm(nn.Conv2d(second, third, 4, padding=1)),
            nn.LeakyReLU(LEAKY_SLOPE, inplace=True),
            spectral_norm(nn.Conv2d(third, 1, 4, padding=1)),
        )

    def forward(self, lab: torch.Tensor) -> torch.Tensor:
        lightness, ab = lab[:, :1] / 50 - 1, lab[:, 1:] / (MAX_AB / 2)
        return self.body(torch.cat([lightness, ab], dim=1))


def shrink_to_color(lightness: torch.Tensor) -> torch.Tensor:
    """L* (B, 1, H, W) -> (B, 1, H/2, W/2), the size of ab."""
    return F.avg_pool2d(lightness, COLOR_STRIDE)


@dataclass(frozen=True)
class Networks:
    """The content of one weights file; without adversarial training there is no discriminator."""

    config: Config
    generator: Generator
    discriminator: Discriminator | None


def load_networks(path: Path) -> Networks:
    """Both networks in float32, in evaluation mode.

    Raises:
        WeightsError: the file is not a weights file, or another architecture's.
    """
    values, state = checkpoint.load(path)
    if values.get("architecture") != ARCHITECTURE:
        raise WeightsError(
            f"{path.name} is not a colorizer: its architecture is {values.get('architecture')!r}."
        )
    try:
        config = Config.from_json(values)
        generator = Generator(config)
        generator.load_state_dict(checkpoint.below(state, GENERATOR))
        judging = checkpoint.below(state, DISCRIMINATOR)
        discriminator = Discriminator(config) if judging else None
        if discriminator:
            discriminator.load_state_dict(judging)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise WeightsError(f"The weights do not fit the colorizer: {error}") from error
    return Networks(config, generator.eval(), discriminator.eval() if discriminator else None)


def save_networks(path: Path, generator: Generator, discriminator: Discriminator | None) -> None:
    """Both networks as float16, which halves the file and moves colors by an invisible amount."""
    state = {GENERATOR + name: value for name, value in to_float16(generator).items()}
    if discriminator:
        state |= {DISCRIMINATOR + name: value for name, value in to_float16(discriminator).items()}
    checkpoint.save(path, generator.config.to_json(), state)
