"""The training: it learns, resumes, and refuses photos that it cannot use."""

import csv
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from models.core.contract import checkpoint
from models.core.contract.errors import InputError, Preempted
from models.core.contract.progress import Progress
from models.super_resolution import train as training
from models.super_resolution.architecture import Config, Generator
from models.super_resolution.card import START_OTHER, START_SHIPPED, TrainParams
from models.super_resolution.data import Patches
from models.super_resolution.train import train
from tests.models.stopping import StopAt

SHORT = {"steps": 3, "batch_size": 2, "patch_size": 16}


def _photo(seed: int, side: int = 330) -> bytes:
    """Antialiased ellipses on a gradient: edges in all directions."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[: 3 * side, : 3 * side]
    picture = np.stack([rows * 0.1, columns * 0.1, (rows + columns) * 0.06], axis=2)
    for _ in range(60):
        middle, radius = random.integers(0, 3 * side, 2), random.integers(12, 120, 2)
        inside = ((rows - middle[0]) / radius[0]) ** 2 + ((columns - middle[1]) / radius[1]) ** 2 < 1
        picture[inside] = random.integers(0, 256, 3)
    buffer = io.BytesIO()
    Image.fromarray(picture.astype(np.uint8)).reduce(3).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("photos") / "photos.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for seed, split in enumerate(("train", "train", "validation")):
            archive.writestr(f"{split}/{seed}.png", _photo(seed))
    torch.set_num_threads(1)
    return file


def test_a_resumed_training_against_a_critic_equals_an_uninterrupted_one(
    dataset: Path, tmp_path: Path
) -> None:
    params = TrainParams.model_validate({**SHORT, "adversarial": 0.005})
    straight, resumed = tmp_path / "straight.safetensors", tmp_path / "resumed.safetensors"
    train(dataset, params, weights=straight, device="cpu", progress=Progress())

    saved = tmp_path / "checkpoint"
    with pytest.raises(Preempted):
        train(dataset, params, weights=resumed, device="cpu", progress=StopAt(2), checkpoint=saved)
    train(dataset, params, weights=resumed, device="cpu", progress=Progress(), checkpoint=saved)

    assert straight.read_bytes() == resumed.read_bytes()
    config, state = checkpoint.load(straight)
    assert config["loss"] == "gan"
    assert all(value.dtype == torch.float16 for value in state.values())


def test_the_log_contains_losses_and_validation(dataset: Path, tmp_path: Path) -> None:
    weights = tmp_path / "gan.safetensors"
    params = TrainParams.model_validate({**SHORT, "adversarial": 0.005, "scale": 2})

    metrics = train(dataset, params, weights=weights, device="cpu", progress=Progress())

    with weights.with_suffix(".log.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["step"] for row in rows] == ["1", "2", "3"]
    assert float(rows[-1]["loss_critic"]) > 0
    assert float(rows[-1]["loss_perceptual"]) > 0
    assert float(rows[-1]["psnr_y"]) == pytest.approx(metrics["psnr_y"], rel=1e-4)
    assert float(rows[-1]["psnr_y_jpeg_bicubic"]) < float(rows[-1]["psnr_y_bicubic"])
    assert metrics["psnr_y_both"] == pytest.approx((metrics["psnr_y"] + metrics["psnr_y_jpeg"]) / 2)


@pytest.mark.parametrize(
    ("degraded", "figure"), [(0.0, "psnr_y"), (0.5, "psnr_y_both"), (1.0, "psnr_y_jpeg")]
)
def test_the_best_weights_are_chosen_by_the_pictures_that_they_learned_from(
    degraded: float, figure: str
) -> None:
    assert training.validation_figure(degraded) == figure


@pytest.mark.slow
def test_a_training_reduces_the_error_of_bicubic_resizing(dataset: Path, tmp_path: Path) -> None:
    params = TrainParams(steps=60, batch_size=2, patch_size=16, scale=2, learning_rate=0.004, degraded=0)

    metrics = train(dataset, params, weights=tmp_path / "w", device="cpu", progress=Progress())

    assert metrics["psnr_y"] > metrics["psnr_y_bicubic"]
    assert checkpoint.load(tmp_path / "w")[0]["loss"] == "psnr"


def test_a_training_may_start_from_the_other_scale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = Generator(Config(scale=4))
    torch.nn.init.normal_(shipped.tail.weight)
    file = tmp_path / "psnr-x4.safetensors"
    checkpoint.save(file, shipped.config.to_json(), shipped.state_dict())
    monkeypatch.setattr(
        training, "shipped_weights", lambda loss, scale: tmp_path / f"{loss}-x{scale}.safetensors"
    )

    other, without = training.initial_networks(TrainParams(scale=2, start=START_OTHER), "cpu")
    same, discriminator = training.initial_networks(
        TrainParams(scale=4, start=START_SHIPPED, adversarial=0.1), "cpu"
    )

    assert torch.equal(other.body.weight, shipped.body.weight)
    assert not other.tail.weight.any()
    assert torch.equal(same.tail.weight, shipped.tail.weight)
    assert same.config.loss == "gan"
    assert without is None
    assert discriminator is not None


def test_patches_fit_their_photos(dataset: Path) -> None:
    patches = Patches(dataset, 4, 16)

    low, high = patches.batch(np.random.default_rng(0), 3)

    assert low.shape == (3, 3, 16, 16)
    assert high.shape == (3, 3, 64, 64)
    # a patch at a quarter of its size is the small patch, except at its border
    shrunk = torch.nn.functional.interpolate(high, scale_factor=0.25, mode="bicubic", antialias=True)
    assert (shrunk - low)[..., 2:-2, 2:-2].abs().max() < 0.02


def test_photos_that_are_too_small_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "small.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("train/small.png", _photo(0, side=200))

    with pytest.raises(InputError, match="at least 320 × 320"):
        train(file, TrainParams(), weights=tmp_path / "w", device="cpu", progress=Progress())


def test_a_dataset_without_validation_is_not_measured_on_its_training_photos(tmp_path: Path) -> None:
    file = tmp_path / "photos.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("train/one.png", _photo(0))

    metrics = train(
        file, TrainParams.model_validate(SHORT), weights=tmp_path / "w", device="cpu", progress=Progress()
    )

    assert metrics == {}
    assert metrics.part is None
    assert "nothing was measured" in " ".join(metrics.notes)
