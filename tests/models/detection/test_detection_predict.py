"""Answers of the grid detector: pictures of every shape, results, stages, pictures of the answer."""

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
from models.core.contract.prediction import Prediction, Wants
from models.core.images.letterbox import letterbox
from models.detection.architecture import Config, Detector
from models.detection.candidates import CAP
from models.detection.card import PredictParams
from models.detection.drawing import draw_objects
from models.detection.predict import Predictor

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


def png(width: int, height: int, mode: str = "RGB") -> bytes:
    file = io.BytesIO()
    Image.effect_noise((width, height), 90).convert(mode).save(file, "PNG")
    return file.getvalue()


def test_a_letterbox_keeps_proportions_and_carries_boxes_back() -> None:
    square, placed = letterbox(Image.new("RGB", (200, 100), "red"), 50)

    assert square.size == (50, 50)
    assert square.getpixel((25, 5)) == (114, 114, 114)
    assert square.getpixel((25, 25)) == (255, 0, 0)
    # the shrunk picture is 50 x 25, with 12 rows of gray above
    boxes = torch.tensor([[10.0, 17.0, 20.0, 22.0], [-5.0, 0.0, 60.0, 50.0]])
    assert placed.to_upload(boxes).tolist() == [[40.0, 20.0, 80.0, 40.0], [0.0, 0.0, 200.0, 100.0]]


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (97, 31), (640, 480)])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_every_shape_of_picture_gets_an_answer(
    predictor: Predictor, size: tuple[int, int], mode: str
) -> None:
    prediction = predictor(png(*size, mode), EVERYTHING, Wants(True, picture=True))

    assert prediction.result["image"] == {"width": size[0], "height": size[1]}
    for found in prediction.result["objects"]:
        box = found["box"]
        assert 0 <= box["xmin"] <= box["xmax"] <= size[0]
        assert 0 <= box["ymin"] <= box["ymax"] <= size[1]
        assert found["label"] in LABELS
        assert 0 <= found["score"] <= 1
    assert Image.open(io.BytesIO(prediction.outputs[0].data)).size == size
    json.dumps(prediction.result, allow_nan=False)
    for stage in prediction.stages:
        if stage.kind == Kind.BOXES:  # nulls of its own: a kept box has no other that dropped it
            json.dumps(dict(stage.data), allow_nan=False)
        else:
            assert b"null" not in stage.json  # what a number that JSON cannot say would have become


def test_the_answer_is_the_kept_candidates(predictor: Predictor) -> None:
    params = EVERYTHING.model_copy(update={"max_objects": 300})
    result = predictor(png(80, 60), params, Wants(inspection=False)).result

    listed = result["candidates"]["items"]
    assert result["candidates"]["total"] == result["funnel"]["candidates"]
    assert len(listed) == min(CAP, result["candidates"]["total"]) > 0
    kept = [
        {k: item[k] for k in ("id", "label", "score", "box")} for item in listed if item["status"] == "kept"
    ]
    assert kept == result["objects"][: len(kept)]
    for item in listed:
        if item["status"] == "suppressed":
            by = listed[item["suppressed_by"]]
            assert by["status"] == "kept"
            assert by["label"] == item["label"]
            assert item["iou"] >= EVERYTHING.iou


def test_a_threshold_leaves_out_what_is_below(predictor: Predictor) -> None:
    data = png(80, 60)
    scores = [o["score"] for o in predictor(data, EVERYTHING).result["objects"]]
    middle = sorted(scores)[len(scores) // 2]

    fewer = predictor(data, PredictParams(score=middle, max_objects=300)).result

    assert fewer["objects"]
    assert min(o["score"] for o in fewer["objects"]) >= middle - 1e-4
    assert "candidates" not in fewer
    assert predictor(data, PredictParams(score=1.0)).result["objects"] == []


@pytest.fixture(scope="module")
def opened(predictor: Predictor) -> tuple[Prediction, dict[str, Any]]:
    prediction = predictor(png(120, 60), PredictParams(score=0.0))
    return prediction, {stage.id: stage for stage in prediction.stages}


def test_the_stages_stand_in_order_with_words(opened: tuple[Prediction, dict[str, Any]]) -> None:
    prediction, stages = opened

    assert list(stages) == ["input", "backbone", "grid", "candidates", "suppression", "boxes"]
    for stage in prediction.stages:
        assert 40 <= len(stage.explanation.split()) <= 75
        assert stage.code.startswith("models.")
    assert stages["boxes"].count == len(prediction.result["objects"])
    # with these the browser decides anew, as the server would
    assert stages["boxes"].data["defaults"] == {"score": 0.0, "iou": 0.5, "max_objects": 100}
    assert stages["grid"].count == 2 * (144 + 36 + 9)
    assert stages["candidates"].count == prediction.result["funnel"]["candidates"]


def test_the_grid_says_what_the_candidates_are(opened: tuple[Prediction, dict[str, Any]]) -> None:
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
        *box, objectness = (said := level["cells"][cell["row"]][cell["column"]][cell["slot"]])[:5]
        assert box == pytest.approx(list(item["box"].values()), abs=0.06)
        assert objectness == pytest.approx(item["objectness"], abs=1e-3)
        assert max(said[5:]) * objectness == pytest.approx(item["score"], abs=2e-3)
        assert level["objectness"][cell["row"]][cell["column"]] >= objectness - 1e-4


def test_feature_maps_are_tiles_of_one_picture_a_level(opened: tuple[Prediction, dict[str, Any]]) -> None:
    _, stages = opened
    files = {file.name: Image.open(io.BytesIO(file.data)) for file in stages["backbone"].files}

    for level in stages["backbone"].data["levels"]:
        picture = files[level["file"]]
        assert picture.size == (level["columns"] * level["tile_width"], level["rows"] * level["tile_height"])
        assert level["rows"] * level["columns"] >= level["channels"] == len(level["minimum"])


def test_the_picture_shows_frames_and_keeps_the_upload() -> None:
    upload = Image.new("RGB", (300, 200), "white")
    found = {"label": "dog", "score": 0.5, "box": {"xmin": 50, "ymin": 60, "xmax": 150, "ymax": 160}}

    picture = draw_objects(upload, [found], LABELS)

    assert picture.getpixel((50, 100)) == (0xD5, 0x5E, 0x00)
    assert picture.getpixel((100, 110)) == (255, 255, 255)
    assert upload.getextrema() == ((255, 255),) * 3


@pytest.mark.parametrize("data", [b"", b"<svg/>", png(20, 20)[:60]])
def test_what_is_no_picture_is_an_input_error(predictor: Predictor, data: bytes) -> None:
    with pytest.raises(InputError):
        predictor(data, PredictParams())


def test_a_loaded_predictor_answers_the_same(weights: Path, predictor: Predictor) -> None:
    data = png(90, 90)

    assert Predictor(weights)(data, EVERYTHING).result == predictor(data, EVERYTHING).result


def test_other_weights_are_refused(tmp_path: Path, weights: Path) -> None:
    config, state = checkpoint.load(weights)
    for name, wrong in {
        "another": ({"architecture": "unet"}, state),
        "labels": (config | {"labels": ["one"]}, state),
        "bare": ({"architecture": "grid-detector"}, state),
    }.items():
        checkpoint.save(tmp_path / f"{name}.safetensors", *wrong)
        with pytest.raises(WeightsError):
            Predictor(tmp_path / f"{name}.safetensors")
