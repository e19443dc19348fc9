"""Edges, label maps, losses and metrics: known answers by hand."""

import io
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from models.core.contract.errors import InputError
from models.core.contract.prediction import answer
from models.core.contract.progress import Progress
from models.core.recipe.diagram import FOLDER
from models.generation.card import SAMPLE_DATASET as GARMENTS
from models.synthesis import edges, label_map, metrics
from models.synthesis.architecture import load_networks
from models.synthesis.card import COLORS, EDGES_WEIGHTS, FACES_WEIGHTS, PARTS, PredictParams, TrainParams
from models.synthesis.data import load
from models.synthesis.loss import class_loss, deception_loss, discriminator_loss, distance
from models.synthesis.predict import Predictor
from models.synthesis.recipe import diagram, drawings
from models.synthesis.train import initial_networks, train


def square(low: int, high: int, side: int = 12) -> torch.Tensor:
    """(1, 1, side, side): white from `low` to `high` on black."""
    picture = torch.full((1, 1, side, side), -1.0)
    picture[..., low:high, low:high] = 1
    return picture


def test_the_edges_of_a_square_are_its_border_on_both_sides() -> None:
    found = edges.find_edges(square(4, 8))[0, 0]

    assert found[6].nonzero().flatten().tolist() == [3, 4, 7, 8]
    assert found[5:7, 5:7].sum() == 0
    assert found[0].sum() == 0


def test_a_thing_that_touches_the_side_is_closed_there() -> None:
    found = edges.find_edges(torch.ones(1, 1, 8, 8))[0, 0]

    assert found[:, 0].tolist() == [1] * 8
    assert found[2:6, 2:6].sum() == 0


def test_recall_counts_drawn_edges_with_a_found_one_within_a_pixel() -> None:
    drawn, found = torch.zeros(1, 1, 8, 8), torch.zeros(1, 1, 8, 8)
    drawn[0, 0, 2, 1:5] = 1
    found[0, 0, 3, 1:3] = 1  # one row lower; near the columns 0 to 3

    assert edges.recall(drawn, found).item() == pytest.approx(0.75)
    assert edges.recall(torch.zeros_like(drawn), found).item() == 1


def test_a_large_drawing_of_dark_lines_is_cropped_and_keeps_its_thin_lines() -> None:
    paper = np.full((300, 400), 255, np.uint8)
    paper[100:200, 150] = paper[100:200, 249] = paper[100, 150:250] = paper[199, 150:250] = 0
    drawn, is_drawing = edges.read_drawing(Image.fromarray(paper), 28, "automatic")

    assert is_drawing
    expected = torch.zeros(28, 28)
    expected[1, 1:27] = expected[26, 1:27] = expected[1:27, 1] = expected[1:27, 26] = 1
    assert torch.equal(drawn[0], expected)


def test_a_shaded_picture_is_read_as_a_photo_unless_its_reading_is_chosen() -> None:
    shades = Image.fromarray(np.tile(np.linspace(0, 255, 64).astype(np.uint8), (64, 1)))

    assert not edges.read_drawing(shades, 28, "automatic")[1]
    assert edges.read_drawing(shades, 28, "drawing")[1]


def test_a_map_is_read_by_the_nearest_color_and_far_ones_are_counted() -> None:
    picture = np.zeros((4, 4, 3), np.uint8)
    picture[:, :2], picture[:, 2:] = (250, 5, 5), (0, 0, 250)
    picture[0, 0] = (0, 255, 0)  # no part's
    labels, far = label_map.read_map(Image.fromarray(picture), 4, ("#0000ff", "#ff0000"))

    assert labels[1:].tolist() == [[1, 1, 0, 0]] * 3
    assert far == pytest.approx(1 / 16)


def test_brows_and_beard_have_the_color_of_the_hair_and_parts_that_are_missing_a_neutral_one() -> None:
    parts = ("background", "skin", "hair", "brows", "eyes")
    picture = torch.zeros(1, 3, 2, 2)
    picture[0, 0] = torch.tensor([[1.0, 0.0], [0.5, 0.2]])  # red alone
    maps = torch.tensor([[[2, 3], [0, 4]]])
    palette = label_map.palette_of(picture, maps, parts)[0]

    assert palette[2].tolist() == palette[3].tolist() == [0.5, 0, 0]
    assert palette[0].tolist() == [0.5, 0, 0]
    assert palette[1].tolist() == palette[4].tolist() == [label_map.NEUTRAL] * 3


def test_a_condition_has_a_map_for_each_part_and_the_colors_of_the_palette() -> None:
    palette = torch.tensor([[[1.0, 0, 0], [0, 0, 1.0]]])
    condition = label_map.condition_of(torch.tensor([[[0, 1]]]), palette)[0]

    assert condition[:2, 0].tolist() == [[1, 0], [0, 1]]
    assert condition[2:, 0].T.tolist() == [[1, -1, -1], [-1, -1, 1]]


def test_losses_and_metrics_by_hand() -> None:
    assert discriminator_loss(torch.tensor([2.0]), torch.tensor([-0.5])).item() == pytest.approx(0.5)
    assert deception_loss(torch.tensor([0.5, 1.5])).item() == pytest.approx(-1)
    assert distance(torch.tensor([0.5, -1.0]), torch.tensor([1.0, -1.0])).item() == pytest.approx(0.25)
    unsure = class_loss(torch.zeros(2, 4), torch.tensor([0, 3]))
    assert unsure.item() == pytest.approx(np.log(4))
    stripes = torch.tensor([[-1.0, 1.0], [-1.0, 1.0]])[None, None]
    assert metrics.sharpness(stripes).item() == pytest.approx(127.5)
    assert metrics.l1(stripes, -stripes).item() == pytest.approx(255)
    assert metrics.psnr(stripes, -stripes).item() == pytest.approx(0)


