"""Large pictures are detected in overlapping slices; the answer states how they were taken."""

import io
from itertools import pairwise
from typing import Any

import pytest
import torch
from PIL import Image

from models.core.contract import cancellation, registry
from models.core.contract.errors import Canceled
from models.core.contract.prediction import answer, answer_opened
from models.core.images.slices import MAX_SLICES, OVERLAP, cut, is_cut, is_large, without_fragments
from models.detection.card import CARD, PredictParams
from models.detection.predict import Predictor
from models.detection.slicing import MIN_SCORE

SCENES = 6
SIDE = 224


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return Predictor(CARD.models[0].weights)


@pytest.fixture(scope="module")
def scene() -> Image.Image:
    valley = next(sample for sample in CARD.samples if sample.name == "valley")
    return Image.open(valley.inputs["image"]).convert("RGB")


@pytest.fixture(scope="module")
def panorama(scene: Image.Image) -> bytes:
    """The scene several times, side by side."""
    wide = Image.new("RGB", (scene.width * SCENES, scene.height))
    for index in range(SCENES):
        wide.paste(scene, (index * scene.width, 0))
    buffer = io.BytesIO()
    wide.save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def found(predictor: Predictor, data: bytes, **params: Any) -> dict[str, Any]:
    return dict(answer(predictor, {"image": data}, PredictParams(**params)).result)


@pytest.mark.parametrize(("score", "has_lower"), [(0.0, True), (0.25, False)])
def test_boxes_in_slices_have_no_higher_threshold_than_requested(
    predictor: Predictor, panorama: bytes, score: float, has_lower: bool
) -> None:
    (raw,) = predictor.forward([predictor.decode({"image": panorama}, PredictParams(score=score))])

    assert raw.slices
    assert any(bool((each.scores < MIN_SCORE).any()) for each in raw.slices) is has_lower


def test_most_objects_of_a_wide_picture_are_found_in_slices(
    predictor: Predictor, scene: Image.Image, panorama: bytes
) -> None:
    buffer = io.BytesIO()
    scene.save(buffer, "PNG")
    alone = found(predictor, buffer.getvalue())["objects"]
    result = found(predictor, panorama)
    expected = sorted(each["label"] for each in alone) * SCENES
    missed = list(expected)
    for each in result["objects"]:
        if each["label"] in missed:
            missed.remove(each["label"])

    assert len(missed) <= len(expected) // 5
    assert len(result["objects"]) <= len(expected) * 1.25  # none is counted twice
    assert f"in {len(result['slices'])} overlapping slices" in result["notes"][0]


def test_without_slices_the_answer_states_how_much_the_picture_was_shrunk(
    predictor: Predictor, panorama: bytes
) -> None:
    result = found(predictor, panorama, slices="off")

    assert "slices" not in result
    assert f"shrunk by a factor of {round(960 * SCENES / SIDE)}" in result["notes"][0]


def test_a_picture_near_the_size_of_the_input_is_not_sliced_unless_it_is_requested(
    predictor: Predictor, scene: Image.Image
) -> None:
    buffer = io.BytesIO()
    scene.resize((480, 320)).save(buffer, "PNG")

    assert {"slices", "notes"}.isdisjoint(found(predictor, buffer.getvalue()))
    assert len(found(predictor, buffer.getvalue(), slices="on")["slices"]) > 1


def test_the_slices_are_a_stage_and_boxes_of_slices_have_no_cell(
    predictor: Predictor, panorama: bytes
) -> None:
    stages = {
        stage.id: stage for stage in answer_opened(predictor, {"image": panorama}, PredictParams()).stages
    }

    assert stages["slices"].count == len(found(predictor, panorama)["slices"])
    shown = stages["candidates"].data["boxes"]
    assert any(box["cell"] is None for box in shown)
    assert all(box["cell"] is None or box["cell"]["level"] >= 0 for box in shown)


def test_a_canceled_job_stops_between_slices(predictor: Predictor, panorama: bytes) -> None:
    item = predictor.decode({"image": panorama}, PredictParams())
    answers = iter([True, True])  # needed for two slices, and then no longer

    with pytest.raises(Canceled), cancellation.while_needed(lambda: next(answers, False)):
        predictor.forward([item])


@pytest.mark.parametrize(
    ("width", "height"),
    [(12000, 600), (600, 12000), (8000, 6000), (64000, 1000), (900, 897), (100, 50_000), (897, 10)],
)
def test_slices_cover_the_picture_and_overlap(width: int, height: int) -> None:
    slices = cut(width, height, SIDE)
    columns = sorted({(left, right) for left, _, right, _ in slices})
    rows = sorted({(top, bottom) for _, top, _, bottom in slices})

    assert is_large(width, height, SIDE)
    assert 1 < len(slices) <= MAX_SLICES
    for edges, length in ((columns, width), (rows, height)):
        assert (edges[0][0], edges[-1][1]) == (0, length)
        for (start, end), (following, _) in pairwise(edges):
            assert end - following >= (end - start) * OVERLAP - 2


def test_a_picture_not_larger_than_the_input_has_no_slices() -> None:
    assert cut(SIDE, 100, SIDE) == []


def test_a_box_is_cut_by_an_edge_of_its_slice_but_not_by_that_of_the_picture() -> None:
    boxes = torch.tensor([[0.0, 10, 50, 50], [60.0, 10, 100, 50], [20.0, 20, 80, 80]])

    assert is_cut(boxes, (0, 0, 100, 100), 200, 100).tolist() == [False, True, False]


def test_a_cut_box_gives_way_to_a_more_complete_one_of_its_label() -> None:
    boxes = torch.tensor([[0.0, 0, 100, 100], [0.0, 0, 40, 100], [0.0, 0, 40, 100], [300.0, 0, 340, 100],
                          [300.0, 0, 330, 100]])  # fmt: skip
    labels = torch.tensor([0, 0, 1, 0, 0])
    are_cut = torch.tensor([False, True, True, True, True])

    # the second is a part of the first, the third another label, the last a part of another part
    assert without_fragments(boxes, labels, are_cut).tolist() == [True, False, True, True, False]


@pytest.mark.slow
@pytest.mark.parametrize("model", [model.name for model in CARD.models if model.is_pretrained])
def test_every_detector_takes_slices(model: str, panorama: bytes) -> None:
    try:
        weights = registry.weights("detection", model)
    except LookupError:
        pytest.skip("the weights are not pulled")

    assert found(Predictor(weights), panorama, slices="on")["slices"]
