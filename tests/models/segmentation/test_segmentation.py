"""Segmentation: metrics, loss and the U-Net, against results computed by hand."""

import doctest
import io
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from models.core.contract import checkpoint
from models.core.contract.card import Kind
from models.core.contract.errors import WeightsError
from models.core.contract.messages import parts_of
from models.core.contract.prediction import Prediction, Role, answer, answer_opened
from models.core.training.backbone import detector_weights
from models.segmentation import loss
from models.segmentation.architecture import BACKGROUND, Config, UNet
from models.segmentation.card import PredictParams
from models.segmentation.inspection import probabilities_stage
from models.segmentation.loss import dice_loss, segmentation_loss
from models.segmentation.metrics import boundary_counts, confusion, f_score, foreground_iou, ious, mean_iou
from models.segmentation.predict import Predictor
from models.segmentation.semantic import UNetNetwork
from tests.models.segmentation.coco import decode_rle

CONFIG = Config((BACKGROUND, "bird", "car"), widths=(4, 8, 8, 8, 16), depths=(0, 0, 0, 0, 0), image_size=64)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained U-Net whose answers differ from place to place."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    path = tmp_path_factory.mktemp("weights") / "unet.safetensors"
    model = UNet(CONFIG)
    with torch.no_grad():
        model.classify.weight.mul_(20)
    checkpoint.save(path, CONFIG.to_json(), model.state_dict())
    return path


@pytest.fixture(scope="module")
def predictor(weights: Path) -> Predictor:
    return Predictor(weights)


def noise(width: int, height: int) -> Image.Image:
    values = np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(values)


def inputs(width: int, height: int) -> dict[str, bytes]:
    buffer = io.BytesIO()
    noise(width, height).save(buffer, "PNG")
    return {"image": buffer.getvalue()}


def file_of(prediction: Prediction, name: str) -> Image.Image:
    return Image.open(io.BytesIO(next(each.data for each in prediction.outputs if each.name == name)))


def test_iou_by_hand() -> None:
    actual = np.array([[0, 0, 1, 1], [0, 2, 1, 1]])
    predicted = np.array([[0, 1, 1, 1], [0, 2, 2, 0]])
    counts = confusion(actual, predicted, 3)

    assert counts.tolist() == [[2, 1, 0], [1, 2, 1], [0, 0, 1]]
    np.testing.assert_allclose(ious(counts), [2 / 4, 2 / 5, 1 / 2])
    assert mean_iou(counts) == pytest.approx((2 / 4 + 2 / 5 + 1 / 2) / 3)
    assert foreground_iou(counts) == pytest.approx(4 / 6)


def test_a_class_that_does_not_occur_does_not_count() -> None:
    counts = confusion(np.array([[0, 1]]), np.array([[0, 1]]), 3)

    assert mean_iou(counts) == 1.0
    assert np.isnan(ious(counts)[2])


def test_outlines_agree_within_the_tolerance() -> None:
    actual = np.zeros((40, 40), bool)
    actual[5:15, 5:15] = True
    near, far = np.roll(actual, 2, axis=1), np.roll(actual, (20, 20), axis=(0, 1))

    assert f_score(*boundary_counts(actual, actual)) == 1.0
    assert f_score(*boundary_counts(actual, near, tolerance=2)) == 1.0
    assert f_score(*boundary_counts(actual, near, tolerance=0)) < 0.6
    assert f_score(*boundary_counts(actual, far, tolerance=2)) == 0.0
    assert f_score(*boundary_counts(actual, np.zeros_like(actual))) == 0.0
    assert np.isnan(f_score(0, 0, 0, 0))


def test_the_boundary_of_a_square_is_its_rim() -> None:
    square = np.zeros((8, 8), bool)
    square[2:6, 2:6] = True

    assert boundary_counts(square, square, tolerance=0) == (12, 12, 12, 12)
    # there is no boundary along the image's edge
    assert boundary_counts(np.ones((4, 4), bool), np.ones((4, 4), bool)) == (0, 0, 0, 0)


def test_the_example_in_the_docstring_of_the_loss_is_right() -> None:
    results = doctest.testmod(loss)

    assert results.attempted == 4
    assert results.failed == 0


