"""Detectors know their kind of pictures: the shipped numbers, those of a training, and models without."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from models.core.contract import checkpoint
from models.core.contract.card import Kind
from models.core.contract.prediction import answer, answer_opened
from models.core.contract.progress import Progress
from models.core.training import familiarity
from models.core.training.samples import CUTOUTS
from models.detection.architecture import Config, Detector
from models.detection.card import SAMPLES, WEIGHTS, DetectionResult, PredictParams, TrainParams
from models.detection.predict import Predictor
from models.detection.pretrained.nanodet import LABELS
from models.detection.pretrained.nanodet_network import ARCHITECTURE, SHIPPED
from models.detection.train import train
from tests.models.detection.nanodet_weights import INSTALLED, random_network

QUICK = TrainParams(steps=12, batch_size=2, image_size=64, seed=3, start="scratch")
PARAMS = PredictParams(slices="off")


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def grid() -> Predictor:
    return Predictor(WEIGHTS)


def noise(width: int, height: int) -> dict[str, bytes]:
    values = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return png(Image.fromarray(values))


def png(image: Image.Image) -> dict[str, bytes]:
    file = io.BytesIO()
    image.save(file, "PNG")
    return {"image": file.getvalue()}


def found(predictor: Predictor, inputs: dict[str, bytes]) -> dict[str, Any]:
    return dict(answer(predictor, inputs, PARAMS).result)["familiarity"]


@pytest.mark.parametrize("name", ["valley", "pass", "stream"])
def test_scenes_of_held_out_cutouts_are_familiar_to_the_grid_detector(grid: Predictor, name: str) -> None:
    scene = found(grid, {"image": (SAMPLES / f"{name}.jpg").read_bytes()})

    assert not scene["is_unlike"]
    assert scene["deviation"] < scene["threshold"]


@pytest.mark.parametrize("size", [(300, 300), (640, 240), (90, 500)])
def test_noise_and_a_photo_are_unlike_what_the_grid_detector_learned_from(
    grid: Predictor, size: tuple[int, int]
) -> None:
    assert found(grid, noise(*size))["is_unlike"]
    assert found(grid, {"image": (SAMPLES / "cat.jpg").read_bytes()})["is_unlike"]


def test_the_answer_has_the_promised_shape_and_a_stage_of_the_same_number(grid: Predictor) -> None:
    opened = answer_opened(grid, noise(200, 160), PARAMS)
    result = DetectionResult.model_validate(opened.prediction.result)
    (stage,) = (stage for stage in opened.stages if stage.id == familiarity.STAGE)

    assert result.familiarity
    assert result.familiarity.is_unlike
    assert stage.kind == Kind.CURVE
    assert stage.data["marks"][1]["x"] == result.familiarity.deviation


def test_the_evidence_of_a_picture_does_not_depend_on_the_batch(grid: Predictor) -> None:
    inputs = [noise(200, 160), {"image": (SAMPLES / "valley.jpg").read_bytes()}]
    items = [grid.decode(each, PARAMS) for each in inputs]
    together = [
        grid.encode(item, raw, PARAMS).result["familiarity"]["deviation"]
        for item, raw in zip(items, grid.forward(items), strict=True)
    ]

    assert together == pytest.approx([found(grid, each)["deviation"] for each in inputs], abs=0.02)


def test_a_training_leaves_what_its_pictures_have_in_common(tmp_path: Path) -> None:
    train(CUTOUTS, QUICK, weights=tmp_path / "w.safetensors", device="cpu", progress=Progress())
    predictor = Predictor(tmp_path / "w.safetensors")

    assert predictor.familiarity
    assert len(predictor.familiarity.mean) == 256
    assert found(predictor, noise(64, 64))["threshold"] == pytest.approx(
        predictor.familiarity.threshold, abs=1e-3
    )


def test_a_model_without_statistics_gives_no_number_and_no_stage(tmp_path: Path) -> None:
    model = Detector(Config(("cat", "dog"), (4, 8, 8, 16, 16), (0, 0, 1, 1, 1), neck=16, image_size=96))
    checkpoint.save(tmp_path / "w.safetensors", model.config.to_json(), model.state_dict())
    opened = answer_opened(Predictor(tmp_path / "w.safetensors"), noise(100, 90), PARAMS)

    assert "familiarity" not in opened.prediction.result
    assert all(stage.id != familiarity.STAGE for stage in opened.stages)


def test_nanodet_has_the_shipped_numbers_whatever_file_its_weights_are_in(tmp_path: Path) -> None:
    path = tmp_path / "fetched.safetensors"
    checkpoint.save(path, {"architecture": ARCHITECTURE, "labels": LABELS}, random_network().state_dict())
    shipped, predictor = familiarity.beside(SHIPPED), Predictor(path)
    item = predictor.decode(noise(120, 80), PARAMS)
    (raw,) = predictor.forward([item])
    evidence = predictor.network.evidence(item, raw)

    assert shipped
    assert predictor.familiarity
    assert predictor.familiarity.threshold == shipped.threshold
    assert evidence
    assert predictor.familiarity.distance(evidence) > 0


@pytest.mark.skipif(not INSTALLED.exists(), reason="needs the fetched weights of NanoDet")
def test_photos_are_familiar_to_nanodet_and_noise_is_not() -> None:
    predictor = Predictor(INSTALLED)

    assert found(predictor, noise(400, 300))["is_unlike"]
    for name in ("cat", "astronaut"):
        assert not found(predictor, {"image": (SAMPLES / f"{name}.jpg").read_bytes()})["is_unlike"]
