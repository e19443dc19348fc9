"""NanoDet as a detector: its candidates, both suppressions, and the stages that open an answer."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from models.core.contract import checkpoint
from models.core.contract.errors import WeightsError
from models.core.contract.prediction import Opened, answer, answer_opened
from models.detection.card import PredictParams
from models.detection.predict import Predictor
from models.detection.pretrained.nanodet import DISTANCES, LABELS
from tests.models.detection.nanodet_weights import random_network

CAT, DOG = LABELS.index("cat"), LABELS.index("dog")


def png(width: int, height: int) -> dict[str, bytes]:
    return encoded(Image.effect_noise((width, height), 90).convert("RGB"))


def encoded(picture: Image.Image) -> dict[str, bytes]:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return {"image": file.getvalue()}


def weights_of(scores: dict[int, float], folder: Path) -> Path:
    """Weights with which every cell of the coarsest grid has these logits, and a box of 2 x 2 cells."""
    model = random_network()
    for level in range(3):
        last: Any = model.heads[level][1]  # type: ignore[index]
        torch.nn.init.zeros_(last.weight)
        torch.nn.init.constant_(last.bias, -10)
        last.bias.data[len(LABELS) :].view(4, DISTANCES)[:, 1] = 10
        if level == 2:
            for label, logit in scores.items():
                last.bias.data[label] = logit
    path = folder / "nanodet.safetensors"
    checkpoint.save(path, {"architecture": "nanodet-g", "labels": list(LABELS)}, model.state_dict())
    return path


@pytest.fixture(scope="module")
def predictor(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    """Takes everything for a cat of score 0.525, and for a dog of 0.475."""
    torch.set_num_threads(1)
    return Predictor(weights_of({CAT: 0.1, DOG: -0.1}, tmp_path_factory.mktemp("weights")))


@pytest.fixture(scope="module")
def opened(predictor: Predictor) -> Opened:
    return answer_opened(predictor, png(416, 208), PredictParams(max_objects=300))


def test_a_cat_is_not_also_a_dog(predictor: Predictor, opened: Opened) -> None:
    result = opened.prediction.result
    both = answer(predictor, png(416, 208), PredictParams(iou_across=1.0, max_objects=300)).result

    assert {each["label"] for each in result["objects"]} == {"cat"}
    # a dog in the place of every cat
    assert result["funnel"]["suppressed_across"] == result["funnel"]["kept"]
    assert both["funnel"]["suppressed_across"] == 0
    assert [each["label"] for each in both["objects"]].count("dog") == result["funnel"]["kept"]


def test_the_thresholds_are_those_of_the_model_unless_params_name_others(predictor: Predictor) -> None:
    image = png(64, 64)

    assert answer(predictor, image, PredictParams()).result["thresholds"] == {
        "score": 0.35,
        "iou": 0.6,
        "iou_across": 0.6,
    }
    named = answer(predictor, image, PredictParams(score=0.9, iou=0.4)).result
    assert named["thresholds"] == {"score": 0.9, "iou": 0.4, "iou_across": 0.6}
    assert named["objects"] == []


def test_every_cell_is_a_candidate_and_likely_classes_are_more(opened: Opened) -> None:
    """13 x 13 cells with two classes and those of the finer grids; boxes outside the picture are left out."""
    candidates = {stage.id: stage for stage in opened.stages}["candidates"].data

    assert candidates["total"] == opened.prediction.result["funnel"]["candidates"]
    cells = [tuple(item["cell"].values()) for item in candidates["boxes"] if item["label"] == "cat"]
    assert len(cells) == len(set(cells))
    # the picture covers half of the square: 6.5 rows of cells, and one on either side whose boxes reach it
    rows = {row for level, row, _, _ in cells if level == 2}
    assert rows == set(range(2, 11))


def test_stages_open_the_answer(opened: Opened) -> None:
    stages = {stage.id: stage for stage in opened.stages}
    grid = json.loads(stages["grid"].json)

    assert list(stages) == [
        "input", "backbone", "pyramid", "grid", "distances", "familiarity", "candidates", "suppression",
        "boxes",
    ]  # fmt: skip
    for stage in opened.stages:
        assert 35 <= len(stage.explanation.split()) <= 80
        assert stage.about["title_message"]
        assert stage.about["explanation_message"]
    assert [level["channels"] for level in stages["backbone"].data["levels"]] == [128, 256, 512]
    assert [level["channels"] for level in stages["pyramid"].data["levels"]] == [128, 128, 128]
    assert [(each["rows"], each["columns"]) for each in grid["levels"]] == [(52, 52), (26, 26), (13, 13)]
    objects = opened.prediction.result["objects"]
    assert [winner["id"] for winner in grid["winners"]] == [each["id"] for each in objects]
    for winner, found in zip(grid["winners"], objects, strict=True):
        (cell,) = grid["levels"][winner["level"]]["cells"][winner["row"]][winner["column"]]
        assert cell[:4] == pytest.approx(list(found["box"].values()), abs=0.06)
        assert cell[4] is None  # no objectness
        assert cell[5 + CAT] == pytest.approx(found["score"], abs=6e-4)


def test_the_mean_of_each_distribution_is_a_side_of_the_box(opened: Opened) -> None:
    shown = json.loads({stage.id: stage for stage in opened.stages}["distances"].json)["boxes"]

    assert [each["id"] for each in shown] == [each["id"] for each in opened.prediction.result["objects"]][:40]
    for each in shown:
        x, y = each["center"]["x"], each["center"]["y"]
        left, top, right, bottom = (side["mean"] * side["step"] for side in each["sides"])
        assert each["sides"][0]["deviation"] < 0.05
        assert sum(each["sides"][0]["probabilities"]) == pytest.approx(1, abs=1e-3)
        box = each["box"]
        assert box["xmin"] == pytest.approx(max(0, x - left), abs=0.3)
        assert box["ymin"] == pytest.approx(max(0, y - top), abs=0.3)
        assert box["xmax"] == pytest.approx(min(416, x + right), abs=0.3)
        assert box["ymax"] == pytest.approx(min(208, y + bottom), abs=0.3)


def test_without_objects_the_best_candidates_are_measured(predictor: Predictor) -> None:
    stages = {
        stage.id: stage for stage in answer_opened(predictor, png(64, 64), PredictParams(score=1)).stages
    }

    assert [each["id"] for each in stages["distances"].data["boxes"]] == [1, 2, 3, 4, 5]


def test_a_large_picture_is_searched_in_few_slices(predictor: Predictor) -> None:
    item = predictor.decode(encoded(Image.new("RGB", (4000, 3000))), PredictParams())

    assert 1 < len(item.slices) <= 12
    assert f"in {len(item.slices)} overlapping slices" in item.notes[0]
    assert predictor.decode(encoded(Image.new("RGB", (1600, 1200))), PredictParams()).slices == ()


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    checkpoint.save(tmp_path / "w.safetensors", {"architecture": "nanodet-g", "labels": ["a"]}, {})

    with pytest.raises(WeightsError, match="do not fit NanoDet"):
        Predictor(tmp_path / "w.safetensors")