def test_the_loss_vanishes_for_a_confident_correct_answer() -> None:
    targets = torch.tensor([[[0, 1], [2, 1]]])
    logits = torch.nn.functional.one_hot(targets, 3).permute(0, 3, 1, 2).float() * 100

    assert segmentation_loss(logits, targets)["loss"] < 1e-4
    # class 1 is predicted for both pixels and is actual for one: (2 * 1 + 1) / (2 + 1 + 1)
    everywhere = torch.zeros(1, 2, 1, 2)
    everywhere[:, 1] = 100.0
    dice = dice_loss(everywhere, torch.tensor([[[0, 1]]]))
    assert dice.item() == pytest.approx(1 - ((0 + 1) / (0 + 1 + 1) + (2 + 1) / (2 + 1 + 1)) / 2, abs=1e-4)


def test_every_level_has_the_size_in_the_diagram() -> None:
    model = UNet(CONFIG).eval()
    encoded = model.encoder(torch.zeros(2, 3, 64, 96))
    maps = model.decode(encoded)

    assert [each.shape[2:] for each in encoded] == [(32, 48), (16, 24), (8, 12), (4, 6), (2, 3)]
    assert [each.shape[1:] for each in maps.decoder] == [(8, 4, 6), (8, 8, 12), (8, 16, 24), (4, 32, 48)]
    assert maps.logits.shape == (2, 3, 32, 48)
    assert CONFIG.strides == (2, 4, 8, 16)


def test_a_cut_skip_connection_carries_nothing() -> None:
    torch.manual_seed(0)
    model = UNet(CONFIG).eval()
    encoded = model.encoder(torch.rand(1, 3, 64, 64))
    changed = [torch.rand_like(each) if level == 1 else each for level, each in enumerate(encoded)]

    assert torch.equal(model.decode(encoded, (4,)).logits, model.decode(changed, (4,)).logits)
    assert not torch.equal(model.decode(encoded).logits, model.decode(changed).logits)


def test_skips_can_be_cut_in_many_threads_during_a_forward_pass(predictor: Predictor) -> None:
    """Stages are computed in their own threads, while the device's thread runs the next pictures."""
    network = predictor.model.network
    assert isinstance(network, UNetNetwork)
    items = [network.prepare(noise(64 + index, 64)) for index in range(4)]
    raws = network.forward(items)
    alone = [network.without(raw, (4,)) for raw in raws]
    with ThreadPoolExecutor(8) as threads:
        passes = [threads.submit(network.forward, items) for _ in range(20)]
        cuts = [threads.submit(network.without, raws[index % 4], (4,)) for index in range(80)]
        together = [each.result() for each in cuts]
        answers = [each.result() for each in passes]

    assert all(torch.equal(each, alone[index % 4]) for index, each in enumerate(together))
    assert all(
        torch.equal(raw.logits, raws[index].logits) for answer in answers for index, raw in enumerate(answer)
    )
    assert not any(each.requires_grad for each in together)
    torch.testing.assert_close(network.without(raws[0], ()), raws[0].logits)


@pytest.mark.parametrize("size", [(640, 480), (63, 1), (1, 1), (1, 400), (2000, 11), (97, 131)])
def test_pictures_of_every_shape_get_a_mask(predictor: Predictor, size: tuple[int, int]) -> None:
    prediction = answer(predictor, inputs(*size), PredictParams())

    for name in ("overlay.png", "mask.png"):
        assert file_of(prediction, name).size == size
    counts = np.bincount(np.asarray(file_of(prediction, "mask.png")).ravel(), minlength=3)
    assert {each["index"]: each["pixels"] for each in prediction.result["classes"]} == {
        index: count for index, count in enumerate(counts.tolist()) if count
    }
    assert sum(each["share"] for each in prediction.result["classes"]) == pytest.approx(1, abs=0.001)


def test_stages_computed_later_are_those_computed_at_once(predictor: Predictor) -> None:
    params = PredictParams(rle=True)
    at_once = answer_opened(predictor, inputs(80, 60), params)

    item = predictor.decode(inputs(80, 60), params)
    (raw,) = predictor.forward([item])
    later = predictor.inspect(item, raw, params)

    assert [(stage.about, stage.json, stage.files) for stage in later] == [
        (stage.about, stage.json, stage.files) for stage in at_once.stages
    ]
    assert answer(predictor, inputs(80, 60), params) == at_once.prediction
    assert answer(predictor, inputs(80, 60), params, picture=True) == at_once.prediction


