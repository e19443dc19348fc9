"""The running mean of a model's weights."""

import pytest
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

from models.core.training.running_mean import EMA_DECAY, running_mean, update_mean


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


def test_it_is_torchs_averaged_model_with_the_same_decay() -> None:
    torch.manual_seed(0)
    model = nn.Linear(2, 3)
    mean = running_mean(model)

    def growing(mean: list[torch.Tensor], trained: list[torch.Tensor], count: torch.Tensor) -> None:
        decay = min(EMA_DECAY, (1 + int(count) - 1) / (10 + int(count) - 1))
        for value, new in zip(mean, trained, strict=True):
            value.lerp_(new, 1 - decay)

    reference = AveragedModel(model, multi_avg_fn=growing)  # type: ignore[arg-type]
    reference.update_parameters(model)  # its first call copies
    for step in range(5):
        nn.init.normal_(model.weight)
        update_mean(mean, model, step)
        reference.update_parameters(model)

    torch.testing.assert_close(mean.weight, reference.module.weight)
