"""The learning rate over a training, and the groups of parameters."""

import pytest
import torch
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR

from models.core.training.schedule import learning_rate, set_learning_rate, weight_groups


def test_the_rate_rises_then_falls_to_a_hundredth() -> None:
    rates = [learning_rate(step, 100, 0.5) for step in range(100)]

    assert rates[:3] == pytest.approx([0.5 / 3, 1.0 / 3, 0.5])
    assert rates[3:] == sorted(rates[3:], reverse=True)
    assert rates[-1] == pytest.approx(0.005, rel=0.1)


def test_the_warm_up_can_be_longer() -> None:
    assert learning_rate(0, 100, 0.5, 0.1) == pytest.approx(0.05)
    assert learning_rate(9, 100, 0.5, 0.1) == pytest.approx(0.5)


def test_a_group_with_a_pace_gets_that_share_of_the_rate() -> None:
    layers = nn.Linear(1, 1), nn.Linear(1, 1)
    optimizer = torch.optim.AdamW(
        [{"params": layers[0].parameters()}, {"params": layers[1].parameters(), "pace": 0.5}]
    )
    set_learning_rate(optimizer, 0.25)

    assert [group["lr"] for group in optimizer.param_groups] == [0.25, 0.125]


def test_weight_decay_applies_to_kernels_only() -> None:
    kernels, others = weight_groups(nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2)), 0.1)

    assert [len(kernels["params"]), kernels["weight_decay"]] == [1, 0.1]
    assert [len(others["params"]), others["weight_decay"]] == [3, 0.0]


def test_the_rates_are_those_of_torchs_schedulers_in_sequence() -> None:
    steps, highest, warmup = 100, 0.02, 10
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=highest)
    scheduler = SequentialLR(
        optimizer,
        [
            LinearLR(optimizer, 1 / warmup, total_iters=warmup - 1),
            CosineAnnealingLR(optimizer, steps - warmup, eta_min=highest / 100),
        ],
        [warmup],
    )
    rates = []
    for _ in range(steps):
        rates.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()

    assert [learning_rate(step, steps, highest, 0.1) for step in range(steps)] == pytest.approx(rates)
