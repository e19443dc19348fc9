"""Which of the two groups a picture shows, judged by someone other than the restorer.

For Fashion-MNIST this is the project's own classifier (`models.core.generative.judge`), whose ten logits are
reduced to those of the two groups. For other pictures it is Fisher's linear discriminant (1936) of the
picture in at most 16 x 16 cells, learned from as many true pictures of one group as of the other:

    w = S^-1 (m_1 - m_0)    log-odds = w x - w (m_0 + m_1) / 2

with the groups' means m and their common covariance S, shrunk as by Ledoit and Wolf. Both also err on true
pictures; how often is stated with every figure.

Shapes: N pictures, C channels, S side, D cells times channels.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from torch.nn import functional as F

from models.core.generative import judge as garments
from models.core.training.familiarity import ledoit_wolf
from models.depixelization.architecture import Config
from models.depixelization.data import Groups, to_tensor

CELLS = 16


@dataclass(frozen=True)
class Judge:
    """The linear discriminant; without weights, the classifier of garments."""

    groups: tuple[str, str]
    weight: torch.Tensor  # (D,), or empty
    bias: torch.Tensor  # ()

    @torch.inference_mode()
    def log_odds(self, pictures: torch.Tensor) -> torch.Tensor:
        """(N,) of pictures (N, C, S, S) in [-1, 1]: above 0, the rare group is more probable."""
        if len(self.weight):
            return features(pictures) @ self.weight.double() + self.bias.double()
        network = garment_judge()
        frequent, rare = (network.config.classes.index(name) for name in self.groups)
        logits = torch.cat([network((part + 1) / 2) for part in pictures.float().split(250)])
        return (logits[:, rare] - logits[:, frequent]).double()

    def tensors(self) -> dict[str, torch.Tensor]:
        """As they are saved among a model's weights."""
        return {"judge.weight": self.weight, "judge.bias": self.bias}


@cache
def garment_judge() -> garments.Judge:
    """The project's classifier of garments."""
    return garments.load_judge(garments.GARMENTS)


def fit_judge(config: Config, train: Groups) -> Judge:
    """The judge for two groups; it learns from as many pictures of one as of the other."""
    none = torch.zeros(0), torch.zeros(())
    if knows_garments(config):
        return Judge(config.groups, *none)
    count = min(len(each) for each in train.pictures)
    frequent, rare = (features(to_tensor(each[:count])).numpy() for each in train.pictures)
    means = frequent.mean(0), rare.mean(0)
    covariance = ledoit_wolf(np.concatenate([frequent - means[0], rare - means[1]]))
    # a little of the identity, for pictures that are all alike
    covariance += np.eye(len(covariance)) * max(1e-9, 1e-6 * covariance.trace() / len(covariance))
    weight = np.linalg.solve(covariance, means[1] - means[0])
    bias = -weight @ (means[0] + means[1]) / 2
    return Judge(config.groups, torch.from_numpy(weight).float(), torch.tensor(bias).float())


def knows_garments(config: Config) -> bool:
    """Whether the groups are two of the ten kinds of Fashion-MNIST, in pictures of its size."""
    known = garment_judge().config
    fits = (config.channels, config.side) == (known.channels, 28)
    return fits and all(name in known.classes for name in config.groups)


def features(pictures: torch.Tensor) -> torch.Tensor:
    """(N, C, S, S) -> (N, D): the means of at most 16 x 16 cells."""
    side = min(CELLS, pictures.shape[-1])
    return F.interpolate(pictures.double(), size=(side, side), mode="area").flatten(1)
