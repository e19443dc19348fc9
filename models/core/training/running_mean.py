"""The exponential moving average (EMA) of a model's weights: what a training keeps.

`torch.optim.swa_utils.AveragedModel` has a constant decay. Here the decay grows with the step, so that the
random initial weights are soon forgotten and a short training is averaged over its own length.
"""

import copy
from typing import TypeVar

import torch
from torch import nn

Model = TypeVar("Model", bound=nn.Module)

EMA_DECAY = 0.999


def running_mean(model: Model) -> Model:
    """A copy of the model that holds the running mean: not trained, always in evaluation mode."""
    return copy.deepcopy(model).requires_grad_(False).eval()


@torch.no_grad()
def update_mean(mean: nn.Module, model: nn.Module, step: int, decay: float = EMA_DECAY) -> None:
    """`mean = d * mean + (1 - d) * model` with `d = min(decay, (1 + step) / (10 + step))`.

    Example: at step 0, d is 1/10; at step 90, 91/100. Integer buffers, such as counters, are copied.
    """
    decay = min(decay, (1 + step) / (10 + step))
    trained = model.state_dict()
    for name, value in mean.state_dict().items():
        if value.is_floating_point():
            value.lerp_(trained[name], 1 - decay)
        else:
            value.copy_(trained[name])
