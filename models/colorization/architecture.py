"""A U-Net that predicts, for each cell of a picture, how probable each of 261 colors is.

Papers: Zhang et al. 2016, Colorful Image Colorization, arXiv:1603.08511: L* in, a distribution over quantized
ab out, at a quarter of the resolution of L*. Ronneberger et al. 2015, U-Net, arXiv:1505.04597: an encoder and
a decoder with skip connections. Differences from Zhang et al.: their network has no skip connections; the
encoder is the backbone of NanoDet-g, which already knows photographs and receives the lightness as a gray
picture; the decoder begins with the mean over the whole scene, as in Iizuka et al. 2016, Let there be Color!,
section 3.2: a patch of sky does not show whether it is a sunset.

Shapes: B batch, Q colors, H and W height and width of the lightness picture, multiples of 32.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from models.colorization.quantization import centers
from models.core.contract import checkpoint
from models.core.contract.errors import WeightsError
from models.core.training.cross_stage import LEAKY_SLOPE, Encoder
from models.core.training.state import to_float16

ARCHITECTURE = "color-classes"
STRIDE = Encoder.STRIDES[-1]  # of the coarsest features
COLOR_STRIDE = 4  # pixels of L* along one side of a cell of colors


@dataclass(frozen=True)
class Config:
    """What fixes the architecture's shape; saved with the weights."""

    image_size: int = 160  # the lightness picture has about this many pixels, squared
    widths: tuple[int, ...] = (128, 96, 64, 64)  # of the decoder, strides 32 to 4
    dropout: float = 0.3

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Config":
        return cls(
            image_size=int(values["image_size"]),
            widths=tuple(values["widths"]),
            dropout=float(values["dropout"]),
        )

    def to_json(self) -> dict[str, Any]:
        return {"architecture": ARCHITECTURE, **asdict(self)}


class Level(nn.Module):
    """One level of the decoder: the coarser level's map and the encoder's map -> (B, width, h, w)."""

    def __init__(self, below: int, skip: int, width: int):
        super().__init__()
        self.reduce = nn.Conv2d(skip, width, 1)
        self.merge = nn.Sequential(
            nn.Conv2d(below + width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.LeakyReLU(LEAKY_SLOPE, inplace=True),
        )

    def forward(self, below: torch.Tensor, skip: torch.Tensor) -> torch.Tensor:
        enlarged = F.interpolate(below, skip.shape[2:], mode="nearest")
        return self.merge(torch.cat([enlarged, self.reduce(skip)], dim=1))


class Colorizer(nn.Module):
    """L* (B, 1, H, W) in [0, 100] -> logits (B, Q, H/4, W/4)."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.encoder = Encoder()
        belows = (Encoder.CHANNELS[-1], *config.widths[:-1])
        skips = Encoder.CHANNELS[:0:-1]  # all but the finest, coarse to fine
        self.decoder = nn.ModuleList(map(Level, belows, skips, config.widths))
        self.dropout = nn.Dropout2d(config.dropout)
        self.classify = nn.Conv2d(config.widths[-1], len(centers()), 1)

    def forward(self, lightness: torch.Tensor) -> torch.Tensor:
        return self.decode(self.encode(lightness))

    def encode(self, lightness: torch.Tensor) -> list[torch.Tensor]:
        """Feature maps at strides 2 to 32, fine to coarse. L*/100 is close to the sRGB value of that gray."""
        return self.encoder((lightness / 100).expand(-1, 3, -1, -1))

    def decode(self, features: list[torch.Tensor]) -> torch.Tensor:
        """Coarse to fine; every level is joined with the encoder's map of the same size (skip connection)."""
        x = features[-1].mean(dim=(2, 3), keepdim=True)  # the whole scene
        for level, skip in zip(self.decoder, features[:0:-1], strict=True):
            x = self.dropout(level(x, skip))
        return self.classify(x)


def shrink_to_color(values: torch.Tensor) -> torch.Tensor:
    """L* or ab (B, c, H, W) -> (B, c, H/4, W/4), the size of the predicted colors."""
    return F.avg_pool2d(values, COLOR_STRIDE)


def load_model(path: Path) -> Colorizer:
    """The network in float32, in evaluation mode.

    Raises:
        WeightsError: the file is not a weights file, or another architecture's.
    """
    values, state = checkpoint.load(path)
    if values.get("architecture") != ARCHITECTURE:
        raise WeightsError(
            f"{path.name} is not a colorizer: its architecture is {values.get('architecture')!r}."
        )
    try:
        model = Colorizer(Config.from_json(values))
        model.load_state_dict(state)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise WeightsError(f"The weights do not fit the colorizer: {error}") from error
    return model.eval()


def save_model(path: Path, model: Colorizer) -> None:
    """The network as float16, which halves the file and moves colors by an invisible amount."""
    checkpoint.save(path, model.config.to_json(), to_float16(model))