def test_the_shipped_model_fills_a_drawing_inside_its_lines() -> None:
    buffer = io.BytesIO()
    drawings.lines(1, [drawings.SHIRT]).save(buffer, "PNG")
    predictor = Predictor(EDGES_WEIGHTS)
    sharp = answer(predictor, {"map": buffer.getvalue()}, PredictParams())
    smooth = answer(predictor, {"map": buffer.getvalue()}, PredictParams(adversary=False))

    for prediction in (sharp, smooth):
        pixels = np.asarray(Image.open(io.BytesIO(prediction.outputs[0].data)))
        assert pixels[14:24, 10:18].mean() > 60
        assert pixels[:3].mean() < 15
        assert pixels[20:, :5].mean() < 15
    assert float(str(sharp.result["edge_recall"])) > 0.9
    assert sharp.outputs[0].data != smooth.outputs[0].data


def test_the_shipped_model_of_faces_paints_each_part_in_the_chosen_color() -> None:
    painted = drawings.face()
    buffer = io.BytesIO()
    painted.save(buffer, "PNG")
    predictor = Predictor(FACES_WEIGHTS)
    brushes = np.asarray(painted)
    for choice in ("blue", "blond"):
        params = PredictParams(hair=choice, skin="dark", clothes="yellow", background="white")
        prediction = answer(predictor, {"map": buffer.getvalue()}, params)
        pixels = np.asarray(Image.open(io.BytesIO(prediction.outputs[0].data))).astype(float)
        for part, color in (("hair", choice), ("skin", "dark"), ("clothes", "yellow")):
            where = (brushes == [int(PARTS[part][at : at + 2], 16) for at in (1, 3, 5)]).all(axis=2)
            expected = [int(COLORS[color][at : at + 2], 16) for at in (1, 3, 5)]
            assert np.abs(np.median(pixels[where], axis=0) - expected).max() < 40, (part, choice)


def test_a_photo_read_as_a_map_is_noted() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (90, 70), "#00ff00").save(buffer, "PNG")
    prediction = answer(Predictor(FACES_WEIGHTS), {"map": buffer.getvalue()}, PredictParams())

    assert "none of the colors" in str(prediction.result["notes"])


def test_the_diagram_is_that_of_the_network() -> None:
    assert Path(FOLDER / "synthesis.svg").read_text("utf-8") == diagram.build()


def bank_of_maps(path: Path, **changes: np.ndarray | None) -> Path:
    arrays: dict[str, np.ndarray | None] = {"classes": np.array(["a"]), "parts": np.array(["skin", "hair"])}
    arrays["part_colors"] = np.zeros((2, 3), np.uint8)
    for split in ("train", "validation", "test"):
        arrays[split] = np.zeros((2, 28, 28, 3), np.uint8)
        arrays[f"{split}_labels"] = np.zeros(2, np.uint8)
        arrays[f"{split}_maps"] = np.ones((2, 28, 28), np.uint8)
    arrays |= changes
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})  # type: ignore[arg-type]
    return path


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"parts": None}, "no parts"),
        ({"part_colors": None}, "no part_colors"),
        ({"test_maps": None}, "no test_maps"),
        ({"part_colors": np.zeros((1, 3), np.uint8)}, "train_maps needs parts from 0 to 1"),
        ({"part_colors": np.zeros((2, 3))}, "train_maps needs"),
        ({"validation_maps": np.full((2, 28, 28), 9, np.uint8)}, "validation_maps needs"),
        ({"train_maps": np.zeros((2, 0, 0), np.uint8)}, "do not fit"),
        ({"parts": np.array("skin")}, "'parts' is not a list"),
    ],
)
def test_label_maps_without_their_parts_are_refused(
    tmp_path: Path, changes: dict[str, np.ndarray | None], reason: str
) -> None:
    with pytest.raises(InputError, match=reason):
        load(bank_of_maps(tmp_path / "bank.npz", **changes), "map", 28)


def test_the_shipped_model_of_faces_cannot_go_on_with_pictures_it_is_too_deep_for(tmp_path: Path) -> None:
    small = load(bank_of_maps(tmp_path / "bank.npz"), "map", 28)

    with pytest.raises(InputError, match="start: scratch"):
        initial_networks(small, TrainParams(image_size=28))


@pytest.mark.parametrize(("classes", "weight"), [(2, 2.0), (1, 0.0)])
def test_a_classifier_learns_beside_where_the_pictures_have_classes(
    tmp_path: Path, classes: int, weight: float
) -> None:
    path, weights = tmp_path / "bank.npz", tmp_path / "w.safetensors"
    names = np.array(["shirt", "boot"][:classes] if classes > 1 else [""])
    bank_of_maps(path, classes=names)
    params = {"condition": "edges", "start": "scratch", "steps": 2, "image_size": 28, "class_weight": 2.0}
    train(path, TrainParams.model_validate(params), weights=weights, device="cpu", progress=Progress())

    assert load_networks(weights)[0].config.class_weight == weight
    assert ("class_loss" in weights.with_suffix(".log.csv").read_text()) is (classes > 1)


@pytest.mark.slow
def test_a_training_on_edges_learns_to_fill_them(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    params = TrainParams.model_validate(
        {"condition": "edges", "start": "scratch", "steps": 200, "image_size": 28, "seed": 1}
    )
    found = train(GARMENTS, params, weights=tmp_path / "w.safetensors", device="cpu", progress=Progress())

    assert found["edge_recall"] > 0.75  # of the lines; an empty picture has 0
    assert found["psnr"] > 13  # a gray picture has about 8 dB
    assert found["sharpness"] > found["twin_sharpness"]
