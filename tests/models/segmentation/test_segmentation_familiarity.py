"""Segmentation models know their kind of pictures: the U-Net by its own numbers, the others by a detector."""

import io
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from models.core.contract import registry
from models.core.contract.prediction import answer, answer_opened
from models.core.contract.progress import Progress
from models.core.training.familiarity import STAGE
from models.core.training.samples import CUTOUTS
from models.segmentation.card import MASK_WEIGHTS, WEIGHTS, PredictParams, SegmentationResult, TrainParams
from models.segmentation.predict import Predictor
from models.segmentation.train import train

QUICK = TrainParams(steps=12, batch_size=2, image_size=64, seed=3, start="scratch")
PARAMS = PredictParams()
SCENE = {"image": (WEIGHTS.parents[1] / "samples" / "valley.jpg").read_bytes()}


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def noise() -> dict[str, bytes]:
    file = io.BytesIO()
    values = np.random.default_rng(0).integers(0, 256, (150, 220, 3), dtype=np.uint8)
    Image.fromarray(values).save(file, "PNG")
    return {"image": file.getvalue()}


def test_noise_is_unlike_what_the_unet_learned_from_and_a_scene_of_held_out_cutouts_is_not() -> None:
    predictor = Predictor(WEIGHTS)
    unlike, like = answer_opened(predictor, noise(), PARAMS), answer(predictor, SCENE, PARAMS).result

    assert unlike.prediction.result["familiarity"]["is_unlike"]
    assert [stage.id for stage in unlike.stages][-2:] == [STAGE, "mask"]
    assert not like["familiarity"]["is_unlike"]
    assert len(like["labels"]) == 10
    assert "background" not in like["labels"]
    SegmentationResult.model_validate(like)


def test_masks_in_boxes_have_the_classes_and_the_numbers_of_their_detector() -> None:
    predictor, (picture, params) = Predictor(MASK_WEIGHTS), (noise(), PredictParams(score=0.9))
    result = answer(predictor, picture, params).result
    card = registry.cards()["detection"]
    path = next(
        path for model in card.models if model.name == result["detector"]
        and (path := registry.installed_weights(model))
    )  # fmt: skip
    detector = registry.code("detection", "predict").Predictor(path, "cpu")
    of_detector = answer(detector, picture, card.predict_params()).result

    assert result["labels"] == of_detector["labels"]
    assert result["familiarity"] == of_detector["familiarity"]
    assert result["familiarity"]["is_unlike"]


def test_a_training_leaves_what_its_pictures_have_in_common(tmp_path: Path) -> None:
    train(CUTOUTS, QUICK, weights=tmp_path / "w.safetensors", device="cpu", progress=Progress())

    assert (
        answer(Predictor(tmp_path / "w.safetensors"), noise(), PARAMS).result["familiarity"]["threshold"] > 0
    )
