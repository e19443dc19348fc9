"""Crops, losses and the training: same seed, same weights; a resumed training equals an uninterrupted one."""

import csv
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from models.colorization.architecture import Config, Discriminator, Generator, load_networks, save_networks
from models.colorization.card import SAMPLE_DATASET, TrainParams
from models.colorization.data import color_photos, crop, draw_indices, is_colored, make_batch
from models.colorization.lab import rgb_to_lab
from models.colorization.loss import adversarial_loss, color_loss, discriminator_loss
from models.colorization.train import initial_networks, train
from models.core.contract import checkpoint
from models.core.contract.errors import InputError, Preempted
from models.core.contract.progress import Progress
from models.core.images.codec import to_tensor
from models.core.training.backbone import detector_weights
from tests.models.stopping import StopAt

QUICK = TrainParams(steps=4, batch_size=2, image_size=64, seed=3, start="scratch", adversarial=0.05)
WITHOUT = QUICK.model_copy(update={"adversarial": 0.0})


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def scene(color: tuple[int, int, int], side: int = 80) -> Image.Image:
    """Sky over ground."""
    pixels = np.zeros((side, side + 20, 3), np.uint8)
    pixels[: side // 2] = (120, 170, 240)
    pixels[side // 2 :] = color
    return Image.fromarray(pixels)


def zipped(path: Path, pictures: Mapping[str, Image.Image]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, picture in pictures.items():
            file = io.BytesIO()
            picture.save(file, "PNG")
            archive.writestr(name, file.getvalue())
    return path


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pictures = {f"train/{index}.png": scene((40, 110 + 10 * index, 30)) for index in range(4)}
    pictures |= {f"validation/{index}.png": scene((50, 120, 40 + index)) for index in range(2)}
    pictures["train/gray.png"] = scene((40, 110, 30)).convert("L")
    return zipped(tmp_path_factory.mktemp("photos") / "photos.zip", pictures)


def test_gray_photos_are_left_out(dataset: Path) -> None:
    assert [photo.name for photo in color_photos(dataset, "train")] == [
        f"train/{index}.png" for index in range(4)
    ]
    assert is_colored(scene((40, 110, 30)))
    assert not is_colored(scene((40, 110, 30)).convert("L").convert("RGB"))


def test_a_dataset_of_gray_photos_is_refused(tmp_path: Path) -> None:
    gray = zipped(tmp_path / "gray.zip", {"train/a.png": scene((1, 2, 3)).convert("L")})

    with pytest.raises(InputError, match="train split of the dataset has no color photo"):
        color_photos(gray, "train")


def test_a_batch_has_lightness_and_its_true_colors() -> None:
    picture = Image.new("RGB", (90, 70), (200, 60, 40))
    photo = color_photos(SAMPLE_DATASET, "train")[0]
    random = np.random.default_rng(0)
    lightness, truth = make_batch([type(photo)("red", picture), photo], 64, random)
    red = rgb_to_lab(to_tensor(picture))[1:, :1, :1]

    assert lightness.shape == (2, 1, 64, 64)
    assert truth.shape == (2, 2, 32, 32)
    assert ((lightness >= 0) & (lightness <= 100)).all()
    torch.testing.assert_close(truth[0], red.expand(2, 32, 32), atol=1e-2, rtol=0)
    assert truth[1].std() > 1


def test_crops_depend_on_the_seed_only() -> None:
    photo = color_photos(SAMPLE_DATASET, "train")[0].picture
    crops = [crop(photo, 64, np.random.default_rng(seed)) for seed in range(10)]
    distinct = {each.numpy().tobytes() for each in crops}  # a whole picture may be drawn twice

    assert len(distinct) > 5
    assert torch.equal(crops[4], crop(photo, 64, np.random.default_rng(4)))


def test_no_photo_is_drawn_twice_while_there_are_others() -> None:
    random = np.random.default_rng(0)

    assert sorted(draw_indices(5, 5, random)) == [0, 1, 2, 3, 4]
    assert set(draw_indices(3, 7, random)) == {0, 1, 2}
    assert len(draw_indices(3, 7, random)) == 7


def test_the_color_loss_of_the_docstring() -> None:
    """One gray pixel (m = 1), off by 11 in a* and b*, and one of chroma 40 (m = 2 with r = 1), exact."""
    truth = torch.tensor([[[[0.0, 40.0]], [[0.0, 0.0]]]])
    predicted = truth + torch.tensor([[[[11.0, 0.0]], [[11.0, 0.0]]]])

    assert color_loss(predicted, truth, 0.0).item() == pytest.approx(5.5 / 110)
    assert color_loss(predicted, truth, 1.0).item() == pytest.approx(5.5 / 1.5 / 110)
    assert color_loss(truth, truth, 1.0).item() == 0


def test_the_adversarial_losses_of_the_docstring() -> None:
    true, predicted = torch.tensor([2.0]), torch.tensor([-1.0])

    assert true.sigmoid().item() == pytest.approx(0.88, abs=0.005)
    assert predicted.sigmoid().item() == pytest.approx(0.27, abs=0.005)
    assert discriminator_loss(true, predicted).item() == pytest.approx((0.327 + 0.313) / 2, abs=0.0005)
    assert discriminator_loss(true, predicted).item() == pytest.approx(0.320, abs=0.0005)
    assert adversarial_loss(predicted).item() == pytest.approx(1.313, abs=0.0005)


def test_an_l1_loss_leads_to_the_median() -> None:
    """One strong color among two gray ones: the best single answer is gray, not the mean."""
    truth = torch.tensor([0.0, 0.0, 60.0]).reshape(1, 1, 1, 3).expand(1, 2, 1, 3)
    loss = {
        value: color_loss(torch.full_like(truth, value), truth, 0.0).item() for value in (0.0, 10.0, 20.0)
    }

    assert min(loss, key=lambda value: loss[value]) == 0.0


def test_the_adversarial_losses_at_even_odds() -> None:
    even = torch.zeros(1, 1, 3, 3)

    assert adversarial_loss(even).item() == pytest.approx(np.log(2))
    assert discriminator_loss(even, even).item() == pytest.approx(np.log(2))
    assert adversarial_loss(even + 9) < adversarial_loss(even) < adversarial_loss(even - 9)
    assert discriminator_loss(even + 2, even - 9) < discriminator_loss(even, even)


def test_the_detectors_backbone_fits_the_encoder() -> None:
    generator, discriminator = initial_networks(TrainParams(start="detector", adversarial=0.0))
    detector = checkpoint.load(detector_weights())[1]

    assert discriminator is None
    name = "stages.3.0.0.weight"
    assert torch.equal(generator.encoder.state_dict()[name], detector["backbone." + name].float())
    first = "stages.0.0.0.weight"
    summed = detector["backbone." + first].float().sum(dim=1, keepdim=True)
    assert torch.equal(generator.encoder.state_dict()[first], summed)


def run(dataset: Path, folder: Path, params: TrainParams = QUICK, **more: object) -> dict[str, torch.Tensor]:
    folder.mkdir(exist_ok=True)
    train(dataset, params, weights=folder / "w.safetensors", device="cpu", **{"progress": Progress(), **more})  # type: ignore[arg-type]
    return checkpoint.load(folder / "w.safetensors")[1]


def test_the_same_seed_gives_the_same_weights(dataset: Path, tmp_path: Path) -> None:
    first, second = run(dataset, tmp_path / "a"), run(dataset, tmp_path / "b")
    other = run(dataset, tmp_path / "c", QUICK.model_copy(update={"seed": 4}))

    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not all(torch.equal(first[name], other[name]) for name in first)


@pytest.mark.parametrize("params", [QUICK, WITHOUT], ids=["adversary", "l1"])
def test_a_resumed_training_ends_as_an_uninterrupted_one(
    dataset: Path, tmp_path: Path, params: TrainParams
) -> None:
    whole = run(dataset, tmp_path / "whole", params)
    saved = tmp_path / "halves.checkpoint"
    with pytest.raises(Preempted):
        run(dataset, tmp_path / "halves", params, progress=StopAt(2), checkpoint=saved)

    halves = run(dataset, tmp_path / "halves", params, checkpoint=saved)

    assert all(torch.equal(whole[name], halves[name]) for name in whole)
    log = (tmp_path / "halves" / "w.log.csv").read_text("utf-8").splitlines()
    assert [int(row["step"]) for row in csv.DictReader(log)] == [1, 2, 3, 4]


def test_weights_hold_a_discriminator_only_after_adversarial_training(dataset: Path, tmp_path: Path) -> None:
    run(dataset, tmp_path / "gan", QUICK.model_copy(update={"steps": 1}))
    run(dataset, tmp_path / "l1", WITHOUT.model_copy(update={"steps": 1}))

    assert load_networks(tmp_path / "gan" / "w.safetensors").discriminator is not None
    assert load_networks(tmp_path / "l1" / "w.safetensors").discriminator is None


def test_metrics_are_reported_and_logged(dataset: Path, tmp_path: Path) -> None:
    reports: list[Mapping[str, float]] = []
    run(dataset, tmp_path, progress=Progress(lambda *report: reports.append(report[2])))

    assert len(reports) == QUICK.steps
    assert {"loss", "loss_color", "loss_adversarial", "loss_discriminator"} <= set(reports[0])
    assert {"ab_distance", "ab_psnr", "better_share", "colorfulness_ratio"} <= set(reports[-1])


def test_validation_photos_are_optional(tmp_path: Path) -> None:
    few = zipped(tmp_path / "few.zip", {"train/a.png": scene((200, 40, 40))})
    run(few, tmp_path / "w", WITHOUT.model_copy(update={"steps": 1}))

    assert (tmp_path / "w" / "w.safetensors").exists()


@pytest.mark.slow
def test_one_scene_can_be_memorized(tmp_path: Path) -> None:
    """Lightness and place distinguish sky from ground, so both can get their true colors."""
    one = zipped(
        tmp_path / "one.zip", {f"{split}/a.png": scene((60, 120, 40)) for split in ("train", "validation")}
    )
    params = TrainParams(
        steps=150, batch_size=4, image_size=64, learning_rate=0.003, start="scratch", adversarial=0.0
    )
    metrics = train(one, params, weights=tmp_path / "w.safetensors", device="cpu", progress=Progress())

    assert metrics["ab_distance"] < 8
    assert metrics["better_share"] == 1
    assert metrics["colorfulness_ratio"] > 0.7


def test_networks_are_the_same_after_saving_and_loading(tmp_path: Path) -> None:
    config = Config(64, (4, 8, 8, 8, 16), (0, 1, 1, 1, 1), (8, 8, 8, 8), (4, 8, 8))
    generator, discriminator = Generator(config).eval(), Discriminator(config).eval()
    save_networks(tmp_path / "w.safetensors", generator, discriminator)
    loaded = load_networks(tmp_path / "w.safetensors")
    lightness, lab = torch.rand(1, 1, 64, 64) * 100, torch.randn(1, 3, 32, 32) * 30

    assert loaded.config == config
    assert loaded.discriminator
    with torch.inference_mode():
        torch.testing.assert_close(loaded.generator(lightness), generator(lightness), atol=0.5, rtol=0)
        torch.testing.assert_close(loaded.discriminator(lab), discriminator(lab), atol=0.02, rtol=0.02)
