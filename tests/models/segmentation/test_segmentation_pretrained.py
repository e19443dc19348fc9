"""torchvision's segmenters: fetched, checked, converted; answering from checkpoints made here."""

import hashlib
import io
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from models.core.contract import checkpoint
from models.core.contract.errors import WeightsError
from models.core.contract.progress import Progress
from models.segmentation.card import PredictParams
from models.segmentation.predict import Predictor
from models.segmentation.pretrained.pull import pull
from models.segmentation.pretrained.torchvision import ARCHITECTURES, LEAST, SHORTER, VocNetwork, build

LRASPP, DEEPLAB = ARCHITECTURES[:2]


def publish(architecture: str, folder: Path) -> Path:
    """A checkpoint as torchvision publishes them: pickled tensors, the hash in the name."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    path = folder / "weights.pth"
    torch.save(build(architecture, 21).state_dict(), path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return path.rename(path.with_name(f"{architecture}-{digest[:8]}.pth"))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(LRASPP, tmp_path_factory.mktemp("published"))


@pytest.fixture(scope="module")
def weights(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pulled") / f"{LRASPP}.safetensors"
    pull(LRASPP, path, Progress(), published.as_uri())
    return path


def picture(width: int, height: int) -> bytes:
    values = np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(values).save(buffer, "PNG")
    return buffer.getvalue()


def test_what_is_pulled_says_what_torchvision_says(published: Path, weights: Path) -> None:
    theirs = build(LRASPP, 21).eval()
    theirs.load_state_dict(torch.load(published, weights_only=True))
    network = Predictor(weights).network
    assert isinstance(network, VocNetwork)
    given = network.prepare(Image.open(io.BytesIO(picture(120, 80))))
    with torch.inference_mode():
        expected = theirs(given.tensor[None])["out"][0]

    torch.testing.assert_close(network.forward([given])[0].logits, expected)
    assert min(given.seen.size) == SHORTER
    assert network.classes[0] == "background"
    assert network.classes[15] == "person"


def test_a_deeplab_is_fetched_with_progress_checked_and_says_what_torchvision_says(tmp_path: Path) -> None:
    file, told = publish(DEEPLAB, tmp_path), list[tuple[int, int]]()
    progress = Progress(lambda step, total, _metrics, _message: told.append((step, total)))
    pull(DEEPLAB, tmp_path / "deeplab.safetensors", progress, file.as_uri())
    theirs = build(DEEPLAB, 21).eval()
    theirs.load_state_dict(torch.load(file, weights_only=True))
    network = Predictor(tmp_path / "deeplab.safetensors").network
    given = network.prepare(Image.open(io.BytesIO(picture(64, 64))))
    with torch.inference_mode():
        expected = theirs(given.tensor[None])["out"][0]

    torch.testing.assert_close(network.forward([given])[0].logits, expected)
    size = file.stat().st_size
    assert {total for _, total in told} == {size}
    done = [step for step, _ in told]
    assert done == sorted(done)
    assert len(done) > 10
    assert done[-1] == size


@pytest.mark.parametrize("size", [(60, 40), (1, 1), (900, 3)])
def test_the_answer_has_the_size_of_the_upload(weights: Path, size: tuple[int, int]) -> None:
    prediction = Predictor(weights)(picture(*size), PredictParams())

    assert Image.open(io.BytesIO(prediction.outputs[0].data)).size == size
    assert [stage.id for stage in prediction.stages] == ["input", "probabilities", "mask"]
    (level,) = prediction.stages[1].data["levels"]
    assert len(level["names"]) == 21
    assert min(level["tile_width"], level["tile_height"]) >= LEAST


def test_the_networks_with_a_second_head_take_their_published_names() -> None:
    with torch.device("meta"):
        names = set(build("deeplabv3_mobilenet_v3_large", 21).state_dict())

    assert any(name.startswith("aux_classifier.") for name in names)


def test_an_unknown_name_and_a_damaged_file_are_refused(published: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="no pretrained segmenter"):
        pull("unet", tmp_path / "x.safetensors", Progress())
    torn = tmp_path / published.name
    torn.write_bytes(published.read_bytes()[:-10])
    with pytest.raises(WeightsError, match="it is damaged"):
        pull(LRASPP, tmp_path / "x.safetensors", Progress(), torn.as_uri())
    assert not (tmp_path / "x.safetensors").exists()


def test_weights_of_another_network_are_refused(weights: Path, tmp_path: Path) -> None:
    config, state = checkpoint.load(weights)
    checkpoint.save(tmp_path / "x.safetensors", {**config, "architecture": ARCHITECTURES[1]}, state)

    with pytest.raises(WeightsError, match="another network's"):
        Predictor(tmp_path / "x.safetensors")
