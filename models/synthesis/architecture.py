"""pix2pix: a U-Net that turns a drawing or a label map into a picture, and a discriminator of patches.

Paper: Isola et al., Image-to-Image Translation with Conditional Adversarial Networks, CVPR 2017,
arXiv:1611.07004, sections 3.1 and 3.2. Differences from the paper:

- A bottleneck of 64 numbers sees the whole picture, beside the skip connections: it decides which kind of
  thing the lines are, so that an outline is filled as a shoe or as a shirt.
- Maps are enlarged by repeating cells, then convolved: transposed convolutions with overlapping kernels leave
  a checkerboard.
- Spectral instead of batch normalization in the discriminator (Miyato et al., arXiv:1802.05957).
- No noise and no dropout at prediction: the same drawing gives the same picture. What it leaves open, such as
  the colors of a label map, is an input (see data.py).

Shapes: B batch, S side of the picture, I channels of the condition, C channels of the picture.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from models.core.contract import checkpoint
from models.core.contract.errors import WeightsError
from models.core.generative.sample_history import SampleHistory
from models.core.training.state import to_float16

ARCHITECTURE = "pix2pix"
EDGES, MAP = "edges", "map"  # conditions
SHEETS = 15  # samples of a training that are kept with its weights
CODE = 64  # numbers of the bottleneck
BOTTOM_STRIDE = 2
LEAKY_SLOPE = 0.2
COLORS = 3  # channels of the palette in a label map's condition


@dataclass(frozen=True)
class Config:
    """What fixes the architecture's shape, and what its condition means; saved with the weights."""

    condition: str  # EDGES or MAP
    side: int  # of the picture in pixels
    channels: int  # of the picture: 1 or 3
    widths: tuple[int, ...]  # of the U-Net's levels, fine to coarse; each halves the side
    patch_widths: tuple[int, ...]  # of the discriminator's first layers
    parts: tuple[str, ...] = ()  # of a label map, in the order of its values
    part_colors: tuple[str, ...] = ()  # of each part as it is drawn, #rrggbb
    class_weight: float = 0.0  # of the class in the generator's loss: above 0, a classifier learned beside

    @property
    def inputs(self) -> int:
        """Channels of the condition: one for edges; for a map one for each part, and its colors."""
        return len(self.parts) + COLORS if self.condition == MAP else 1

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Config":
        lists = ("widths", "patch_widths", "parts", "part_colors")
        return cls(
            condition=str(values["condition"]),
            side=int(values["side"]),
            channels=int(values["channels"]),
            **{name: tuple(values[name]) for name in lists},
            class_weight=float(values.get("class_weight", 0.0)),
        )

    def to_json(self) -> dict[str, Any]:
        return {"architecture": ARCHITECTURE, **asdict(self)}


def convolution(inputs: int, outputs: int, size: int = 3, stride: int = 1) -> nn.Sequential:
    """(B, inputs, h, w) -> (B, outputs, h / stride, w / stride)."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, stride, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class Generator(nn.Module):
    """A condition (B, I, S, S) -> a picture (B, C, S, S) in [-1, 1]."""

    def __init__(self, config: Config):
        super().__init__()
        widths = config.widths
        bottom = config.side // 2 ** (len(widths) - 1)  # side of the coarsest map
        smaller = -(-bottom // BOTTOM_STRIDE)
        self.stem = nn.Sequential(nn.Conv2d(config.inputs, widths[0], 3, padding=1), nn.ReLU(inplace=True))
        self.down = nn.ModuleList(convolution(fine, coarse, 4, 2) for fine, coarse in pairwise(widths))
        self.to_code = nn.Sequential(
            nn.Conv2d(widths[-1], widths[-1], 3, BOTTOM_STRIDE, padding=1),
            nn.ReLU(inplace=True),
            nn.Flatten(),
            nn.Linear(widths[-1] * smaller**2, CODE),
            nn.ReLU(inplace=True),
        )
        self.from_code = nn.Sequential(
            nn.Linear(CODE, widths[-1] * bottom**2),
            nn.ReLU(inplace=True),
            nn.Unflatten(1, (widths[-1], bottom, bottom)),
        )
        self.join = convolution(2 * widths[-1], widths[-1])
        self.up = nn.ModuleList(
            convolution(coarse + fine, fine)
            for coarse, fine in zip(widths[:0:-1], widths[-2::-1], strict=True)
        )
        self.to_picture = nn.Sequential(nn.Conv2d(widths[0], config.channels, 3, padding=1), nn.Tanh())
        self.enlarge = nn.Upsample(scale_factor=2, mode="nearest")

    def forward(self, condition: torch.Tensor) -> torch.Tensor:
        return self.to_picture(self.decode(self.encode(condition))[-1])

    def encode(self, condition: torch.Tensor) -> list[torch.Tensor]:
        """The encoder's maps, fine to coarse."""
        maps = [self.stem(condition)]
        for level in self.down:
            maps.append(level(maps[-1]))
        return maps

    def decode(self, maps: list[torch.Tensor]) -> list[torch.Tensor]:
        """The decoder's maps, coarse to fine: each is joined with the encoder's of its size (skip)."""
        whole = self.from_code(self.to_code(maps[-1]))
        decoded = [self.join(torch.cat([maps[-1], whole], dim=1))]
        for level, skip in zip(self.up, maps[-2::-1], strict=True):
            decoded.append(level(torch.cat([self.enlarge(decoded[-1]), skip], dim=1)))
        return decoded


