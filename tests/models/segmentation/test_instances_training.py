"""The composites that the mask network learns from, and its training."""

from pathlib import Path

import numpy as np
import pytest
import torch

from models.core.contract import checkpoint
from models.core.contract.errors import InputError
from models.core.recipe.cutout_bank import Entry, write
from models.core.training.composites import Bank
from models.core.training.cross_stage import Encoder
from models.core.training.state import to_float16
from models.segmentation.instances import data
from models.segmentation.instances.architecture import BoxUNet, Config
from models.segmentation.instances.crop import Box
from models.segmentation.instances.data import Composer, Example, bounds, jittered, paste, strip
from models.segmentation.instances.network import MaskNetwork
from models.segmentation.instances.train import train

SIZE = 64


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ellipses of three subjects per split, and a background each."""
    path = tmp_path_factory.mktemp("bank") / "things.npz"
    random = np.random.default_rng(0)
    cutouts, backgrounds = [], []
    ys, xs = np.mgrid[-1:1:48j, -1:1:64j]
    for split in ("train", "validation", "test"):
        for number in range(3):
            pixels = random.integers(0, 256, (48, 64, 4), dtype=np.uint8)
            pixels[..., 3] = 255 * (xs**2 + (1 + number / 4) * ys**2 < 1)
            cutouts.append((Entry("photograph", f"{split}{number}", split, "", "", "", ""), pixels))
        ground = random.integers(0, 256, (96, 128, 3), dtype=np.uint8)
        backgrounds.append((Entry("", split, split, "", "", "", ""), ground))
    write(path, ["photograph"], cutouts, backgrounds)
    return path


def composed(bank: Path, count: int, split: str = "train") -> list[Example]:
    torch.set_num_threads(1)
    composer = Composer(Bank.load(bank), split, SIZE)
    return [composer.compose(np.random.default_rng([5, index])) for index in range(count)]


def test_a_crop_has_a_thing_in_its_box(bank: Path) -> None:
    for example in composed(bank, 40):
        mask, box = example.mask[0] > 0.5, example.box[0] > 0.5

        assert example.image.shape == (3, SIZE, SIZE)
        assert 0 <= example.image.min() <= example.image.max() <= 1
        assert mask.any()
        assert (mask & box).sum() > 0.6 * mask.sum()
        # the crop is 1.3 times the longer side of the box
        longest = max(int(box.any(0).sum()), int(box.any(1).sum()))
        assert longest == pytest.approx(SIZE / 1.3, abs=2)


def test_what_is_outside_the_picture_is_black_and_no_part_of_the_thing(bank: Path) -> None:
    cut_off = 0
    for example in composed(bank, 60):
        black = (example.image == 0).all(0)
        rows, columns = black.all(1), black.all(0)
        cut_off += bool(rows.any() or columns.any())

        assert not (example.mask[0, rows] > 0).any()
        assert not (example.mask[0, :, columns] > 0).any()
    assert cut_off > 10


def test_the_same_seed_gives_the_same_crop(bank: Path) -> None:
    one, other = (composed(bank, 3) for _ in range(2))

    assert all(
        torch.equal(a.image, b.image) and torch.equal(a.mask, b.mask) for a, b in zip(one, other, strict=True)
    )


def test_subjects_of_one_split_only(bank: Path) -> None:
    names = Bank.load(bank)
    test = {example.subject for example in composed(bank, 20, "test")}

    assert test <= set(names.subject[(names.split == 2) & (names.label >= 0)])


def test_a_bank_without_cut_outs_of_the_split_is_refused(tmp_path: Path) -> None:
    pixels = np.full((8, 8, 4), 255, np.uint8)
    write(
        tmp_path / "b.npz", ["photograph"], [(Entry("photograph", "a", "train", "", "", "", ""), pixels)], []
    )

    with pytest.raises(InputError, match="test"):
        Composer(Bank.load(tmp_path / "b.npz"), "test", SIZE)


def test_bounds_are_those_of_the_visible_part() -> None:
    shape = torch.zeros(10, 12, dtype=torch.bool)
    shape[2:8, 3:9] = True

    assert bounds(shape) == Box(3, 2, 9, 8)
    assert bounds(shape, Box(-50, 4, 6, 50)) == Box(3, 4, 6, 8)


def test_a_jittered_box_is_near_the_true_one() -> None:
    boxes = [jittered(Box(0, 0, 100, 50), np.random.default_rng(index)) for index in range(200)]
    lefts, bottoms = ([getattr(box, side) for box in boxes] for side in ("left", "bottom"))

    assert np.std(lefts) == pytest.approx(5, abs=1)
    assert np.std(bottoms) == pytest.approx(2.5, abs=0.5)
    assert max(map(abs, lefts)) <= 15


def test_pasting_blends_by_alpha_and_clips_at_the_edge() -> None:
    canvas = torch.full((3, 4, 4), 0.5)
    thing = torch.cat([torch.full((3, 2, 2), 0.25), torch.full((1, 2, 2), 0.25)])  # white at a quarter
    alpha = paste(canvas, thing, np.array([0.0, 2.0]))

    assert alpha.tolist() == [[0] * 4, [0.25, 0, 0, 0], [0.25, 0, 0, 0], [0] * 4]
    assert canvas[0, 1].tolist() == [0.5 * 0.75 + 0.25, 0.5, 0.5, 0.5]


def test_a_strip_passes_through_its_place() -> None:
    for seed in range(30):
        cover, across = strip(SIZE, (20, 40), np.random.default_rng(seed))
        inside = cover > 0.99

        assert cover[20, 40] > 0.3  # the thinnest is 1.3 pixels wide
        assert 0.01 < cover.mean() < 0.3
        assert (across[cover == 0].abs() == 1).all()
        if inside.sum() > 200:  # wide enough to have two sides
            assert across[inside].min() < -0.3
            assert across[inside].max() > 0.3


def test_what_a_branch_covers_is_no_part_of_the_thing(bank: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to the branch, the same generator draws the same crop."""
    monkeypatch.setattr(data, "BRANCH", 0.0)
    without = composed(bank, 30)
    monkeypatch.setattr(data, "BRANCH", 1.0)
    behind = composed(bank, 30)

    covered = [
        float(1 - after.mask.sum() / before.mask.sum()) for before, after in zip(without, behind, strict=True)
    ]
    assert all((after.mask <= before.mask).all() for before, after in zip(without, behind, strict=True))
    assert sum(share > 0.01 for share in covered) > 20
    assert max(covered) < 0.4


