"""Crops, losses and the training: same seed, same weights; a resumed training equals an uninterrupted one."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from models.colorization.architecture import Colorizer, Config, load_model, save_model
from models.colorization.card import SAMPLE_DATASET, PredictParams, TrainParams
from models.colorization.data import color_photos, crop, draw_indices, is_colored, make_batch
from models.colorization.evaluate import evaluate
from models.colorization.lab import rgb_to_lab
from models.colorization.loss import color_loss
from models.colorization.quantization import annealed_mean, centers, class_weights, frequencies, soft_encode
from models.colorization.train import initial_model, train
from models.core.contract import checkpoint, registry
from models.core.contract.errors import InputError, WeightsError
from models.core.contract.progress import Progress
from models.core.images.codec import to_tensor
from models.core.training.cross_stage import Encoder

QUICK = TrainParams(steps=4, batch_size=2, image_size=64, seed=3, start="scratch")


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


def test_an_evaluation_with_a_contact_sheet_lists_every_photo(dataset: Path, tmp_path: Path) -> None:
    weights, sheet = tmp_path / "own.safetensors", tmp_path / "sheet.png"
    save_model(weights, Colorizer(Config(image_size=64, widths=(8, 8, 8, 8))))
    report = evaluate(dataset, {"own": weights}, "validation", PredictParams(), sheet, "cpu")

    assert list(report["each"]) == ["validation/0.png", "validation/1.png"]
    assert report["gray"]["ciede2000"] == pytest.approx(
        np.mean([figures["gray"] for figures in report["each"].values()])
    )
    assert sheet.exists()


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
    assert truth.shape == (2, 2, 16, 16)
    assert ((lightness >= 0) & (lightness <= 100)).all()
    torch.testing.assert_close(truth[0], red.expand(2, 16, 16), atol=1e-2, rtol=0)
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


def test_the_classes_are_the_colors_that_srgb_can_show() -> None:
    distances = torch.cdist(rgb_to_lab(torch.rand(3, 500, 1))[1:, :, 0].T, centers())

    assert centers().shape == (261, 2)
    assert torch.equal(centers() % 10, torch.zeros(261, 2))
    assert distances.amin(dim=1).max() <= 50**0.5 + 1e-3  # half a diagonal of a square of 10 units


def test_a_true_color_is_shared_out_as_in_the_docstring() -> None:
    classes, shares = soft_encode(torch.zeros(1, 2, 1, 1))
    nearest = centers()[classes[0, 0, 0]]

    assert nearest[0].tolist() == [0, 0]
    assert sorted(nearest[1:].tolist()) == [[-10, 0], [0, -10], [0, 10], [10, 0]]
    assert shares[0, 0, 0].tolist() == pytest.approx([0.6488, *[0.0878] * 4], abs=1e-4)


def test_rare_colors_weigh_more_as_in_the_docstring() -> None:
    frequency = torch.tensor([0.75, 0.25])

    assert class_weights(frequency, 0.5).tolist() == pytest.approx([0.857, 1.429], abs=1e-3)
    assert class_weights(frequency, 0.0).tolist() == [1, 1]
    assert (class_weights(frequency, 1.0) * frequency).tolist() == pytest.approx([0.5, 0.5])


def test_every_photo_counts_the_same_in_the_frequencies() -> None:
    large, small = torch.zeros(2, 8, 8), torch.full((2, 2, 2), 40.0)
    frequency = frequencies([large, small])
    gray = int((centers() == torch.tensor([0.0, 0.0])).all(dim=1).nonzero())

    assert frequency.sum().item() == pytest.approx(1)
    assert frequency[gray].item() == pytest.approx(0.6488 / 2, abs=1e-4)


def test_the_annealed_mean_goes_from_the_mean_to_the_most_probable_color() -> None:
    """Two plausible colors, red with 0.6 and green with 0.4: the mean is nearly gray."""
    logits = torch.full((1, 261, 1, 1), -1e4)
    for color, probability in (([40.0, 0.0], 0.6), ([-40.0, 0.0], 0.4)):
        logits[0, (centers() == torch.tensor(color)).all(dim=1)] = float(np.log(probability))
    reds = [annealed_mean(logits, temperature)[0, 0].item() for temperature in (1.0, 0.38, 0.05)]

    # 0.6 ** (1 / 0.38) and 0.4 ** (1 / 0.38) are 0.2608 and 0.0897: shares 0.744 and 0.256
    assert reds == pytest.approx([8.0, 40 * (0.744 - 0.256), 40.0], abs=0.1)


def test_the_color_loss_of_the_docstring() -> None:
    classes, shares = soft_encode(torch.zeros(1, 2, 1, 1))
    logits = torch.full((1, 261, 1, 1), -1e4)
    logits[0, classes[0, 0, 0, 0]] = float(np.log(0.5))
    logits[0, classes[0, 0, 0, 1:]] = float(np.log(0.1))
    perfect = torch.full((1, 261, 1, 1), -1e4)
    perfect[0, classes[0, 0, 0], 0, 0] = shares[0, 0, 0].log()
    alike = torch.ones(261)

    # the five probabilities add up to 0.9, so the softmax divides them by it
    assert color_loss(logits, torch.zeros(1, 2, 1, 1), alike).item() == pytest.approx(
        1.26 + np.log(0.9), abs=0.01
    )
    assert color_loss(perfect, torch.zeros(1, 2, 1, 1), alike).item() == pytest.approx(1.13, abs=0.01)


def test_a_rare_color_counts_more_in_the_loss() -> None:
    """Two cells, one predicted well and one badly: the loss is nearer to that of the heavier one."""
    truth = torch.zeros(1, 2, 1, 2)
    truth[0, 0, 0, 1] = 60.0
    logits = torch.zeros(1, 261, 1, 2)
    logits[:, :, :, 0] = torch.where((centers() == 0).all(dim=1), 5.0, 0.0)[:, None]  # gray is predicted well
    heavy_red = torch.where((centers() == torch.tensor([60.0, 0.0])).all(dim=1), 3.0, 1.0)

    assert color_loss(logits, truth, heavy_red) > color_loss(logits, truth, torch.ones(261))


def test_a_training_starts_from_the_installed_encoder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(7)
    known = Encoder().state_dict()
    checkpoint.save(
        tmp_path / "nanodet.safetensors", {"architecture": "nanodet"}, known | {"head.x": torch.ones(1)}
    )
    monkeypatch.setattr(registry, "_finders", [lambda _: tmp_path / "nanodet.safetensors"])
    model = initial_model(TrainParams(start="nanodet-g"))

    assert all(torch.equal(model.encoder.state_dict()[name], value) for name, value in known.items())


def test_the_error_about_a_missing_encoder_includes_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_finders", [lambda _: None])

    with pytest.raises(WeightsError, match="glassbox models pull nanodet-g"):
        initial_model(TrainParams(start="nanodet-g"))


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
    assert "loss" in reports[0]
    assert {"cross_entropy", "ab_distance", "ab_psnr", "better_share", "colorfulness_ratio"} <= set(
        reports[-1]
    )


def test_validation_photos_are_optional(tmp_path: Path) -> None:
    few = zipped(tmp_path / "few.zip", {"train/a.png": scene((200, 40, 40))})
    run(few, tmp_path / "w", QUICK.model_copy(update={"steps": 1}))

    assert (tmp_path / "w" / "w.safetensors").exists()


@pytest.mark.slow
def test_one_scene_can_be_memorized(tmp_path: Path) -> None:
    """Lightness and place distinguish sky from ground, so both can get their true colors."""
    one = zipped(
        tmp_path / "one.zip", {f"{split}/a.png": scene((60, 120, 40)) for split in ("train", "validation")}
    )
    params = TrainParams(steps=150, batch_size=4, image_size=64, learning_rate=0.003, start="scratch")
    metrics = train(one, params, weights=tmp_path / "w.safetensors", device="cpu", progress=Progress())

    assert metrics["ab_distance"] < 8
    assert metrics["better_share"] == 1
    assert metrics["colorfulness_ratio"] > 0.7


def test_a_model_is_the_same_after_saving_and_loading(tmp_path: Path) -> None:
    model = Colorizer(Config(64, (8, 8, 8, 8))).eval()
    save_model(tmp_path / "w.safetensors", model)
    loaded = load_model(tmp_path / "w.safetensors")
    lightness = torch.rand(1, 1, 64, 64) * 100

    assert loaded.config == model.config
    with torch.inference_mode():
        torch.testing.assert_close(loaded(lightness), model(lightness), atol=0.02, rtol=0.02)
