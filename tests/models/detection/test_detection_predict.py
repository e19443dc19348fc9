"""Predictions of the grid detector: pictures of every shape, results, stages, drawn objects."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from models.core.contract import checkpoint
from models.core.contract.card import Kind
from models.core.contract.errors import InputError, WeightsError
from models.core.contract.prediction import Opened, Role, answer, answer_opened
from models.core.images.letterbox import letterbox
from models.detection.architecture import Config, Detector
from models.detection.card import PredictParams
from models.detection.predict import Predictor, draw_objects
from models.detection.suppression import CAP

LABELS = ("cat", "dog", "owl")
EVERYTHING = PredictParams(score=0.0, candidates=True)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    torch.set_num_threads(1)
    model = Detector(Config(LABELS, (4, 8, 8, 16, 16), (0, 0, 1, 1, 1), neck=16, image_size=96))
    path = tmp_path_factory.mktemp("weights") / "w.safetensors"
    checkpoint.save(path, model.config.to_json(), model.state_dict())
    return path


@pytest.fixture(scope="module")
def predictor(weights: Path) -> Predictor:
    return Predictor(weights)


def png(width: int, height: int, mode: str = "RGB") -> dict[str, bytes]:
    file = io.BytesIO()
    Image.effect_noise((width, height), 90).convert(mode).save(file, "PNG")
    return {"image": file.getvalue()}


def test_a_letterbox_keeps_the_aspect_ratio_and_maps_boxes_back() -> None:
    square, placed = letterbox(Image.new("RGB", (200, 100), "red"), 50)

    assert square.size == (50, 50)
    assert square.getpixel((25, 5)) == (114, 114, 114)
    assert square.getpixel((25, 25)) == (255, 0, 0)
    # the shrunk picture is 50 x 25, with 12 rows of gray above
    boxes = torch.tensor([[10.0, 17.0, 20.0, 22.0], [-5.0, 0.0, 60.0, 50.0]])
    assert placed.to_upload(boxes).tolist() == [[40.0, 20.0, 80.0, 40.0], [0.0, 0.0, 200.0, 100.0]]


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (97, 31), (640, 480)])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_pictures_of_every_shape_get_an_answer(
    predictor: Predictor, size: tuple[int, int], mode: str
) -> None:
    inputs = png(*size, mode)
    prediction = answer(predictor, inputs, EVERYTHING, picture=True)

    assert prediction.result["image"] == {"width": size[0], "height": size[1]}
    for found in prediction.result["objects"]:
        box = found["box"]
        assert 0 <= box["xmin"] <= box["xmax"] <= size[0]
        assert 0 <= box["ymin"] <= box["ymax"] <= size[1]
        assert found["label"] in LABELS
        assert 0 <= found["score"] <= 1
    assert Image.open(io.BytesIO(prediction.outputs[0].data)).size == size
    json.dumps(prediction.result, allow_nan=False)
    for stage in answer_opened(predictor, inputs, EVERYTHING).stages:
        if stage.kind == Kind.BOXES:  # null has a meaning here: no box suppressed this one
            json.dumps(dict(stage.data), allow_nan=False)
        else:
            assert b"null" not in stage.json  # which would stand for a number that JSON lacks


def test_the_answer_consists_of_the_kept_candidates(predictor: Predictor) -> None:
    params = EVERYTHING.model_copy(update={"max_objects": 300})
    result = answer(predictor, png(80, 60), params).result

    listed = result["candidates"]["items"]
    assert result["candidates"]["total"] == result["funnel"]["candidates"]
    assert len(listed) == min(CAP, result["candidates"]["total"]) > 0
    kept = [
        {k: item[k] for k in ("id", "label", "score", "box")} for item in listed if item["status"] == "kept"
    ]
    assert kept == result["objects"][: len(kept)]
    for item in listed:
        if item["status"] == "suppressed":
            by = listed[item["suppressed_by"] - 1]
            assert by["status"] == "kept"
            assert by["label"] == item["label"]
            assert item["iou"] >= result["thresholds"]["iou"] == 0.5


def test_boxes_below_the_threshold_are_discarded(predictor: Predictor) -> None:
    data = png(80, 60)
    scores = [o["score"] for o in answer(predictor, data, EVERYTHING).result["objects"]]
    median = sorted(scores)[len(scores) // 2]

    fewer = answer(predictor, data, PredictParams(score=median, max_objects=300)).result

    assert fewer["objects"]
    assert min(o["score"] for o in fewer["objects"]) >= median - 1e-4
    assert "candidates" not in fewer
    assert answer(predictor, data, PredictParams(score=1.0)).result["objects"] == []


@pytest.fixture(scope="module")
def opened(predictor: Predictor) -> tuple[Opened, dict[str, Any]]:
    whole = answer_opened(predictor, png(120, 60), PredictParams(score=0.0))
    return whole, {stage.id: stage for stage in whole.stages}


def test_stages_computed_later_are_those_computed_at_once(predictor: Predictor) -> None:
    inputs, params = png(120, 60), PredictParams(score=0.01, candidates=True)
    at_once = answer_opened(predictor, inputs, params)

    item = predictor.decode(inputs, params)
    (raw,) = predictor.forward([item])
    later = predictor.inspect(item, raw, params)

    assert [(stage.about, stage.json, stage.files) for stage in later] == [
        (stage.about, stage.json, stage.files) for stage in at_once.stages
    ]
    assert answer(predictor, inputs, params).result == at_once.prediction.result
    assert answer(predictor, inputs, params).outputs == at_once.prediction.outputs == ()


def test_the_stages_are_in_order_and_explained(opened: tuple[Opened, dict[str, Any]]) -> None:
    whole, stages = opened

    assert list(stages) == ["input", "backbone", "grid", "candidates", "suppression", "boxes"]
    for stage in whole.stages:
        assert 40 <= len(stage.explanation.split()) <= 75
        assert stage.about["title_message"]
        assert stage.about["explanation_message"]
        assert stage.code.startswith("models.")
    assert [stage.id for stage in whole.stages if stage.role is Role.INPUT] == ["input"]
    assert [stage.id for stage in whole.stages if stage.role is Role.ANSWER] == ["boxes"]
    assert stages["boxes"].count == len(whole.prediction.result["objects"])
    # from these the browser computes the outcome again, as the server would
    assert stages["boxes"].data["defaults"] == {
        "score": 0.0,
        "iou": 0.5,
        "iou_across": 1.0,
        "max_objects": 100,
    }
    assert stages["grid"].count == 2 * (144 + 36 + 9)
    assert stages["candidates"].count == whole.prediction.result["funnel"]["candidates"]


def test_the_grid_agrees_with_the_candidates(opened: tuple[Opened, dict[str, Any]]) -> None:
    _, stages = opened
    grid, boxes = json.loads(stages["grid"].json), stages["candidates"].data["boxes"]

    assert [(level["rows"], level["columns"]) for level in grid["levels"]] == [(12, 12), (6, 6), (3, 3)]
    # 120 x 60 in a square of 96: scale 0.8, 24 rows of gray above
    first = grid["levels"][0]
    assert (first["left"], first["top"], first["cell_width"], first["cell_height"]) == (
        0.0,
        -30.0,
        10.0,
        10.0,
    )
    for item in boxes[:50]:
        cell = item["cell"]
        level = grid["levels"][cell["level"]]
        *box, objectness = (values := level["cells"][cell["row"]][cell["column"]][cell["slot"]])[:5]
        assert box == pytest.approx(list(item["box"].values()), abs=0.06)
        assert objectness == pytest.approx(item["objectness"], abs=1e-3)
        assert max(values[5:]) * objectness == pytest.approx(item["score"], abs=2e-3)
        assert level["objectness"][cell["row"]][cell["column"]] >= objectness - 1e-4


def test_feature_maps_are_tiles_of_one_picture_per_level(opened: tuple[Opened, dict[str, Any]]) -> None:
    _, stages = opened
    files = {file.name: Image.open(io.BytesIO(file.data)) for file in stages["backbone"].files}

    for level in stages["backbone"].data["levels"]:
        picture = files[level["file"]]
        assert picture.size == (level["columns"] * level["tile_width"], level["rows"] * level["tile_height"])
        assert level["rows"] * level["columns"] >= level["channels"] == len(level["minimum"])


def test_objects_are_drawn_on_a_copy_of_the_upload() -> None:
    upload = Image.new("RGB", (300, 200), "white")
    found = {"label": "dog", "score": 0.5, "box": {"xmin": 50, "ymin": 60, "xmax": 150, "ymax": 160}}

    picture = draw_objects(upload, [found], LABELS)

    assert picture.getpixel((50, 100)) == (0xD5, 0x5E, 0x00)
    assert picture.getpixel((100, 110)) == (255, 255, 255)
    assert upload.getextrema() == ((255, 255),) * 3


@pytest.mark.parametrize("data", [b"", b"<svg/>", png(20, 20)["image"][:60]], ids=["empty", "SVG", "cut off"])
def test_an_unreadable_picture_is_an_input_error(predictor: Predictor, data: bytes) -> None:
    with pytest.raises(InputError):
        answer(predictor, {"image": data}, PredictParams())


def test_a_loaded_predictor_answers_the_same(weights: Path, predictor: Predictor) -> None:
    data = png(90, 90)

    assert answer(Predictor(weights), data, EVERYTHING) == answer(predictor, data, EVERYTHING)


def test_weights_of_another_model_are_rejected(tmp_path: Path, weights: Path) -> None:
    config, state = checkpoint.load(weights)
    for name, wrong in {
        "another": ({"architecture": "unet"}, state),
        "labels": (config | {"labels": ["one"]}, state),
        "bare": ({"architecture": "grid-detector"}, state),
    }.items():
        checkpoint.save(tmp_path / f"{name}.safetensors", *wrong)
        with pytest.raises(WeightsError):
            Predictor(tmp_path / f"{name}.safetensors")
    with pytest.raises(WeightsError):
        Predictor(None)
