"""Segmentation: what its training does at the end."""

import numpy as np
import torch

from models.core.composites import Bank, Composer
from models.segmentation.architecture import BACKGROUND, Config, UNet
from models.segmentation.card import SAMPLE_DATASET
from models.segmentation.data import batch
from models.segmentation.train import balance


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
