"""The loss of the denoiser and of its level estimator.

The denoiser f gets a noisy crop x = c + sigma * n and its level map sigma. The Charbonnier distance to the
clean crop c, nearly the absolute error but smooth at zero, averaged over pixels and colors, is

    d = mean sqrt((f(x, sigma) - c)^2 + epsilon^2),   epsilon = 0.001

The absolute error leads to the median of the possible clean values; the squared error would lead to their
mean. Errors grow approximately with the root of the level, so each crop is scaled by its mean level s:

    loss_picture = mean over crops of d * sqrt(0.1 / (s + 0.02))

The estimator gives, for every place i of 4 x 4 pixels with the true level t_i, an estimate e_i and the log
of its confidence, k_i. Its loss is the negative log-likelihood of a Laplace distribution of width exp(-k_i)
plus the error of the combined estimate, both in units of 0.1:

    loss_guess = mean |e_i - t_i| / 0.1 * exp(k_i) - k_i  +  5 * |sum w_i e_i - s| / 0.1,   w = softmax(k)
    loss = loss_picture + 0.02 * loss_guess

Example: one crop of level 0.08, with an error of 0.02 at every pixel: d = sqrt(0.0004 + 0.000001) = 0.02002,
scaled by sqrt(0.1 / 0.1) = 1. Two places with the estimates 0.08 and 0.18 and k = 0: likelihood
(0 + 1) / 2 = 0.5, combined estimate 0.13, so loss_guess = 0.5 + 5 * 0.05 / 0.1 = 3 and loss = 0.08002.
"""

import torch
from torch import nn

from models.denoising.architecture import ESTIMATE_STRIDE, ESTIMATE_UNIT, GATE, Denoiser, Estimates
from models.denoising.data import Crops

EPSILON = 1e-3
USUAL_LEVEL = 0.1  # about 25 of 255
COMBINED_WEIGHT = 5.0
ESTIMATE_WEIGHT = 0.02  # the estimator shares no weights, so this only scales its steps


def denoising_loss(denoised: torch.Tensor, crops: Crops) -> torch.Tensor:
    """`loss_picture` of the denoised crops (B, 3, P, P)."""
    difference = denoised - crops.clean
    distance = (difference.square() + EPSILON**2).sqrt().mean(dim=(1, 2, 3))
    level = crops.level.mean(dim=(1, 2, 3))
    return (distance * (USUAL_LEVEL / (level + GATE)).sqrt()).mean()


def estimate_loss(estimates: Estimates, level: torch.Tensor) -> torch.Tensor:
    """`loss_guess` for the true level map (B, 1, P, P)."""
    # layers can have computed in bfloat16
    estimates = Estimates(estimates.level.float(), estimates.confidence.float())
    local = nn.functional.avg_pool2d(level, ESTIMATE_STRIDE)[:, 0]
    error = (estimates.level - local).abs() / ESTIMATE_UNIT
    likelihood = (error * estimates.confidence.exp() - estimates.confidence).mean()
    combined = (estimates.combined() - level.mean(dim=(1, 2, 3))).abs().mean() / ESTIMATE_UNIT
    return likelihood + COMBINED_WEIGHT * combined


def total_loss(model: Denoiser, crops: Crops) -> dict[str, torch.Tensor]:
    """`loss` and its two parts."""
    picture = denoising_loss(model(crops.noisy, crops.level), crops)
    guess = estimate_loss(model.estimator(crops.noisy), crops.level)
    return {"loss": picture + ESTIMATE_WEIGHT * guess, "loss_picture": picture, "loss_guess": guess}
