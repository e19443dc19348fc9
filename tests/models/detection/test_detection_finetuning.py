"""Detection on a user's labeled pictures: assignment, losses and measures by hand, and the training."""

import doctest
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from models.core.contract import checkpoint, registry
from models.core.contract.dataset import DatasetKind
from models.core.contract.errors import InputError, Preempted, WeightsError
from models.core.contract.progress import Progress
from models.core.contract.trained import Trained
from models.core.training.samples import CUTOUTS
from models.detection.card import SAMPLES, PredictParams, TrainParams
from models.detection.finetuning import loss, quality
from models.detection.finetuning.assignment import Cells, assign
from models.detection.finetuning.network import UNLIKELY, initial_network
from models.detection.loss import Targets
from models.detection.metrics import Detections, Truth
from models.detection.predict import Predictor
from models.detection.pretrained.nanodet import LABELS
from models.detection.train import train
from tests.models import labeled_pictures
from tests.models.detection.nanodet_weights import INSTALLED, random_network
from tests.models.stopping import StopAt

QUICK = TrainParams(steps=6, batch_size=2, image_size=64, seed=3, start="COCO detector")


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return labeled_pictures.write(tmp_path_factory.mktemp("labeled") / "squares.zip")


@pytest.fixture(scope="module")
def coco(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random weights in the file of NanoDet's."""
    path = tmp_path_factory.mktemp("coco") / "nanodet-g.safetensors"
    checkpoint.save(path, {"architecture": "nanodet-g", "labels": LABELS}, random_network().state_dict())
    return path


@pytest.fixture
def _installed(coco: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_finders", [lambda name: coco if name == "nanodet-g" else None])


def run(dataset: Path, folder: Path, params: TrainParams = QUICK, **more: Any) -> Trained:
    folder.mkdir(exist_ok=True)
    return train(
        dataset, params, weights=folder / "w.safetensors", device="cpu", **{"progress": Progress(), **more}
    )


def test_cells_are_assigned_by_an_adaptive_threshold() -> None:
    cells = Cells.of([(8, 8), (4, 4), (2, 2)], (8, 16, 32))

    assigned = assign(cells, torch.tensor([[8.0, 8, 48, 48], [50, 50, 53, 53]]))

    # the first box is as large as an anchor of the finest grid: the 9 cells around its center fit best
    first = cells.centers[assigned == 0]
    assert {tuple(each) for each in first.tolist()} >= {(28.0, 28.0)}
    assert bool(((first > 8) & (first < 48)).all())
    assert int((assigned[64:] == 0).sum()) == 0  # coarser anchors are twice and four times too large
    # the second lies between the centers of all cells and still gets one: that of its best anchor
    assert cells.centers[assigned == 1].tolist() == [[52.0, 52.0]]


def test_no_object_assigns_no_cell() -> None:
    cells = Cells.of([(4, 4)], (8,))

    assert assign(cells, torch.zeros(0, 4)).tolist() == [-1] * 16


def test_the_losses_are_those_of_the_paper() -> None:
    assert doctest.testmod(loss).failed == 0
    # |0.8 - 0.5|^2 * -(0.8 log 0.5 + 0.2 log 0.5) = 0.09 * 0.6931
    value = loss.quality_focal_loss(torch.tensor(0.0), torch.tensor(0.8))
    assert value.item() == pytest.approx(0.0624, abs=1e-4)


def test_a_batch_without_objects_has_a_loss() -> None:
    grids = [torch.zeros(1, 2 + 44, side, side, requires_grad=True) for side in (8, 4, 2)]
    targets = Targets(torch.zeros(1, 1, 4), torch.zeros(1, 1, dtype=torch.int64), torch.zeros(1, 1) > 0)

    losses = loss.generalized_focal_loss(grids, targets)
    losses["loss"].backward()

    # every score is 0.5 with the target 0: 0.25 * log 2 each, 84 cells of 2 classes
    assert losses["loss"].item() == pytest.approx(84 * 2 * 0.25 * np.log(2), rel=1e-5)
    assert losses["loss_box"].item() == 0


def test_a_known_class_keeps_its_row_and_a_new_one_starts_unlikely(coco: Path) -> None:
    known, model = checkpoint.load(coco)[1], initial_network(["bird", "spoonbill"], coco)

    for head in range(3):
        weight, bias = (model.state_dict()[f"heads.{head}.1.{part}"] for part in ("weight", "bias"))
        old = known[f"heads.{head}.1.weight"].float()
        assert torch.equal(weight[0], old[LABELS.index("bird")])
        assert torch.equal(weight[2:], old[80:])
        assert bias[1].item() == pytest.approx(UNLIKELY)
    assert torch.equal(model.state_dict()["stem.0.weight"], known["stem.0.weight"].float())


def test_precision_and_recall_are_those_of_a_threshold() -> None:
    boxes = np.array([[0, 0, 10, 10], [20, 20, 30, 30], [40, 40, 50, 50]], float)
    found = Detections(boxes, np.array([0.9, 0.6, 0.3]), np.zeros(3, int))
    truth = Truth(boxes[[0, 2]], np.zeros(2, int), np.zeros(2, int))

    measured = quality.measure([found], [truth], ["square"])

    at = {round(value, 2): place for place, value in enumerate(quality.THRESHOLDS)}
    assert measured.at(at[0.5]) == {"precision": 0.5, "recall": 0.5}
    assert measured.at(at[0.7]) == {"precision": 1.0, "recall": 0.5}
    assert measured.by_threshold.f1[at[0.2]] == pytest.approx(0.8)  # of 2/3 and 1
    assert quality.THRESHOLDS[measured.by_threshold.best] < 0.3
    assert measured.metrics["map50"] == pytest.approx(5 / 6)
    assert measured.metrics["map50_95"] == pytest.approx(5 / 6)  # every box is exact
    assert measured.classes(at[0.5])[0] | {"f1": 0.5} == measured.classes(at[0.5])[0]


@pytest.mark.usefixtures("_installed")
def test_a_resumed_training_ends_as_an_uninterrupted_one(dataset: Path, tmp_path: Path) -> None:
    for stop in (1, 4):  # while the head learns from cached maps, and after
        saved = tmp_path / f"{stop}.checkpoint"
        with pytest.raises(Preempted):
            run(dataset, tmp_path / str(stop), progress=StopAt(stop), checkpoint=saved)
        run(dataset, tmp_path / str(stop), checkpoint=saved)
    run(dataset, tmp_path / "whole")

    whole = checkpoint.load(tmp_path / "whole" / "w.safetensors")[1]
    for stop in (1, 4):
        halves = checkpoint.load(tmp_path / str(stop) / "w.safetensors")[1]
        assert all(torch.equal(whole[name], halves[name]) for name in whole)


@pytest.mark.usefixtures("_installed")
def test_the_trained_detector_answers_with_its_own_labels(dataset: Path, tmp_path: Path) -> None:
    reports: list[tuple[Mapping[str, float], str]] = []
    progress = Progress(lambda _step, _total, row, message: reports.append((row, message)))
    trained = run(dataset, tmp_path, progress=progress)

    assert {"map50", "map50_95", "test_map50", "test_map50_95", "score_threshold"} <= trained.keys()
    assert [row["class"] for row in trained.evaluation["by_class"]] == ["blue", "red"]
    assert len(trained.evaluation["by_threshold"]["precision"]) == len(quality.THRESHOLDS)
    assert [message for _, message in reports] == ["Training the head"] * 2 + ["Training all layers"] * 4
    inputs = {"image": (SAMPLES / "cat.jpg").read_bytes()}
    predictor = Predictor(tmp_path / "w.safetensors")
    item = predictor.decode(inputs, PredictParams())
    assert item.scaled.size == (64, 64)
    raw = predictor.forward([item])
    result = predictor.encode(item, raw[0], PredictParams()).result
    assert result["labels"] == ["blue", "red"]
    assert result["thresholds"]["score"] == trained["score_threshold"]
    stages = {stage.id: stage.data for stage in predictor.inspect(item, raw[0], PredictParams())}
    assert stages["by_threshold"]["marks"][0]["x"] == trained["score_threshold"]


@pytest.mark.parametrize("start", ["grid detector", "scratch"])
def test_the_grid_detector_learns_from_labeled_pictures(dataset: Path, tmp_path: Path, start: str) -> None:
    params = QUICK.model_copy(update={"start": start, "steps": 2})
    trained = run(dataset, tmp_path, params)

    config, _ = checkpoint.load(tmp_path / "w.safetensors")
    assert config["architecture"] == "grid-detector"
    assert config["labels"] == ["blue", "red"]
    assert {"map50_95", "test_map50"} <= trained.keys()


@pytest.mark.usefixtures("_installed")
def test_pictures_without_a_validation_split_are_enough(tmp_path: Path) -> None:
    dataset = labeled_pictures.write(tmp_path / "squares.zip", counts=(3, 0, 0))

    trained = run(dataset, tmp_path, QUICK.model_copy(update={"steps": 2}))

    assert dict(trained) == {}
    assert Predictor(tmp_path / "w.safetensors").network.labels == ("blue", "red")


@pytest.mark.usefixtures("_installed")
def test_what_cannot_be_trained_is_explained(tmp_path: Path) -> None:
    classes = labeled_pictures.write(tmp_path / "classes.zip", kind=DatasetKind.CLASSES)
    with pytest.raises(InputError, match="classes; this training takes boxes, masks"):
        run(classes, tmp_path)
    with pytest.raises(InputError, match="needs a dataset of labeled pictures"):
        run(CUTOUTS, tmp_path)
    text = tmp_path / "text.zip"
    text.write_bytes(b"no archive")
    with pytest.raises(InputError, match="not a bank"):
        run(text, tmp_path)


def test_without_the_coco_detector_its_command_is_named(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "_finders", [])
    with pytest.raises(WeightsError, match="glassbox models pull nanodet-g"):
        run(dataset, tmp_path)
    trained = run(dataset, tmp_path, QUICK.model_copy(update={"start": "automatic", "steps": 1}))
    assert "glassbox models pull nanodet-g" in trained.notes[0]


def test_the_earlier_name_of_a_start_is_valid() -> None:
    assert TrainParams.model_validate({"start": "shipped weights"}).start == "grid detector"


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(not INSTALLED.exists(), reason="the weights of nanodet-g are not installed")
def test_from_the_coco_detector_few_pictures_are_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "_finders", [lambda _: INSTALLED])
    dataset = labeled_pictures.write(tmp_path / "squares.zip", counts=(30, 8, 20))
    params = TrainParams(steps=80, batch_size=6, image_size=128)

    from_coco = run(dataset, tmp_path, params)
    from_nothing = run(dataset, tmp_path, params.model_copy(update={"start": "scratch"}))

    assert from_coco["test_map50"] > 0.9
    assert from_coco["test_map50_95"] > from_nothing["test_map50_95"] + 0.15
