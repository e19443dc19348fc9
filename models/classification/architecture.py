"""Classification of pictures: a frozen backbone, pooling, and one linear layer.

Papers: Donahue et al. 2014, DeCAF, arXiv:1310.1531: features that were learned for another task, with a
linear classifier on top; Wang et al. 2019, CSPNet, arXiv:1911.11929: the backbone, here that of NanoDet-g;
Zhou et al. 2016, Learning Deep Features for Discriminative Localization, arXiv:1512.04150: global pooling
and one linear layer, which make the class activation map exact. Differences: the maximum of each map instead
of its mean, three levels of maps, and standardized features.

Shapes: B batch, H and W height and width of the image, C classes, F features.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import nn

from models.core.training.cross_stage import Encoder

LINEAR_HEAD = "linear-head"  # the file holds the head alone
FINE_TUNED = "fine-tuned"  # and the backbone, which was trained further


@dataclass(frozen=True)
class Pooling:
    """Which numbers of the backbone's maps are the features."""

    levels: tuple[int, ...] = (3, 4, 5)  # C3 and C4: parts of things; C5: whole things
    means: bool = False  # of each map the mean, too

    @classmethod
    def from_json(cls, pooling: Mapping[str, Any] | None) -> "Pooling":
        """None: the file is older than the choice. Raises KeyError, TypeError or ValueError: no pooling."""
        if pooling is None:
            return MEANS_AND_MAXIMA
        levels = tuple(int(level) for level in pooling["levels"])
        if not levels or not all(1 <= level <= len(Encoder.CHANNELS) for level in levels):
            raise ValueError(f"the levels of the pooling are {levels}")
        return cls(levels, bool(pooling["means"]))

    @property
    def features(self) -> int:
        """Their number."""
        return len(self.sources())

    def sources(self) -> list[tuple[int, bool, int]]:
        """Of each feature its level, whether it is a mean, and its map."""
        return [
            (level, is_mean, index)
            for level in self.levels
            for is_mean in ((True, False) if self.means else (False,))
            for index in range(Encoder.CHANNELS[level - 1])
        ]

    def of(self, maps: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """The encoder's maps that are pooled."""
        return [maps[level - 1] for level in self.levels]

    def __call__(self, maps: Sequence[torch.Tensor]) -> torch.Tensor:
        """All maps of the encoder, (B, c, h, w) each -> (B, F)."""
        parts: list[torch.Tensor] = []
        for level in self.of(maps):
            parts += [level.mean(dim=(2, 3))] if self.means else []
            parts.append(level.amax(dim=(2, 3)))
        return torch.cat(parts, dim=1)


MEANS_AND_MAXIMA = Pooling((5,), means=True)  # of older files


@dataclass(frozen=True)
class Config:
    """What fixes the shape of a classifier, and its features."""

    classes: tuple[str, ...]
    backbone: str  # a key of models.classification.features.BACKBONES
    architecture: str = LINEAR_HEAD
    size: int = 320  # pixels of a picture's longer side as the network receives it
    pooling: Pooling = Pooling()

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"classes": list(self.classes)}

    @classmethod
    def from_json(cls, config: Mapping[str, Any]) -> "Config":
        """Raises KeyError, TypeError or ValueError: not the config of a classifier."""
        known = {name: config[name] for name in ("backbone", "architecture", "size")}
        pooling = Pooling.from_json(config.get("pooling"))
        return cls(classes=tuple(map(str, config["classes"])), pooling=pooling, **known)


class LinearHead(nn.Module):
    """(B, F) -> (B, C) logits: z = W (f - m) / s + b."""

    mean: torch.Tensor
    deviation: torch.Tensor

    def __init__(self, classes: int, features: int):
        super().__init__()
        self.linear = nn.Linear(features, classes)
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("deviation", torch.ones(features))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return self.linear(self.standardized(features))

    def standardized(self, features: torch.Tensor) -> torch.Tensor:
        """(f - m) / s, by the mean and the standard deviation over the training pictures."""
        return (features - self.mean) / self.deviation


class Classifier(nn.Module):
    """RGB (B, 3, H, W) in [0, 1] -> (B, C) logits; H and W are multiples of 32."""

    def __init__(self, classes: Sequence[str], pooling: Pooling):
        super().__init__()
        self.encoder = Encoder()
        self.pooling = pooling
        self.head = LinearHead(len(classes), pooling.features)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.head(self.features(images))

    def features(self, images: torch.Tensor) -> torch.Tensor:
        """(B, F)."""
        return self.pooling(self.encoder(images))
