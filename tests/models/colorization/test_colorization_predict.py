"""The predictor: answers for every shape of picture, and their stages."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from skimage.color import rgb2lab

from models.colorization import inspection
from models.colorization.architecture import Colorizer, Config, save_model
from models.colorization.card import PredictParams
from models.colorization.guided_filter import colorize, fit
from models.colorization.metrics import colorfulness
from models.colorization.plane import least_alike_places
from models.colorization.predict import Predictor
from models.colorization.quantization import annealed_mean
from models.core.contract import checkpoint
from models.core.contract.card import Kind
from models.core.contract.errors import InputError, WeightsError
from models.core.contract.prediction import Prediction, Role, Stage, answer, answer_opened
from models.core.images.codec import to_tensor
from models.core.training.cross_stage import Encoder

SMALL = Config(image_size=64, widths=(8, 8, 8, 8))
DEFAULT = PredictParams()
ROUNDING = 0.5  # of L*: the error of 8 bits per channel


@pytest.fixture(scope="module")
def predictor(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    """An untrained network that predicts strong colors."""
    torch.set_num_threads(1)
    torch.manual_seed(1)
    model = Colorizer(SMALL)
    torch.nn.init.normal_(model.classify.weight, std=2.0)
    file = tmp_path_factory.mktemp("colorizer") / "w.safetensors"
    save_model(file, model)
    return Predictor(file)


def noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """A picture with every color and every lightness in it."""
    values = np.random.default_rng(width * 7 + height).integers(0, 256, (height, width, 3), np.uint8)
    return Image.fromarray(values).convert(mode)


def png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def predict(predictor: Predictor, picture: Image.Image, params: PredictParams = DEFAULT) -> Prediction:
    return answer(predictor, {"image": png(picture)}, params)


def stages_of(predictor: Predictor, picture: Image.Image) -> dict[str, Stage]:
    opened = answer_opened(predictor, {"image": png(picture)}, DEFAULT)
    return {stage.id: stage for stage in opened.stages}


def output(prediction: Prediction) -> Image.Image:
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

    opened = answer_opened(predictor, {"image": png(picture)}, DEFAULT)
    prediction = opened.prediction

    assert output(prediction).size == size
    assert prediction.outputs[0].name == "colorized.png"
    assert prediction.result["image"] == {"width": size[0], "height": size[1]}
    json.dumps(prediction.result, allow_nan=False)
    for stage in opened.stages:
        assert b"null" not in stage.json


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_the_answer_has_the_uploads_lightness(predictor: Predictor, mode: str) -> None:
    picture = noise(150, 90, mode)
    colored = output(predict(predictor, picture, PredictParams(saturation=2.0)))

    assert colorfulness(to_tensor(colored)) > 10  # strong enough to change it
    assert np.abs(lightness(colored) - lightness(picture)).max() < ROUNDING


def test_16_bit_gray_is_scaled_not_cut(predictor: Predictor) -> None:
    gray = noise(80, 60, "L")
    deep = Image.fromarray(np.asarray(gray).astype(np.uint16) * 257)
    answers = [output(predict(predictor, each)) for each in (gray, deep)]

    np.testing.assert_array_equal(np.asarray(answers[0]), np.asarray(answers[1]))


def test_without_saturation_the_answer_is_gray(predictor: Predictor) -> None:
    prediction = predict(predictor, noise(70, 50), PredictParams(saturation=0.0))
    pixels = np.asarray(output(prediction)).astype(int)

    assert np.ptp(pixels, axis=2).max() <= 1
    assert prediction.result["colorfulness"] < 1


def test_saturation_makes_colors_stronger(predictor: Predictor) -> None:
    picture = noise(70, 50, "L")
    weak, normal, strong = (
        predict(predictor, picture, PredictParams(saturation=value)).result["colorfulness"]
        for value in (0.5, 1.0, 1.5)
    )

    assert weak < normal < strong


def test_the_uploads_colors_are_not_used(predictor: Predictor) -> None:
    """A picture and its gray version have the same lightness, so they get nearly the same colors."""
    colored = noise(128, 64).resize((64, 64), Image.Resampling.BILINEAR)
    gray = colorize(colored, fit(torch.zeros(1, 64, 64), torch.zeros(2, 32, 32)))
    raws = []
    for picture in (colored, gray):
        item = predictor.decode({"image": png(picture)}, DEFAULT)
        assert item.lab.shape == (3, 64, 64)
        raws.append(annealed_mean(predictor.forward([item])[0][None], 1.0)[0])

    assert (raws[0] - raws[1]).abs().mean() < 1.0
    assert raws[0].abs().mean() > 5.0


def test_true_colors_are_measured_where_the_upload_has_them(predictor: Predictor) -> None:
    of_color = predict(predictor, noise(64, 64)).result["upload"]
    of_gray = predict(predictor, noise(64, 64, "L")).result["upload"]

    assert of_color["in_color"]
    assert of_color["ab_distance"] > 0
    assert of_gray == {"in_color": False, "colorfulness": pytest.approx(0, abs=0.5), "ab_distance": None}


def test_a_batch_of_several_sizes_answers_as_one_by_one(predictor: Predictor) -> None:
    sizes = ((90, 60), (50, 200), (80, 55), (64, 64))
    items = [predictor.decode({"image": png(noise(*size))}, DEFAULT) for size in sizes]
    together = predictor.forward(items)

    for item, raw in zip(items, together, strict=True):
        alone = predictor.forward([item])[0]
        assert raw.shape == (261, item.lab.shape[1] // 4, item.lab.shape[2] // 4)
        torch.testing.assert_close(raw, alone, atol=1e-3, rtol=1e-3)


def test_stages_computed_later_equal_those_computed_at_once(predictor: Predictor) -> None:
    inputs = {"image": png(noise(90, 70))}
    at_once = answer_opened(predictor, inputs, DEFAULT)

    item = predictor.decode(inputs, DEFAULT)
    (raw,) = predictor.forward([item])
    later = predictor.inspect(item, raw, DEFAULT)

    assert [stage.json for stage in later] == [stage.json for stage in at_once.stages]
    assert [stage.about for stage in later] == [stage.about for stage in at_once.stages]
    assert [stage.files for stage in later] == [stage.files for stage in at_once.stages]


def test_the_answer_alone_is_the_same_and_needs_no_stages(
    predictor: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = {"image": png(noise(90, 70))}
    opened = answer_opened(predictor, inputs, DEFAULT)
    monkeypatch.setattr(inspection, "all_stages", None)

    assert answer(predictor, inputs, DEFAULT) == opened.prediction


def test_no_picture_is_an_input_error(predictor: Predictor) -> None:
    with pytest.raises(InputError, match="is missing"):
        predictor.decode({}, DEFAULT)


def test_stages_of_a_colored_upload(predictor: Predictor) -> None:
    by_id = stages_of(predictor, noise(200, 120))

    assert list(by_id) == [
        "lightness",
        "encoder",
        "choices",
        "uncertainty",
        "temperatures",
        "fitting",
        "answer",
    ]
    roles = {stage.id: stage.role for stage in by_id.values() if stage.role}
    assert roles == {"lightness": Role.INPUT, "answer": Role.ANSWER}
    assert [level["channels"] for level in by_id["encoder"].data["levels"]] == list(Encoder.CHANNELS)
    names = [picture["name"] for picture in by_id["temperatures"].data["pictures"]]
    assert names == [
        "Mean (temperature 1)",
        "Annealed mean (temperature 0.38)",
        "Most probable (temperature 0.05)",
        "True colors",
    ]
    shown = by_id["answer"].data
    assert [each["name"] for each in shown["pictures"]] == ["Gray", "Colored", "True colors"]
    assert (shown["left"], shown["right"]) == (0, 1)
    for stage in by_id.values():
        files = {file.name: Image.open(io.BytesIO(file.data)).size for file in stage.files}
        named = stage.data.get("pictures") or stage.data.get("levels") or [stage.data]
        assert {about["file"] for about in named} == set(files)
        if stage.kind != Kind.FEATURE_MAPS:
            assert all(files[about["file"]] == (about["width"], about["height"]) for about in named)


def test_a_gray_upload_has_no_true_colors_to_show(predictor: Predictor) -> None:
    stages = stages_of(predictor, noise(64, 64, "L"))

    assert "True colors" not in [each["name"] for each in stages["temperatures"].data["pictures"]]
    assert [each["name"] for each in stages["answer"].data["pictures"]] == ["Gray", "Colored"]


def test_the_places_shown_are_those_whose_distributions_differ_most() -> None:
    """Three kinds of cells: one is sure of the first color, one of the second, the others are undecided."""
    probabilities = torch.full((4, 20, 20), 0.25)
    probabilities[:, 5, 5] = torch.tensor([0.97, 0.01, 0.01, 0.01])
    probabilities[:, 12, 8] = torch.tensor([0.02, 0.94, 0.02, 0.02])

    assert least_alike_places(probabilities, 2) == [(5, 5), (12, 8)]
    assert len(least_alike_places(probabilities)) == 4


def test_the_temperature_decides_between_mean_and_most_probable_color(predictor: Predictor) -> None:
    picture = noise(128, 64).resize((64, 64), Image.Resampling.BILINEAR)
    mean, bold = (
        predict(predictor, picture, PredictParams(temperature=value)).result["colorfulness"]
        for value in (1.0, 0.05)
    )

    assert mean < bold


def test_weights_of_another_kind_are_refused(tmp_path: Path) -> None:
    checkpoint.save(tmp_path / "other.safetensors", {"architecture": "grid-detector"}, {"a": torch.zeros(1)})
    torn = SMALL.to_json() | {"widths": [8, 8, 8, 32]}
    checkpoint.save(tmp_path / "torn.safetensors", torn, Colorizer(SMALL).state_dict())

    for name, reason in (("other", "not a colorizer"), ("torn", "do not fit")):
        with pytest.raises(WeightsError, match=reason):
            Predictor(tmp_path / f"{name}.safetensors")


def test_predicted_colors_stay_within_the_range_of_ab(predictor: Predictor) -> None:
    (logits,) = predictor.forward([predictor.decode({"image": png(noise(64, 64))}, DEFAULT)])

    assert annealed_mean(logits[None], 0.05).abs().max() <= 110
