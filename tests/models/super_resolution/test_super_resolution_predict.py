"""The predictor: answers for every kind of picture, and their stages."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from models.core.contract import checkpoint
from models.core.contract.card import Kind
from models.core.contract.errors import InputError, WeightsError
from models.core.contract.prediction import Opened, Prediction, Role, answer, answer_opened
from models.super_resolution import predict
from models.super_resolution.architecture import Config, Generator
from models.super_resolution.card import PredictParams
from models.super_resolution.detail import SIDE, find_detail
from models.super_resolution.predict import Predictor
from models.super_resolution.upscaler import Upscaler

PARAMS = PredictParams()


def _weights(folder: Path, scale: int, *, untrained: bool = False) -> Path:
    """A small generator: untrained, which equals bicubic resizing, or with random weights."""
    torch.manual_seed(0)
    model = Generator(Config(scale=scale, channels=8, blocks=2))
    if not untrained:
        for value in model.parameters():
            torch.nn.init.normal_(value, std=0.1)
    file = folder / f"x{scale}-{untrained}.safetensors"
    checkpoint.save(file, model.config.to_json(), model.state_dict())
    return file


@pytest.fixture(params=[2, 4])
def predictor(tmp_path: Path, request: pytest.FixtureRequest) -> Predictor:
    torch.set_num_threads(1)
    return Predictor(_weights(tmp_path, request.param))


@pytest.fixture
def plain(tmp_path: Path) -> Predictor:
    """One that equals bicubic resizing."""
    return Predictor(_weights(tmp_path, 4, untrained=True))


def _noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


def _file(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def _enlarged(prediction: Prediction) -> Image.Image:
    assert prediction.outputs[0].name == "enlarged.png"
    assert prediction.outputs[0].kind == Kind.IMAGE
    return Image.open(io.BytesIO(prediction.outputs[0].data))


def _answer(predictor: Predictor, image: Image.Image, kind: str = "PNG") -> Image.Image:
    return _enlarged(answer(predictor, {"image": _file(image, kind)}, PARAMS))


def _opened(predictor: Predictor, image: Image.Image) -> Opened:
    return answer_opened(predictor, {"image": _file(image)}, PARAMS)


@pytest.mark.parametrize("size", [(57, 70), (16, 16), (33, 16), (1, 40), (2, 1)])
def test_tiles_equal_the_whole_picture(predictor: Predictor, size: tuple[int, int]) -> None:
    picture = _noise(*size, 3)

    whole = predictor.upscaler.upscale(picture, tile=1000).astype(int)
    tiled = predictor.upscaler.upscale(picture, tile=16).astype(int)

    assert whole.shape == (size[0] * predictor.upscaler.scale, size[1] * predictor.upscaler.scale, 3)
    # sums in another order may round to the other side
    assert np.abs(whole - tiled).max() <= 1
    assert (whole != tiled).mean() < 0.001


def test_too_small_a_margin_would_be_visible(predictor: Predictor) -> None:
    picture = _noise(57, 70, 3)
    whole = predictor.upscaler.upscale(picture, tile=1000).astype(int)
    predictor.upscaler.margin = 2

    assert np.abs(whole - predictor.upscaler.upscale(picture, tile=16)).max() > 1


def test_the_eight_views_are_aligned_before_averaging(plain: Predictor) -> None:
    picture = _noise(13, 21, 3)

    once, views = (plain.upscaler.upscale(picture, ensemble=each).astype(int) for each in (False, True))

    assert np.abs(once - views).max() <= 1  # bicubic resizing is the same in every orientation


def test_the_self_ensemble_of_a_rotated_upload_is_rotated(predictor: Predictor) -> None:
    picture = _noise(9, 12, 3)
    straight = predictor.upscaler.upscale(picture, ensemble=True)
    turned = predictor.upscaler.upscale(np.ascontiguousarray(np.rot90(picture)), ensemble=True)

    assert np.abs(np.rot90(straight).astype(int) - turned).max() <= 1


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (3, 2)])
def test_the_smallest_pictures_have_an_answer_and_stages(predictor: Predictor, size: tuple[int, int]) -> None:
    scale = predictor.upscaler.scale

    opened = _opened(predictor, Image.new("RGB", size, "teal"))

    assert _enlarged(opened.prediction).size == (size[0] * scale, size[1] * scale)
    assert {stage.id: stage.role for stage in opened.stages if stage.role} == {
        "input": Role.INPUT, "enlarged": Role.ANSWER,
    }  # fmt: skip
    assert [stage.id for stage in opened.stages] == [
        "input", "features", "comparison", "residual", "enlarged",
    ]  # fmt: skip


def test_one_color_stays_that_color(plain: Predictor) -> None:
    enlarged = np.asarray(_answer(plain, Image.new("RGB", (5, 4), (12, 200, 77))))

    assert (enlarged == (12, 200, 77)).all()


def test_alpha_is_preserved_and_enlarged_bicubically(predictor: Predictor) -> None:
    color, alpha = Image.fromarray(_noise(300, 40, 3)), Image.fromarray(_noise(300, 40))
    upload = color.copy()
    upload.putalpha(alpha)

    enlarged = _answer(predictor, upload)

    expected = alpha.resize(enlarged.size, Image.Resampling.BICUBIC)
    assert enlarged.mode == "RGBA"
    assert np.array_equal(np.asarray(enlarged.getchannel("A")), np.asarray(expected))


def test_transparent_colors_do_not_bleed(plain: Predictor) -> None:
    upload = np.zeros((12, 12, 4), np.uint8)  # black where it is transparent
    upload[:, :6] = (220, 30, 60, 255)

    enlarged = np.asarray(_answer(plain, Image.fromarray(upload)), int)
    visible = enlarged[enlarged[..., 3] > 0]

    assert np.abs(visible[:, :3] - (220, 30, 60)).max() <= 2


def test_an_opaque_alpha_is_dropped(plain: Predictor) -> None:
    assert _answer(plain, Image.new("RGBA", (4, 4), (1, 2, 3, 255))).mode == "RGB"


def test_the_transparent_color_of_a_palette_stays_transparent(plain: Predictor) -> None:
    palette = Image.new("P", (6, 6), 1)
    palette.putpalette([255, 0, 0, 0, 0, 255])
    palette.paste(0, (0, 0, 3, 6))
    upload = _file(palette, transparency=0)

    enlarged = np.asarray(_enlarged(answer(plain, {"image": upload}, PARAMS)))

    assert enlarged[0, 0, 3] == 0
    assert enlarged[0, -1].tolist() == [0, 0, 255, 255]


def test_deep_gray_is_scaled(plain: Predictor) -> None:
    enlarged = np.asarray(_answer(plain, Image.fromarray(np.full((4, 4), 32768, np.uint16))))

    assert enlarged.shape == (16, 16, 3)
    assert (enlarged == 128).all()


def test_cmyk_is_read(plain: Predictor) -> None:
    enlarged = np.asarray(_answer(plain, Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG"), int)

    assert np.abs(enlarged - (255, 0, 0)).max() <= 4


def test_a_photo_is_rotated_by_its_exif_orientation(plain: Predictor) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6

    prediction = answer(plain, {"image": _file(Image.new("RGB", (8, 6)), "JPEG", exif=exif)}, PARAMS)

    assert prediction.result["enlarged"] == {"width": 24, "height": 32, "alpha": False}


def test_an_answer_that_would_be_too_large_is_refused(plain: Predictor) -> None:
    upload = _file(Image.new("L", (6001, 4167)))  # enlarged: 400.1 million pixels

    with pytest.raises(InputError, match="at most 400,000,000"):
        plain.decode({"image": upload}, PARAMS)


def test_a_batch_answers_as_one_by_one(predictor: Predictor) -> None:
    uploads = [
        predictor.decode({"image": _file(Image.fromarray(_noise(*size, 3)))}, PARAMS)
        for size in ((9, 8), (20, 5))
    ]

    together = predictor.forward(uploads)

    for one, upload in zip(together, uploads, strict=True):
        (alone,) = predictor.forward([upload])
        assert np.array_equal(one.rows(0, one.height), alone.rows(0, alone.height))


def test_an_answer_too_large_to_show_comes_with_a_preview(
    plain: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(predict, "PREVIEW", 100)

    opened = _opened(plain, Image.fromarray(_noise(30, 50, 3)))
    prediction, shown = opened.prediction, opened.stages[-1]

    assert [output.name for output in prediction.outputs] == ["enlarged.png", "preview.jpg"]
    assert Image.open(io.BytesIO(prediction.outputs[1].data)).size == (100, 60)
    assert shown.files == (prediction.outputs[1],)
    assert shown.data["pictures"][1]["file"] == "preview.jpg"


def test_the_detail_of_a_large_picture_is_its_textured_part() -> None:
    picture = np.full((700, 900, 3), 90, np.uint8)
    picture[400:600, 500:800] = _noise(200, 300, 3)

    detail = find_detail(Image.fromarray(picture))

    assert (detail.width, detail.height, detail.is_whole) == (SIDE, SIDE, False)
    assert detail.left <= 512
    assert detail.left + SIDE >= 790
    assert detail.top <= 400
    assert detail.top + SIDE >= 600


def test_the_stages_show_the_same_part_of_every_picture(tmp_path: Path) -> None:
    predictor = Predictor(_weights(tmp_path, 2, untrained=True))
    photo = Image.fromarray(_noise(40, 56, 3)).resize((560, 400), Image.Resampling.BICUBIC)

    stages = {stage.id: stage for stage in _opened(predictor, photo).stages}
    files = {
        file.name: np.asarray(Image.open(io.BytesIO(file.data)), int)
        for stage in stages.values()
        for file in stage.files
    }

    assert stages["comparison"].data["pictures"][0]["name"] == "Bicubic"
    assert files["model0.jpg"].shape == (2 * SIDE, 2 * SIDE, 3)
    assert np.abs(files["model0.jpg"] - files["model1.jpg"]).mean() < 1  # untrained: bicubic too
    assert (files["residual.jpg"] == 128).all()
    left, top = find_detail(photo).left, find_detail(photo).top
    part = np.asarray(photo, int)[top : top + SIDE, left : left + SIDE]
    assert np.array_equal(files["input.png"], part)
    assert f"{left} pixels from its left edge and {top} pixels from its top" in stages["input"].explanation


@pytest.mark.parametrize("preview", [False, True], ids=["whole", "preview"])
def test_stages_computed_later_equal_those_computed_at_once(
    predictor: Predictor, monkeypatch: pytest.MonkeyPatch, preview: bool
) -> None:
    if preview:
        monkeypatch.setattr(predict, "PREVIEW", 50)
    image = Image.fromarray(_noise(20, 30, 3))
    image.putalpha(Image.fromarray(_noise(20, 30)))
    inputs = {"image": _file(image)}
    at_once = answer_opened(predictor, inputs, PARAMS)

    item = predictor.decode(inputs, PARAMS)
    (raw,) = predictor.forward([item])
    later = predictor.inspect(item, raw, PARAMS)

    assert [stage.json for stage in later] == [stage.json for stage in at_once.stages]
    assert [stage.about for stage in later] == [stage.about for stage in at_once.stages]
    assert [stage.files for stage in later] == [stage.files for stage in at_once.stages]


def test_the_answer_alone_is_the_same_and_needs_no_stages(
    predictor: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = {"image": _file(Image.fromarray(_noise(20, 30, 3)))}
    opened = answer_opened(predictor, inputs, PARAMS)
    monkeypatch.setattr(predict, "find_detail", None)
    monkeypatch.setattr(Upscaler, "activations", None)

    assert answer(predictor, inputs, PARAMS) == opened.prediction


def test_a_model_is_compared_with_the_shipped_ones(predictor: Predictor) -> None:
    stages = {stage.id: stage for stage in _opened(predictor, Image.fromarray(_noise(20, 30, 3))).stages}
    names = [picture["name"] for picture in stages["comparison"].data["pictures"]]
    has_gan = predictor.upscaler.scale == 2  # none is shipped for × 4

    of_scale = ["PSNR model", "JPEG model", *(["GAN model"] if has_gan else [])]
    assert names == ["Bicubic", "Your PSNR model", *of_scale]
    assert ("deceive a discriminator" in str(stages["comparison"].explanation)) == has_gan


def test_no_picture_is_an_input_error(plain: Predictor) -> None:
    with pytest.raises(InputError, match="is missing"):
        plain.decode({}, PARAMS)


def test_weights_of_something_else_are_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.safetensors"
    checkpoint.save(other, {"architecture": "other"}, {"a": torch.zeros(1)})
    torn = tmp_path / "torn.safetensors"
    checkpoint.save(torn, Config().to_json(), {"a": torch.zeros(1)})

    with pytest.raises(WeightsError, match="its architecture is 'other'"):
        Upscaler(other)
    with pytest.raises(WeightsError, match="do not fit"):
        Upscaler(torn)


@pytest.mark.parametrize("size", [(20_000, 1), (2, 70_000)])
def test_the_stages_show_a_part_of_a_picture_too_long_for_jpeg(
    plain: Predictor, size: tuple[int, int]
) -> None:
    opened = _opened(plain, Image.new("RGB", size, (9, 90, 200)))

    assert opened.prediction.result["image"] == {"width": size[0], "height": size[1]}
    comparison = next(stage for stage in opened.stages if stage.kind == Kind.COMPARISON)
    assert max(comparison.data["width"], comparison.data["height"]) == SIDE * 4
