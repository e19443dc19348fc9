"""What every training loop shares: its schedule, its running mean, its state and its log."""

from pathlib import Path

import pytest
import torch
from torch import nn

from models.core.contract import checkpoint
from models.core.contract.errors import WeightsError
from models.core.training.loop import (
    State,
    averaged,
    follow,
    halved,
    learning_rate,
    log,
    report_due,
    running_mean,
    start_from,
    validation_due,
    weight_groups,
)


def trained(steps: int) -> State:
    """A small network and its running mean after some steps."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    mean = running_mean(model)
    optimizer = torch.optim.AdamW(weight_groups(model, 0.1), lr=0.1)
    state = State({"model": model, "mean": mean}, {"adamw": optimizer})
    for _ in range(steps):
        go_on(state)
    return state


def go_on(state: State) -> None:
    model, optimizer = state.models["model"], state.optimizers["adamw"]
    data = torch.rand(8, 3, generator=torch.Generator().manual_seed(state.step))
    optimizer.zero_grad()
    model(data).square().mean().backward()
    optimizer.step()
    follow(state.models["mean"], model, state.step)
    state.step += 1


def test_the_rate_rises_then_falls_to_a_hundredth() -> None:
    rates = [learning_rate(step, 100, 0.5) for step in range(100)]

    assert rates[:3] == pytest.approx([0.5 / 3, 1.0 / 3, 0.5])
    assert rates[3:] == sorted(rates[3:], reverse=True)
    assert rates[-1] == pytest.approx(0.005, rel=0.1)


def test_the_warm_up_may_be_longer() -> None:
    assert learning_rate(0, 100, 0.5, 0.1) == pytest.approx(0.05)
    assert learning_rate(9, 100, 0.5, 0.1) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("steps", "reports", "validations"),
    [(4, 4, 4), (1000, 200, 8), (9000, 200, 8), (1001, 201, 9)],  # the last step is one more
)
def test_reports_and_validations_come_evenly_and_at_the_end(
    steps: int, reports: int, validations: int
) -> None:
    reported = [step for step in range(1, steps + 1) if report_due(step, steps)]
    validated = [step for step in reported if validation_due(step, steps, 8)]

    assert (len(reported), len(validated)) == (reports, validations)
    assert reported[-1] == validated[-1] == steps


def test_losses_are_averaged_between_reports() -> None:
    assert averaged([{"loss": 1.0, "dice": 0.5}, {"loss": 2.0, "dice": 0.0}]) == {"loss": 1.5, "dice": 0.25}


def test_a_new_training_takes_what_fits_of_known_weights() -> None:
    known = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 9))
    model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    head = model[1].state_dict()["weight"].clone()
    start_from(model, halved(known), Path("known.safetensors"))

    assert torch.equal(model[0].state_dict()["weight"], known[0].state_dict()["weight"].half().float())
    assert torch.equal(model[1].state_dict()["weight"], head)


def test_another_networks_weights_are_refused_by_their_files_name() -> None:
    foreign = {"0.weight": torch.zeros(4, 3), "blocks.0.weight": torch.zeros(1)}
    with pytest.raises(WeightsError, match=r"other\.safetensors .* no 'blocks\.0\.weight' \(1 of 2"):
        start_from(nn.Sequential(nn.Linear(3, 4)), foreign, Path("folder/other.safetensors"))


def test_a_state_that_was_saved_goes_on_as_if_nothing_had_been(tmp_path: Path) -> None:
    whole = trained(5)
    half = trained(3)
    half.save(tmp_path / "half", {"architecture": "x"})
    again = trained(0)
    again.load(tmp_path / "half")
    for _ in range(2):
        go_on(again)

    assert again.step == 5
    for name, model in whole.models.items():
        for key, value in model.state_dict().items():
            assert torch.equal(value, again.models[name].state_dict()[key]), key


def test_a_resumed_training_keeps_its_log_and_a_new_one_begins_another(tmp_path: Path) -> None:
    log_file, saved = tmp_path / "w.log.csv", tmp_path / "half"
    half = trained(3)
    half.save(saved, {})
    log(log_file, {"step": 3})
    again = trained(0)
    again.resume(saved, log_file)
    assert again.step == 3
    assert log_file.exists()

    new = trained(0)
    new.resume(tmp_path / "none", log_file)
    assert new.step == 0
    assert not log_file.exists()


def test_what_is_no_state_of_this_training_is_refused(tmp_path: Path) -> None:
    checkpoint.save(tmp_path / "weights", {"architecture": "x"}, {"a": torch.zeros(2)})
    with pytest.raises(WeightsError, match="weights is no state of this training"):
        trained(0).load(tmp_path / "weights")

    other = State({"other": nn.Linear(2, 2)}, {})
    other.save(tmp_path / "other", {})
    with pytest.raises(WeightsError, match="other is no state of this training"):
        trained(0).load(tmp_path / "other")


def test_the_running_mean_follows_more_slowly_from_step_to_step() -> None:
    model = nn.Linear(1, 1)
    mean = running_mean(model)
    with torch.no_grad():
        model.weight.fill_(1.0)
        mean.weight.fill_(0.0)
    follow(mean, model, 0)
    assert mean.weight.item() == pytest.approx(0.9)
    with torch.no_grad():
        mean.weight.fill_(0.0)
    follow(mean, model, 10**6)
    assert mean.weight.item() == pytest.approx(0.001)
    assert not mean.weight.requires_grad


def test_only_kernels_are_pulled_towards_zero() -> None:
    kernels, others = weight_groups(nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2)), 0.1)

    assert [len(kernels["params"]), kernels["weight_decay"]] == [1, 0.1]
    assert [len(others["params"]), others["weight_decay"]] == [3, 0.0]


def test_weights_are_halved_and_counters_are_not() -> None:
    state = halved(nn.BatchNorm2d(2))

    assert state["weight"].dtype == torch.float16
    assert state["num_batches_tracked"].dtype == torch.int64


def test_what_is_measured_now_and_then_gets_its_column(tmp_path: Path) -> None:
    path = tmp_path / "model.log.csv"
    log(path, {"step": 1, "loss": 0.5})
    log(path, {"step": 2, "loss": 0.25, "miou": 0.123456789})
    log(path, {"step": 3, "loss": 1 / 3})

    assert path.read_text("utf-8") == "step,loss,miou\n1,0.5,\n2,0.25,0.12346\n3,0.33333,\n"
