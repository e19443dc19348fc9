"""The best weights of a training."""

import math
from pathlib import Path

import pytest
import torch
from torch import nn

from models.core.contract.errors import InputError
from models.core.training.best import Best
from models.core.training.loop import numbers
from models.core.training.state import State


def of_value(value: float) -> nn.Linear:
    model = nn.Linear(1, 1)
    nn.init.constant_(model.weight, value)
    return model


def test_the_weights_with_the_highest_figure_are_kept() -> None:
    best = Best(of_value(0), "psnr")
    for step, psnr in enumerate([20.0, 23.0, math.nan, 22.0], start=1):
        best.offer(of_value(step), {"psnr": psnr, "other": float(step)}, step)
    trained = best.trained()

    assert best.or_latest(of_value(9)).weight.item() == 2
    assert trained == {"psnr": 23.0, "other": 2.0}
    assert (trained.part, trained.figure, trained.step) == ("validation", "psnr", 2)


def test_of_an_error_the_lowest_is_the_best() -> None:
    best = Best(of_value(0), "distance", lower_is_better=True)
    kept = [best.offer(of_value(step), {"distance": value}, step) for step, value in enumerate([3, 2, 4])]

    assert kept == [True, True, False]


def test_an_adversarys_training_keeps_its_last_weights() -> None:
    best = Best(of_value(0), "psnr", keeps_last=True)
    for step, psnr in enumerate([30.0, 20.0], start=1):
        best.offer(of_value(step), {"psnr": psnr}, step)
    trained = best.trained()

    assert best.or_latest(of_value(9)).weight.item() == 2
    assert (trained["psnr"], trained.figure, trained.step) == (20.0, None, None)


def test_without_validation_the_latest_weights_are_kept_and_no_part_is_named() -> None:
    best = Best(of_value(0), "psnr")

    assert best.or_latest(of_value(9)).weight.item() == 9
    assert best.trained().part is None


def test_a_checkpoint_holds_the_best_weights_and_their_step(tmp_path: Path) -> None:
    model = of_value(1)
    best, restored = Best(model, "psnr"), Best(model, "psnr")
    best.offer(of_value(7), {"psnr": 21.5}, 3)
    State({"model": model}, {}, best).save(tmp_path / "checkpoint", {})
    State({"model": of_value(1)}, {}, restored).load(tmp_path / "checkpoint")

    assert restored.model.weight.item() == 7
    assert (restored.step, restored.metrics) == (3, {"psnr": 21.5})


def test_a_training_resumes_from_a_checkpoint_without_best_weights(tmp_path: Path) -> None:
    """As earlier versions saved them: an upgrade interrupts a training."""
    State({"model": of_value(5)}, {}).save(tmp_path / "checkpoint", {})
    model = of_value(1)
    best = Best(model, "psnr")
    State({"model": model}, {}, best).load(tmp_path / "checkpoint")

    assert model.weight.item() == 5
    assert best.or_latest(model) is model
    assert best.offer(model, {"psnr": 20.0}, 7)


def test_a_figure_that_is_not_finite_chose_nothing() -> None:
    best = Best(of_value(0), "psnr")
    assert best.offer(of_value(1), {"psnr": math.nan}, 1)
    assert not best.offer(of_value(2), {"psnr": math.nan}, 2)
    assert best.trained().figure is None

    assert best.offer(of_value(3), {"psnr": 20.0}, 3)
    assert best.trained().figure == "psnr"


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_ends_the_training_with_its_step(value: float) -> None:
    with pytest.raises(InputError, match=r"at step 1,200, its loss is (nan|inf).*lower learning rate"):
        numbers({"part": torch.tensor(1.0), "loss": torch.tensor(value)}, 1200)
