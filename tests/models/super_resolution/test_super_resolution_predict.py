"""What becomes of a file on its way through super-resolution."""

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
from models.core.contract.prediction import Prediction, Wants
from models.super_resolution import predict
from models.super_resolution.architecture import Config, Generator
from models.super_resolution.card import PredictParams
from models.super_resolution.detail import SIDE, find_detail
from models.super_resolution.network import Network
from models.super_resolution.predict import Predictor

PARAMS = PredictParams()
ONLY_RESULT = Wants(inspection=False)


def _weights(folder: Path, scale: int, *, untrained: bool = False) -> Path:
    """A small generator: one that answers as bicubic resizing does, or with random weights."""
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
    """One that answers as bicubic resizing does."""
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
    return _enlarged(predictor(_file(image, kind), PARAMS, ONLY_RESULT))


@pytest.mark.parametrize("size", [(57, 70), (16, 16), (33, 16), (1, 40), (2, 1)])
def test_tiles_answer_as_the_whole_picture_does(predictor: Predictor, size: tuple[int, int]) -> None:
    picture = _noise(*size, 3)

    whole = predictor.network.enlarge(picture, tile=1000).astype(int)
    tiled = predictor.network.enlarge(picture, tile=16).astype(int)

    assert whole.shape == (size[0] * predictor.network.scale, size[1] * predictor.network.scale, 3)
    # sums in another order may fall on the other side of a half
    assert np.abs(whole - tiled).max() <= 1
    assert (whole != tiled).mean() < 0.001


def test_too_small_a_margin_would_be_seen(predictor: Predictor) -> None:
    picture = _noise(57, 70, 3)
    whole = predictor.network.enlarge(picture, tile=1000).astype(int)
    predictor.network.margin = 2

    assert np.abs(whole - predictor.network.enlarge(picture, tile=16)).max() > 1


def test_the_eight_views_are_put_back_in_place(plain: Predictor) -> None:
    picture = _noise(13, 21, 3)

    once, views = (plain.network.enlarge(picture, ensemble=each).astype(int) for each in (False, True))

    assert np.abs(once - views).max() <= 1  # bicubic resizing does not care how a picture is turned


def test_turning_the_upload_turns_the_answer_of_the_eight_views(predictor: Predictor) -> None:
    picture = _noise(9, 12, 3)
    straight = predictor.network.enlarge(picture, ensemble=True)
    turned = predictor.network.enlarge(np.ascontiguousarray(np.rot90(picture)), ensemble=True)

    assert np.abs(np.rot90(straight).astype(int) - turned).max() <= 1


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (3, 2)])
def test_the_smallest_pictures_are_answered_and_opened(predictor: Predictor, size: tuple[int, int]) -> None:
    scale = predictor.network.scale

    prediction = predictor(_file(Image.new("RGB", size, "teal")), PARAMS)

    assert _enlarged(prediction).size == (size[0] * scale, size[1] * scale)
    assert [stage.id for stage in prediction.stages] == [
        "input", "features", "comparison", "residual", "enlarged",
    ]  # fmt: skip


def test_one_color_stays_that_color(plain: Predictor) -> None:
    answer = np.asarray(_answer(plain, Image.new("RGB", (5, 4), (12, 200, 77))))

    assert (answer == (12, 200, 77)).all()


def test_alpha_is_kept_and_enlarged_bicubically(predictor: Predictor) -> None:
    color, alpha = Image.fromarray(_noise(300, 40, 3)), Image.fromarray(_noise(300, 40))
    upload = color.copy()
    upload.putalpha(alpha)

    answer = _answer(predictor, upload)

    wanted = alpha.resize(answer.size, Image.Resampling.BICUBIC)
    assert answer.mode == "RGBA"
    assert np.array_equal(np.asarray(answer.getchannel("A")), np.asarray(wanted))


def test_what_is_invisible_does_not_bleed(plain: Predictor) -> None:
    upload = np.zeros((12, 12, 4), np.uint8)  # black where nothing is seen
    upload[:, :6] = (220, 30, 60, 255)

    answer = np.asarray(_answer(plain, Image.fromarray(upload)), int)
    seen = answer[answer[..., 3] > 0]

    assert np.abs(seen[:, :3] - (220, 30, 60)).max() <= 2


def test_an_opaque_alpha_is_no_alpha(plain: Predictor) -> None:
    assert _answer(plain, Image.new("RGBA", (4, 4), (1, 2, 3, 255))).mode == "RGB"


def test_a_palette_with_a_transparent_color_keeps_it(plain: Predictor) -> None:
    palette = Image.new("P", (6, 6), 1)
    palette.putpalette([255, 0, 0, 0, 0, 255])
    palette.paste(0, (0, 0, 3, 6))
    upload = _file(palette, transparency=0)

    answer = np.asarray(_enlarged(plain(upload, PARAMS, ONLY_RESULT)))

    assert answer[0, 0, 3] == 0
    assert answer[0, -1].tolist() == [0, 0, 255, 255]


