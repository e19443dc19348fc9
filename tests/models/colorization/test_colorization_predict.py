"""Answers in color: what they keep of the upload, for every shape of picture, and how they are opened."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from skimage.color import rgb2lab

from models.colorization import networks
from models.colorization.architecture import Config, Discriminator, Generator
from models.colorization.card import PredictParams
from models.colorization.join import fit_lines, painted
from models.colorization.metrics import colorfulness
from models.colorization.networks import Raw
from models.colorization.other_models import verdict
from models.colorization.predict import Predictor
from models.core.contract import checkpoint
from models.core.contract.card import Kind
from models.core.contract.errors import WeightsError
from models.core.contract.prediction import Prediction, Wants
from models.core.images.codec import to_tensor

SMALL = Config(
    image_size=64, widths=(4, 8, 8, 8, 16), depths=(0, 1, 1, 1, 1), decoder=(8, 8, 8, 8), patches=(4, 8, 8)
)
ROUNDING = 0.5  # of L*: what 8 bits a channel can move it


def networks_of(folder: Path, adversary: bool) -> Path:
    """Untrained networks that answer in bold colors."""
    torch.manual_seed(1)
    generator = Generator(SMALL)
    torch.nn.init.normal_(generator.color.weight, std=1.0)
    networks.save(folder / "w.safetensors", generator, Discriminator(SMALL) if adversary else None)
    return folder / "w.safetensors"


@pytest.fixture(scope="module")
def predictor(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    torch.set_num_threads(1)
    return Predictor(networks_of(tmp_path_factory.mktemp("gan"), adversary=True))


@pytest.fixture(scope="module")
def without_adversary(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    torch.set_num_threads(1)
    return Predictor(networks_of(tmp_path_factory.mktemp("l1"), adversary=False))


def noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """A picture with every color and every lightness in it."""
    values = np.random.default_rng(width * 7 + height).integers(0, 256, (height, width, 3), np.uint8)
    return Image.fromarray(values).convert(mode)


def png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def opened(prediction: Prediction) -> Image.Image:
    return Image.open(io.BytesIO(prediction.outputs[0].data))


def lightness(picture: Image.Image) -> np.ndarray:
    return rgb2lab(np.asarray(picture.convert("RGB")))[..., 0]


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (900, 1), (97, 31), (320, 200)])
@pytest.mark.parametrize("mode", ["RGB", "L", "I;16", "RGBA"])
def test_every_shape_of_picture_gets_an_answer(
    predictor: Predictor, size: tuple[int, int], mode: str
) -> None:
    picture = noise(*size, "L" if mode == "I;16" else mode)
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(picture).astype(np.uint16) * 257)

    prediction = predictor(png(picture), PredictParams(), Wants(True, picture=True))

    assert opened(prediction).size == size
    assert prediction.outputs[0].name == "colorized.png"
    assert prediction.result["image"] == {"width": size[0], "height": size[1]}
    json.dumps(prediction.result, allow_nan=False)
    for stage in prediction.stages:
        assert b"null" not in stage.json


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_the_answer_has_the_uploads_lightness(predictor: Predictor, mode: str) -> None:
    picture = noise(150, 90, mode)
    answer = opened(predictor(png(picture), PredictParams(saturation=2.0), Wants(False)))

    assert colorfulness(to_tensor(answer)) > 10  # there is something that could have moved it
    assert np.abs(lightness(answer) - lightness(picture)).max() < ROUNDING


def test_16_bit_gray_is_scaled_not_cut(predictor: Predictor) -> None:
    gray = noise(80, 60, "L")
    deep = Image.fromarray(np.asarray(gray).astype(np.uint16) * 257)
    answers = [opened(predictor(png(each), PredictParams(), Wants(False))) for each in (gray, deep)]

    np.testing.assert_array_equal(np.asarray(answers[0]), np.asarray(answers[1]))


def test_without_saturation_the_answer_is_gray(predictor: Predictor) -> None:
    prediction = predictor(png(noise(70, 50)), PredictParams(saturation=0.0), Wants(False))
    pixels = np.asarray(opened(prediction)).astype(int)

    assert np.ptp(pixels, axis=2).max() <= 1
    assert prediction.result["colorfulness"] < 1


def test_saturation_makes_colors_stronger(predictor: Predictor) -> None:
    data = png(noise(70, 50, "L"))
    found = [
        predictor(data, PredictParams(saturation=value), Wants(False)).result["colorfulness"]
        for value in (0.5, 1.0, 1.5)
    ]

    assert found == sorted(found)
    assert found[0] < found[2]


def test_the_uploads_colors_are_not_used(predictor: Predictor) -> None:
    """A picture and its own gray version are seen alike, so they get nearly the same colors."""
    colored = noise(128, 64).resize((64, 64), Image.Resampling.BILINEAR)
    gray = painted(colored, fit_lines(torch.zeros(1, 64, 64), torch.zeros(2, 32, 32)))
    raws = []
    for picture in (colored, gray):
        given = predictor.decode(png(picture), PredictParams())
        assert given.lab.shape == (3, 64, 64)
        raws.append(predictor.forward([given])[0].ab)

    assert (raws[0] - raws[1]).abs().mean() < 1.0
    assert raws[0].abs().mean() > 5.0


def test_true_colors_are_measured_where_the_upload_has_them(predictor: Predictor) -> None:
    of_color = predictor(png(noise(64, 64)), PredictParams(), Wants(False)).result["upload"]
    of_gray = predictor(png(noise(64, 64, "L")), PredictParams(), Wants(False)).result["upload"]

    assert of_color["in_color"]
    assert of_color["ab_distance"] > 0
    assert of_gray == {"in_color": False, "colorfulness": pytest.approx(0, abs=0.5), "ab_distance": None}


def test_a_batch_of_several_sizes_answers_as_one_by_one(predictor: Predictor) -> None:
    params = PredictParams()
    items = [
        predictor.decode(png(noise(*size)), params) for size in ((90, 60), (50, 200), (80, 55), (64, 64))
    ]
    together = predictor.forward(items)

    for item, raw in zip(items, together, strict=True):
        alone = predictor.forward([item])[0]
        assert raw.ab.shape[1:] == (item.lab.shape[1] // 2, item.lab.shape[2] // 2)
        torch.testing.assert_close(raw.ab, alone.ab, atol=1e-3, rtol=1e-3)
        for one, other in zip(raw.features, alone.features, strict=True):
            torch.testing.assert_close(one, other, atol=1e-3, rtol=1e-3)


def test_the_same_picture_gets_the_same_bytes(predictor: Predictor) -> None:
    data = png(noise(90, 70))
    first, second = (predictor(data, PredictParams(), Wants(True)) for _ in range(2))

    assert first.outputs == second.outputs
    assert [stage.json for stage in first.stages] == [stage.json for stage in second.stages]


def test_stages_of_a_colored_upload(predictor: Predictor) -> None:
    stages = predictor(png(noise(200, 120)), PredictParams(), Wants(True)).stages
    by_id = {stage.id: stage for stage in stages}

    assert [stage.id for stage in stages] == [
        "lightness",
        "encoder",
        "colors",
        "patches",
        "comparison",
        "answer",
    ]
    assert [level["channels"] for level in by_id["encoder"].data["levels"]] == list(SMALL.widths)
    names = [picture["name"] for picture in by_id["comparison"].data["pictures"]]
    assert names[0] == "Gray"
    assert "This model" in names
    assert names[-1] == "True colors"
    answer = by_id["answer"]
    assert answer.kind == Kind.COMPARISON
    assert [each["name"] for each in answer.data["pictures"]] == ["In gray", "Colored", "Your colors"]
    assert (answer.data["left"], answer.data["right"]) == (0, 1)
    for stage in stages:
        files = {file.name: Image.open(io.BytesIO(file.data)).size for file in stage.files}
        named = stage.data.get("pictures") or stage.data.get("levels") or [stage.data]
        assert {about["file"] for about in named} == set(files)
        if stage.kind != Kind.FEATURE_MAPS:
            assert all(files[about["file"]] == (about["width"], about["height"]) for about in named)


def test_a_gray_upload_has_no_true_colors_to_show(predictor: Predictor) -> None:
    stages = {s.id: s for s in predictor(png(noise(64, 64, "L")), PredictParams(), Wants(True)).stages}

    assert "True colors" not in [each["name"] for each in stages["comparison"].data["pictures"]]
    assert len(stages["patches"].data["pictures"]) == 2
    assert [each["name"] for each in stages["answer"].data["pictures"]] == ["In gray", "Colored"]


def test_the_discriminator_has_a_verdict_on_every_patch(predictor: Predictor) -> None:
    discriminator = predictor.networks.discriminator
    assert discriminator
    with torch.inference_mode():
        said = verdict(discriminator, torch.rand(1, 64, 96) * 100, torch.zeros(2, 32, 48))

    assert said.shape == (1, 32 // 4 - 2, 48 // 4 - 2)
    assert ((said >= 0) & (said <= 1)).all()


def test_a_patch_sees_34_pixels_of_ab() -> None:
    torch.manual_seed(0)
    discriminator = Discriminator(SMALL).eval()
    lab = torch.zeros(1, 3, 64, 64, requires_grad=True)
    discriminator(lab)[0, 0, 7, 7].backward()
    assert lab.grad is not None
    rows = lab.grad[0].abs().sum(dim=(0, 2)).nonzero()[:, 0]

    assert int(rows[-1] - rows[0]) + 1 == 34


def test_a_model_without_discriminator_is_judged_by_the_shipped_one(without_adversary: Predictor) -> None:
    assert without_adversary.networks.discriminator is None
    stages = {s.id: s for s in without_adversary(png(noise(64, 64)), PredictParams(), Wants(True)).stages}

    assert "trained without a discriminator" in stages["patches"].explanation


def test_weights_of_another_kind_are_refused(tmp_path: Path) -> None:
    checkpoint.save(tmp_path / "other.safetensors", {"architecture": "grid-detector"}, {"a": torch.zeros(1)})
    torn = SMALL.to_json() | {"widths": [4, 8, 8, 8, 32]}
    state = {"generator." + name: value for name, value in Generator(SMALL).state_dict().items()}
    checkpoint.save(tmp_path / "torn.safetensors", torn, state)

    for name, reason in (("other", "no colorizer"), ("torn", "do not fit")):
        with pytest.raises(WeightsError, match=reason):
            Predictor(tmp_path / f"{name}.safetensors")


def test_raw_answers_stay_within_what_ab_can_be(predictor: Predictor) -> None:
    raw: Raw = predictor.forward([predictor.decode(png(noise(64, 64)), PredictParams())])[0]

    assert raw.ab.abs().max() <= 110
