"""Trainings of a few steps on a tiny bank."""

from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA

from models.autoencoding import files
from models.autoencoding.card import SAMPLE_DATASET, TrainParams
from models.autoencoding.train import train
from models.core.contract.progress import Progress
from models.core.generative.pictures import load


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Bright squares on black, in two classes by their size."""
    random, pictures = np.random.default_rng(0), np.zeros((70, 16, 16), np.uint8)
    labels = (np.arange(70) % 2).astype(np.uint8)
    for picture, label in zip(pictures, labels, strict=True):
        left = int(random.integers(3, 7))
        picture[4 : 8 + 4 * label, left : left + 6] = 200
    path = tmp_path_factory.mktemp("bank") / "squares.npz"
    splits = {"train": slice(0, 50), "validation": slice(50, 60), "test": slice(60, 70)}
    arrays = {name: pictures[part] for name, part in splits.items()}
    arrays |= {f"{name}_labels": labels[part] for name, part in splits.items()}
    np.savez(path, allow_pickle=False, classes=np.array(["low", "high"]), **arrays)
    return path


@pytest.mark.parametrize("kind", ["autoencoder", "denoising", "variational"])
def test_a_training_keeps_what_its_stages_need(bank: Path, tmp_path: Path, kind: str) -> None:
    torch.set_num_threads(1)
    params = TrainParams.model_validate(
        {"kind": kind, "latent": 3, "steps": 30, "batch_size": 10, "learning_rate": 0.01}
    )
    found = train(bank, params, weights=tmp_path / "w.safetensors", device="cpu", progress=Progress())
    trained = files.load(tmp_path / "w.safetensors")

    assert found.figure == ("negative_elbo" if kind == "variational" else "psnr")
    assert found["psnr"] > 10  # that of all black is 9.3 dB
    assert trained.classes == ("low", "high")
    assert trained.has_dark_background
    assert trained.held_out.means.shape == (10, 3)
    assert trained.held_out.labels.tolist() == [0, 1] * 5
    assert bool((trained.held_out.kl > 0).all()) == (kind == "variational")
    assert not trained.held_out.has_threshold  # ten pictures are too few
    assert trained.samples is not None
    assert trained.samples.sheets[-1].step == 30


@pytest.mark.slow
def test_two_numbers_of_the_autoencoder_keep_more_than_two_of_pca(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    params = TrainParams.model_validate({"kind": "autoencoder", "latent": 2, "steps": 600, "seed": 1})
    found = train(
        SAMPLE_DATASET, params, weights=tmp_path / "w.safetensors", device="cpu", progress=Progress()
    )
    pictures = load(SAMPLE_DATASET)
    learned, held_out = (
        part.pictures.reshape(len(part), -1) / 255 for part in (pictures.train, pictures.validation)
    )
    pca = PCA(2, random_state=0).fit(learned)
    errors = np.square(held_out - pca.inverse_transform(pca.transform(held_out))).mean(axis=1)

    assert found["psnr"] > float(np.mean(-10 * np.log10(errors))) + 0.8
