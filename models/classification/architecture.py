"""Classification of pictures: a frozen backbone, pooling, and one linear layer.

Papers: Donahue et al. 2014, DeCAF, arXiv:1310.1531: features that were learned for another task, with a
linear classifier on top; Wang et al. 2019, CSPNet, arXiv:1911.11929: the backbone, here that of NanoDet-g;
Zhou et al. 2016, Learning Deep Features for Discriminative Localization, arXiv:1512.04150: global pooling
and one linear layer, which make the class activation map exact. Differences: the mean and the maximum of
each map instead of the mean alone, and standardized features.

Shapes: B batch, H and W height and width of the image, h = H / 32, w = W / 32, C classes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import nn

from models.core.training.cross_stage import Encoder

LINEAR_HEAD = "linear-head"  # the file holds the head alone
FINE_TUNED = "fine-tuned"  # and the backbone, which was trained further
CHANNELS = Encoder.CHANNELS[-1]
FEATURES = 2 * CHANNELS  # mean and maximum of each map


@dataclass(frozen=True)
class Config:
    """What fixes the shape of a classifier, and its features."""

    classes: tuple[str, ...]
    backbone: str  # a key of models.classification.features.BACKBONES
    architecture: str = LINEAR_HEAD
    size: int = 320  # pixels of a picture's longer side as the network receives it

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"classes": list(self.classes)}

    @classmethod
    def from_json(cls, config: Mapping[str, Any]) -> "Config":
        """Raises KeyError or TypeError: not the config of a classifier."""
        known = {name: config[name] for name in ("backbone", "architecture", "size")}
        return cls(classes=tuple(map(str, config["classes"])), **known)


def pool(maps: torch.Tensor) -> torch.Tensor:
    """(B, c, h, w) -> (B, 2c): the mean of each map, then the maximum of each map."""
    return torch.cat([maps.mean(dim=(2, 3)), maps.amax(dim=(2, 3))], dim=1)


class LinearHead(nn.Module):
    """(B, FEATURES) -> (B, C) logits: z = W (f - m) / s + b."""

    mean: torch.Tensor
    deviation: torch.Tensor

    def __init__(self, classes: int, features: int = FEATURES):
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

    def __init__(self, classes: Sequence[str]):
        super().__init__()
        self.encoder = Encoder()
        self.head = LinearHead(len(classes))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.head(self.features(images))

    def features(self, images: torch.Tensor) -> torch.Tensor:
        """(B, FEATURES)."""
        c5 = self.encoder(images)[-1]  # (B, 512, h, w)
        return pool(c5)
