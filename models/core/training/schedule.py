"""The learning rate over a training, and the parameter groups that it applies to.

`torch.optim.lr_scheduler` has the same curve, but a rate computed from the step alone has no state to save:
a resumed training gets exactly the rates of an uninterrupted one.
"""

from math import cos, pi
from typing import Any

import torch
from torch import nn

WARMUP_SHARE = 0.03  # of the steps


def learning_rate(step: int, steps: int, highest: float, warmup_share: float = WARMUP_SHARE) -> float:
    """Linear warm-up, then cosine decay to a hundredth of the highest rate."""
    warmup = max(1, round(warmup_share * steps))
    if step < warmup:
        return highest * (step + 1) / warmup
    done = (step - warmup) / max(1, steps - warmup)
    return highest * (0.01 + 0.99 * (1 + cos(pi * done)) / 2)


def set_learning_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Set the rate of every group; a group with a `pace` gets that share of it."""
    for group in optimizer.param_groups:
        group["lr"] = rate * group.get("pace", 1.0)


def weight_groups(model: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Parameter groups for AdamW: weight decay applies to kernels, not to biases and normalizations."""
    kernels = [value for value in model.parameters() if value.ndim > 1]
    others = [value for value in model.parameters() if value.ndim <= 1]
    return [{"params": kernels, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]
