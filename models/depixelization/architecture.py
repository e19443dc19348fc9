"""A network that restores a picture from a few gray cells, and a discriminator that makes it decide.

After PULSE (Menon et al., CVPR 2020, arXiv:2003.03808), which restores a face from 16 x 16 pixels by
searching a generator's pictures for one that shrinks to the same cells. Differences: a network answers in one
pass (SRGAN, Ledig et al. 2017, arXiv:1609.04802, in small) instead of a search of minutes, so that a training
for each share of a group takes a minute; the pictures are drawn faces or garments of 28 to 64 pixels. What
both have in common is what is shown here: of all pictures that fit the cells, one that the training set made
likely is answered.

Shapes: B batch, s side of the small picture, S side of the restored one, C its channels, W channels within.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import spectral_norm

from models.core.contract.errors import WeightsError

ARCHITECTURE = "depixelizer"
CODE = 64  # numbers that see the whole small picture
PLACES = 8  # learned maps that are the same for every picture
LEAKY_SLOPE = 0.2
PATCH_WIDTH = 32
PATCH = 4  # pixels of a side that the discriminator reads as one


@dataclass(frozen=True)
class Config:
    """What fixes the shape of the networks, and the groups that they were trained with."""

    side: int  # of the restored picture, in pixels
    small: int  # of the small one
    channels: int  # of the restored picture: 1 or 3
    groups: tuple[str, str]  # the frequent and the rare one
    width: int = 32
    is_dark: bool = False  # things on a dark background, so that a bright upload is inverted

    @property
    def is_large(self) -> bool:
        """Whether one more layer enlarges by rearrangement, as full ones would be slow at this size."""
        return self.side >= 48

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Config":
        """Raises WeightsError: the weights of another architecture."""
        if values.get("architecture") != ARCHITECTURE:
            raise WeightsError(
                f"These are not the weights of a depixelizer but of {values.get('architecture')!r}."
            )
        frequent, rare = values["groups"]
        numbers = {name: int(values[name]) for name in ("side", "small", "channels", "width")}
        return cls(groups=(str(frequent), str(rare)), is_dark=bool(values["is_dark"]), **numbers)

    def to_json(self) -> dict[str, Any]:
        return {"architecture": ARCHITECTURE, **asdict(self)}


def convolution(inputs: int, outputs: int) -> nn.Sequential:
    """(B, inputs, h, w) -> (B, outputs, h, w)."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


class Restorer(nn.Module):
    """A small gray picture (B, 1, s, s) -> a picture (B, C, S, S), both in [-1, 1]."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        width, side = config.width, config.small
        self.cells = nn.Sequential(convolution(1, width), convolution(width, width))
        # sees all cells at once, so that one decision holds for the whole picture
        self.whole = nn.Sequential(
            nn.Flatten(), nn.Linear(side**2, CODE), nn.ReLU(), nn.Linear(CODE, width), nn.ReLU()
        )
        layers: list[nn.Module] = []
        channels, base = 2 * width, config.side // (4 if config.is_large else 2)
        while side < base:
            side = min(2 * side, base)
            layers += [nn.Upsample(size=(side, side)), convolution(channels, width)]
            channels = width
        self.enlarge = nn.Sequential(*layers)
        self.place = nn.Parameter(torch.zeros(1, PLACES, base, base))  # faces and shoes have their places
        layers = [convolution(channels + PLACES, width)]
        if config.is_large:
            few = 3 * width // 8
            layers += [nn.Conv2d(width, 4 * few, 3, padding=1), nn.PixelShuffle(2), convolution(few, few)]
            width = few
        self.refine = nn.Sequential(*layers)
        self.to_picture = nn.Conv2d(width, 4 * config.channels, 3, padding=1)
        self.to_pixels = nn.PixelShuffle(2)

    def forward(self, small: torch.Tensor) -> torch.Tensor:
        cells = self.cells(small)  # (B, W, s, s)
        whole = self.whole(small)[:, :, None, None].expand_as(cells)
        enlarged = self.enlarge(torch.cat([cells, whole], dim=1))  # (B, W, S/4, S/4), or S/2 of small ones
        places = self.place.expand(small.shape[0], -1, -1, -1)
        refined = self.refine(torch.cat([enlarged, places], dim=1))  # (B, few, S/2, S/2)
        return torch.tanh(self.to_pixels(self.to_picture(refined)))


class Discriminator(nn.Module):
    """A small picture and a large one (B, C, S, S) -> verdicts on its patches: above 0, it looks real."""

    def __init__(self, config: Config):
        super().__init__()
        sizes = [(config.channels * PATCH**2 + 1, 3, 1), (PATCH_WIDTH, 4, 2)]
        layers: list[nn.Module] = []
        for inputs, size, stride in sizes:
            layers += [
                spectral_norm(nn.Conv2d(inputs, PATCH_WIDTH, size, stride, padding=1)),
                nn.LeakyReLU(LEAKY_SLOPE),
            ]
        self.layers = nn.Sequential(*layers, spectral_norm(nn.Conv2d(PATCH_WIDTH, 1, 3, padding=1)))

    def forward(self, small: torch.Tensor, picture: torch.Tensor) -> torch.Tensor:
        patches = F.pixel_unshuffle(picture, PATCH)  # (B, 16 C, S / 4, S / 4)
        cells = F.interpolate(small, size=patches.shape[2:])
        return self.layers(torch.cat([cells, patches], dim=1))
