"""NanoDet: its published weights are converted exactly, and its numbers are those of the original."""

import json
from pathlib import Path

import pytest
import skimage
import sklearn.datasets
import torch
from PIL import Image
from torchvision.ops import batched_nms

from models.core.contract import checkpoint
from models.core.contract.errors import WeightsError
from models.core.images.codec import to_tensor
from models.core.images.letterbox import letterbox
from models.core.training.cross_stage import normalized
from models.detection.pretrained.nanodet import DISTANCES, LABELS, SIDE, STRIDES, NanoDet, decode
from models.detection.pretrained.nanodet_tfjs import convert, layers
from tests.models.detection.nanodet_weights import INSTALLED, published, random_network

real = pytest.mark.skipif(not INSTALLED.exists(), reason="the weights of nanodet-g are not installed")


@pytest.fixture(scope="module")
def model() -> NanoDet:
    """With the real weights."""
    torch.set_num_threads(1)
    network = NanoDet()
    network.load_state_dict(checkpoint.load(INSTALLED)[1])
    return network.eval()


def test_published_weights_become_those_of_the_architecture() -> None:
    original = random_network()

    config, state = convert(published(original))

    assert config["labels"] == list(LABELS)
    converted = NanoDet().eval()
    converted.load_state_dict(state)
    picture = torch.rand(1, 3, 64, 96)
    with torch.inference_mode():
        for own, expected in zip(converted(picture), original(picture), strict=True):
            assert torch.equal(own, expected)


def test_every_convolution_has_its_place() -> None:
    names = {name.rpartition(".")[0] for name in NanoDet().state_dict()}

    assert len(list(layers())) == 34
    assert set(layers()) == names


@pytest.mark.parametrize("name", ["nanodet.json", "nanodet.bin"])
def test_a_missing_file_is_named(name: str) -> None:
    files = published(random_network())
    del files[name]

    with pytest.raises(WeightsError, match=name):
        convert(files)


def test_tensors_of_another_network_are_refused() -> None:
    files = published(random_network())
    manifest = json.loads(files["nanodet.json"])
    listed = manifest["weightsManifest"][0]["weights"]
    lateral = next(each for each in listed if each["shape"] == [1, 1, 256, 128])

    lateral["shape"] = [1, 1, 128, 256]
    with pytest.raises(WeightsError, match="shape"):
        convert(files | {"nanodet.json": json.dumps(manifest).encode()})
    lateral["shape"] = [1, 256, 128]
    with pytest.raises(WeightsError, match="shape"):
        convert(files | {"nanodet.json": json.dumps(manifest).encode()})
    lateral["name"] = "other"
    with pytest.raises(WeightsError, match="no tensor"):
        convert(files | {"nanodet.json": json.dumps(manifest).encode()})


def test_boxes_by_hand() -> None:
    """One cell of the coarsest grid: certain distances of 1, 2, 3 strides, and one between 0 and 10."""
    classes = 2
    grids = [torch.zeros(1, classes + 4 * DISTANCES, side, side) for side in (8, 4, 2)]
    cell = grids[2][0, :, 1, 0]
    cell[:classes] = torch.tensor([0.0, 2.0])
    logits = cell[classes:].view(4, DISTANCES)
    logits.fill_(-1000)
    for side, distance in enumerate((1, 2, 3)):
        logits[side, distance] = 0
    logits[3, 0] = logits[3, 10] = 0

    found = decode(grids)

    assert found.boxes.shape == (1, 64 + 16 + 4, 4)
    place = 64 + 16 + 2  # row 1, column 0: the center is (16, 48)
    assert found.boxes[0, place].tolist() == [16 - 32, 48 - 64, 16 + 96, 48 + 160]
    assert found.scores[0, place].tolist() == pytest.approx([0.5, 0.880797], abs=1e-6)
    assert found.distances[0, place, 3, [0, 10]].tolist() == [0.5, 0.5]
    # uniform distributions elsewhere: five strides on every side
    assert found.boxes[0, 0].tolist() == pytest.approx([4 - 40, 4 - 40, 4 + 40, 4 + 40], abs=1e-4)


def test_the_channels_are_blue_green_red_around_their_mean() -> None:
    red = torch.tensor([123.675, 116.28, 103.53]).view(1, 3, 1, 1) / 255

    assert normalized(red).flatten().tolist() == pytest.approx([0, 0, 0], abs=1e-4)
    assert normalized(torch.ones(1, 3, 1, 1)).flatten().tolist() == pytest.approx(
        [(255 - 103.53) / 57.375, (255 - 116.28) / 57.12, (255 - 123.675) / 58.395], abs=1e-4
    )


@real
def test_the_answer_to_nothing_is_that_of_the_original(model: NanoDet) -> None:
    with torch.inference_mode():
        grids = model(torch.zeros(1, 3, SIDE, SIDE))

    scores = [grid[:, : len(LABELS)].sigmoid() for grid in grids]
    assert [grid.shape[2:] for grid in grids] == [(SIDE // stride, SIDE // stride) for stride in STRIDES]
    assert [each.max().item() for each in scores] == pytest.approx([0.015751, 0.015741, 0.019547], abs=2e-6)
    means = [0.00369779, 0.00604828, 0.00945109]
    assert [each.mean().item() for each in scores] == pytest.approx(means, abs=1e-7)
    assert sum(value.numel() for value in model.parameters()) == 3_786_068


SKIMAGE = Path(skimage.__file__).parent / "data"
SKLEARN = Path(sklearn.datasets.__file__).parent / "images"


@real
@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        (
            SKIMAGE / "astronaut.png",
            [("person", 0.734, [15, 14, 364, 507]), ("chair", 0.323, [276, 347, 500, 512])],
        ),
        (SKIMAGE / "chelsea.png", [("cat", 0.578, [2, 0, 440, 296]), ("dog", 0.374, None)]),
        (SKIMAGE / "coffee.png", [("dining table", 0.506, [8, 3, 596, 398])]),
        (
            SKIMAGE / "motorcycle_left.png",
            [("motorcycle", 0.780, [99, 78, 687, 452]), ("motorcycle", 0.321, [2, 119, 50, 231])],
        ),
        (SKIMAGE / "rocket.jpg", []),
        (SKLEARN / "china.jpg", []),
        (SKLEARN / "flower.jpg", [("cake", 0.322, None)]),
    ],
    ids=lambda value: value.stem if isinstance(value, Path) else "",
)  # fmt: skip
def test_known_photos(
    model: NanoDet, picture: Path, expected: list[tuple[str, float, list[int] | None]]
) -> None:
    """Of each class the boxes above 0.3, before suppression across classes."""
    square, placement = letterbox(Image.open(picture).convert("RGB"), SIDE, (0, 0, 0))
    with torch.inference_mode():
        found = decode(model(normalized(to_tensor(square)[None])))

    cells, labels = (found.scores[0] > 0.3).nonzero().unbind(1)
    boxes, scores = placement.to_upload(found.boxes[0][cells]), found.scores[0][cells, labels]
    kept = batched_nms(boxes, scores, labels, 0.6)
    assert [LABELS[labels[index]] for index in kept] == [name for name, _, _ in expected]
    assert scores[kept].tolist() == pytest.approx([score for _, score, _ in expected], abs=6e-4)
    for index, (_, _, box) in zip(kept, expected, strict=True):
        if box is not None:
            assert boxes[index].tolist() == pytest.approx(box, abs=0.51)