def test_the_answer_can_be_opened_level_by_level(predictor: Predictor) -> None:
    opened = answer_opened(predictor, inputs(80, 60), PredictParams()).stages
    stages = {stage.id: stage for stage in opened}

    assert list(stages) == ["input", "encoder", "bottleneck", "decoder", "probabilities", "skips", "mask"]
    assert [level["name"] for level in stages["encoder"].data["levels"]] == [
        f"stride {2**n}" for n in range(1, 5)
    ]
    (level,) = stages["probabilities"].data["levels"]
    assert level["names"] == [BACKGROUND, "bird", "car"]
    # like the other maps, of the network's whole input, not only of the upload's frame
    assert (level["tile_width"], level["tile_height"]) == (32, 32)
    pictures = stages["skips"].data["pictures"]
    assert len(pictures) == 6
    assert [each["name"] for each in pictures] == [
        "All skip connections",
        *(f"Without stride {stride}" for stride in (2, 4, 8, 16)),
        "Without any",
    ]
    assert pictures[0]["alt"] == "The unchanged answer."
    assert all("of the pixels change their class" in each["alt"] for each in pictures[1:])
    assert parts_of(pictures[1]["name"]) == [{"id": "segmentation.skips.without_stride", "values": {"n": 2}}]
    assert stages["mask"].kind == Kind.MASK
    assert {file.name for file in stages["skips"].files} == {each["file"] for each in pictures}
    assert [stage.id for stage in opened if stage.role is Role.INPUT] == ["input"]
    assert [stage.id for stage in opened if stage.role is Role.ANSWER] == ["mask"]
    assert all(stage.about["title_message"] and stage.about["explanation_message"] for stage in opened)


@pytest.mark.parametrize(("shares", "first"), [([0.7, 0.1, 0.2], 2), ([0.9, 0.1], 1), ([1.0], 0)])
def test_the_object_that_covers_most_is_shown_first(shares: list[float], first: int) -> None:
    legend = [{"index": index, "share": share} for index, share in enumerate(shares)]

    stage = probabilities_stage(torch.full((3, 4, 4), 1 / 3), [BACKGROUND, "bird", "car"], legend)

    assert stage.data["levels"][0]["first"] == first


def test_explanations_match_the_colors_of_the_maps(predictor: Predictor) -> None:
    """The browser draws the gray tiles in colors from dark blue to bright yellow."""
    stages = answer_opened(predictor, inputs(80, 60), PredictParams()).stages
    explanations = [stage.explanation.lower() for stage in stages if stage.kind == Kind.FEATURE_MAPS]

    assert len(explanations) == 4
    assert not any(word in text for text in explanations for word in ("white", "black", "gray"))


def test_coco_run_lengths_are_returned_on_request(predictor: Predictor) -> None:
    prediction = answer(predictor, inputs(40, 30), PredictParams(rle=True))
    mask = np.asarray(file_of(prediction, "mask.png"))

    for each in prediction.result["classes"]:
        assert each["rle"]["size"] == [30, 40]
        assert np.array_equal(decode_rle(each["rle"]["counts"], 30, 40), mask == each["index"])
    plain = answer(predictor, inputs(40, 30), PredictParams())
    assert all("rle" not in each for each in plain.result["classes"])


def test_a_batch_gives_the_same_answers_as_single_pictures(predictor: Predictor) -> None:
    items = [predictor.decode(inputs(*size), PredictParams()) for size in [(64, 64), (30, 90), (5, 5)]]
    together, alone = predictor.forward(items), [predictor.forward([item])[0] for item in items]

    for one, other in zip(together, alone, strict=True):
        torch.testing.assert_close(one.logits, other.logits, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"architecture": "grid-detector"}, "holds no segmentation model"),
        ({**CONFIG.to_json(), "widths": [4, 8]}, "do not fit the U-Net"),
        ({"architecture": "unet"}, "do not fit the U-Net"),
    ],
)
def test_weights_of_another_model_are_rejected(
    weights: Path, tmp_path: Path, config: Mapping[str, object], message: str
) -> None:
    _, state = checkpoint.load(weights)
    checkpoint.save(tmp_path / "other.safetensors", config, state)

    with pytest.raises(WeightsError, match=message):
        Predictor(tmp_path / "other.safetensors")
    with pytest.raises(WeightsError, match="needs a weights file"):
        Predictor(None)


def test_the_encoder_has_the_shape_of_the_detectors_backbone() -> None:
    _, detector = checkpoint.load(detector_weights())
    own = UNet(Config((BACKGROUND, "x"))).state_dict()
    backbone = {
        n.replace("backbone.", "encoder.", 1): v for n, v in detector.items() if n.startswith("backbone.")
    }

    assert {name: value.shape for name, value in backbone.items()} == {
        name: value.shape for name, value in own.items() if name.startswith("encoder.")
    }