class PatchDiscriminator(nn.Module):
    """A condition and a picture -> verdicts (B, 1, S/4, S/4): above 0, the patch looks real to it."""

    def __init__(self, config: Config):
        super().__init__()
        first, second, third = config.patch_widths
        sizes = [(config.inputs + config.channels, first, 4, 2), (first, second, 4, 2), (second, third, 3, 1)]
        layers: list[nn.Module] = []
        for inputs, outputs, size, stride in sizes:
            layers += [
                spectral_norm(nn.Conv2d(inputs, outputs, size, stride, padding=1)),
                nn.LeakyReLU(LEAKY_SLOPE),
            ]
        self.layers = nn.Sequential(*layers, spectral_norm(nn.Conv2d(third, 1, 3, padding=1)))

    def forward(self, condition: torch.Tensor, picture: torch.Tensor) -> torch.Tensor:
        return self.layers(torch.cat([condition, picture], dim=1))


class Networks(nn.Module):
    """Everything that one training makes and one weights file holds.

    Attributes:
        twin: the same generator, trained on the same batches with the L1 loss alone.
        palettes: (K, P, 3) in [0, 1], the mean colors of the parts of K training pictures; K is 0 for edges.
    """

    palettes: torch.Tensor

    def __init__(self, config: Config, palettes: torch.Tensor | None = None):
        super().__init__()
        self.config = config
        self.generator, self.twin = Generator(config), Generator(config)
        self.twin.load_state_dict(self.generator.state_dict())  # they differ by their losses alone
        self.discriminator = PatchDiscriminator(config)
        empty = torch.zeros(0, len(config.parts), COLORS)
        self.register_buffer("palettes", empty if palettes is None else palettes)


def load_networks(path: Path) -> tuple[Networks, SampleHistory | None]:
    """The networks in float32, in evaluation mode, and the samples of their training.

    Raises:
        WeightsError: the file is not a weights file, or another architecture's.
    """
    values, state = checkpoint.load(path)
    if values.get("architecture") != ARCHITECTURE:
        raise WeightsError(f"{path.name} holds another architecture: {values.get('architecture')!r}.")
    try:
        state, history = SampleHistory.split(state)
        networks = Networks(Config.from_json(values), state["palettes"].float())
        networks.load_state_dict(state)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise WeightsError(f"The weights do not fit the networks: {error}") from error
    return networks.eval(), history


def save_networks(path: Path, networks: Networks, history: SampleHistory | None = None) -> None:
    """The networks as float16, which halves the file and moves no pixel visibly; and some of the samples."""
    tensors = to_float16(networks) | (thinned(history).tensors() if history and history.sheets else {})
    checkpoint.save(path, networks.config.to_json(), tensors)


def thinned(history: SampleHistory) -> SampleHistory:
    """The samples of about `SHEETS` steps, with the first and the last."""
    few = replace(history)
    few.count = history.count
    few.sheets = [*history.sheets[: -1 : -(-len(history.sheets) // SHEETS)], history.sheets[-1]]
    return few
