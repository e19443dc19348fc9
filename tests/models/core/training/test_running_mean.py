"""The running mean of a model's weights."""

import pytest
import torch
from torch import nn

from models.core.training.running_mean import running_mean, update_mean


def test_the_running_mean_follows_more_slowly_from_step_to_step() -> None:
    model = nn.Linear(1, 1)
    mean = running_mean(model)
    with torch.no_grad():
        model.weight.fill_(1.0)
        mean.weight.fill_(0.0)
    update_mean(mean, model, 0)
    assert mean.weight.item() == pytest.approx(0.9)
    with torch.no_grad():
        mean.weight.fill_(0.0)
    update_mean(mean, model, 10**6)
    assert mean.weight.item() == pytest.approx(0.001)
    assert not mean.weight.requires_grad


def test_counters_are_copied() -> None:
    model = nn.BatchNorm1d(2)
    mean = running_mean(model)
    model.num_batches_tracked.fill_(7)  # type: ignore[union-attr]
    update_mean(mean, model, 0)

    assert mean.num_batches_tracked == 7
