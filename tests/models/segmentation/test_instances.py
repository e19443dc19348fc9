"""Instance segmentation from boxes: geometry, cleaning, GrabCut and painting, against results by hand."""

import doctest

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn import functional as F

from models.core.contract import checkpoint
from models.core.training.cross_stage import Encoder
from models.detection.card import WEIGHTS
from models.detection.pretrained.nanodet import LABELS
from models.segmentation.instances import grabcut, loss
from models.segmentation.instances.architecture import BoxUNet, Config
from models.segmentation.instances.crop import Box, Square, box_iou, box_map, cut, square_around
from models.segmentation.instances.duplicates import HOLDERS, overlap, without_duplicates
from models.segmentation.instances.evaluate import iou
from models.segmentation.instances.found import Found
from models.segmentation.instances.loss import mask_loss
from models.segmentation.instances.network import SIDES, Instance, MaskNetwork, distinct
from models.segmentation.instances.paint import Mask, instance_map, on_transparent
from models.segmentation.instances.postprocessing import clean, filled, widened, without_specks


@pytest.fixture(scope="module")
def model() -> BoxUNet:
    torch.manual_seed(0)
    torch.set_num_threads(1)
    return BoxUNet(Config(widths=(8, 8, 8, 8, 8), image_size=64)).eval()


