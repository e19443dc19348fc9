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

Differences from the papers: f are the first three levels (strides 2, 4 and 8) of the backbone of NanoDet
instead of VGG, as it ships with the mask network, so that nothing has to be downloaded; both adversarial
losses are halved.

L_1 alone leads to the median of the plausible values of each pixel, which is soft (a squared error would lead
to their mean). The other terms reward plausible detail instead.

Example: the logits of two patches of the photo are 2 and 0 (mean 1), those of the answer -1 and 1 (mean 0).
The photo's patches cost -log s(2 - 0) = 0.127 and -log s(0 - 0) = 0.693, on average 0.410; the answer's cost
-log(1 - s(-1 - 1)) = 0.127 and -log(1 - s(1 - 1)) = 0.693, again 0.410: L_D = 0.410. L_G_Ra is 1.410: the
answer still looks less like a photo. With pixels off by 0 and 0.4, L_1 = 0.2; with f(x_r) = (2, 4) and
f(x_f) = (3, 4), L_percep = 0.5 / 3 = 0.167. For w = 0.02, L_G = 0.2 + 0.0083 + 0.0282 = 0.2365.

Shapes: B batch, H and W height and width at high resolution.
"""

import torch
from torch import nn
from torch.nn import functional as F

from models.core.training.cross_stage import Encoder, shipped_encoder

LEVELS = 3
EPSILON = 1e-5  # keeps a level without any response finite
PERCEPTUAL = 0.05  # weight of L_percep


class Features(nn.Module):
    """The first levels of NanoDet's backbone as the mask network ships it, frozen.

    (B, 3, H, W) in [0, 1] -> features at strides 2, 4 and 8.

    Raises:
        WeightsError: the shipped weights are missing or damaged.
    """

    def __init__(self) -> None:
        super().__init__()
        self.encoder = Encoder(LEVELS)
        known, _ = shipped_encoder()
        self.encoder.load_state_dict({name: known[name] for name in self.encoder.state_dict()})
        self.requires_grad_(False).eval()

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        return self.encoder(x)


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
