"""The loss: cross-entropy between the true color, shared out among its nearest classes, and the prediction.

Zhang et al. 2016 (arXiv:1603.08511), equations 2 and 3, with z the shares of a cell's true color, p the
predicted probabilities and v the weight of the cell:

    L = -sum over cells of v * sum over q of z_q log p_q / sum over cells of v      v = w_q*, q* = argmax z

w is `quantization.class_weights`: a cell of a rare color weighs more. Without it, the cheapest answer for an
uncertain cell is gray, because most cells of photos are nearly gray. Difference from the paper: divided by
the weights of the batch, so that a batch of rare colors takes no larger step.

Example: one cell whose true color is in the middle of a class (shares 0.65 and four times 0.088), predicted
with probability 0.5 for it and 0.1 for each of the four: L = 0.65 * 0.69 + 4 * 0.088 * 2.30 = 1.26. The least
possible is the entropy of the shares, 0.65 * 0.43 + 4 * 0.088 * 2.43 = 1.13.
"""

import torch

from models.colorization.quantization import soft_encode


def color_loss(logits: torch.Tensor, truth: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """L of logits (B, Q, h, w) for the true ab (B, 2, h, w); `weights` (Q,) of the classes."""
    classes, shares = soft_encode(truth)
    log_probabilities = logits.log_softmax(dim=1).permute(0, 2, 3, 1).gather(3, classes)
    weight = weights[classes[..., 0]]
    return -(weight * (shares * log_probabilities).sum(dim=3)).sum() / weight.sum()
