"""Generation: networks, losses, z, and what a training keeps."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from models.core.contract import checkpoint
from models.core.contract.card import Kind
from models.core.contract.errors import InputError
from models.core.contract.prediction import Role, answer, answer_opened
from models.core.contract.progress import Progress
from models.core.generative import judge
from models.core.generative.differentiable_augmentation import augment, cutout, recolor, translate
from models.core.generative.fidelity import frechet_distance
from models.core.generative.framing import frame, has_dark_border
from models.core.generative.latent_stage import export
from models.generation.architecture import (
    Config,
    Discriminator,
    Generator,
    load_networks,
    measure_statistics,
)
from models.generation.card import SAMPLE_DATASET, WEIGHTS, PredictParams, TrainParams
from models.generation.data import from_tensor, load_pictures, noise, to_tensor
from models.generation.evaluate import generate
from models.generation.loss import discriminator_loss, generator_loss
from models.generation.metrics import pixel_spread
from models.generation.predict import Predictor
from models.generation.record import tiles_of
from models.generation.train import train


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    torch.set_num_threads(1)
    return Predictor(WEIGHTS)


def tiny(**options: object) -> Config:
    return Config(width=8, **{"classes": ("a", "b", "c"), **options})  # type: ignore[arg-type]


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("side", [28, 32, 48, 64])
def test_the_generator_draws_the_size_that_the_discriminator_takes(side: int) -> None:
    config, labels = tiny(image_size=side, channels=3), torch.tensor([0, 2])
    pictures = Generator(config)(torch.randn(2, config.latent), labels)

    assert pictures.shape == (2, 3, side, side)
    assert pictures.abs().max() <= 1
    assert Discriminator(config)(pictures, labels).shape == (2,)


def test_the_shipped_sizes_are_those_of_the_recipe() -> None:
    config = Config(classes=tuple("abcdefghij"), width=32)

    assert config.generator_widths == [64, 32, 16]
    assert sum(value.numel() for value in Generator(config).parameters()) == 367_393


def test_the_hinge_losses_are_those_of_the_worked_example() -> None:
    real, generated = torch.tensor([2.0, 0.5]), torch.tensor([-3.0, 0.0])

    assert discriminator_loss(real, generated).item() == pytest.approx(0.75)
    assert generator_loss(generated).item() == pytest.approx(1.5)


def test_the_verdict_depends_on_the_class() -> None:
    torch.manual_seed(0)
    discriminator = Discriminator(tiny()).eval()
    picture = torch.randn(1, 1, 28, 28).repeat(3, 1, 1, 1)

    assert len(set(discriminator(picture, torch.arange(3)).tolist())) == 3


def test_no_layer_of_the_discriminator_amplifies() -> None:
    torch.manual_seed(0)
    discriminator = Discriminator(tiny())
    with torch.no_grad():
        for _ in range(50):  # the power iteration converges
            discriminator(torch.randn(1, 1, 28, 28), torch.tensor([0]))

    assert torch.linalg.matrix_norm(discriminator.linear.weight, 2).item() == pytest.approx(1, abs=1e-3)


def test_standing_statistics_are_those_of_the_maps_that_the_generator_draws() -> None:
    torch.manual_seed(0)
    generator = Generator(tiny(classes=("",)))
    measure_statistics(generator, seed=1, batches=4)
    first = generator.layers[2]
    seen: list[torch.Tensor] = []
    first.norm.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))  # type: ignore[union-attr]
    random = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for _ in range(4):
            z = torch.randn(100, 64, generator=random)
            generator(z, torch.randint(1, (100,), generator=random))
    mean = torch.cat(seen).mean(dim=(0, 2, 3))

    torch.testing.assert_close(first.norm.running_mean, mean, rtol=1e-3, atol=1e-4)  # type: ignore[union-attr]


def test_the_page_can_run_the_generator() -> None:
    generator = Generator(tiny())
    layers, weights = export(generator.layers, generator.embedding)

    assert [layer["op"] for layer in layers[:4]] == ["embed", "linear", "reshape", "conditional-norm"]
    running = sum(value.numel() for name, value in generator.named_buffers() if "running" in name)
    assert len(weights) == 4 * (sum(value.numel() for value in generator.parameters()) + running)


def test_the_first_z_of_a_seed_are_the_same_for_every_count() -> None:
    assert torch.equal(noise(2, 64, seed=3), noise(5, 64, seed=3)[:2])


def test_truncated_z_stay_within_their_bound_and_plain_ones_do_not() -> None:
    assert noise(20, 64, seed=0, truncation=0.5).abs().max() <= 0.5
    assert noise(20, 64, seed=0).abs().max() > 2


def test_pictures_survive_the_way_to_tensors_and_back() -> None:
    gray = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    color = np.random.default_rng(0).integers(0, 256, (2, 8, 8, 3), dtype=np.uint8)

    assert np.array_equal(from_tensor(to_tensor(gray)), gray)
    assert np.array_equal(from_tensor(to_tensor(color)), color)


def test_the_spread_of_the_worked_example() -> None:
    generated, real = torch.tensor([0.2, 0.6]), torch.tensor([-1.0, 1.0])
    labels = torch.tensor([0, 0])

    spread = pixel_spread(generated.view(2, 1, 1, 1), labels, real.view(2, 1, 1, 1), labels)

    assert spread == pytest.approx(0.2)


def test_equal_pictures_have_no_spread() -> None:
    labels = torch.zeros(3, dtype=torch.long)

    assert pixel_spread(torch.ones(3, 1, 2, 2), labels, torch.randn(3, 1, 2, 2), labels) == 0


def test_a_sheet_comes_apart_into_its_tiles() -> None:
    sheet = np.block([[np.full((2, 2), 1), np.full((2, 2), 2)], [np.full((2, 2), 3), np.full((2, 2), 4)]])

    assert tiles_of(sheet, 2)[:, 0, 0].tolist() == [1, 2, 3, 4]


def test_gradients_pass_through_the_augmentation() -> None:
    torch.manual_seed(0)
    x = torch.randn(4, 3, 16, 16, requires_grad=True)
    augment(x).sum().backward()

    assert x.grad is not None
    assert all(grad.abs().sum() > 0 for grad in x.grad)


def test_a_translation_moves_whole_pictures_by_an_eighth_at_most() -> None:
    torch.manual_seed(0)
    x = torch.zeros(32, 1, 16, 16)
    x[:, 0, 8, 8] = 1
    rows, columns = (place - 8 for place in translate(x)[:, 0].nonzero(as_tuple=True)[1:])

    assert len(rows) == 32
    assert set(rows.tolist()) == set(columns.tolist()) == {-2, -1, 0, 1, 2}


def test_a_cutout_removes_half_of_the_side_at_most() -> None:
    torch.manual_seed(0)
    removed = (cutout(torch.ones(64, 1, 16, 16)) == 0).sum(dim=(1, 2, 3))

    assert removed.max() == 64
    assert removed.min() >= 16  # at a corner


def test_recoloring_keeps_gray_pictures_gray() -> None:
    x = recolor(torch.rand(4, 1, 8, 8).repeat(1, 3, 1, 1))

    torch.testing.assert_close(x[:, 0], x[:, 1])


def test_a_photo_on_white_is_inverted_for_a_model_of_things_on_black() -> None:
    photo = np.full((40, 20), 255, np.uint8)
    photo[10:30, 5:15] = 40

    framed = frame(Image.fromarray(photo), 28, 1, is_dark=True)

    assert framed.is_inverted
    assert framed.pixels.shape == (28, 28)
    assert framed.pixels[:, 0].max() == 0  # filled up with the border's gray
    assert framed.pixels[14, 14] == 255 - 40
    assert not frame(Image.fromarray(255 - photo), 28, 1, is_dark=True).is_inverted


def test_garments_have_a_dark_border() -> None:
    pictures = load_pictures(SAMPLE_DATASET, None).train.pictures

    assert has_dark_border(pictures[:100])
    assert not has_dark_border(255 - pictures[:100])


def test_classes_take_turns_and_share_their_z(predictor: Predictor) -> None:
    item = predictor.decode({}, PredictParams(count=20))

    assert item.labels.tolist() == [*range(10), *range(10)]
    assert torch.equal(item.z[0], item.z[9])
    assert not torch.equal(item.z[0], item.z[10])


def test_a_class_is_found_in_any_case_and_an_unknown_one_lists_those_known(predictor: Predictor) -> None:
    assert predictor.decode({}, PredictParams(count=2, label=" Ankle Boot")).labels.tolist() == [9, 9]
    with pytest.raises(InputError, match=r"hat.*T-shirt, trousers.*ankle boot"):
        predictor.decode({}, PredictParams(label="hat"))


def test_the_same_seed_and_class_give_the_same_picture(predictor: Predictor) -> None:
    from_seed = answer(predictor, {}, PredictParams(count=1, label="trousers", seed=4))
    again = answer(predictor, {}, PredictParams(count=1, label="trousers", seed=4))

    assert from_seed.outputs == again.outputs
    assert from_seed.result["samples"][0]["label"] == "trousers"
    assert from_seed.result["image"] == {"width": 112, "height": 112}


def test_an_upload_gets_the_verdict_of_its_nearest_class_or_of_the_one_chosen(predictor: Predictor) -> None:
    pictures = load_pictures(SAMPLE_DATASET, None).test
    sneaker = pictures.pictures[np.flatnonzero(pictures.labels == 7)[0]]

    opened = answer_opened(predictor, {"picture": png(sneaker)}, PredictParams(count=1))
    chosen = answer(predictor, {"picture": png(sneaker)}, PredictParams(count=1, label="bag"))

    assert opened.stages[0].role == Role.INPUT
    assert opened.prediction.result["upload"]["label"] == "sneaker"
    assert chosen.result["upload"]["label"] == "bag"
    assert chosen.result["upload"]["verdict"] != opened.prediction.result["upload"]["verdict"]


def test_the_answer_is_opened_from_z_to_its_training(predictor: Predictor) -> None:
    stages = answer_opened(predictor, {}, PredictParams(count=3, label="bag")).stages
    history = next(stage for stage in stages if stage.id == "history")
    latent = next(stage for stage in stages if stage.id == "latent")

    assert [stage.kind for stage in stages] == [
        Kind.LATENT, Kind.FEATURE_MAPS, Kind.SAMPLES, Kind.CURVE, Kind.SAMPLES, Kind.SAMPLES, Kind.SAMPLES,
        Kind.SAMPLES,
    ]  # fmt: skip
    assert len(history.data["steps"]) >= 40
    assert latent.data["classes"][latent.data["class"]] == "bag"


def test_own_pictures_in_folders_become_classes(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    dataset, weights = tmp_path / "own.zip", tmp_path / "own.safetensors"
    random = np.random.default_rng(0)
    with zipfile.ZipFile(dataset, "w") as archive:
        for number in range(12):
            pixels = random.integers(0, 256, (20, 30, 3), dtype=np.uint8)
            archive.writestr(f"{'cats' if number % 2 else 'dogs'}/{number}.png", png(pixels))
    params = TrainParams(steps=2, batch_size=2, width=8, image_size=32)
    train(dataset, params, weights=weights, device="cpu", progress=Progress())
    result = answer(Predictor(weights), {}, PredictParams(count=2)).result

    assert checkpoint.load(weights)[0]["classes"] == ["cats", "dogs"]
    assert [sample["label"] for sample in result["samples"]] == ["cats", "dogs"]


@pytest.mark.slow
def test_a_training_approaches_the_pictures(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    real = load_pictures(SAMPLE_DATASET, None).train.pictures[:500]
    classifier = judge.load_judge(judge.GARMENTS)
    distances = []
    for steps in (1, 400):
        weights = tmp_path / f"{steps}.safetensors"
        params = TrainParams(steps=steps, augmentation="off", seed=1)
        train(SAMPLE_DATASET, params, weights=weights, device="cpu", progress=Progress())
        drawn = generate(load_networks(weights)[0], np.arange(500) % 10)
        features = (judge.measure(classifier, pictures)[0] for pictures in (real, drawn))
        distances.append(frechet_distance(*features))

    assert distances[1] < 0.2 * distances[0]
