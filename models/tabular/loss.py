"""The objective of training: the loss of the predictions plus a penalty on large weights.

    J(W, b) = L(W, b) + λ / (2n) · Σ w²        over n training rows; the bias is not penalized

    linear regression      λ = 0
    ridge regression       λ = alpha    J is 1 / (2n) of the textbook's Σ (yᵢ - ŷᵢ)² + alpha ‖w‖²
    logistic regression    λ = 1 / C    J is 1 / (C n) of scikit-learn's C Σ (log loss) + ½ ‖w‖²
    neural network         λ = 0

A factor in front of J moves no minimum, so gradient descent and scikit-learn arrive at the same weights.
The training loss in the app is J, the penalty included; the validation loss is L, which measures predictions.

With class weights, the loss of each row counts by the weight of its class, n / (K nₖ) for a class of nₖ rows:
all classes have the same share of L, and the mean weight is 1.
"""

import torch
from torch import nn
from torch.nn import functional as F


def mean_loss(
    scores: torch.Tensor, targets: torch.Tensor, classes: int, class_weights: torch.Tensor | None = None
) -> torch.Tensor:
    """L, the mean loss of n rows, without the penalty.

    For a number, with the prediction zᵢ and the target yᵢ, both scaled, half the mean squared error (MSE):

        L = 1 / (2n) · Σ (zᵢ - yᵢ)²                                ∂L/∂zᵢ = (zᵢ - yᵢ) / n

    For two classes, yᵢ = 0 or 1 and pᵢ = sigmoid(zᵢ), the binary cross-entropy, or log loss:

        L = -1 / n · Σ [yᵢ ln pᵢ + (1 - yᵢ) ln(1 - pᵢ)]             ∂L/∂zᵢ = (pᵢ - yᵢ) / n

    For K classes, p = softmax(z), the cross-entropy:

        L = -1 / n · Σ ln pᵢ[yᵢ]                                   ∂L/∂zᵢ[k] = (pᵢ[k] - (1 if k = yᵢ)) / n

    Args:
        scores: (n, K), or (n, 1) for a number and for two classes.
        targets: (n,), scaled numbers or the indices of classes.
        classes: number of classes; 0 for a number.
        class_weights: (classes,); None: all rows count alike.
    """
    if classes == 0:
        return 0.5 * F.mse_loss(scores[:, 0], targets)
    weights = None if class_weights is None else class_weights[targets.long()]
    if classes == 2:
        return F.binary_cross_entropy_with_logits(scores[:, 0], targets, weight=weights)
    if weights is None:
        return F.cross_entropy(scores, targets.long())
    # not by its own weights, which divide by their sum over the batch
    return (weights * F.cross_entropy(scores, targets.long(), reduction="none")).mean()


def penalty(model: nn.Sequential, strength: float, rows: int) -> torch.Tensor:
    """λ / (2n) · Σ w², with λ the `strength` and n the number of training rows."""
    squares = sum((part.weight**2).sum() for part in model if isinstance(part, nn.Linear))
    return strength / rows * torch.as_tensor(squares) / 2
