"""A generator and a discriminator of pictures, both given the class: a conditional GAN of the DCGAN family.

Papers: Goodfellow et al. 2014, Generative Adversarial Nets, arXiv:1406.2661; Radford et al. 2016, DCGAN,
arXiv:1511.06434 (transposed convolutions up, strided ones down); Miyato et al. 2018, spectral normalization,
arXiv:1802.05957; Miyato and Koyama 2018, cGANs with projection discriminator, arXiv:1802.05637; de Vries et
al. 2017, conditional batch normalization, arXiv:1707.00683. Differences from DCGAN: the generator ends with a
3 x 3 convolution, which smooths the checkerboard that transposed convolutions leave; the discriminator has no
batch normalization and sums over places at its end.

Shapes: B batch, C channels of a picture (1 gray, 3 RGB), S its side, Z latent numbers, E of the embedding.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from models.core.contract import checkpoint
from models.core.contract.errors import WeightsError

ARCHITECTURE = "conditional-gan"
GENERATOR, DISCRIMINATOR = "generator/", "discriminator/"  # prefixes in the weights file
LEAKY_SLOPE = 0.1
MAX_START_SIDE = 7  # pixels of the generator's first map: 7 for pictures of 28, 4 for those of 64
MAX_END_SIDE = 8  # pixels of the discriminator's map before its last convolution
GAINS = 0.02  # standard deviation of the initial weights of a conditional normalization


@dataclass(frozen=True)
class Config:
    """What fixes the shapes of both networks; saved with the weights."""

    image_size: int = 28
    channels: int = 1
    classes: tuple[str, ...] = ("picture",)
    latent: int = 64
    embedding: int = 32
    width: int = 32

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Config":
        numbers = ("image_size", "channels", "latent", "embedding", "width")
        return cls(classes=tuple(values["classes"]), **{name: int(values[name]) for name in numbers})

    def to_json(self) -> dict[str, Any]:
        return {"architecture": ARCHITECTURE, **asdict(self)}

    @property
    def start_side(self) -> int:
        """Pixels of the generator's first map: S halved until at most `MAX_START_SIDE`."""
        side = self.image_size
        while side > MAX_START_SIDE:
            side //= 2
        return side

    @property
    def generator_widths(self) -> list[int]:
        """Channels from the first map to the last: (64, 32, 16) for pictures of 28 pixels and width 32."""
        doublings = (self.image_size // self.start_side).bit_length() - 1
        widths = [self.width // 2, self.width, *[self.width * 2] * 2, *[self.width * 4] * doublings]
        return widths[doublings::-1]


class ConditionalNorm(nn.Module):
    """Batch normalization whose gain and shift depend on e: x * (1 + W_g e + b_g) + W_h e + b_h.

    x (B, channels, H, W), e (B, features) -> (B, channels, H, W).
    """

    def __init__(self, channels: int, features: int):
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, affine=False)
        self.gain = nn.Linear(features, channels)
        self.shift = nn.Linear(features, channels)
        for linear in (self.gain, self.shift):
            nn.init.normal_(linear.weight, std=GAINS)
            nn.init.zeros_(linear.bias)

    def forward(self, x: torch.Tensor, e: torch.Tensor) -> torch.Tensor:
        gain, shift = self.gain(e)[..., None, None], self.shift(e)[..., None, None]
        return self.norm(x) * (1 + gain) + shift


class Generator(nn.Module):
    """z (B, Z) from N(0, I) and the class (B,) -> pictures (B, C, S, S) in [-1, 1]."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(len(config.classes), config.embedding)
        features, widths, side = config.latent + config.embedding, config.generator_widths, config.start_side
        layers: list[nn.Module] = [
            nn.Linear(features, widths[0] * side**2),
            nn.Unflatten(1, (widths[0], side, side)),
            ConditionalNorm(widths[0], features),
            nn.ReLU(),
        ]
        for below, width in pairwise(widths):
            layers += [
                nn.ConvTranspose2d(below, width, 4, stride=2, padding=1),
                ConditionalNorm(width, features),
                nn.ReLU(),
            ]
        self.layers = nn.Sequential(*layers, nn.Conv2d(widths[-1], config.channels, 3, padding=1), nn.Tanh())
        for layer in self.layers:
            if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
                nn.init.orthogonal_(layer.weight)

    def forward(self, z: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return self.maps(z, labels)[-1]

    def maps(self, z: torch.Tensor, labels: torch.Tensor) -> list[torch.Tensor]:
        """The output of every layer; e = [z, row of the class] enters at the start and at every norm."""
        e = torch.cat([z, self.embedding(labels)], dim=1)
        outputs = [e]
        for layer in self.layers:
            below = outputs[-1]
            outputs.append(layer(below, e) if isinstance(layer, ConditionalNorm) else layer(below))
        return outputs[1:]


class Discriminator(nn.Module):
    """Pictures (B, C, S, S) in [-1, 1] and their classes (B,) -> verdicts (B,): high for real ones.

    The spectral norm keeps every layer's gain at 1 or below, so that the verdict changes gradually with the
    picture and its gradient, all that the generator learns from, stays useful.
    """

    def __init__(self, config: Config):
        super().__init__()
        layers: list[nn.Module] = []
        below, width, side = config.channels, config.width, config.image_size
        while side > MAX_END_SIDE:
            layers += [
                spectral_norm(_orthogonal(nn.Conv2d(below, width, 4, 2, 1))),
                nn.LeakyReLU(LEAKY_SLOPE),
            ]
            below, width, side = width, min(2 * width, 4 * config.width), side // 2
        last = 4 * config.width
        layers += [spectral_norm(_orthogonal(nn.Conv2d(below, last, 3, 2, 1))), nn.LeakyReLU(LEAKY_SLOPE)]
        self.layers = nn.Sequential(*layers)
        self.linear = spectral_norm(nn.Linear(last, 1))
        self.embedding = spectral_norm(nn.Embedding(len(config.classes), last))

    def forward(self, x: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """linear(h) + <embedding(class), h>, with h the features summed over all places."""
        h = self.layers(x).sum(dim=(2, 3))
        return self.linear(h)[:, 0] + (self.embedding(labels) * h).sum(dim=1)


def _orthogonal(layer: nn.Conv2d) -> nn.Conv2d:
    nn.init.orthogonal_(layer.weight)
    return layer


@torch.no_grad()
def measure_statistics(generator: Generator, seed: int, batches: int, batch_size: int = 100) -> None:
    """Measure the means and variances of every normalization anew ("standing statistics").

    The running mean of the weights is another network than the trained one, so the statistics collected while
    training do not fit it. Brock et al. 2019, arXiv:1809.11096, appendix on standing statistics.
    """
    norms = [layer.norm for layer in generator.layers if isinstance(layer, ConditionalNorm)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a plain mean over all batches
    device = generator.embedding.weight.device
    random = torch.Generator().manual_seed(seed)
    generator.train()
    for _ in range(batches):
        z = torch.randn(batch_size, generator.config.latent, generator=random)
        labels = torch.randint(len(generator.config.classes), (batch_size,), generator=random)
        generator(z.to(device), labels.to(device))
    generator.eval()


def load_networks(path: Path) -> tuple[Generator, Discriminator, dict[str, Any], dict[str, torch.Tensor]]:
    """Both networks in evaluation mode, the config and all tensors of a weights file.

    Raises:
        WeightsError: the file is not a weights file, or another architecture's.
    """
    values, state = checkpoint.load(path)
    if values.get("architecture") != ARCHITECTURE:
        raise WeightsError(
            f"{path.name} is no conditional GAN: its architecture is {values.get('architecture')!r}."
        )
    try:
        config = Config.from_json(values)
        generator, discriminator = Generator(config), Discriminator(config)
        generator.load_state_dict(checkpoint.below(state, GENERATOR))
        discriminator.load_state_dict(checkpoint.below(state, DISCRIMINATOR))
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise WeightsError(f"The weights do not fit the conditional GAN: {error}") from error
    return generator.eval(), discriminator.eval(), values, state
