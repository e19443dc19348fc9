"""The answer of instance segmentation, from a picture's file to masks, with an untrained mask network."""

import io
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from models.core.contract import checkpoint
from models.core.contract.errors import WeightsError
from models.core.contract.prediction import Opened, Role, answer, answer_opened
from models.segmentation.card import CARD, PredictParams
from models.segmentation.instances.architecture import BoxUNet, Config
from models.segmentation.instances.predict import Detector
from models.segmentation.predict import Predictor
from tests.models.segmentation.coco import decode_rle

EVERYTHING = PredictParams(score=0.1, least_share=0.0, rle=True)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained network, whose masks are shapes without meaning."""
    torch.manual_seed(3)
    torch.set_num_threads(1)
    path = tmp_path_factory.mktemp("weights") / "box-unet.safetensors"
    model = BoxUNet(Config(widths=(8, 8, 8, 8, 8), image_size=64))
    with torch.no_grad():
        model.classify.weight.mul_(10)
        model.classify.bias.fill_(1.0)  # type: ignore[union-attr]  the convolution has one
    checkpoint.save(path, model.config.to_json(), model.state_dict())
    return path


@pytest.fixture(scope="module")
def sample() -> dict[str, bytes]:
    return {name: path.read_bytes() for name, path in CARD.samples[0].inputs.items()}


@pytest.fixture(scope="module")
def opened(weights: Path, sample: dict[str, bytes]) -> Opened:
    return answer_opened(Predictor(weights), sample, EVERYTHING)


def picture_of(opened: Opened, name: str) -> np.ndarray:
    files = {each.name: each.data for each in opened.prediction.outputs}
    return np.asarray(Image.open(io.BytesIO(files[name])))


def test_the_files_and_the_legends_agree(opened: Opened) -> None:
    result = opened.prediction.result
    owner, classes = picture_of(opened, "instances.png"), picture_of(opened, "mask.png")

    assert result["instances"]
    assert owner.shape == classes.shape == (result["image"]["height"], result["image"]["width"])
    for found in result["instances"]:
        assert (owner == found["index"]).sum() == found["pixels"] > 0
        height, width = found["rle"]["size"]
        mask = decode_rle(found["rle"]["counts"], height, width)
        assert mask.tolist() == (owner == found["index"]).tolist()
    assert [(classes == each["index"]).sum() for each in result["classes"]] == [
        each["pixels"] for each in result["classes"]
    ]
    assert (picture_of(opened, "cutout.png")[..., 3] > 0).tolist() == (owner > 0).tolist()


def test_each_thing_has_what_the_detector_found(opened: Opened) -> None:
    result = opened.prediction.result

    assert result["detector"] == Detector("cpu").model.name
    assert {each["label"] for each in result["instances"]} == {
        each["name"] for each in result["classes"] if each["index"]
    }
    assert all(each["box"]["xmin"] < each["box"]["xmax"] for each in result["instances"])
    scores = [each["score"] for each in result["instances"]]
    assert scores == sorted(scores, reverse=True)


def test_the_stages_lead_from_the_boxes_to_the_masks(opened: Opened) -> None:
    names = [stage.id for stage in opened.stages]

    assert names[:3] == ["familiarity", "detected", "crop"]
    assert names[-1] == "instances"
    assert [stage.id for stage in opened.stages if stage.role == Role.ANSWER] == ["instances"]
    skips = next(stage for stage in opened.stages if stage.id == "skips")
    # all, each of five levels, none but the deepest
    assert len(skips.data["pictures"]) == len(skips.files) == 7


def test_a_picture_without_things_has_an_empty_answer(weights: Path) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (90, 60), "gray").save(buffer, "PNG")
    empty = answer_opened(Predictor(weights), {"image": buffer.getvalue()}, PredictParams(score=0.9))

    assert empty.prediction.result["instances"] == []
    assert not picture_of(empty, "instances.png").any()
    assert [stage.id for stage in empty.stages] == ["familiarity", "detected", "classes", "instances"]


def test_a_thing_below_the_minimum_share_has_no_mask(
    weights: Path, sample: dict[str, bytes], opened: Opened
) -> None:
    shares = sorted(each["share"] for each in opened.prediction.result["instances"])
    limit = shares[-1] * 0.99
    kept = answer(Predictor(weights), sample, EVERYTHING.model_copy(update={"least_share": limit}))

    assert 1 <= len(kept.result["instances"]) < len(shares)
    assert all(each["share"] >= limit for each in kept.result["instances"])


def test_sharpening_changes_masks_near_their_edges_only(
    weights: Path, sample: dict[str, bytes], opened: Opened
) -> None:
    sharp = answer(Predictor(weights), sample, EVERYTHING.model_copy(update={"sharpen": True}))

    assert sharp.outputs[2].name == "instances.png"
    assert sharp.outputs[2].data != opened.prediction.outputs[2].data


def test_another_detector_than_the_preferred_one_is_named(weights: Path, sample: dict[str, bytes]) -> None:
    detector = Detector("cpu")
    notes = answer(Predictor(weights), sample, EVERYTHING).result.get("notes", [])

    if detector.model is detector.preferred:
        assert notes == []
    else:
        assert detector.model.title in notes[0]
        assert f"glassbox models pull {detector.preferred.name}" in notes[0]


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "wrong.safetensors"
    checkpoint.save(path, Config().to_json(), {"classify.weight": torch.zeros(1)})

    with pytest.raises(WeightsError, match="box U-Net"):
        Predictor(path)
