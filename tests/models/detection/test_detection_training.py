"""Composites and training: the same seed gives the same weights, whether or not it was interrupted."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import torch

from models.core.contract import checkpoint
from models.core.contract.errors import InputError
from models.core.contract.progress import Progress
from models.core.recipe.cutout_bank import Entry, entries, write
from models.core.training.composites import MIN_VISIBLE, Bank, Composer
from models.core.training.samples import CUTOUTS
from models.core.training.schedule import learning_rate
from models.detection import recipe
from models.detection.card import TrainParams
from models.detection.data import batch
from models.detection.recipe.bank import spread
from models.detection.train import image_size, train

QUICK = TrainParams(steps=4, batch_size=2, image_size=64, seed=3, start="scratch")


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def picture(color: tuple[int, int, int], side: int) -> np.ndarray:
    pixels = np.zeros((side, side, 4), np.uint8)
    pixels[..., :3] = color
    pixels[..., 3] = 255
    return pixels


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bank") / "bank.npz"
    cutouts = [
        (Entry(label, f"{label}{number}", split, "p", "f", "CC0", ""), picture(color, 30 + number))
        for label, color in (("red", (230, 20, 20)), ("blue", (20, 20, 230)))
        for split in ("train", "validation", "test")
        for number in range(3)
    ]
    ground = Entry("", "ground", "train", "p", "f", "CC0", "")
    write(path, ["blue", "red"], cutouts, [(ground, np.full((40, 60, 3), 90, np.uint8))])
    return path


def test_a_bank_returns_what_was_written(dataset: Path) -> None:
    bank = Bank.load(dataset)

    assert bank.labels == ("blue", "red")
    assert len(bank.pictures) == 19
    assert bank.label.tolist() == [1] * 9 + [0] * 9 + [-1]
    np.testing.assert_array_equal(bank.pictures[1], picture((230, 20, 20), 31))


def test_the_same_images_give_the_same_bytes(tmp_path: Path) -> None:
    row = (Entry("red", "a", "train", "p", "f", "CC0", ""), picture((1, 2, 3), 4))
    for name in ("a.npz", "b.npz"):
        write(tmp_path / name, ["red"], [row], [])

    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 torn", b"no archive at all"])
def test_a_file_that_is_not_a_bank_is_an_input_error(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "bank.npz"
    path.write_bytes(data)

    with pytest.raises(InputError, match="not a bank"):
        Bank.load(path)


def test_boxes_fit_the_drawn_objects(dataset: Path) -> None:
    composer = Composer(Bank.load(dataset), "test", background_split="train", augment=False)
    for seed in range(40):
        composite = composer.compose(np.random.default_rng(seed), 96)
        red = composite.image[0] - composite.image[2]
        for box in composite.boxes:
            assert 0 <= box[0] < box[2] <= 96
            assert 0 <= box[1] < box[3] <= 96
        if len(composite.labels) == 1:
            mask = (red if composite.labels[0] == 1 else -red) > 0.4
            ys, xs = (mask.any(dim).nonzero()[:, 0] for dim in (1, 0))
            drawn = [int(xs[0]), int(ys[0]), int(xs[-1]) + 1, int(ys[-1]) + 1]
            assert np.abs(composite.boxes[0] - drawn).max() <= 2


def test_no_object_is_hidden(dataset: Path) -> None:
    composer = Composer(Bank.load(dataset), "train", augment=False)
    for seed in range(60):
        composite = composer.compose(np.random.default_rng(seed), 96)
        area = (composite.boxes[:, 2:] - composite.boxes[:, :2]).prod(axis=1)
        for below in range(len(area)):
            for above in range(below + 1, len(area)):
                a, b = composite.boxes[below], composite.boxes[above]
                shared = np.clip(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0, None).prod()
                assert shared <= (1 - MIN_VISIBLE + 0.35) * area[below]  # boxes overlap more than pixels


def test_a_composite_is_fixed_by_its_seed(dataset: Path) -> None:
    composer = Composer(Bank.load(dataset), "train")
    first, second, third = (composer.compose(np.random.default_rng(seed), 64) for seed in (1, 1, 2))

    assert torch.equal(first.image, second.image)
    assert not torch.equal(first.image, third.image)


def test_targets_are_padded_to_the_longest(dataset: Path) -> None:
    composer = Composer(Bank.load(dataset), "train")
    composites = [composer.compose(np.random.default_rng(seed), 64) for seed in range(6)]

    images, targets = batch(composites)

    assert images.shape == (6, 3, 64, 64)
    assert targets.present.sum(dim=1).tolist() == [len(each.labels) for each in composites]


def test_no_subject_is_in_two_splits() -> None:
    lists = Path(str(recipe.__file__)).parent / "splits"
    for name in ("cutouts.csv", "backgrounds.csv"):
        splits_of: dict[tuple[str, str], set[str]] = {}
        for entry in entries(lists / name):
            splits_of.setdefault((entry.label, entry.subject), set()).add(entry.split)
        assert all(len(splits) == 1 for splits in splits_of.values())


def test_a_sample_spreads_over_subjects() -> None:
    rows = [Entry("x", subject, "train", "p", "f", "PD", str(i)) for i, subject in enumerate("aaaabc")]

    assert {entry.subject for entry in spread(rows, 3)} == {"a", "b", "c"}
    assert len(spread(rows, 5)) == 5


def test_training_starts_small_and_ends_at_full_size() -> None:
    params = TrainParams(steps=100, image_size=224)

    assert [image_size(step, params) for step in (0, 79, 80, 99)] == [160, 160, 224, 224]
    rates = [learning_rate(step, params.steps, params.learning_rate) for step in range(100)]
    assert rates[0] < rates[2] == pytest.approx(params.learning_rate, rel=0.01)
    assert rates[-1] < 0.05 * params.learning_rate


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


def test_metrics_are_reported_and_logged(dataset: Path, tmp_path: Path) -> None:
    reports: list[Mapping[str, float]] = []
    run(dataset, tmp_path, progress=Progress(lambda *report: reports.append(report[2])))

    assert len(reports) == QUICK.steps
    assert {"loss", "loss_box", "loss_objectness", "loss_class", "learning_rate"} <= set(reports[0])
    assert {"map50", "ap50_agnostic"} <= set(reports[-1])


@pytest.mark.slow
@pytest.mark.timeout(600)  # 100 s of a quiet core
def test_the_loss_falls_on_the_sample_dataset(tmp_path: Path) -> None:
    losses: list[float] = []
    run(
        CUTOUTS,
        tmp_path,
        TrainParams(start="scratch"),
        progress=Progress(lambda *report: losses.append(report[2]["loss"])),
    )

    assert np.mean(losses[-20:]) < 0.92 * np.mean(losses[:20])
