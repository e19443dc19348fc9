"""Autoencoders: an encoder that reduces a picture to a short vector z, and a decoder that rebuilds it from z.

Papers: Hinton and Salakhutdinov 2006, Reducing the Dimensionality of Data with Neural Networks: the
autoencoder with a bottleneck, against PCA of the same size. Vincent et al. 2008, Extracting and Composing
Robust Features with Denoising Autoencoders: the same network, trained to rebuild the clean picture from a
corrupted one. Kingma and Welling 2014, Auto-Encoding Variational Bayes, arXiv:1312.6114: the encoder gives a
distribution q(z|x) = N(mu, sigma^2) instead of a point. Transposed convolutions as in Radford et al. 2016,
DCGAN, arXiv:1511.06434: strides instead of pooling, batch normalization after every (transposed) convolution.

Differences from the papers: convolutions instead of fully connected layers, and a last 3 x 3 convolution
after the transposed ones, which removes their checkerboard.

Shapes: B batch, C channels, S side of the picture, Z numbers in z. Pictures have values in [0, 1].
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import torch
from torch import nn

from models.autoencoding.card import AUTOENCODER, DENOISING, VARIATIONAL

KINDS = (AUTOENCODER, DENOISING, VARIATIONAL)
LARGEST_CODE_SIDE = 7  # pixels: maps are halved until they are at most this large
KERNEL, STRIDE, PADDING = 4, 2, 1  # halve or double the size exactly, and overlap evenly
MIN_LOG_VARIANCE, MAX_LOG_VARIANCE = -12.0, 6.0  # keeps exp() finite
# channels of the maps, by the number of halvings between them and the picture
ENCODER_WIDTHS = (16, 32, 48, 64, 64, 64)
DECODER_WIDTHS = (8, 16, 32, 48, 64, 64)


@dataclass(frozen=True)
class Config:
    """What fixes the network's shape, and what was minimized; saved with the weights."""

    kind: str = AUTOENCODER
    side: int = 28
    channels: int = 1
    latent: int = 16
    hidden: int = 256  # width of the encoder's fully connected layer; the decoder's has half of it
    beta: float = 1.0  # weight of the KL divergence, for a variational autoencoder
    corruption: str = "none"  # of the pictures that a denoising autoencoder learned to restore

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Config":
        if values["architecture"] not in KINDS:
            raise ValueError(f"{values['architecture']!r} is not an autoencoder")
        return cls(
            kind=str(values["architecture"]),
            side=int(values["side"]),
            channels=int(values["channels"]),
            latent=int(values["latent"]),
            hidden=int(values["hidden"]),
            beta=float(values["beta"]),
            corruption=str(values["corruption"]),
        )

    def to_json(self) -> dict[str, Any]:
        values = asdict(self)
        return {"architecture": values.pop("kind"), **values}

    @property
    def halvings(self) -> int:
        """How often the encoder halves the maps: 28 -> 14 -> 7; 64 -> 32 -> 16 -> 8 -> 4."""
        side, count = self.side, 0
        while side > LARGEST_CODE_SIDE and side % 2 == 0 and count < len(ENCODER_WIDTHS):
            side, count = side // 2, count + 1
        return count

    @property
    def code_side(self) -> int:
        """Side of the smallest maps."""
        return self.side >> self.halvings


class Posterior(NamedTuple):
    """q(z|x): the mean and, for a variational autoencoder, the logarithm of the variance; (B, Z) each."""

    mean: torch.Tensor
    log_variance: torch.Tensor | None


class Autoencoder(nn.Module):
    """(B, C, S, S) -> logits (B, C, S, S); their sigmoid is the reconstruction."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.encoder = make_encoder(config)
        self.decoder = make_decoder(config)

    def encode(self, x: torch.Tensor) -> Posterior:
        code = self.encoder(x)
        if self.config.kind != VARIATIONAL:
            return Posterior(code, None)
        mean, log_variance = code.chunk(2, dim=1)
        return Posterior(mean, log_variance.clamp(MIN_LOG_VARIANCE, MAX_LOG_VARIANCE))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, Posterior]:
        posterior = self.encode(x)
        z = sample(posterior) if self.training else posterior.mean
        return self.decoder(z), posterior

    def decode(self, z: torch.Tensor) -> torch.Tensor:
        """(B, Z) -> pictures (B, C, S, S) in [0, 1]."""
        return self.decoder(z).sigmoid()

    def pixels(self) -> nn.Sequential:
        """The decoder with its sigmoid, as the page runs it: (B, Z) -> (B, C, S, S) in [0, 1]."""
        return nn.Sequential(*self.decoder, nn.Sigmoid())


def sample(posterior: Posterior) -> torch.Tensor:
    """z ~ q(z|x) by the reparameterization trick: mu + sigma * epsilon, epsilon ~ N(0, I); a point is kept.

    All randomness is in epsilon, so that gradients reach mu and sigma.
    """
    if posterior.log_variance is None:
        return posterior.mean
    return posterior.mean + (posterior.log_variance / 2).exp() * torch.randn_like(posterior.mean)


def make_encoder(config: Config) -> nn.Sequential:
    """Strided convolutions and two fully connected layers: (B, C, S, S) -> (B, Z), or (B, 2 Z) for q(z|x)."""
    layers: list[nn.Module] = []
    channels = config.channels
    for width in ENCODER_WIDTHS[: config.halvings]:
        layers += [nn.Conv2d(channels, width, KERNEL, STRIDE, PADDING, bias=False), nn.BatchNorm2d(width)]
        layers.append(nn.ReLU())
        channels = width
    outputs = config.latent * (2 if config.kind == VARIATIONAL else 1)
    values = channels * config.code_side**2
    return nn.Sequential(
        *layers,
        nn.Flatten(),
        nn.Linear(values, config.hidden),
        nn.ReLU(),
        nn.Linear(config.hidden, outputs),
    )


def make_decoder(config: Config) -> nn.Sequential:
    """The encoder in reverse, with transposed convolutions and fewer channels: (B, Z) -> logits."""
    widths = DECODER_WIDTHS[: config.halvings + 1][::-1]  # coarse to fine
    side, hidden = config.code_side, config.hidden // 2
    layers: list[nn.Module] = [
        nn.Linear(config.latent, hidden),
        nn.ReLU(),
        nn.Linear(hidden, widths[0] * side**2),
        nn.ReLU(),
        nn.Unflatten(1, (widths[0], side, side)),
    ]
    for coarse, fine in pairwise(widths):
        layers += [nn.ConvTranspose2d(coarse, fine, KERNEL, STRIDE, PADDING, bias=False)]
        layers += [nn.BatchNorm2d(fine), nn.ReLU()]
    layers.append(nn.Conv2d(widths[-1], config.channels, 3, padding=1))
    return nn.Sequential(*layers)
