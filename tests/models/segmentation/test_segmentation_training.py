"""Segmentation: the initial weights of a training, its balanced logits, and own pictures with masks."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from models.core.contract import checkpoint
from models.core.contract.dataset import DatasetKind
from models.core.contract.errors import InputError, WeightsError
from models.core.contract.prediction import answer_opened
from models.core.contract.progress import Progress
from models.core.contract.trained import Trained
from models.core.training.backbone import detector_weights
from models.core.training.composites import Bank, Composer
from models.core.training.samples import CUTOUTS
from models.segmentation import train as training
from models.segmentation.architecture import BACKGROUND, Config, UNet
from models.segmentation.card import HERE, START_SHIPPED, PredictParams, TrainParams
from models.segmentation.data import batch
from models.segmentation.metrics import by_class
from models.segmentation.predict import Predictor
from models.segmentation.train import balance, initial_model, train
from tests.models import labeled_pictures

SAMPLES = HERE / "samples"
QUICK = TrainParams(steps=3, batch_size=2, image_size=64, seed=3)


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
    model = initial_model(("a",), TrainParams(start="detector's backbone"))
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
        initial_model(("a",), TrainParams.model_validate({"start": start}))


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return labeled_pictures.write(tmp_path_factory.mktemp("labeled") / "squares.zip")


def run(dataset: Path, folder: Path, **more: Any) -> Trained:
    folder.mkdir(exist_ok=True)
    options = {"progress": Progress(), **more}
    return train(dataset, QUICK, weights=folder / "w.safetensors", device="cpu", **options)


def test_the_encoder_starts_as_that_of_the_coco_detector() -> None:
    model = initial_model(("a", "b"), TrainParams(start="COCO detector's backbone"))
    known, _ = training.encoder_of_photos()

    assert all(torch.equal(value, known[name].float()) for name, value in model.encoder.state_dict().items())
    assert model(torch.zeros(1, 3, 64, 96)).shape == (1, 3, 32, 48)


def test_pictures_with_masks_train_a_segmenter_of_their_classes(dataset: Path, tmp_path: Path) -> None:
    trained = run(dataset, tmp_path)

    assert {"miou", "foreground_iou", "test_miou"} <= trained.keys()
    assert [row["class"] for row in trained.evaluation["by_class"]] == ["background", "blue", "red"]
    predictor = Predictor(tmp_path / "w.safetensors", "cpu")
    opened = answer_opened(predictor, {"image": (SAMPLES / "fruit.jpg").read_bytes()}, PredictParams())
    assert opened.prediction.result["labels"] == ["blue", "red"]
    assert len(opened.stages) > 3


def test_boxes_are_no_masks(tmp_path: Path) -> None:
    boxes = labeled_pictures.write(tmp_path / "boxes.zip", kind=DatasetKind.BOXES)

    with pytest.raises(InputError, match="boxes; this training takes masks"):
        run(boxes, tmp_path)


def test_the_quality_of_a_class_is_that_of_its_pixels() -> None:
    background, thing, absent = by_class(
        np.array([[6, 2, 0], [1, 3, 0], [0, 0, 0]]), ("0", "thing", "absent")
    )

    assert thing == {
        "class": "thing",
        "iou": 0.5,
        "recall": 0.75,
        "precision": 0.6,
        "f1": pytest.approx(2 / 3),
    }
    assert background["iou"] == pytest.approx(6 / 9)
    assert absent["iou"] is absent["recall"] is absent["precision"] is None
