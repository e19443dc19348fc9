"""torchvision's segmentation models: fetched, checked, converted; with random weights."""

import hashlib
import io
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from models.core.contract import checkpoint
from models.core.contract.errors import WeightsError
from models.core.contract.prediction import answer_opened
from models.core.contract.progress import Progress
from models.segmentation.card import PredictParams
from models.segmentation.predict import Predictor
from models.segmentation.pretrained.pull import pull
from models.segmentation.pretrained.torchvision import ARCHITECTURES, MIN_SIDE, SHORT_SIDE, VocNetwork, build

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


def noise(width: int, height: int) -> Image.Image:
    values = np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(values)


def test_pulled_weights_give_the_answers_of_torchvision(published: Path, weights: Path) -> None:
    reference = build(LRASPP, 21).eval()
    reference.load_state_dict(torch.load(published, weights_only=True))
    network = Predictor(weights).model.network
    assert isinstance(network, VocNetwork)
    item = network.prepare(noise(120, 80))
    with torch.inference_mode():
        expected = reference(item.tensor[None])["out"][0]

    torch.testing.assert_close(network.forward([item])[0].logits, expected)
    assert min(item.scaled.size) == SHORT_SIDE
    assert network.classes[0] == "background"
    assert network.classes[15] == "person"


def test_a_deeplab_is_fetched_with_progress_and_gives_the_answers_of_torchvision(tmp_path: Path) -> None:
    file, reports = publish(DEEPLAB, tmp_path), list[tuple[int, int]]()
    progress = Progress(lambda step, total, _metrics, _message: reports.append((step, total)))
    pull(DEEPLAB, tmp_path / "deeplab.safetensors", progress, file.as_uri())
    reference = build(DEEPLAB, 21).eval()
    reference.load_state_dict(torch.load(file, weights_only=True))
    network = Predictor(tmp_path / "deeplab.safetensors").model.network
    item = network.prepare(noise(64, 64))
    with torch.inference_mode():
        expected = reference(item.tensor[None])["out"][0]

    torch.testing.assert_close(network.forward([item])[0].logits, expected)
    size = file.stat().st_size
    assert {total for _, total in reports} == {size}
    done = [step for step, _ in reports]
    assert done == sorted(done)
    assert len(done) > 10
    assert done[-1] == size


@pytest.mark.parametrize("size", [(60, 40), (1, 1), (900, 3)])
def test_the_answer_has_the_size_of_the_upload(weights: Path, size: tuple[int, int]) -> None:
    buffer = io.BytesIO()
    noise(*size).save(buffer, "PNG")
    opened = answer_opened(Predictor(weights), {"image": buffer.getvalue()}, PredictParams())

    assert Image.open(io.BytesIO(opened.prediction.outputs[0].data)).size == size
    assert [stage.id for stage in opened.stages] == ["input", "probabilities", "mask"]
    (level,) = opened.stages[1].data["levels"]
    assert len(level["names"]) == 21
    assert min(level["tile_width"], level["tile_height"]) >= MIN_SIDE


def test_deeplab_has_the_second_head_of_the_published_weights() -> None:
    with torch.device("meta"):
        names = set(build("deeplabv3_mobilenet_v3_large", 21).state_dict())

    assert any(name.startswith("aux_classifier.") for name in names)


def test_an_unknown_name_and_a_damaged_file_are_rejected(published: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="not a pretrained segmentation model"):
        pull("unet", tmp_path / "x.safetensors", Progress())
    torn = tmp_path / published.name
    torn.write_bytes(published.read_bytes()[:-10])
    with pytest.raises(WeightsError, match="is damaged"):
        pull(LRASPP, tmp_path / "x.safetensors", Progress(), torn.as_uri())
    assert not (tmp_path / "x.safetensors").exists()


def test_weights_of_another_network_are_rejected(weights: Path, tmp_path: Path) -> None:
    config, state = checkpoint.load(weights)
    checkpoint.save(tmp_path / "x.safetensors", {**config, "architecture": ARCHITECTURES[1]}, state)

    with pytest.raises(WeightsError, match="another network"):
        Predictor(tmp_path / "x.safetensors")
