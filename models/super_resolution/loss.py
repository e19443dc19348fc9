"""What a generator is trained to make small: the error of its pixels, or that and how unreal it looks.

Papers: Ledig et al. 2017, SRGAN, arXiv:1609.04802, section 2.2 (a content loss in the features of a trained
network, and a critic); Wang et al. 2018, ESRGAN, arXiv:1809.00219, section 3.2 (the relativistic critic, and
an L1 term that keeps colors). The features are those of the project's own detector instead of VGG's, of its
first three levels (strides 2, 4 and 8), so that nothing has to be downloaded.

Shapes: B batch, H and W height and width at high resolution.
"""

from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from models.core.contract import checkpoint
from models.core.contract.errors import WeightsError
from models.core.training.backbone import LEAKY_SLOPE
from models.super_resolution.architecture import Critic

LEVELS = 3
EPSILON = 1e-5  # of PyTorch's batch normalization
PERCEPTUAL = 0.05
CRITIC_RATE = 2.0  # of the generator's learning rate: held back by its normalization, it would fall behind


class Features(nn.Module):
    """The first levels of the shipped detector, frozen, its normalizations folded into the convolutions.

    (B, 3, H, W) in [0, 1] -> features at strides 2, 4 and 8.

    Raises:
        WeightsError: the detector's weights are missing, or the file holds something else.
    """

    def __init__(self, detector: Path):
        super().__init__()
        _, state = checkpoint.load(detector)
        self.stems = nn.ModuleList()
        self.residuals = nn.ModuleList()
        for level in range(LEVELS):
            prefix = f"backbone.stages.{level}"
            if f"{prefix}.0.0.weight" not in state:
                raise WeightsError(f"{detector.name} holds no backbone of a detector.")
            self.stems.append(folded(state, f"{prefix}.0", stride=2))
            blocks = []
            while f"{prefix}.{len(blocks) + 1}.body.0.0.weight" in state:
                body = f"{prefix}.{len(blocks) + 1}.body"
                blocks.append(nn.ModuleList([folded(state, f"{body}.0"), folded(state, f"{body}.1")]))
            self.residuals.append(nn.ModuleList(blocks))
        self.requires_grad_(False).eval()

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        features = []
        for stem, blocks in zip(self.stems, self.residuals, strict=True):
            x = F.leaky_relu(stem(x), LEAKY_SLOPE)
            for squeeze, look in blocks:  # type: ignore[misc]
                x = x + F.leaky_relu(look(F.leaky_relu(squeeze(x), LEAKY_SLOPE)), LEAKY_SLOPE)
            features.append(x)
        return features


def folded(state: dict[str, torch.Tensor], name: str, stride: int = 1) -> nn.Conv2d:
    """One convolution that does what `name`'s convolution and its batch normalization do in a row."""
    kernel = state[f"{name}.0.weight"].float()
    weight, bias = state[f"{name}.1.weight"].float(), state[f"{name}.1.bias"].float()
    mean, variance = state[f"{name}.1.running_mean"].float(), state[f"{name}.1.running_var"].float()
    factor = weight / (variance + EPSILON).sqrt()
    outputs, inputs, size, _ = kernel.shape
    layer = nn.Conv2d(inputs, outputs, size, stride, padding=size // 2)
    layer.weight.data = kernel * factor[:, None, None, None]
    layer.bias = nn.Parameter(bias - mean * factor)
    return layer


def perceptual_loss(features: Features, answer: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """Mean over the levels of |difference| of features, relative to the truth's mean |feature|."""
    parts = []
    with torch.no_grad():
        wanted = features(truth)
    for mine, real in zip(features(answer), wanted, strict=True):
        mine, real = mine.float(), real.float()  # layers may have computed in bfloat16
        parts.append((mine - real).abs().mean() / (real.abs().mean() + EPSILON))
    return torch.stack(parts).mean()


def relativistic(higher: torch.Tensor, lower: torch.Tensor) -> torch.Tensor:
    """Small when `higher`'s logits lie above `lower`'s mean, and the other way round (ESRGAN, equation 1)."""
    higher, lower = higher.float(), lower.float()  # layers may have computed in bfloat16
    return (F.softplus(lower.mean() - higher).mean() + F.softplus(lower - higher.mean()).mean()) / 2


class Adversary(nn.Module):
    """The critic and the features, and what both say about an answer."""

    def __init__(self, detector: Path):
        super().__init__()
        self.critic = Critic()
        self.features = Features(detector)

    def judge(self, answer: torch.Tensor, truth: torch.Tensor) -> dict[str, torch.Tensor]:
        """What the generator is told: its perceptual and its adversarial loss."""
        self.critic.requires_grad_(False)
        adversarial = relativistic(self.critic(answer), self.critic(truth))
        self.critic.requires_grad_(True)
        return {
            "loss_perceptual": perceptual_loss(self.features, answer, truth),
            "loss_adversarial": adversarial,
        }

    def teach(self, answer: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
        """What the critic is told: real is real, made is made."""
        return relativistic(self.critic(truth), self.critic(answer.detach()))