def test_deep_gray_is_scaled(plain: Predictor) -> None:
    answer = np.asarray(_answer(plain, Image.fromarray(np.full((4, 4), 32768, np.uint16))))

    assert answer.shape == (16, 16, 3)
    assert (answer == 128).all()


def test_cmyk_is_read(plain: Predictor) -> None:
    answer = np.asarray(_answer(plain, Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG"), int)

    assert np.abs(answer - (255, 0, 0)).max() <= 4


def test_a_turned_photo_is_set_upright(plain: Predictor) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6

    prediction = plain(_file(Image.new("RGB", (8, 6)), "JPEG", exif=exif), PARAMS, ONLY_RESULT)

    assert prediction.result["enlarged"] == {"width": 24, "height": 32, "alpha": False}


def test_an_answer_that_would_be_too_large_is_refused(plain: Predictor) -> None:
    upload = _file(Image.new("L", (6001, 4167)))  # 400.1 million pixels, 16 times as many as uploaded

    with pytest.raises(InputError, match="at most 400,000,000"):
        plain.decode(upload, PARAMS)


def test_a_batch_answers_as_one_by_one(predictor: Predictor) -> None:
    uploads = [
        predictor.decode(_file(Image.fromarray(_noise(*size, 3))), PARAMS) for size in ((9, 8), (20, 5))
    ]

    together = predictor.forward(uploads)

    for one, upload in zip(together, uploads, strict=True):
        assert np.array_equal(one, predictor.forward([upload])[0])


def test_an_answer_too_large_to_show_comes_with_a_preview(
    plain: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(predict, "PREVIEW", 100)

    prediction = plain(_file(Image.fromarray(_noise(30, 50, 3))), PARAMS)

    assert [output.name for output in prediction.outputs] == ["enlarged.png", "preview.jpg"]
    assert Image.open(io.BytesIO(prediction.outputs[1].data)).size == (100, 60)
    assert prediction.stages[-1].files == (prediction.outputs[1],)
    assert prediction.stages[-1].data["pictures"][1]["file"] == "preview.jpg"


def test_a_large_picture_is_opened_where_its_texture_is() -> None:
    picture = np.full((700, 900, 3), 90, np.uint8)
    picture[400:600, 500:800] = _noise(200, 300, 3)

    detail = find_detail(Image.fromarray(picture))

    assert (detail.width, detail.height, detail.whole) == (SIDE, SIDE, False)
    assert detail.left <= 512
    assert detail.left + SIDE >= 790
    assert detail.top <= 400
    assert detail.top + SIDE >= 600


def test_the_stages_show_the_same_part_of_every_picture(tmp_path: Path) -> None:
    predictor = Predictor(_weights(tmp_path, 2, untrained=True))
    photo = Image.fromarray(_noise(40, 56, 3)).resize((560, 400), Image.Resampling.BICUBIC)

    prediction = predictor(_file(photo), PARAMS)
    stages = {stage.id: stage for stage in prediction.stages}
    files = {
        file.name: np.asarray(Image.open(io.BytesIO(file.data)), int)
        for stage in prediction.stages
        for file in stage.files
    }

    assert stages["comparison"].data["pictures"][0]["name"] == "Bicubic"
    assert files["model0.jpg"].shape == (2 * SIDE, 2 * SIDE, 3)
    assert np.abs(files["model0.jpg"] - files["model1.jpg"]).mean() < 1  # untrained: bicubic too
    assert (files["residual.jpg"] == 128).all()
    left, top = find_detail(photo).left, find_detail(photo).top
    seen = np.asarray(photo, int)[top : top + SIDE, left : left + SIDE]
    assert np.array_equal(files["input.png"], seen)
    assert f"{left} pixels from the left and {top} from the top" in stages["input"].explanation


def test_weights_of_something_else_are_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.safetensors"
    checkpoint.save(other, {"architecture": "other"}, {"a": torch.zeros(1)})
    torn = tmp_path / "torn.safetensors"
    checkpoint.save(torn, Config().to_json(), {"a": torch.zeros(1)})

    with pytest.raises(WeightsError, match="its architecture is 'other'"):
        Network(other)
    with pytest.raises(WeightsError, match="do not fit"):
        Network(torn)


@pytest.mark.parametrize("size", [(20_000, 1), (2, 70_000)])
def test_a_picture_longer_than_a_jpeg_can_be_is_opened_in_part(
    plain: Predictor, size: tuple[int, int]
) -> None:
    prediction = plain(_file(Image.new("RGB", size, (9, 90, 200))), PARAMS)

    assert prediction.result["image"] == {"width": size[0], "height": size[1]}
    comparison = next(stage for stage in prediction.stages if stage.kind == Kind.COMPARISON)
    assert max(comparison.data["width"], comparison.data["height"]) == SIDE * 4