@torch.inference_mode()
def test_every_level_has_the_size_in_the_diagram(model: BoxUNet) -> None:
    encoded = model.encoder(torch.rand(2, 3, 64, 96))
    maps = model.decode(encoded, torch.ones(2, 1, 64, 96))

    assert [tuple(each.shape[1:]) for each in encoded] == [
        (channels, 64 // stride, 96 // stride)
        for channels, stride in zip(Encoder.CHANNELS, Encoder.STRIDES, strict=True)
    ]
    assert [tuple(each.shape[2:]) for each in maps.decoder] == [(2, 3), (4, 6), (8, 12), (16, 24), (32, 48)]
    assert maps.logits.shape == (2, 1, 64, 96)


def test_the_shipped_shape_has_the_number_of_weights_on_its_card() -> None:
    model = BoxUNet(Config())

    assert sum(each.numel() for each in model.encoder.parameters()) == 3_180_256
    assert sum(each.numel() for each in model.parameters()) == 3_511_588


@torch.inference_mode()
def test_a_cut_skip_connection_carries_nothing(model: BoxUNet) -> None:
    box = torch.ones(1, 1, 64, 64)
    encoded = model.encoder(torch.rand(1, 3, 64, 64))
    changed = [torch.rand_like(each) if level == 1 else each for level, each in enumerate(encoded)]

    assert torch.equal(model.decode(encoded, box, (4,)).logits, model.decode(changed, box, (4,)).logits)
    assert not torch.equal(model.decode(encoded, box).logits, model.decode(changed, box).logits)


@torch.inference_mode()
def test_the_box_changes_the_mask(model: BoxUNet) -> None:
    image = torch.rand(1, 3, 64, 64)
    left, right = (box_map(Box(*corners), 64)[None] for corners in ((0, 0, 32, 64), (32, 0, 64, 64)))

    assert not torch.equal(model(image, left), model(image, right))


def test_the_example_in_the_docstring_of_the_loss_is_right() -> None:
    results = doctest.testmod(loss)

    assert results.attempted == 3
    assert results.failed == 0


def test_dice_counts_small_and_large_things_the_same() -> None:
    masks = torch.zeros(2, 1, 8, 8)
    masks[0, 0, :1, :1] = 1.0
    masks[1] = 1.0
    missed = mask_loss(torch.where(masks == 1, -50.0, 50.0)[:1], masks[:1])["dice"]

    assert mask_loss((masks - 0.5) * 100, masks)["loss"] < 1e-4
    # predicted: the 63 pixels around the one of the thing; (2 * 0 + 1) / (63 + 1 + 1)
    assert missed.item() == pytest.approx(1 - 1 / 65)


def test_the_square_is_larger_than_the_box_and_centered_on_it() -> None:
    square = square_around(Box(100, 50, 200, 90))

    assert square == Square(85, 5, 130)
    assert square.inside(Box(100, 50, 200, 90), 260) == Box(30, 90, 230, 170)


def test_what_is_outside_the_picture_is_black() -> None:
    white = Image.new("RGB", (20, 10), "white")
    crop = np.asarray(cut(white, Square(-10, 0, 20), 20))

    assert (crop[:10, 10:] == 255).all()
    assert (crop[:, :9] == 0).all()
    assert (crop[11:] == 0).all()


def test_two_labels_for_one_object_give_one_mask() -> None:
    def found(label: str, score: float, *corners: float) -> dict[str, object]:
        sides = ("xmin", "ymin", "xmax", "ymax")
        return {"label": label, "score": score, "box": dict(zip(sides, corners, strict=True))}

    # shared 90 * 90, united 2 * 100 * 100 - 90 * 90
    assert box_iou(Box(0, 0, 100, 100), Box(10, 10, 110, 110)) == pytest.approx(8100 / 11900)
    assert box_iou(Box(0, 0, 1, 1), Box(2, 2, 3, 3)) == 0.0
    shoe, sock = found("shoe", 0.5, 0, 0, 100, 100), found("sock", 0.8, 10, 10, 110, 110)
    foot = found("foot", 0.3, 60, 60, 110, 110)
    objects, boxes = distinct([shoe, sock, foot])

    assert [each["label"] for each in objects] == ["sock", "foot"]
    assert boxes[0] == Box(10, 10, 110, 110)


def test_the_logits_of_a_crop_and_of_its_smaller_mirror_image_are_averaged(model: BoxUNet) -> None:
    random = np.random.default_rng(0)
    picture = Image.fromarray(random.integers(0, 256, (64, 64, 3), np.uint8))
    network = MaskNetwork(model.config.to_json(), model.state_dict(), "cpu")
    box = Box(8, 12, 50, 56)
    objects = [{"label": "cat", "score": 0.5, "box": dict(zip(SIDES, vars(box).values(), strict=True))}]
    (once,), (twice,) = (network.instances(picture, objects, views=each) for each in (False, True))
    assert (once.size, twice.size) == (64, 96)  # 1.4 times 64, to a multiple of 32

    crop, inside = (each[None] for each in network.inputs(picture, box, twice.square, 96))
    image = F.interpolate(crop, (64, 64), mode="bilinear", antialias=True).flip(3)
    middles = F.interpolate(inside, (64, 64), mode="area").flip(3) > 0.5
    with torch.inference_mode():
        of_mirrored = F.interpolate(model(image, middles.float()).flip(3), (96, 96), mode="bilinear")
        expected = (model(crop, inside) + of_mirrored) / 2
    assert torch.allclose(twice.logits, expected[0, 0], atol=1e-5)
    assert not torch.allclose(twice.logits, model(crop, inside)[0, 0], atol=1e-3)


def test_a_box_map_is_one_where_the_middle_of_a_pixel_is_inside() -> None:
    assert box_map(Box(0.6, 1, 3, 2), 4)[0].tolist() == [[0] * 4, [0, 1, 1, 0], [0] * 4, [0] * 4]


def parsed(*rows: str) -> np.ndarray:
    return np.array([[each == "#" for each in row] for row in rows])


def test_connected_parts_below_a_tenth_are_specks() -> None:
    mask = parsed(
        "######..#",
        "######...",
        "......###",
        "........#",
    )

    # 17 pixels in parts of 12, 1 and 4: diagonal neighbors are not connected
    assert (
        without_specks(mask).tolist() == parsed("######...", "######...", "......###", "........#").tolist()
    )


def test_small_enclosed_holes_are_filled_and_others_are_not() -> None:
    mask = np.ones((12, 12), bool)
    mask[3, 3] = False  # a hole of 1
    mask[6:9, 6:9] = False  # one of 9: more than a fiftieth of 133
    mask[0, 5] = False  # not enclosed
    expected = mask.copy()
    expected[3, 3] = True

    assert filled(mask).tolist() == expected.tolist()


def test_an_empty_mask_stays_empty() -> None:
    empty = np.zeros((5, 5), bool)

    assert not without_specks(empty).any()
    assert not filled(empty).any()


def test_nothing_is_kept_far_outside_the_box() -> None:
    box = Box(50, 50, 100, 150)

    inside = widened(box, 200)
    # by 0.08 of 50 across and of 100 down
    assert (np.flatnonzero(inside.any(0))[[0, -1]] == [46, 103]).all()
    assert (np.flatnonzero(inside.any(1))[[0, -1]] == [42, 157]).all()


def test_cleaning_keeps_the_certainty_of_each_pixel() -> None:
    logits = np.full((40, 40), -2.0, np.float32)
    logits[5:35, 5:35] = 3.0
    logits[20, 20] = -0.5  # a hole
    logits[0, 0] = 1.0  # a speck
    cleaned = clean(logits, Box(0, 0, 40, 40))

    assert cleaned[20, 20] == 0.5
    assert cleaned[0, 0] == -1.0
    assert cleaned[10, 10] == 3.0
    assert ((cleaned > 0).sum(), (cleaned < 0).sum()) == (900, 700)


def test_the_thing_with_the_higher_value_gets_the_pixel() -> None:
    low, high = np.full((4, 4), 1.0, np.float32), np.full((4, 4), 2.0, np.float32)
    owner = instance_map([Mask(Square(0, 0, 4), low), Mask(Square(2, 2, 4), high)], 6, 5)

    assert owner.tolist() == [
        [1, 1, 1, 1, 0, 0],
        [1, 1, 1, 1, 0, 0],
        [1, 1, 2, 2, 2, 2],
        [1, 1, 2, 2, 2, 2],
        [0, 0, 2, 2, 2, 2],
    ]


@pytest.mark.parametrize("size", [(3, 200_000), (300_000, 2)])
def test_a_map_of_many_blocks_is_seamless(size: tuple[int, int]) -> None:
    width, height = size
    square = Square(-5, -5, max(size) + 10)
    values = np.ones((4, 4), np.float32)

    assert (instance_map([Mask(square, values)], width, height) == 1).all()
    assert not instance_map([Mask(square, -values)], width, height).any()


def test_the_cut_out_is_transparent_around_the_things() -> None:
    picture = np.full((2, 3, 3), 7, np.uint8)
    bands = list(on_transparent(picture, np.array([[0, 1, 0], [2, 0, 0]], np.uint8)))

    assert np.concatenate(bands)[..., 3].tolist() == [[0, 255, 0], [255, 0, 0]]
    assert np.concatenate(bands)[0, 1].tolist() == [7, 7, 7, 255]


def square_on_ground(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A noisy orange square on noisy blue ground, and its true mask."""
    actual = np.zeros((80, 80), bool)
    actual[20:60, 24:56] = True
    colors = np.where(actual[..., None], (220, 120, 40), (40, 80, 200))
    noise = np.random.default_rng(seed).normal(0, 12, colors.shape)
    return (colors + noise).clip(0, 255).astype(np.uint8), actual


def test_grabcut_moves_a_rough_edge_to_the_true_one() -> None:
    picture, actual = square_on_ground()
    rough = np.roll(actual, (2, -2), axis=(0, 1))

    assert iou(actual, rough) < 0.85
    assert iou(actual, grabcut.sharpened(picture, rough)) > 0.99


def test_grabcut_from_a_box_finds_the_thing_within() -> None:
    picture, actual = square_on_ground()
    box = np.zeros_like(actual)
    box[10:70, 10:70] = True

    assert iou(actual, grabcut.cut(picture, box, box, 5)) > 0.99


def test_a_mask_too_thin_to_have_an_inside_is_not_sharpened() -> None:
    picture, _ = square_on_ground()
    line = np.zeros((80, 80), bool)
    line[40] = True

    assert grabcut.sharpened(picture, line) is line


def test_a_mixture_costs_least_where_its_colors_are() -> None:
    random = np.random.default_rng(1)
    colors = np.concatenate([random.normal(60, 5, (500, 3)), random.normal(200, 5, (500, 3))])
    cost = grabcut.fit(colors).cost(np.array([[60.0] * 3, [200.0] * 3, [130.0] * 3]))

    assert max(cost[:2]) + 20 < cost[2]


def instance(label: str) -> Instance:
    return Instance(label, 0.9, Box(0, 0, 4, 4), Square(0, 0, 4), torch.zeros(4, 4))


def test_things_of_one_class_are_numbered_and_share_their_class() -> None:
    owner = np.array([[0, 1], [2, 3]], np.uint8)
    found = Found((instance("cat"), instance("dog"), instance("cat")), (), owner)

    assert found.names == ("background", "cat", "dog")
    assert found.titles == ("cat 1", "dog", "cat 2")
    assert found.classes.tolist() == [[0, 1], [2, 1]]


def rectangle(square: Square, box: Box, size: int = 40) -> Mask:
    """A mask that fills a box of the picture, in the crop of a square."""
    inside = square.inside(box, size)
    return Mask(square, np.where(box_map(inside, size)[0].numpy() > 0, np.float32(1), np.float32(-1)))


def test_the_overlap_is_measured_in_the_picture_by_the_smaller_mask() -> None:
    """40 x 40 pixels of which a quarter lies in 80 x 40: in crops of different sizes and places."""
    large = rectangle(Square(0, 0, 120), Box(10, 10, 90, 50))
    small = rectangle(Square(60, 20, 80), Box(70, 30, 110, 70))

    assert overlap(large, small) == overlap(small, large) == pytest.approx(20 * 20 / 1600, abs=0.02)
    assert overlap(large, rectangle(Square(200, 200, 80), Box(210, 210, 250, 250))) == 0
    assert overlap(large, Mask(Square(0, 0, 40), np.full((40, 40), -1, np.float32))) == 0


def test_an_object_that_was_found_twice_gets_one_mask() -> None:
    whole = rectangle(Square(0, 0, 120), Box(10, 10, 90, 50))
    half = rectangle(Square(40, 0, 80), Box(50, 10, 90, 50))
    beside = rectangle(Square(80, 0, 80), Box(90, 10, 130, 50))

    assert without_duplicates([whole, half, beside], ["cat", "cat", "cat"]) == [0, 2]
    assert without_duplicates([half, whole, beside], ["cat", "cat", "cat"]) == [0, 2]  # the surer one stays
    assert without_duplicates([whole, half], ["person", "tie"]) == [0, 1]


def test_a_part_that_was_taken_for_another_object_gets_no_mask() -> None:
    duck = rectangle(Square(0, 0, 120), Box(10, 10, 90, 50))
    bill = rectangle(Square(60, 0, 60), Box(70, 10, 90, 30))
    beyond = rectangle(Square(60, 0, 60), Box(80, 10, 110, 30))  # a third of it within

    assert without_duplicates([duck, bill], ["bird", "frisbee"]) == [0]
    assert without_duplicates([duck, beyond], ["bird", "frisbee"]) == [0, 1]
    assert without_duplicates([bill, duck], ["frisbee", "bird"]) == [0, 1]  # the part is more certain
    assert without_duplicates([duck, bill], ["bowl", "orange"]) == [0, 1]  # lies in it
    assert set(LABELS) | set(checkpoint.load(WEIGHTS)[0]["labels"]) >= HOLDERS
