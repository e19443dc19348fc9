"""Segmentation: what its training starts from, and what it does at the end."""

from pathlib import Path

import numpy as np
import pytest
import torch

from models.core.contract import checkpoint
from models.core.contract.errors import WeightsError
from models.core.training.composites import Bank, Composer
from models.segmentation import train as training
from models.segmentation.architecture import BACKGROUND, Config, UNet
from models.segmentation.card import BACKBONE, SAMPLE_DATASET, START_SHIPPED, TrainParams
from models.segmentation.data import batch
from models.segmentation.train import balance, begin


def readily_said(model: UNet, composer: Composer) -> torch.Tensor:
    """(things,) mean probability of each on the pixels of any, relative to the mean of all."""
    composites = [composer.compose(np.random.default_rng([5, 8, index]), 64) for index in range(12)]
    images, classes = batch(composites)
    with torch.no_grad():
        said = model(images).softmax(1).permute(0, 2, 3, 1)[classes > 0][:, 1:].mean(0)
    return said / said.mean()


def test_balancing_takes_back_what_one_thing_is_said_too_readily() -> None:
    torch.manual_seed(0)
    bank = Bank.load(SAMPLE_DATASET)
    composer = Composer(bank, "validation", augment=False)
    model = UNet(Config((BACKGROUND, *bank.labels), widths=(4, 4, 4, 4, 4), depths=(0, 0, 0, 0, 0))).eval()
    with torch.no_grad():
        assert model.classify.bias is not None
        model.classify.bias[1] += 1.0
    before = readily_said(model, composer)
    balance(model, composer, 64, 12, seed=5)
    after = readily_said(model, composer)

    assert before[0] > 2
    assert after.sub(1).abs().max() < 0.25 * before.sub(1).abs().max()


def test_the_encoder_starts_as_the_detectors_backbone() -> None:
    model = begin(Bank.load(SAMPLE_DATASET), TrainParams())
    known = checkpoint.below(checkpoint.load(BACKBONE)[1], "backbone.stages.3.")

    assert known
    assert all(torch.equal(model.encoder.stages[3].state_dict()[name], known[name].float()) for name in known)


@pytest.mark.parametrize("start", ["detector's backbone", START_SHIPPED])
def test_weights_of_another_network_are_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: str
) -> None:
    foreign = tmp_path / "foreign.safetensors"
    checkpoint.save(foreign, {"architecture": "other"}, {"backbone.blocks.0.weight": torch.zeros(3)})
    monkeypatch.setattr(training, "WEIGHTS" if start == START_SHIPPED else "BACKBONE", foreign)

    with pytest.raises(WeightsError, match=r"foreign\.safetensors holds another network's weights"):
        begin(Bank.load(SAMPLE_DATASET), TrainParams.model_validate({"start": start}))
