"""Crops and training: the same seed gives the same weights, and a resumed training those of a whole one."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from models.core.contract import checkpoint
from models.core.contract.errors import InputError
from models.core.contract.progress import Progress
from models.denoising.architecture import Estimates
from models.denoising.card import SAMPLE_DATASET, TrainParams
from models.denoising.data import Crops, Source, corrupt, to_gray, uneven_levels
from models.denoising.evaluate import add_noise, center_crop, non_local_means
from models.denoising.loss import denoising_loss, estimate_loss
from models.denoising.metrics import psnr
from models.denoising.train import train

QUICK = TrainParams(steps=4, batch_size=2, patch=16, smallest_side=32, seed=3)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def shapes(side: int, seed: int) -> np.ndarray:
    small = np.random.default_rng(seed).integers(0, 256, (5, 5, 3), dtype=np.uint8)
    return np.array(Image.fromarray(small).resize((side, side), Image.Resampling.BICUBIC))


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photos") / "photos.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for split, count in (("train", 3), ("validation", 1)):
            for number in range(count):
                buffer = io.BytesIO()
                Image.fromarray(shapes(48 + number, number)).save(buffer, "PNG")
                archive.writestr(f"{split}/{number}.png", buffer.getvalue())
    return path


def test_a_batch_follows_from_its_seed(dataset: Path) -> None:
    source = Source.of(dataset, "train", 32)
    first, second, third = (source.batch(np.random.default_rng(seed), 3, 16, 60.0) for seed in (1, 1, 2))

    assert first.clean.shape == first.noisy.shape == (3, 3, 16, 16)
    assert first.level.shape == (3, 1, 16, 16)
    assert torch.equal(first.noisy, second.noisy)
    assert not torch.equal(first.noisy, third.noisy)


def test_the_level_map_matches_the_noise() -> None:
    clean = torch.full((3, 64, 64), 0.5)
    levels, measured = [], []
    for seed in range(60):
        noisy, level = corrupt(clean, np.random.default_rng(seed), 20 / 255)
        assert level.min() >= 0
        assert level.max() <= 1.5 * 20 / 255
        levels.append(float(level.square().mean().sqrt()))
        measured.append(float((noisy - clean).square().mean().sqrt()))

    # a gray crop has the same noise in all channels: 4096 values give the level; rounding adds a little
    np.testing.assert_allclose(measured, levels, rtol=0.12, atol=1.5 / 255)
    assert max(levels) > 15 / 255


def test_a_gray_crop_gets_gray_noise() -> None:
    clean = to_gray(torch.rand(3, 16, 16))
    noisy, _ = corrupt(clean, np.random.default_rng(0), 0.2)

    assert torch.equal(noisy[0], noisy[1])
    assert torch.equal(noisy[0], noisy[2])


def test_uneven_levels_stay_in_bounds() -> None:
    levels = uneven_levels(0.1, 32, np.random.default_rng(0))

    assert levels.shape == (1, 32, 32)
    assert 0.05 <= levels.min() < levels.max() <= 0.15


def test_small_photos_are_left_out(dataset: Path) -> None:
    assert len(Source.of(dataset, "train", 49).photos) == 2
    with pytest.raises(InputError, match="at least 100"):
        Source.of(dataset, "train", 100)


def test_the_loss_is_the_worked_example() -> None:
    clean, level = torch.full((1, 3, 4, 8), 0.5), torch.full((1, 1, 4, 8), 0.08)
    crops = Crops(clean, clean, level)
    estimates = Estimates(torch.tensor([[[0.08, 0.18]]]), torch.zeros(1, 1, 2))

    picture = denoising_loss(clean + 0.02, crops)
    guess = estimate_loss(estimates, level)

    assert picture.item() == pytest.approx(0.02002, abs=1e-5)
    assert guess.item() == pytest.approx(3.0)
    assert (picture + 0.02 * guess).item() == pytest.approx(0.08002, abs=1e-5)


def run(dataset: Path, folder: Path, params: TrainParams = QUICK, **more: object) -> dict[str, torch.Tensor]:
    folder.mkdir(exist_ok=True)
    train(dataset, params, weights=folder / "w.safetensors", device="cpu", **{"progress": Progress(), **more})  # type: ignore[arg-type]
    return checkpoint.load(folder / "w.safetensors")[1]


def test_another_seed_gives_other_weights(dataset: Path, tmp_path: Path) -> None:
    one, other = (
        run(dataset, tmp_path / str(seed), QUICK.model_copy(update={"steps": 1, "seed": seed}))
        for seed in (3, 4)
    )

    assert not all(torch.equal(one[name], other[name]) for name in one)
    assert {value.dtype for value in one.values()} == {torch.float16}


def test_metrics_are_reported_and_logged(dataset: Path, tmp_path: Path) -> None:
    reports: list[Mapping[str, float]] = []
    run(dataset, tmp_path, progress=Progress(lambda *report: reports.append(report[2])))

    assert len(reports) == QUICK.steps
    assert {"loss", "loss_picture", "loss_guess", "learning_rate"} <= set(reports[0])
    assert {"psnr_15", "psnr_25", "psnr_50", "psnr", "level_error"} <= set(reports[-1])


def test_a_file_that_is_not_an_archive_is_an_input_error(tmp_path: Path) -> None:
    path = tmp_path / "photos.zip"
    path.write_bytes(b"no archive")

    with pytest.raises(InputError, match="not a ZIP"):
        run(path, tmp_path / "out")


def test_the_center_crop_has_whole_cells() -> None:
    pixels = np.arange(30 * 45 * 3, dtype=np.uint32).reshape(30, 45, 3).astype(np.uint8)

    crop = center_crop(pixels, 32)

    assert crop.shape == (24, 32, 3)
    np.testing.assert_allclose(crop[0, 0], pixels[3, 6] / np.float32(255))


def test_the_baseline_removes_noise() -> None:
    clean = center_crop(shapes(64, 0), 64)
    noisy = add_noise(clean, 25, 0)

    assert (noisy - clean).std() == pytest.approx(25 / 255, rel=0.02)
    answer = non_local_means(noisy, 25, (5, 6, 0.6))
    assert psnr(answer, clean, 1.0) > psnr(noisy, clean, 1.0) + 5


@pytest.mark.slow
def test_the_sample_dataset_teaches_something(tmp_path: Path) -> None:
    reports: list[Mapping[str, float]] = []
    run(SAMPLE_DATASET, tmp_path, TrainParams(), progress=Progress(lambda *report: reports.append(report[2])))

    assert reports[-1]["psnr_25"] > 24.0  # 20.2 with the noise as it is
