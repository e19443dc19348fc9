"""The losses of the generator G and of the discriminator D.

Isola et al. 2017 (pix2pix, arXiv:1611.07004), equations 1, 3 and 4, with x the lightness, y the true ab and
G(x) the predicted ab. The generator minimizes

    L_G = L_L1(G) + w * E[-log D(x, G(x))]            w: the param `adversarial`
    L_L1(G) = E[m(y) |y - G(x)|] / E[m(y)] / 110      m(y) = 1 + r * min(|y|_2 / 40, 2), r: `rebalance`

and the discriminator minimizes the cross-entropy

    L_D = (E[-t log D(x, y) - (1 - t) log(1 - D(x, y))] + E[-log(1 - D(x, G(x)))]) / 2      t = 0.9

D(x, y) = sigmoid(logit) is the probability that a patch belongs to a photo.

Differences from the paper: the weight is on the adversarial term, not on L1; the generator's adversarial
term is the non-saturating one of Goodfellow et al. 2014 (arXiv:1406.2661, section 3); the label of true
patches is smoothed to t = 0.9 (Salimans et al. 2016, arXiv:1606.03498, section 3.4). The weight m counts
strong colors more, after the class rebalancing of Zhang et al. 2016 (arXiv:1603.08511, section 2.2): an L1
loss leads to the median of the plausible colors, and as most pixels of photos are nearly gray, so is their
median.

Example of L_L1: two pixels with r = 1, the first gray (y = (0, 0), m = 1), the second with y = (40, 0) and
m = 2. G is off by 11 in a* and in b* on the first and exact on the second: E[m |y - G(x)|] = 22 / 4 = 5.5,
E[m] = 1.5, so L_L1 = 5.5 / 1.5 / 110 = 0.033. With r = 0 it is 5.5 / 110 = 0.05.

Example of the other two: the logit of the true patch is 2 (D = 0.88), that of the predicted patch -1
(D = 0.27). The true patch costs -0.9 log 0.88 - 0.1 log 0.12 = 0.327, the predicted one -log 0.73 = 0.313,
so L_D = 0.320. The adversarial term of G is -log 0.27 = 1.313: it lowers its loss by looking true.
"""

import torch
from torch.nn import functional as F

from models.colorization.architecture import MAX_AB

STRONG_CHROMA = 40.0  # distance from gray in the ab plane at which an error counts 1 + r
MAX_STRENGTH = 2.0  # chroma beyond this many times `STRONG_CHROMA` counts no more
TRUE_LABEL = 0.9  # t


def color_loss(predicted: torch.Tensor, truth: torch.Tensor, rebalance: float) -> torch.Tensor:
    """L_L1: the weighted mean absolute error of ab (B, 2, h, w), in units of 110."""
    chroma = truth.norm(dim=1, keepdim=True)
    weight = 1 + rebalance * (chroma / STRONG_CHROMA).clamp(max=MAX_STRENGTH)
    return ((predicted - truth).abs() * weight).mean() / weight.mean() / MAX_AB


def adversarial_loss(predicted_logits: torch.Tensor) -> torch.Tensor:
    """E[-log D(x, G(x))]: small where the discriminator takes the predicted colors for true ones."""
    return F.softplus(-predicted_logits).mean()


def discriminator_loss(true_logits: torch.Tensor, predicted_logits: torch.Tensor) -> torch.Tensor:
    """L_D: the cross-entropy of the logits of true and of predicted patches, half each."""
    on_true = F.binary_cross_entropy_with_logits(true_logits, torch.full_like(true_logits, TRUE_LABEL))
    return (on_true + F.softplus(predicted_logits).mean()) / 2
