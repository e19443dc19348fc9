"""Segmentation: the initial weights of a training, and the balanced logits at its end."""

from pathlib import Path

import numpy as np
import pytest
import torch

from models.core.contract import checkpoint
from models.core.contract.errors import WeightsError
from models.core.training.backbone import detector_weights
from models.core.training.composites import Bank, Composer
from models.core.training.samples import CUTOUTS
from models.segmentation import train as training
from models.segmentation.architecture import BACKGROUND, Config, UNet
from models.segmentation.card import START_SHIPPED, TrainParams
from models.segmentation.data import batch
from models.segmentation.train import balance, initial_model


def relative_priors(model: UNet, composer: Composer) -> torch.Tensor:
    """(C - 1,) mean probability of each object class on all object pixels, relative to the mean of all."""
    composites = [composer.compose(np.random.default_rng([5, 8, index]), 64) for index in range(12)]
    images, classes = batch(composites)
    with torch.no_grad():
        priors = model(images).softmax(1).permute(0, 2, 3, 1)[classes > 0][:, 1:].mean(0)
    return priors / priors.mean()


def test_balancing_lowers_a_class_that_is_predicted_too_often() -> None:
    torch.manual_seed(0)
    bank = Bank.load(CUTOUTS)
    composer = Composer(bank, "validation", augment=False)
    model = UNet(Config((BACKGROUND, *bank.labels), widths=(4, 4, 4, 4, 4), depths=(0, 0, 0, 0, 0))).eval()
    with torch.no_grad():
        assert model.classify.bias is not None
        model.classify.bias[1] += 1.0
    before = relative_priors(model, composer)
    balance(model, composer, 64, 12, seed=5)
    after = relative_priors(model, composer)

    assert before[0] > 2
    assert after.sub(1).abs().max() < 0.25 * before.sub(1).abs().max()


def test_the_encoder_starts_as_the_detectors_backbone() -> None:
    model = initial_model(Bank.load(CUTOUTS), TrainParams())
    known = checkpoint.below(checkpoint.load(detector_weights())[1], "backbone.stages.3.")

    assert known
    assert all(torch.equal(model.encoder.stages[3].state_dict()[name], known[name].float()) for name in known)


@pytest.mark.parametrize("start", ["detector's backbone", START_SHIPPED])
def test_the_file_with_weights_of_another_network_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: str
) -> None:
    foreign = tmp_path / "foreign.safetensors"
    checkpoint.save(foreign, {"architecture": "other"}, {"backbone.blocks.0.weight": torch.zeros(3)})
    if start == START_SHIPPED:
        monkeypatch.setattr(training, "WEIGHTS", foreign)
    else:
        monkeypatch.setattr(training, "detector_weights", lambda: foreign)

    with pytest.raises(WeightsError, match=r"foreign\.safetensors holds the weights of another network"):
        initial_model(Bank.load(CUTOUTS), TrainParams.model_validate({"start": start}))
