"""A picture is searched in several views, whose boxes are fused: against results by hand."""

import pytest
import torch

from models.core.contract.prediction import Opened, answer, answer_opened
from models.detection.card import WEIGHTS, PredictParams
from models.detection.data import View
from models.detection.predict import Predictor
from models.detection.pretrained.nanodet import LABELS
from models.detection.suppression import Candidates, Thresholds
from models.detection.views import fused, grouped, mirrored
from tests.models.detection.test_nanodet_predict import CAT, DOG, png, weights_of

THRESHOLDS = Thresholds(score=0.3, iou=0.6, iou_across=0.6)
SHEEP = LABELS.index("sheep")


def found(*boxes: tuple[tuple[float, ...], float, int]) -> Candidates:
    corners, scores, labels = zip(*boxes, strict=True)
    return Candidates.sorted(
        torch.tensor(corners), torch.tensor(scores), torch.tensor(labels), names=LABELS, width=100, height=50
    )


def test_boxes_of_one_object_are_averaged_by_their_scores() -> None:
    one = found(((0.0, 0.0, 20.0, 20.0), 0.6, DOG), ((60.0, 0.0, 80.0, 20.0), 0.5, CAT))
    other = found(((0.0, 0.0, 20.0, 25.0), 0.4, DOG))

    together = fused((one, other), THRESHOLDS)
    # the lower side: 0.6 of 20 and 0.4 of 25
    assert together.boxes[0].tolist() == pytest.approx([0, 0, 20, 22])
    # the cat is in one of two views
    assert together.scores.tolist() == pytest.approx([0.5, 0.25])
    assert [LABELS[label] for label in together.labels.tolist()] == ["dog", "cat"]


def test_views_that_name_an_object_differently_vote() -> None:
    box = (10.0, 10.0, 40.0, 40.0)
    views = found((box, 0.5, CAT)), found((box, 0.3, DOG)), found((box, 0.4, DOG))

    together = fused(views, THRESHOLDS)
    assert (together.labels.tolist(), together.scores.tolist()) == ([DOG], pytest.approx([0.4]))


def test_of_a_views_boxes_for_one_object_the_best_counts() -> None:
    """The second box (IoU 0.7) is not suppressed within its view, but belongs to the same group."""
    view = found(((0.0, 0.0, 20.0, 20.0), 0.6, DOG), ((0.0, 0.0, 20.0, 14.0), 0.5, DOG))

    assert fused((view, view), Thresholds(0.3, 0.75, 1)).scores.tolist() == pytest.approx([0.6])


def test_views_without_boxes_have_no_candidates() -> None:
    low = found(((0.0, 0.0, 20.0, 20.0), 0.05, DOG))

    assert len(fused((low, low), THRESHOLDS).boxes) == 0
    assert fused((low, low), Thresholds(0.01, 0.6, 0.6)).scores.tolist() == pytest.approx([0.05])
    assert grouped(torch.zeros(0, 4), torch.zeros(0)) == []


def test_boxes_of_a_mirrored_picture_are_mirrored_back() -> None:
    assert mirrored(found(((10.0, 5.0, 30.0, 40.0), 0.5, SHEEP))).boxes.tolist() == [[70, 5, 90, 40]]


@pytest.fixture(scope="module")
def predictor(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    """Takes every cell of the coarsest grid for a cat of score 0.525."""
    torch.set_num_threads(1)
    return Predictor(weights_of({CAT: 0.1}, tmp_path_factory.mktemp("weights")))


@pytest.fixture(scope="module")
def opened(predictor: Predictor) -> Opened:
    return answer_opened(predictor, png(416, 208), PredictParams(views=True))


def test_nanodet_has_three_further_views(predictor: Predictor) -> None:
    assert predictor.network.views == (View(416, is_mirrored=True), View(320), View(608))


def test_the_answer_has_the_threshold_of_several_views(predictor: Predictor, opened: Opened) -> None:
    result = opened.prediction.result

    assert result["thresholds"]["score"] == 0.3
    assert result["objects"]
    assert {each["label"] for each in result["objects"]} == {"cat"}
    named = answer(predictor, png(64, 64), PredictParams(views=True, score=0.9)).result
    assert (named["thresholds"]["score"], named["objects"]) == (0.9, [])


def test_a_stage_shows_what_each_view_finds_alone_and_all_together(opened: Opened) -> None:
    stages = {stage.id: stage for stage in opened.stages}
    rows = stages["views"].data["rows"]

    assert [row[:2] for row in rows] == [
        ["as uploaded", 416], ["mirrored", 416], ["as uploaded", 320], ["as uploaded", 608],
        ["all views, fused", None],
    ]  # fmt: skip
    # 2 x 2 cells for each box: the larger the input, the smaller they are in the picture
    assert rows[2][2] < rows[0][2] == rows[1][2] < rows[3][2]
    assert rows[-1][2] == len(opened.prediction.result["objects"])
    assert stages["candidates"].data["boxes"][0]["cell"] is None


def test_other_detectors_have_one_view() -> None:
    from_grid = Predictor(WEIGHTS)
    noise = png(64, 64)

    assert (
        answer(from_grid, noise, PredictParams(views=True)).result
        == answer(from_grid, noise, PredictParams()).result
    )
