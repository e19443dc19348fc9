"""The losses of the generator G and of the discriminator, in the letters of ESRGAN.

Papers: Ledig et al. 2017, SRGAN, arXiv:1609.04802, section 2.2 (a content loss in the features of a trained
network, and a discriminator); Wang et al. 2018, ESRGAN, arXiv:1809.00219, section 3.2 and equations 1 to 3
(the relativistic average discriminator, and an L1 term that preserves colors).

With x_r a photo, x_f = G(small photo) an answer, C the discriminator's logit of a patch, s the sigmoid and

    D_Ra(a, b) = s(C(a) - E[C(b)])          the probability that a looks more like a photo than b on average

the discriminator minimizes

    L_D = (E[-log D_Ra(x_r, x_f)] + E[-log(1 - D_Ra(x_f, x_r))]) / 2

and the generator

    L_G = L_1 + 0.05 * L_percep + w * L_G_Ra          w: the param `adversarial`; 0: L_1 alone
    L_1 = E|x_f - x_r|
    L_percep = mean over levels of E|f(x_f) - f(x_r)| / E|f(x_r)|      f: features of a trained network
    L_G_Ra = (E[-log(1 - D_Ra(x_r, x_f))] + E[-log D_Ra(x_f, x_r)]) / 2      L_D, x_r and x_f exchanged

Differences from the papers: f are the first three levels (strides 2, 4 and 8) of the shipped grid detector
instead of VGG's, so that nothing has to be downloaded; both adversarial losses are halved.

L_1 alone leads to the median of the plausible values of each pixel, which is soft (a squared error would lead
to their mean). The other terms reward plausible detail instead.

Example: the logits of two patches of the photo are 2 and 0 (mean 1), those of the answer -1 and 1 (mean 0).
The photo's patches cost -log s(2 - 0) = 0.127 and -log s(0 - 0) = 0.693, on average 0.410; the answer's cost
-log(1 - s(-1 - 1)) = 0.127 and -log(1 - s(1 - 1)) = 0.693, again 0.410: L_D = 0.410. L_G_Ra is 1.410: the
answer still looks less like a photo. With pixels off by 0 and 0.4, L_1 = 0.2; with f(x_r) = (2, 4) and
f(x_f) = (3, 4), L_percep = 0.5 / 3 = 0.167. For w = 0.02, L_G = 0.2 + 0.0083 + 0.0282 = 0.2365.

Shapes: B batch, H and W height and width at high resolution.
"""

from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from models.core.contract import checkpoint
from models.core.contract.errors import WeightsError
from models.core.training.backbone import LEAKY_SLOPE

LEVELS = 3
EPSILON = 1e-5  # of PyTorch's batch normalization
PERCEPTUAL = 0.05  # weight of L_percep


class Features(nn.Module):
    """The first levels of the shipped detector, frozen, its normalizations folded into the convolutions.

    (B, 3, H, W) in [0, 1] -> features at strides 2, 4 and 8.

    Raises:
        WeightsError: the detector's weights are missing, or the file holds another network.
    """

    def __init__(self, detector: Path):
        super().__init__()
        _, state = checkpoint.load(detector)
        self.stems = nn.ModuleList()
        self.residuals = nn.ModuleList()
        for level in range(LEVELS):
            prefix = f"backbone.stages.{level}"
            if f"{prefix}.0.0.weight" not in state:
                raise WeightsError(f"{detector.name} has no backbone of a detector.")
            self.stems.append(fold_normalization(state, f"{prefix}.0", stride=2))
            blocks = []
            while f"{prefix}.{len(blocks) + 1}.body.0.0.weight" in state:
                body = f"{prefix}.{len(blocks) + 1}.body"
                pair = [fold_normalization(state, f"{body}.0"), fold_normalization(state, f"{body}.1")]
                blocks.append(nn.ModuleList(pair))
            self.residuals.append(nn.ModuleList(blocks))
        self.requires_grad_(False).eval()

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        features = []
        for stem, blocks in zip(self.stems, self.residuals, strict=True):
            x = F.leaky_relu(stem(x), LEAKY_SLOPE)
            for narrow, wide in blocks:  # type: ignore[misc]
                x = x + F.leaky_relu(wide(F.leaky_relu(narrow(x), LEAKY_SLOPE)), LEAKY_SLOPE)
            features.append(x)
        return features


def fold_normalization(state: dict[str, torch.Tensor], name: str, stride: int = 1) -> nn.Conv2d:
    """One convolution equal to `name`'s convolution followed by its batch normalization."""
    kernel = state[f"{name}.0.weight"].float()
    weight, bias = state[f"{name}.1.weight"].float(), state[f"{name}.1.bias"].float()
    mean, variance = state[f"{name}.1.running_mean"].float(), state[f"{name}.1.running_var"].float()
    factor = weight / (variance + EPSILON).sqrt()
    outputs, inputs, size, _ = kernel.shape
    layer = nn.Conv2d(inputs, outputs, size, stride, padding=size // 2)
    layer.weight.data = kernel * factor[:, None, None, None]
    layer.bias = nn.Parameter(bias - mean * factor)
    return layer


def perceptual_loss(features: nn.Module, answer: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """L_percep: how far the features of the answer are from those of the photo."""
    parts = []
    with torch.no_grad():
        targets = features(truth)
    for own, target in zip(features(answer), targets, strict=True):
        own, target = own.float(), target.float()  # layers may have computed in bfloat16
        parts.append((own - target).abs().mean() / (target.abs().mean() + EPSILON))
    return torch.stack(parts).mean()


def relativistic_loss(higher: torch.Tensor, lower: torch.Tensor) -> torch.Tensor:
    """Small where the logits `higher` exceed the mean of `lower`, and the reverse (ESRGAN, equation 1).

    L_D with the photo's logits as `higher`, L_G_Ra with the answer's.
    """
    higher, lower = higher.float(), lower.float()  # layers may have computed in bfloat16
    return (F.softplus(lower.mean() - higher).mean() + F.softplus(lower - higher.mean()).mean()) / 2
