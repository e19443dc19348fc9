"""The state of a training on disk, and the weights it starts from and leaves."""

from pathlib import Path

import pytest
import torch
from torch import nn

from models.core.contract import checkpoint
from models.core.contract.errors import WeightsError
from models.core.training.best import Best
from models.core.training.loop import append_row
from models.core.training.running_mean import running_mean, update_mean
from models.core.training.schedule import weight_groups
from models.core.training.state import State, load_matching, to_float16


def trained(steps: int) -> State:
    """A small network and its running mean after some steps."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    mean = running_mean(model)
    optimizer = torch.optim.AdamW(weight_groups(model, 0.1), lr=0.1)
    state = State({"model": model, "mean": mean}, {"adamw": optimizer}, Best(mean, "psnr"))
    for _ in range(steps):
        step(state)
    return state


def step(state: State) -> None:
    model, optimizer = state.models["model"], state.optimizers["adamw"]
    data = torch.rand(8, 3, generator=torch.Generator().manual_seed(state.step))
    optimizer.zero_grad()
    model(data).square().mean().backward()
    optimizer.step()
    update_mean(state.models["mean"], model, state.step)
    state.step += 1


def test_a_new_training_loads_the_weights_that_match() -> None:
    known = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 9))
    model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    head = model[1].state_dict()["weight"].clone()
    load_matching(model, to_float16(known), Path("known.safetensors"))

    assert torch.equal(model[0].state_dict()["weight"], known[0].state_dict()["weight"].half().float())
    assert torch.equal(model[1].state_dict()["weight"], head)


def test_the_weights_of_another_network_are_refused_by_the_name_of_their_file() -> None:
    foreign = {"0.weight": torch.zeros(4, 3), "blocks.0.weight": torch.zeros(1)}
    with pytest.raises(WeightsError, match=r"other\.safetensors .* no 'blocks\.0\.weight' \(1 of 2"):
        load_matching(nn.Sequential(nn.Linear(3, 4)), foreign, Path("folder/other.safetensors"))


def test_a_resumed_state_continues_exactly_as_an_uninterrupted_one(tmp_path: Path) -> None:
    whole = trained(5)
    half = trained(3)
    half.save(tmp_path / "half", {"architecture": "x"})
    again = trained(0)
    again.load(tmp_path / "half")
    for _ in range(2):
        step(again)

    assert again.step == 5
    for name, model in whole.models.items():
        for key, value in model.state_dict().items():
            assert torch.equal(value, again.models[name].state_dict()[key]), key


def test_a_resumed_training_keeps_its_log_and_a_new_one_begins_another(tmp_path: Path) -> None:
    log_file, saved = tmp_path / "w.log.csv", tmp_path / "half"
    half = trained(3)
    half.save(saved, {})
    append_row(log_file, {"step": 3})
    again = trained(0)
    again.resume(saved, log_file)
    assert again.step == 3
    assert log_file.exists()

    new = trained(0)
    new.resume(tmp_path / "none", log_file)
    assert new.step == 0
    assert not log_file.exists()


def test_a_file_that_is_not_a_checkpoint_of_this_training_is_refused(tmp_path: Path) -> None:
    checkpoint.save(tmp_path / "weights", {"architecture": "x"}, {"a": torch.zeros(2)})
    with pytest.raises(WeightsError, match="weights is not a checkpoint of this training"):
        trained(0).load(tmp_path / "weights")

    other = State({"other": nn.Linear(2, 2)}, {})
    other.save(tmp_path / "other", {})
    with pytest.raises(WeightsError, match="other is not a checkpoint of this training"):
        trained(0).load(tmp_path / "other")


def test_weights_become_float16_and_counters_do_not() -> None:
    state = to_float16(nn.BatchNorm2d(2))

    assert state["weight"].dtype == torch.float16
    assert state["num_batches_tracked"].dtype == torch.int64