@pytest.mark.slow  # of the whole network, at its full size
def test_the_decoder_alone_can_be_trained(bank: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    start, weights = tmp_path / "start.safetensors", tmp_path / "mine.safetensors"
    model = BoxUNet(Config())
    checkpoint.save(start, model.config.to_json(), to_float16(model))
    train(bank, None, 1, start=start, decoder_only=True, weights=weights, checkpoint=tmp_path / "state")

    before, after = (checkpoint.load(path)[1] for path in (start, weights))
    changed = {name.split(".")[0] for name, each in before.items() if not torch.equal(each, after[name])}
    assert changed == {"decoder", "classify"}


@pytest.mark.slow  # of the whole network, at its full size
def test_a_training_goes_on_from_its_checkpoint(bank: Path, tmp_path: Path) -> None:
    encoder, checkpoint_file = tmp_path / "nanodet.safetensors", tmp_path / "state.checkpoint"
    torch.manual_seed(0)
    head = {"heads.0.1.weight": torch.zeros(1)}  # what a detector has besides its backbone
    checkpoint.save(encoder, {}, Encoder().state_dict() | head)
    weights = tmp_path / "mine.safetensors"
    for _ in range(2):  # the second time, all is done already but the last step
        train(bank, encoder, 2, weights=weights, checkpoint=checkpoint_file, save_seconds=0.0)

    network = MaskNetwork(*checkpoint.load(weights), "cpu")
    before = Encoder().state_dict()
    assert checkpoint.load(checkpoint_file)[0]["step"] == 2
    assert not torch.equal(network.model.encoder.state_dict()["stem.0.weight"], before["stem.0.weight"])
    lines = weights.with_suffix(".log.csv").read_text("utf-8").splitlines()
    assert lines[0].startswith("step,loss,cross_entropy,dice,learning_rate,iou")
    assert [line.split(",")[0] for line in lines[1:]] == ["1", "2"]
